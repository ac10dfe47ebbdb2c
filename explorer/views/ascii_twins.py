"""Text of the screen in ASCII: a twin for each glyph, letters without accents, and the same columns."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Final

from explorer.views.glyphs import TWINS
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
