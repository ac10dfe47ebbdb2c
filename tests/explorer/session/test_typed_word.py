"""Words as a user types them: in full or abbreviated."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session.typed_word import word_of

WORDS = ("page", "pages", "moves", "machine")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("moves", "moves"),
        ("mo", "moves"),
        ("pag", "page"),
        ("page", "page"),
        ("pages", "pages"),
        ("", ""),
        ("xyz", ""),
    ],
)
def test_a_word_may_be_abbreviated(text: str, word: str) -> None:
    assert word_of(text, WORDS) == word


def test_an_ambiguous_word_is_refused_with_those_it_could_be() -> None:
    with pytest.raises(BadInput, match="'m' is ambiguous; use moves, machine"):
        word_of("m", WORDS)
