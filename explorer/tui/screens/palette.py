"""The palette: Textual's, which finds commands by words, as a steady screen."""

from __future__ import annotations

from textual.command import CommandPalette

from explorer.tui.screens.steady import Steady


class Palette(Steady, CommandPalette):
    """The list of commands that match the typed words."""
