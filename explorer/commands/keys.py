"""Which keys do which command: the table's own, unless a person's config file gives others. Needs no Textual.

Everything that names a key to a person - footer, help, palette - asks here.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.errors import BadInput
from explorer.commands.table import COMMANDS, Command, key_word


@dataclass(frozen=True)
class Keys:
    """The keys of every command.

    changed: command id -> its keys, where they are not the table's.
    ascii:   whether arrow keys are printed as words.
    """

    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ascii: bool = False

    def of(self, command: Command) -> tuple[str, ...]:
        """A command's keys, as Textual names them, the most telling one first."""
        return self.changed.get(command.id, command.keys)

    def word(self, name: str) -> str:
        """The first key of the command `name` as it is printed; empty when it has none."""
        return next(iter(self.words(COMMANDS[name])), "")

    def words(self, command: Command) -> tuple[str, ...]:
        """A command's keys as they are printed."""
        return tuple(key_word(key, ascii=self.ascii) for key in self.of(command))


# --- keys as a person spells them -------------------------------------------------------------------------

_ARROWS: Final = ("left", "right", "up", "down", "home", "end", "insert", "delete", "pageup", "pagedown")
_NAMES: Final = frozenset(
    ["space", "enter", "escape", "tab", "backspace", "shift+tab", "shift+escape"]
    + [f"{held}{name}" for held in ("", "ctrl+", "shift+", "ctrl+shift+", "alt+") for name in _ARROWS]
    + [f"{held}f{number}" for held in ("", "ctrl+") for number in range(1, 25)]
    + [f"{held}{letter}" for held in ("ctrl+", "alt+") for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
)  # fmt: skip
"""Keys by name; every printable character is a key too."""

_OTHERWISE: Final = {
    "esc": "escape", "return": "enter", "del": "delete", "ins": "insert", "pgup": "pageup",
    "pgdn": "pagedown", "page_up": "pageup", "page_down": "pagedown", " ": "space",
}  # fmt: skip
"""What keys are called elsewhere."""

_TAKEN: Final = {
    "ctrl+m": "is Enter on many terminals; write enter",
    "ctrl+j": "is Enter on many terminals; write enter",
    "ctrl+i": "is Tab on many terminals; write tab",
    "ctrl+h": "is Backspace on many terminals; write backspace",
    "ctrl+p": "opens the palette; choose another",
    "ctrl+q": "always quits; choose another",
}


def read_key(text: str) -> str:
    """A key as Textual names it, from what a person wrote; a printable character is itself.

    Errors: BadInput for what is no key, or one that would never arrive.
    """
    if len(text) == 1 and text.isprintable() and text != " ":
        return text
    name = _OTHERWISE.get(text.lower(), text.lower())
    if name in _TAKEN:
        raise BadInput(f"the key {name} {_TAKEN[name]}")
    if name in _NAMES:
        return name
    raise BadInput(f"{text[:40]!r} is no key; {_nearest(name)}")


def _nearest(name: str) -> str:
    head, _, letter = name.rpartition("+")
    if head == "shift" and len(letter) == 1:
        return f"write {letter.upper()!r}, or the sign that Shift gives"
    near = difflib.get_close_matches(name[:40], sorted(_NAMES), 1)
    return f"write {near[0]}" if near else "write a character, or a name such as f2, enter, ctrl+r, alt+left"
