"""The curve of LRU is LRU at each number of frames."""

from __future__ import annotations

import random

import pytest

from engine.policies.comparison import measure
from engine.policies.curve import lru_curve
from tests.engine.policies.naive_policies import string_of


@pytest.mark.parametrize(("pages", "length"), [(1, 1), (1, 9), (2, 2), (7, 60), (30, 257), (40, 20)])
def test_the_curve_has_the_misses_of_lru_with_each_number_of_frames(pages: int, length: int) -> None:
    chance = random.Random(pages)
    for _ in range(5):
        string = string_of([chance.randrange(pages) for _ in range(length)])
        most = len(string.pages)
        expected = [length, *(measure(string, "lru", frames).misses for frames in range(1, most + 1))]
        assert lru_curve(string).tolist() == expected


def test_the_curve_of_a_loop_falls_at_its_length() -> None:
    assert lru_curve(string_of([0, 1, 2] * 4)).tolist() == [12, 12, 12, 3]
