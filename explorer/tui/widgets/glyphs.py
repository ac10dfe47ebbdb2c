"""ASCII-only mode of the screen, for terminals, fonts and screen readers without the other glyphs.

A line filter of Textual replaces the glyphs in finished lines, so panels, lenses and pages do not handle
ASCII themselves. Text from a scenario, which may contain any character, keeps its width.
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
from explorer.views.safe_text import without_controls
from explorer.views.spans import columns

_TABLE: Final = str.maketrans(TWINS)


@lru_cache(4096)
def in_ascii(text: str) -> str:
    """Convert text to ASCII of the same width: glyphs to their twins, letters without accents, else `?`."""
    plain = text.translate(_TABLE)
    if plain.isascii():
        return plain
    # The columns that each character adds; a combining character adds none.
    ends = pairwise(columns(text[:end]) for end in range(len(text) + 1))
    widths = (after - before for before, after in ends)
    return "".join(map(_letter, text, widths))


def _letter(character: str, width: int) -> str:
    if character.isascii():
        return character
    twin = TWINS.get(character) or unicodedata.normalize("NFKD", character)
    plain = "".join(part for part in twin if part.isascii())
    return plain if len(plain) == width else "?" * width


class SafeFilter(LineFilter):
    """Removes control characters, which only text from a file can have, from the lines of every widget."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """Return the segments without control characters."""
        if all(text.isprintable() for text, _, control in segments if not control):
            return segments
        return [
            Segment(text if control else without_controls(text), style, control)
            for text, style, control in segments
        ]


class AsciiFilter(LineFilter):
    """Replaces what is not ASCII in the finished lines of every widget."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """Return the segments in ASCII."""
        return [
            Segment(text if text.isascii() else in_ascii(text), style, control)
            for text, style, control in segments
        ]
