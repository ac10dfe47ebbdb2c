"""The default keys of the commands that the screen of a dump has too.

They are not in the table of commands because that screen must not import it: the table imports all that its
commands do, which takes longer than the first frame of a dump.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "step": ("s",),
    "back": ("S",),
    "first": ("g", "home"),
    "last": ("G", "end"),
    "mark": ("m",),
    "mark-goto": ("'",),
    "interrupt": ("escape", "ctrl+c"),
    "left": ("left", "h"),
    "right": ("right", "l"),
    "up": ("up", "k"),
    "down": ("down", "j"),
    "far-left": ("pageup",),
    "far-right": ("pagedown",),
    "next-panel": ("tab",),
    "previous-panel": ("shift+tab",),
    "zoom": ("z",),
    "console": (":",),
    "help": ("?", "f1"),
    "quit": ("q",),
}
"""Command id -> its keys as Textual names them, the main one first."""
