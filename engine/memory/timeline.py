"""Moving a memory through a journal: to any step, in vectors.

A seek applies the journal's writes in order, forwards the new values, backwards the old ones. A repeated
address in one vector assignment keeps the last value, which is what both directions need. For each block of
steps a summary keeps the net change - every address once, with its value before and after - so that the cost
of a far seek is in the cells that differ, not in the writes made.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from engine.memory.cells import Array, Memory
from engine.memory.journal import Journal

BLOCK: Final = 16384
"""Steps that one summary covers."""

_FEW: Final = 24
"""Up to so many writes a loop is faster than a vector assignment."""

Summary = tuple[npt.NDArray[np.intp], Array, Array]
"""Addresses, values before and values after a block."""


class Timeline:
    """One memory, and where in one journal it stands.

    step: the step whose state the memory holds.
    """

    def __init__(self, memory: Memory, journal: Journal) -> None:
        self.memory = memory
        self.journal = journal
        self.step = 0
        self.summaries: list[Summary] = []

    def summarize(self) -> None:
        """Make the summaries of the blocks that are complete by now."""
        while (len(self.summaries) + 1) * BLOCK <= self.journal.steps:
            first = len(self.summaries) * BLOCK
            self.summaries.append(self._net_change(first, first + BLOCK))

    def _net_change(self, first: int, last: int) -> Summary:
        addresses, old, new = self._writes(first, last)
        unique, begin = np.unique(addresses, return_index=True)
        _, end = np.unique(addresses[::-1], return_index=True)
        return unique.astype(np.intp), old[begin], new[::-1][end]

    def may_have_written(self, block: int, address: int) -> bool:
        """Whether a block of steps wrote a cell; true where there is no summary that could deny it."""
        if block >= len(self.summaries):
            return True
        addresses = self.summaries[block][0]
        at = int(addresses.searchsorted(address))
        return at < len(addresses) and int(addresses[at]) == address

    def _writes(self, first: int, last: int) -> tuple[npt.NDArray[np.uint32], Array, Array]:
        """Copies of the writes of steps first + 1 .. last."""
        journal = self.journal
        span = slice(journal.end(first), journal.end(last))
        parts = (np.asarray(part)[span] for part in (journal.address, journal.old, journal.new))
        addresses, old, new = parts
        return addresses, old, new

    def seek(self, step: int) -> None:
        """Bring the memory to the state after step `step` (0 .. the journal's steps)."""
        while self.step != step:
            if self.step < step:
                self._forward(step)
            else:
                self._backward(step)

    def _forward(self, step: int) -> None:
        block = self.step // BLOCK
        if self.step % BLOCK == 0 and step >= self.step + BLOCK and block < len(self.summaries):
            addresses, _, after = self.summaries[block]
            self.memory.array[addresses] = after
            self.step += BLOCK
            return
        stop = min(step, (block + 1) * BLOCK) if block < len(self.summaries) else step
        self._apply(self.step, stop)
        self.step = stop

    def _backward(self, step: int) -> None:
        block = (self.step - 1) // BLOCK
        if self.step % BLOCK == 0 and step <= self.step - BLOCK and block < len(self.summaries):
            addresses, before, _ = self.summaries[block]
            self.memory.array[addresses] = before
            self.step -= BLOCK
            return
        stop = max(step, min(block, len(self.summaries)) * BLOCK)
        self._revert(self.step, stop)
        self.step = stop

    def _apply(self, first: int, last: int) -> None:
        journal = self.journal
        begin, end = journal.end(first), journal.end(last)
        if end - begin > _FEW:
            addresses, _, new = self._writes(first, last)
            self.memory.array[addresses] = new
            return
        cells = self.memory.cells
        for n in range(begin, end):
            cells[journal.address[n]] = journal.new[n]

    def _revert(self, last: int, first: int) -> None:
        journal = self.journal
        begin, end = journal.end(first), journal.end(last)
        if end - begin > _FEW:
            addresses, old, _ = self._writes(first, last)
            self.memory.array[addresses[::-1]] = old[::-1]
            return
        cells = self.memory.cells
        for n in range(end - 1, begin - 1, -1):
            cells[journal.address[n]] = journal.old[n]

    def cut(self, step: int) -> None:
        """Drop the history behind `step`, where the memory stands."""
        self.journal.cut(step)
        del self.summaries[step // BLOCK :]

    def fork(self, step: int) -> Timeline:
        """A timeline of its own over the same memory, with the history up to step `step`."""
        other = Timeline(self.memory, self.journal.fork(step))
        other.step = self.step
        other.summaries = self.summaries[: step // BLOCK]
        return other
