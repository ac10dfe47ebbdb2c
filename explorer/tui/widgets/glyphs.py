"""ASCII twins of every glyph the screen draws, for terminals, fonts and readers that have no others.

They are put in where finished lines go to the screen, as one of Textual's line filters: no panel, lens or
page knows of it. Within a panel no two glyphs that mean different things have the same twin; and a text from
a scenario, which may hold anything, keeps its width.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from explorer.tui.widgets.palette import LEVELS

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
    text = text.translate(_TABLE)
    return text if text.isascii() else "".join(map(_letter, text))


def _letter(character: str) -> str:
    if character.isascii():
        return character
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if part.isascii())
    width = cell_len(character)
    return plain if plain and len(plain) == width else "?" * width


class AsciiFilter(LineFilter):
    """Replaces what is not ASCII in the finished lines of every widget."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """The same segments, with twins."""
        return [
            Segment(text if text.isascii() else in_ascii(text), style, control)
            for text, style, control in segments
        ]
