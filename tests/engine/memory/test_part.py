"""Reading the writes of several blocks by their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from engine.memory.block import Block
from engine.memory.part import Part, by_block

FIRSTS = [0, 3, 3, 10]
"""Four blocks; the second one has no writes."""


def blocks() -> list[Block]:
    made = []
    for first, beyond in zip(FIRSTS, [3, 3, 10, 14], strict=True):
        block = Block(beyond - first)
        for number in range(first, beyond):
            block.new[number - first] = 100 + number
        made.append(block)
    return made


@pytest.mark.parametrize(
    "numbers", [[], [0], [2, 3], list(range(14)), [3, 3, 9, 10], [13, 0, 5, 4, 3, 11]], ids=str
)
def test_each_number_is_read_from_its_block(numbers: list[int]) -> None:
    wanted = np.array(numbers, np.int64)
    part = Part(blocks(), FIRSTS, "new")
    assert part.at(wanted).tolist() == [100 + number for number in numbers] == [part[n] for n in numbers]
    parts = list(by_block(FIRSTS, wanted))
    assert [n for _, own in parts for n in wanted[own].tolist()] == numbers
    for block, own in parts:
        beyond = [*FIRSTS, 14][block + 1]
        assert all(FIRSTS[block] <= n < beyond for n in wanted[own].tolist())


@pytest.mark.parametrize(("begin", "end"), [(0, 14), (0, 0), (3, 3), (2, 4), (4, 9), (10, 14), (9, 10)])
def test_a_range_is_read_through_all_its_blocks(begin: int, end: int) -> None:
    found = Part(blocks(), FIRSTS, "new").between(begin, end)
    assert found.tolist() == list(range(100 + begin, 100 + end))
