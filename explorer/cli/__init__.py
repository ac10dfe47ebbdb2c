"""The command line: `entry` finds the sub-commands; each has a module with its arguments and its `run`."""

from explorer.cli.entry import main

__all__ = ["main"]
