"""Runs of references to one page are made shorter; a write in the part that is left out is not lost."""

from __future__ import annotations

import numpy as np
import pytest

from engine.policies.runs import shortened

RUNS = ["a", "a", "B", "b", "b", "A", "a", "c"]
"""Pages; a capital letter writes."""


@pytest.mark.parametrize(
    ("repeats", "left"),
    [(1, "a B A c"), (2, "a a B b A a c"), (3, "a a B b b A a c"), (9, "a a B b b A a c")],
)
def test_the_first_of_each_run_are_kept(repeats: int, left: str) -> None:
    indices = np.array([ord(letter.lower()) for letter in RUNS], np.uint32)
    writes = np.array([letter.isupper() for letter in RUNS])
    found = zip(*shortened(indices, writes, repeats), strict=True)
    assert " ".join(chr(page).upper() if write else chr(page) for page, write in found) == left


def test_a_later_write_of_a_run_is_that_of_the_last_one_kept() -> None:
    pages, writes = np.array([5, 5, 5, 5], np.uint32), np.array([False, False, False, True])
    assert shortened(pages, writes, 1)[1].tolist() == [True]
    assert shortened(pages, writes, 2)[1].tolist() == [False, True]


def test_an_empty_string_stays_empty() -> None:
    assert len(shortened(np.empty(0, np.uint32), np.empty(0, np.bool_), 1)[0]) == 0
