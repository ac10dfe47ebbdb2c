"""Moving a memory to any step of its journal, by vector assignments.

A forward seek applies the new values of the journal's writes in order; a backward seek applies the old values
in reverse order. If an address occurs more than once in a vector assignment, the last value wins, which is
right in both directions. A sealed block has its net change (every address once, with its value before and
after), so the cost of a long seek depends on the cells that differ, not on the number of writes.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.memory.block import BLOCK, Block
from engine.memory.cells import Memory
from engine.memory.journal import Journal

_FEW: Final = 24
"""Up to this number of writes, a loop is faster than a vector assignment."""


class Timeline:
    """A memory, and its position in a journal.

    step: the memory holds the state after this step.
    """

    def __init__(self, memory: Memory, journal: Journal) -> None:
        self.memory = memory
        self.journal = journal
        self.step = 0

    def seek(self, step: int) -> None:
        """Move the memory to the state after step `step` (0 .. the journal's steps)."""
        while self.step != step:
            if self.step < step:
                self._forward(step)
            else:
                self._backward(step)

    def _forward(self, step: int) -> None:
        """Move forwards to `step`, or to the end of the block."""
        number, before = divmod(self.step, BLOCK)
        block, begin = self.journal.blocks[number], self.step - before
        if not before and block.net is not None and step >= begin + BLOCK:
            addresses, _, after = block.net
            self.memory.array[addresses] = after
            self.step += BLOCK
            return
        self.step = min(step, begin + BLOCK)
        self._apply(block, before, self.step - begin)

    def _backward(self, step: int) -> None:
        """Move backwards to `step`, or to the beginning of the block."""
        number, before = divmod(self.step - 1, BLOCK)
        block, begin = self.journal.blocks[number], self.step - 1 - before
        if before == BLOCK - 1 and block.net is not None and step <= begin:
            addresses, old, _ = block.net
            self.memory.array[addresses] = old
            self.step = begin
            return
        self.step = max(step, begin)
        self._revert(block, self.step - begin, before + 1)

    def _apply(self, block: Block, first: int, last: int) -> None:
        """Make the writes of the block's steps first + 1 .. last."""
        begin, end = block.span(first, last)
        address, new = block.address, block.new
        if end - begin > _FEW:
            self.memory.array[np.asarray(address)[begin:end]] = np.asarray(new)[begin:end]
            return
        cells = self.memory.cells
        for n in range(begin, end):
            cells[address[n]] = new[n]

    def _revert(self, block: Block, first: int, last: int) -> None:
        """Undo the writes of the block's steps first + 1 .. last."""
        begin, end = block.span(first, last)
        address, old = block.address, block.old
        if end - begin > _FEW:
            self.memory.array[np.asarray(address)[begin:end][::-1]] = np.asarray(old)[begin:end][::-1]
            return
        cells = self.memory.cells
        for n in range(end - 1, begin - 1, -1):
            cells[address[n]] = old[n]

    def fork(self, step: int) -> Timeline:
        """Return a timeline over the same memory that shares the history up to step `step`."""
        other = Timeline(self.memory, self.journal.fork(step))
        other.step = self.step
        return other
