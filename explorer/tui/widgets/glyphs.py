"""ASCII twins of every glyph the screen draws, for terminals, fonts and readers that have no others.

They are put in where finished lines go to the screen, as one of Textual's line filters: no panel, lens or
page knows of it. Within a panel no two glyphs that mean different things have the same twin; and a text from
a scenario, which may hold anything, keeps its width.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from explorer.tui.widgets.palette import LEVELS
from explorer.views.spans import columns

LEVEL_TWINS: Final = " .:-=+*#@"
"""The levels 0 to 8: the more ink, the more pages."""

MARKS: Final[Mapping[str, str]] = MappingProxyType({
    "→": ">", "←": "<", "↑": "^", "↓": "v", "↺": "@",
    "▶": "*", "◀": "*", "•": "+", "▷": "}", "▸": ")", "»": "*", "›": "/",
    "▲": "^", "▼": "v", "◆": "!", "⌥": "Y", "┃": "|",
    "●": "o", "◉": "O", "■": "#", "□": "_", "▪": "o", "▒": "%", "▌": "[",
    "✓": "+", "✗": "!", "≠": "!",
})  # fmt: skip
"""Marks and arrows: each stands for something."""

LINES: Final[Mapping[str, str]] = MappingProxyType({
    "─": "-", "━": "=", "│": "|", **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", "+"),
})  # fmt: skip
"""Rules and frames."""

WORDS: Final[Mapping[str, str]] = MappingProxyType({
    "…": "~", "–": "-", "—": "-", "×": "x", "≤": "<", "≥": ">", "‹": "<", "○": "o",
    "’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " ",
})  # fmt: skip
"""What belongs to a text."""

TWINS: Final = {**dict(zip(LEVELS, LEVEL_TWINS, strict=True)), **MARKS, **LINES, **WORDS}
"""The twin of each glyph."""

_TABLE: Final = str.maketrans(TWINS)


@lru_cache(4096)
def in_ascii(text: str) -> str:
    """The text in ASCII, as many columns wide: glyphs by their twins, letters without accents, else `?`."""
    plain = text.translate(_TABLE)
    if plain.isascii():
        return plain
    # What a character adds to the text's width: one that is joined to the one before it adds nothing.
    ends = pairwise(columns(text[:end]) for end in range(len(text) + 1))
    widths = (after - before for before, after in ends)
    return "".join(map(_letter, text, widths))


def _letter(character: str, width: int) -> str:
    if character.isascii():
        return character
    twin = TWINS.get(character) or unicodedata.normalize("NFKD", character)
    plain = "".join(part for part in twin if part.isascii())
    return plain if len(plain) == width else "?" * width


class AsciiFilter(LineFilter):
    """Replaces what is not ASCII in the finished lines of every widget."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """The same segments, with twins."""
        return [
            Segment(text if text.isascii() else in_ascii(text), style, control)
            for text, style, control in segments
        ]
