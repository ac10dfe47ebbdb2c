"""Distinct pages get the indices 0, 1, 2, ... in any chunks."""

from __future__ import annotations

import random

import numpy as np
import pytest

from engine.errors import BadInput
from engine.references import distinct
from engine.references.distinct import DistinctPages


@pytest.mark.parametrize("most", [3, 5_000, 1 << 62])
def test_a_page_has_one_index_whatever_the_chunks(most: int) -> None:
    chance = random.Random(most)
    pages = np.array([chance.randrange(most) for _ in range(9_000)], np.int64)
    table = DistinctPages("test")
    edges = sorted(chance.choices(range(9_000), k=8))
    indices = np.concatenate([table.indices(part) for part in np.split(pages, edges)])
    assert len(table) == len(table.pages) == len(np.unique(pages))
    assert np.array_equal(table.pages[indices], pages)


def test_pages_that_meet_in_one_slot_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distinct, "_FACTOR", np.uint64(0))
    pages = np.array([5, 9, 5, 7, 9, 1], np.int64)
    table = DistinctPages("test")
    for part in (pages, np.array([1, 3])):
        indices = table.indices(part)
        assert np.array_equal(table.pages[indices], part)


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distinct, "MOST_PAGES", 10)
    table = DistinctPages("test")
    table.indices(np.arange(10))
    with pytest.raises(
        BadInput, match=r"test: the string touches more than 10 distinct pages; use larger pages"
    ):
        table.indices(np.arange(5, 11))
