"""Every glyph that is drawn, and its ASCII replacement: a twin of the same width, or words in a sentence.

Within a panel, glyphs with different meanings have different twins; in a sentence the context distinguishes
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Ascii = tuple[str, str]
"""A glyph's twin, one column wide, and its replacement in a sentence."""

LEVELS: Final = "·▁▂▃▄▅▆▇█"
"""A cell's glyph by level, 0 to 8."""

LEVEL_TWINS: Final = " .:-=+*#@"
"""The levels in ASCII: the more ink, the more pages."""

MARKS: Final[Mapping[str, Ascii]] = MappingProxyType({
    "→": (">", "->"), "←": ("<", "<-"), "↑": ("^", "up"), "↓": ("v", "down"), "↺": ("@", "#"),
    "▶": ("*", ">"), "◀": ("*", "<"), "•": (".", "*"), "▷": ("}", ">"), "▸": (")", ">"), "»": ("*", "?"),
    "◈": ("&", "*"),
    "›": ("/", ">"), "▲": ("^", "^"), "▼": ("v", "v"), "◆": ("!", "*"), "⌥": ("Y", "Y"), "┃": ("|", "|"),
    "●": ("o", "*"), "◉": ("O", "*"), "■": ("#", "#"), "□": ("_", "-"), "▪": ("o", "#"), "▒": ("%", "#"),
    "✓": ("+", "yes"), "✗": ("!", "no"), "≠": ("!", "!="),
})  # fmt: skip
"""Marks and arrows, each with a meaning."""

LINES: Final[Mapping[str, Ascii]] = MappingProxyType({
    "─": ("-", "-"), "━": ("=", "-"), "│": ("|", "|"), "┆": ("|", "|"), "▌": ("|", "#"), "▐": ("|", "#"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", ("+", "+")),
})  # fmt: skip
"""Lines and frames, and the edges of lanes and tiles."""

WORDS: Final[Mapping[str, Ascii]] = MappingProxyType({
    "…": ("~", "..."), "–": ("-", "-"), "—": ("-", "-"), "×": ("x", "x"), "≤": ("<", "<="), "≥": (">", ">="),
    "‹": ("<", "<"), "○": ("o", "o"), "’": ("'", "'"), "‘": ("'", "'"), "“": ('"', '"'), "”": ('"', '"'),
    "\xa0": (" ", " "),
})  # fmt: skip
"""Punctuation and other text characters."""

_LEVELS: Final = dict(zip(LEVELS, zip(LEVEL_TWINS, ".12345678", strict=True), strict=True))

_ALL: Final[Mapping[str, Ascii]] = {**_LEVELS, **MARKS, **LINES, **WORDS}

TWINS: Final = {glyph: twin for glyph, (twin, _) in _ALL.items()}
"""The twin of each glyph."""

SPOKEN: Final = {glyph: words for glyph, (_, words) in _ALL.items()}
"""The replacement of each glyph in a sentence."""
