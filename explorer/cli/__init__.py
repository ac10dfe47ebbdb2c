"""The command line: `entry` finds the sub-commands; each other file is one: its arguments and its run."""

from explorer.cli.entry import main

__all__ = ["main"]
