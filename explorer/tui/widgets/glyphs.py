"""ASCII on the screen, for terminals, fonts and readers that have no other glyphs.

The glyphs' twins are put in where finished lines go to the screen, as one of Textual's line filters: no
panel, lens or page knows of it. A text from a scenario, which may hold anything, keeps its width.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from explorer.views.glyphs import TWINS
from explorer.views.spans import columns

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
