"""The command line: `entry` has every argument, the other files what a sub-command does."""

from explorer.cli.entry import main

__all__ = ["main"]
