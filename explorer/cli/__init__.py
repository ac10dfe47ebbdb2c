"""The command line: one file a sub-command."""

from explorer.cli.entry import main

__all__ = ["main"]
