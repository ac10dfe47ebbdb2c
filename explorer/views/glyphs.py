"""Every glyph that is drawn, and what stands for it in ASCII: a twin as wide as it, in a sentence words.

Within a panel no two glyphs that mean different things have the same twin; in a sentence the words around
them tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Ascii = tuple[str, str]
"""A glyph's twin, which is one column wide, and what stands for it in a sentence."""

LEVELS: Final = "·▁▂▃▄▅▆▇█"
"""A cell's glyph by level, 0 to 8."""

LEVEL_TWINS: Final = " .:-=+*#@"
"""The levels in ASCII: the more ink, the more pages."""

MARKS: Final[Mapping[str, Ascii]] = MappingProxyType({
    "→": (">", "->"), "←": ("<", "<-"), "↑": ("^", "up"), "↓": ("v", "down"), "↺": ("@", "#"),
    "▶": ("*", ">"), "◀": ("*", "<"), "•": ("+", "*"), "▷": ("}", ">"), "▸": (")", ">"), "»": ("*", "?"),
    "›": ("/", ">"), "▲": ("^", "^"), "▼": ("v", "v"), "◆": ("!", "*"), "⌥": ("Y", "Y"), "┃": ("|", "|"),
    "●": ("o", "*"), "◉": ("O", "*"), "■": ("#", "#"), "□": ("_", "-"), "▪": ("o", "#"), "▒": ("%", "#"),
    "▌": ("[", "#"), "✓": ("+", "yes"), "✗": ("!", "no"), "≠": ("!", "!="),
})  # fmt: skip
"""Marks and arrows: each stands for something."""

LINES: Final[Mapping[str, Ascii]] = MappingProxyType({
    "─": ("-", "-"), "━": ("=", "-"), "│": ("|", "|"), **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", ("+", "+")),
})  # fmt: skip
"""Rules and frames."""

WORDS: Final[Mapping[str, Ascii]] = MappingProxyType({
    "…": ("~", "..."), "–": ("-", "-"), "—": ("-", "-"), "×": ("x", "x"), "≤": ("<", "<="), "≥": (">", ">="),
    "‹": ("<", "<"), "○": ("o", "o"), "’": ("'", "'"), "‘": ("'", "'"), "“": ('"', '"'), "”": ('"', '"'),
    "\xa0": (" ", " "),
})  # fmt: skip
"""What belongs to a text."""

_LEVELS: Final = dict(zip(LEVELS, zip(LEVEL_TWINS, ".12345678", strict=True), strict=True))

_ALL: Final[Mapping[str, Ascii]] = {**_LEVELS, **MARKS, **LINES, **WORDS}

TWINS: Final = {glyph: twin for glyph, (twin, _) in _ALL.items()}
"""The twin of each glyph."""

SPOKEN: Final = {glyph: words for glyph, (_, words) in _ALL.items()}
"""What stands for each glyph in a sentence."""
