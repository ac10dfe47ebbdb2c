"""One of the three numbers of every write of a branch, read across its blocks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.memory.block import Block, Numbers


class Part:
    """One of the three numbers of every write: its address, its old or its new value, by write number."""

    __slots__ = ("_blocks", "_firsts", "_name")

    def __init__(self, blocks: list[Block], firsts: list[int], name: str) -> None:
        self._blocks, self._firsts, self._name = blocks, firsts, name

    def __getitem__(self, number: int) -> int:
        block = bisect_right(self._firsts, number) - 1
        found: int = getattr(self._blocks[block], self._name)[number - self._firsts[block]]
        return found

    def _column(self, block: int) -> npt.NDArray[Any]:
        return np.asarray(getattr(self._blocks[block], self._name))

    def at(self, numbers: Numbers) -> Numbers:
        """The values of the writes with these numbers; int64, (n,). Fast if they ascend."""
        found = np.empty(numbers.shape, np.int64)
        for block, own in by_block(self._firsts, numbers):
            found[own] = self._column(block)[numbers[own] - self._firsts[block]]
        return found

    def between(self, begin: int, end: int) -> npt.NDArray[Any]:
        """The values of the writes begin .. end - 1; within a block a view, not a copy."""
        low, high = bisect_right(self._firsts, begin) - 1, bisect_left(self._firsts, end)
        parts = [
            self._column(block)[max(begin - self._firsts[block], 0) : end - self._firsts[block]]
            for block in range(low, max(high, low + 1))
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def by_block(firsts: Sequence[int], numbers: Numbers) -> Iterator[tuple[int, slice]]:
    """Yield each block that has some of the writes or steps with these numbers, and their part of the vector.

    firsts: the number of the first one of each block. Fast if the numbers ascend.
    """
    if numbers.size and (numbers[1:] < numbers[:-1]).any():
        yield from _runs(np.searchsorted(firsts, numbers, side="right") - 1)
        return
    bounds = [*np.searchsorted(numbers, firsts).tolist(), numbers.size]
    for block, (begin, end) in enumerate(pairwise(bounds)):
        if begin < end:
            yield block, slice(begin, end)


def _runs(blocks: Numbers) -> Iterator[tuple[int, slice]]:
    """Yield each run of equal numbers in a vector: the number, and the part of the vector."""
    bounds = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), blocks.size]
    for begin, end in pairwise(bounds):
        if begin < end:
            yield int(blocks[begin]), slice(begin, end)
