"""Text in ASCII: twins of glyphs, letters without accents, and the same columns."""

from __future__ import annotations

import pytest

from explorer.views.ascii_twins import in_ascii
from explorer.views.glyphs import LEVEL_TWINS, LEVELS


def test_levels_stay_in_their_order() -> None:
    assert in_ascii(LEVELS) == LEVEL_TWINS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("naïve café", "naive cafe"),
        ("页 frame", "?? frame"),
        ("a\u0301b", "ab"),
        ("ﬁ", "?"),
        ("🔎 x", "?? x"),
    ],
)
def test_text_with_any_characters_keeps_its_width(text: str, expected: str) -> None:
    assert in_ascii(text) == expected
