"""Formatting of counts and sizes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.words import byte_size, listed, number_text, plural


@pytest.mark.parametrize(
    ("count", "nouns", "text"),
    [
        (0, ("page",), "0 pages"),
        (1, ("page",), "1 page"),
        (1024, ("page",), "1,024 pages"),
        (2, ("branch", "branches"), "2 branches"),
    ],
)
def test_a_count_takes_its_noun(count: int, nouns: tuple[str, ...], text: str) -> None:
    assert plural(count, *nouns) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1, "1 byte"), (1023, "1,023 bytes"), (1024, "1 KiB"), (3 << 19, "1.5 MiB"), (64 << 30, "64 GiB")],
)
def test_a_size_is_in_the_largest_unit_it_reaches(amount: int, text: str) -> None:
    assert byte_size(amount) == text


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["1"], "1"), (["1", "2"], "1 and 2"), ("123", "1, 2 and 3")]
)
def test_words_are_joined_as_a_sentence_lists_them(words: Sequence[str], text: str) -> None:
    assert listed(words) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (1024, "1,024"),
        (99_999, "99,999"),
        (-20, "-20"),
        (1 << 40, "2^40"),
        ((1 << 31) - 1, "2^31 - 1"),
        (-(1 << 63), "-2^63"),
        (65535, "2^16 - 1"),
        (1_000_000_000, "1,000,000,000"),
    ],
)
def test_a_limit_of_a_range_is_a_power_of_two_where_it_is_large(number: int, text: str) -> None:
    assert number_text(number) == text
