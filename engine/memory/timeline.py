"""Moving a memory to any step of its journal, by vector assignments.

A forward seek applies the new values of the journal's writes in order; a backward seek applies the old values
in reverse order. If an address occurs more than once in a vector assignment, the last value wins, which is
right in both directions. For each block of steps a summary keeps the net change (every address once, with its
value before and after), so the cost of a long seek depends on the cells that differ, not on the number of
writes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from engine.memory.cells import Array, Memory
from engine.memory.journal import Journal

BLOCK: Final = 16384
"""Number of steps that one summary covers."""

_FEW: Final = 24
"""Up to this number of writes, a loop is faster than a vector assignment."""

Summary = tuple[npt.NDArray[np.intp], Array, Array]
"""The addresses written in a block, their values before it and their values after it."""


class Timeline:
    """A memory, and its position in a journal.

    step: the memory holds the state after this step.
    """

    def __init__(self, memory: Memory, journal: Journal) -> None:
        self.memory = memory
        self.journal = journal
        self.step = 0
        self.summaries: list[Summary] = []

    def summarize(self) -> None:
        """Make the missing summaries of complete blocks."""
        while (len(self.summaries) + 1) * BLOCK <= self.journal.steps:
            first = len(self.summaries) * BLOCK
            self.summaries.append(self._net_change(first, first + BLOCK))

    def _net_change(self, first: int, last: int) -> Summary:
        addresses, old, new = self._writes(first, last)
        unique, begin = np.unique(addresses, return_index=True)
        _, end = np.unique(addresses[::-1], return_index=True)
        return unique.astype(np.intp), old[begin], new[::-1][end]

    def may_have_written(self, block: int, address: int) -> bool:
        """Whether a block of steps may have written a cell; true for a block without a summary."""
        if block >= len(self.summaries):
            return True
        addresses = self.summaries[block][0]
        at = int(addresses.searchsorted(address))
        return at < len(addresses) and int(addresses[at]) == address

    def _writes(self, first: int, last: int) -> tuple[npt.NDArray[np.uint32], Array, Array]:
        """Return copies of the writes of steps first + 1 .. last."""
        journal = self.journal
        span = slice(journal.end(first), journal.end(last))
        parts = (np.asarray(part)[span] for part in (journal.address, journal.old, journal.new))
        addresses, old, new = parts
        return addresses, old, new

    def seek(self, step: int) -> None:
        """Move the memory to the state after step `step` (0 .. the journal's steps)."""
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
        """Drop the history after `step`, the step that the memory is at."""
        self.journal.cut(step)
        del self.summaries[step // BLOCK :]

    def fork(self, step: int) -> Timeline:
        """Return an independent timeline over the same memory, with the history up to step `step`."""
        other = Timeline(self.memory, self.journal.fork(step))
        other.step = self.step
        other.summaries = self.summaries[: step // BLOCK]
        return other
