"""The lists of a dump as queue lengths."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.inputs.dumps.lengths import lengths_of, number_of
from engine.inputs.dumps.wraps import ListRow, ListRows

WORDS = [
    ("12", 12),
    ("-3", -3),
    ("1,234,567", 1234567),
    ("1'234", 1234),
    ("8.474.860", 8474860),
    ("0" * 5000, None),
    ("1,23", None),
    ("12a", None),
    ("", None),
    (str(2**63 - 1), 2**63 - 1),
    (str(1 - 2**63), 1 - 2**63),
]


@pytest.mark.parametrize(
    ("word", "number"), WORDS[:5] + WORDS[6:], ids=[word[:9] for word, _ in WORDS[:5] + WORDS[6:]]
)
def test_a_number_may_have_separators_of_thousands(word: str, number: int | None) -> None:
    assert number_of(word) == number


@pytest.mark.parametrize("word", [str(2**63), str(-(2**63)), "9" * 5000, "1" + ",000" * 7])
def test_a_number_fits_into_64_bits(word: str) -> None:
    with pytest.raises(BadInput, match="is too large; a counter is at most"):
        number_of(word)


def test_an_unsigned_number_may_be_negative() -> None:
    assert number_of(str(2**64 - 5), unsigned=True) == -5
    assert number_of(str(2**63 - 1), unsigned=True) == 2**63 - 1
    with pytest.raises(BadInput):
        number_of(str(2**64), unsigned=True)


def test_the_longest_list_has_all_colours() -> None:
    rows = {"FREE": " 1 2 3 4", "CACHE": " 5 6", "HOLD": " 1 x 3 4"}
    lists = [ListRows(name, 1, 0, [ListRow(1, text, len(text), 0)]) for name, text in rows.items()]
    found = lengths_of(lists, "pasted")
    assert {name: lengths.tolist() for name, lengths in found.queues.items()} == {
        "FREE": [1, 2, 3, 4],
        "CACHE": [5, -1, -1, -1],
        "HOLD": [-1, -1, -1, -1],
    }
    assert len(found.notes) == 2
