"""The keys of each command: the table's, unless the user's config file changes them.

The footer, the help page and the palette get the names of keys from here. Does not import Textual.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Protocol

from engine.errors import BadInput


class Keyed(Protocol):
    """A command of the table, or of the screen of a dump."""

    @property
    def id(self) -> str:
        """Its name in the config file."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Its default keys."""


@dataclass(frozen=True)
class Keys:
    """The keys of every command.

    changed: command id -> its keys, for commands whose keys differ from the table.
    ascii:   whether arrow keys are displayed as words.
    """

    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ascii: bool = False

    def of(self, command: Keyed) -> tuple[str, ...]:
        """Return a command's keys as Textual names them, the main one first."""
        return self.changed.get(command.id, command.keys)

    def word(self, name: str) -> str:
        """Return the first key of the command `name` as displayed; empty if it has none."""
        # Imported here because the screen of a dump does without it: it takes as long as a first frame.
        from explorer.commands.table import COMMANDS  # noqa: PLC0415

        return next(iter(self.words(COMMANDS[name])), "")

    def call(self, name: str) -> str:
        """Return how the user gives the command `name`: its first key as displayed, or its console verb."""
        from explorer.commands.table import COMMANDS  # noqa: PLC0415 - as above

        return self.word(name) or f":{COMMANDS[name].word}"

    def words(self, command: Keyed) -> tuple[str, ...]:
        """Return a command's keys as displayed."""
        return tuple(key_word(key, ascii=self.ascii) for key in self.of(command))


# --- keys as the config file spells them ------------------------------------------------------------------

_ARROWS: Final = ("left", "right", "up", "down", "home", "end", "insert", "delete", "pageup", "pagedown")
_NAMES: Final = frozenset(
    ["space", "enter", "escape", "tab", "backspace", "shift+tab", "shift+escape"]
    + [f"{held}{name}" for held in ("", "ctrl+", "shift+", "ctrl+shift+", "alt+") for name in _ARROWS]
    + [f"{held}f{number}" for held in ("", "ctrl+") for number in range(1, 25)]
    + [f"{held}{letter}" for held in ("ctrl+", "alt+") for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
)  # fmt: skip
"""Keys with a name; every printable character is a key too."""

_ALIASES: Final = {
    "esc": "escape", "return": "enter", "del": "delete", "ins": "insert", "pgup": "pageup",
    "pgdn": "pagedown", "page_up": "pageup", "page_down": "pagedown", " ": "space",
}  # fmt: skip
"""Other common names of keys."""

_TAKEN: Final = {
    "ctrl+m": "is Enter on many terminals; use enter",
    "ctrl+j": "is Enter on many terminals; use enter",
    "ctrl+i": "is Tab on many terminals; use tab",
    "ctrl+h": "is Backspace on many terminals; use backspace",
    "ctrl+p": "opens the palette; use another key",
    "ctrl+q": "always quits; use another key",
}


def read_key(text: str) -> str:
    """Convert a key as the user wrote it to Textual's name; a printable character stays itself.

    Errors: BadInput for an unknown key, or a key that a terminal does not send.
    """
    if len(text) == 1 and text.isprintable() and text != " ":
        return text
    name = _ALIASES.get(text.lower(), text.lower())
    if name in _TAKEN:
        raise BadInput(f"the key {name} {_TAKEN[name]}")
    if name in _NAMES:
        return name
    raise BadInput(f"{text[:40]!r} is not a key; {_nearest(name)}")


def _nearest(name: str) -> str:
    head, _, letter = name.rpartition("+")
    if head == "shift" and len(letter) == 1:
        return f"use {letter.upper()!r}, or the character that Shift gives"
    near = difflib.get_close_matches(name[:40], sorted(_NAMES), 1)
    return f"use {near[0]}" if near else "use a character, or a name such as f2, enter, ctrl+r, alt+left"


# --- keys as displayed ------------------------------------------------------------------------------------

_KEY_WORDS: Final = {
    "space": "Space", "escape": "Esc", "enter": "Enter", "tab": "Tab", "shift+tab": "Shift+Tab",
    "left": "←", "right": "→", "up": "↑", "down": "↓", "pageup": "PgUp", "pagedown": "PgDn",
    "home": "Home", "end": "End", "f1": "F1",
}  # fmt: skip


@cache
def key_word(key: str, *, ascii: bool = False) -> str:
    """Format a key for display: `Esc`, `Ctrl+C`, `Alt+→`; with `ascii`, an arrow is written as its name."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    if ascii and last in ("left", "right", "up", "down"):
        return "+".join(word.capitalize() for word in (*modifiers, last))
    word = (
        _KEY_WORDS.get(key)
        or _KEY_WORDS.get(last)
        or (last.capitalize() if len(last) > 1 else last.upper() if modifiers else last)
    )
    return word if key in _KEY_WORDS else "+".join([*(m.capitalize() for m in modifiers), word])
