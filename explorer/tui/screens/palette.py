"""The palette: Textual's, which finds commands by words, as a steady screen."""

from __future__ import annotations

from textual.command import CommandPalette

from explorer.tui.screens.steady import Steady


class Palette(Steady, CommandPalette):
    """The list of commands that match the typed words."""

    # Textual cannot wrap a command's text in a list without a column for it.
    DEFAULT_CSS = """
    Palette #--results { min-width: 10; }
    """
