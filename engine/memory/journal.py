"""The journal of a branch: every write to the memory, and where each step's writes end.

The history is a list of blocks (`engine.memory.block`). New steps go into the last one, which is open; as
soon as it has its 16,384 steps, it is sealed and the next one is opened. Nothing is ever copied to make
room, and a sealed block never changes. Therefore branches can share what they have in common: a fork takes
the same sealed blocks and copies only the beginning of the block in which it starts, whatever the length
of the history. A block is freed when the last branch that has it is dropped.

Steps are numbered from 1 and writes from 0 through all blocks of a branch. The number of a step gives its
block by a division; the block of a write is found in `firsts`. All branches of a session have one Budget,
in which a shared block counts once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.errors import Finding
from engine.memory.block import (
    BLOCK,
    END_SHIFT,
    EVENT,
    LABEL_MASK,
    STEP_BYTES,
    THREAD_SHIFT,
    WRITE_BYTES,
    Block,
    Numbers,
    key,
)
from engine.memory.distinct import distinct
from engine.memory.part import Part, by_block
from engine.words import byte_size, plural

HISTORY_LIMIT: Final = 512 << 20
"""The default limit of the history of all branches of a session, in bytes."""

_RELEASED: Final = Block(0)
"""In the place of each block that was released: it has no writes, and no size."""


class JournalFullError(Finding):
    """The history has reached its limit; the step that reached it is complete and recorded."""


class Budget:
    """The memory that the branches of a session may use together for their history.

    limit: in bytes; journals: those of the branches.
    fixed: whether the user cannot raise the limit.
    """

    __slots__ = ("fixed", "journals", "limit")

    def __init__(self, limit: int = HISTORY_LIMIT) -> None:
        self.limit = limit
        self.fixed = False
        self.journals: list[Journal] = []

    @property
    def bytes(self) -> int:
        """Size of the history in bytes; a block that branches share counts once."""
        blocks = set[Block]().union(*(one.blocks for one in self.journals))
        return sum(block.sealed_bytes for block in blocks) + sum(one.open_bytes for one in self.journals)

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return self.bytes > self.limit

    def error(self, steps: int) -> JournalFullError:
        """Return the error that says that the history is full; steps: those of the branch that continues."""
        size = f"{byte_size(self.bytes)} in all branches, of {byte_size(self.limit)} allowed"
        return JournalFullError(f"the history is full: {plural(steps, 'step')}, {size}")


class Journal:
    """Every write (address, old, new) and, for each step, the end of its writes, its thread and its label.

    Step 0 is the state before the first step. A write takes 20 bytes, a step 8.

    blocks, firsts: the blocks, the last one open, and the number of the first write of each.
    address, old, new: the numbers of every write.
    names, labels: the label of each number, and the number of each label; all branches share them.
    fill, marks: how many writes and steps the open block has; packed, tail_*: its buffers, for the writers.
    ceiling: how many bytes the open block may have.
    """

    __slots__ = (
        "address", "blocks", "budget", "ceiling", "fill", "firsts", "labels", "marks", "names", "new", "old",
        "packed", "tail_address", "tail_new", "tail_old",
    )  # fmt: skip

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.budget.journals.append(self)
        self.names: list[str] = []
        self.labels: dict[str, int] = {}
        self.blocks = [Block()]
        self.firsts = [0]
        self.address, self.old, self.new = (
            Part(self.blocks, self.firsts, name) for name in ("address", "old", "new")
        )
        self._stand(0)

    def _stand(self, steps: int) -> None:
        """Add the next steps after the first `steps` steps of the last block."""
        self.marks, self.fill = steps, self.blocks[-1].end(steps)
        self._show_tail()
        self.measure()

    def _show_tail(self) -> None:
        tail = self.blocks[-1]
        self.packed = tail.packed
        self.tail_address, self.tail_old, self.tail_new = tail.address, tail.old, tail.new

    def measure(self) -> None:
        """Compute how large the open block may become; necessary when other branches have changed."""
        self.ceiling = self.budget.limit - self.budget.bytes + self.open_bytes

    @property
    def steps(self) -> int:
        """The number of recorded steps."""
        return BLOCK * (len(self.blocks) - 1) + self.marks

    @property
    def writes(self) -> int:
        """The number of recorded writes, those that belong to no step yet included."""
        return self.firsts[-1] + self.fill

    @property
    def open_bytes(self) -> int:
        """Size of the open block in bytes."""
        return WRITE_BYTES * self.fill + STEP_BYTES * self.marks

    @property
    def bytes(self) -> int:
        """Size of this branch's history in bytes, shared blocks included."""
        return sum(block.sealed_bytes for block in self.blocks) + self.open_bytes

    # --- recording ----------------------------------------------------------------------------------------

    def grow(self) -> None:
        """Double the buffers for writes."""
        self.blocks[-1].grow()
        self._show_tail()

    def mark(self, thread: int, label: str) -> None:
        """End a step: it owns the writes since the end of the previous step.

        Errors: JournalFullError if the limit is reached; the step is recorded first.
        """
        number = self.labels.get(label)
        if number is None:
            number = self.labels[label] = len(self.names)
            self.names.append(label)
        self.packed[self.marks] = self.fill << END_SHIFT | thread << THREAD_SHIFT | number
        self.marks = marks = self.marks + 1
        over = WRITE_BYTES * self.fill + STEP_BYTES * marks > self.ceiling
        if marks == BLOCK:
            self._next_block()
        if over:
            raise self.budget.error(self.steps)

    def add(self, address: Numbers, old: Numbers, new: Numbers) -> None:
        """Record many writes of the step that is being taken, in order; all are int64, (n,)."""
        begin, end = self.fill, self.fill + len(address)
        while len(self.tail_address) < end:
            self.grow()
        for part, values in ((self.tail_address, address), (self.tail_old, old), (self.tail_new, new)):
            np.asarray(part)[begin:end] = values
        self.fill = end

    def _next_block(self) -> None:
        """Seal the last block, which is full, and open another one."""
        full = self.blocks[-1]
        full.seal()
        self.ceiling -= full.sealed_bytes
        self.firsts.append(self.firsts[-1] + self.fill)
        self.blocks.append(Block(self.fill + self.fill // 4 + 1024))
        self.marks = self.fill = 0
        self._show_tail()

    @property
    def space(self) -> int:
        """How many steps can be packed into the open block without `mark`, which must add the last one."""
        return BLOCK - 1 - self.marks

    def room(self, steps: int) -> int:
        """Return how many writes the open block may have in any case if `steps` more steps are recorded."""
        return (self.ceiling - STEP_BYTES * (self.marks + steps)) // WRITE_BYTES

    def take_unmarked(self) -> list[tuple[int, int, int]]:
        """Remove the writes that belong to no step; return each one's (address, old, new), in order.

        The cells keep their values.
        """
        begin = self.packed[self.marks - 1] >> END_SHIFT if self.marks else 0
        span, self.fill = range(begin, self.fill), begin
        address, old, new = self.tail_address, self.tail_old, self.tail_new
        return [(address[n], old[n], new[n]) for n in span]

    def undo_unmarked(self, cells: memoryview[int]) -> None:
        """Undo in `cells` the writes that belong to no step, and remove them."""
        for address, old, _ in reversed(self.take_unmarked()):
            cells[address] = old

    # --- one step -----------------------------------------------------------------------------------------

    def block_of(self, step: int) -> tuple[Block, int]:
        """The block of step `step` (1 .. steps), and how many steps of it come before."""
        block, before = divmod(step - 1, BLOCK)
        return self.blocks[block], before

    def end(self, step: int) -> int:
        """End of the writes of step `step` (0 .. steps): the number of the first write after it."""
        block, steps = divmod(step, BLOCK)
        return self.firsts[block] + self.blocks[block].end(steps)

    def step_of(self, write: int) -> int:
        """The step that made write number `write` (from 0)."""
        number = bisect_right(self.firsts, write) - 1
        wanted = (write - self.firsts[number] + 1) << END_SHIFT
        return BLOCK * number + bisect_left(self.blocks[number].packed, wanted, 0, self._steps_in(number)) + 1

    def _steps_in(self, block: int) -> int:
        return BLOCK if block < len(self.blocks) - 1 else self.marks

    def thread(self, step: int) -> int:
        """The thread that took step `step` (1 .. steps), or EVENT."""
        block, before = self.block_of(step)
        return block.packed[before] >> THREAD_SHIFT & EVENT

    def label(self, step: int) -> str:
        """The label of step `step` (1 .. steps): a description of its action."""
        block, before = self.block_of(step)
        return self.names[block.packed[before] & LABEL_MASK]

    def writes_of(self, step: int) -> list[tuple[int, int, int]]:
        """The (address, old, new) of each write of step `step` (1 .. steps), in order."""
        block, before = self.block_of(step)
        address, old, new = block.address, block.old, block.new
        return [(address[n], old[n], new[n]) for n in range(*block.span(before, before + 1))]

    # --- many steps ---------------------------------------------------------------------------------------

    def _packed_at(self, steps: Numbers) -> Numbers:
        flat = steps.ravel() - 1
        found = np.empty(flat.shape, np.int64)
        for block, own in by_block(range(0, BLOCK * len(self.blocks), BLOCK), flat):
            found[own] = np.asarray(self.blocks[block].packed)[flat[own] - BLOCK * block]
        return found.reshape(steps.shape)

    def _packed_parts(self, first: int, last: int) -> Iterator[tuple[int, Numbers]]:
        """Yield the packed steps first + 1 .. last, a view for each block, and how many come before it."""
        for number in range(first // BLOCK, (last - 1) // BLOCK + 1):
            before = BLOCK * number
            packed = np.asarray(self.blocks[number].packed)
            yield max(before - first, 0), packed[max(first - before, 0) : last - before]

    def ends(self, steps: Numbers) -> Numbers:
        """End of the writes of each of `steps` (0 .. steps); int64, same shape."""
        made = np.maximum(steps, 1)
        first = np.array(self.firsts)[(made - 1) // BLOCK]
        return np.where(steps > 0, first + (self._packed_at(made) >> END_SHIFT), 0)

    def _bits(self, first: int, last: int, mask: int) -> Numbers:
        """The bits of `mask` of each packed step first + 1 .. last, in place; int64, (last - first,)."""
        found = np.empty(last - first, np.int64)
        for begin, packed in self._packed_parts(first, last):
            np.bitwise_and(packed, mask, out=found[begin : begin + len(packed)])
        return found

    def threads(self, first: int, last: int) -> Numbers:
        """The thread, or EVENT, of each step first + 1 .. last; int64, (last - first,)."""
        found = self._bits(first, last, key(EVENT))
        found >>= THREAD_SHIFT
        return found

    def threads_at(self, steps: Numbers) -> Numbers:
        """The thread, or EVENT, of each of `steps` (1 .. steps); int64, same shape."""
        return self._packed_at(steps) >> THREAD_SHIFT & EVENT

    def label_numbers(self, first: int, last: int) -> Numbers:
        """The label number of each step first + 1 .. last; int64, (last - first,)."""
        return self._bits(first, last, LABEL_MASK)

    def keys(self, first: int, last: int) -> Numbers:
        """One number for thread and label of each step first + 1 .. last; int64, (last - first,)."""
        return self._bits(first, last, key(EVENT) | LABEL_MASK)

    def label_numbers_at(self, steps: Numbers) -> Numbers:
        """The label number of each of `steps` (1 .. steps); int64, same shape."""
        return self._packed_at(steps) & LABEL_MASK

    def addresses(self, first: int, last: int) -> npt.NDArray[np.uint32]:
        """The address of each write of steps first + 1 .. last; within a block a view.

        The first element belongs to write number `end(first)`.
        """
        return self.address.between(self.end(first), self.end(last))

    def parts(
        self, first: int, last: int, only: Collection[int] = ()
    ) -> Iterator[tuple[int, npt.NDArray[np.uint32]]]:
        """Yield for each block the addresses of its writes of steps first + 1 .. last, in order, as a view.

        The number of the first of these writes comes first.

        only: if there are any, blocks that wrote none of these cells may be left out.
        """
        for number in range(first // BLOCK, max(last - 1, first) // BLOCK + 1):
            block, before = self.blocks[number], BLOCK * number
            if not only or any(map(block.may_have_written, only)):
                begin, end = block.span(max(first - before, 0), min(last - before, BLOCK))
                yield self.firsts[number] + begin, np.asarray(block.address)[begin:end]

    def writes_to(self, first: int, beyond: int) -> Numbers:
        """The numbers of all writes to the cells first .. beyond - 1, ascending; int64, (n,)."""
        # An unsigned address below `first` wraps around to a large number: one comparison checks both bounds.
        return np.concatenate([
            np.flatnonzero(addresses - np.uint32(first) < beyond - first) + begin
            for begin, addresses in self.parts(0, self.steps)
        ])  # fmt: skip

    def cells_written(self, first: int, last: int) -> Numbers:
        """The addresses that steps first + 1 .. last wrote, each once, ascending; int64."""
        found = [np.zeros(0, np.int64)]
        for number in range(first // BLOCK, max(last - 1, first) // BLOCK + 1):
            net, begin, end = self.blocks[number].net, BLOCK * number, BLOCK * (number + 1)
            if net is not None and first <= begin and end <= last:
                found.append(net[0])
            else:
                part = self.addresses(max(first, begin), min(last, end))
                found.append(distinct(part).astype(np.int64))
        return distinct(np.concatenate(found))

    def written(self, first: int, last: int) -> tuple[npt.NDArray[np.uint32], Numbers, Numbers]:
        """The address, old and new value of each write of steps first + 1 .. last; within a block views."""
        begin, end = self.end(first), self.end(last)
        return self.address.between(begin, end), self.old.between(begin, end), self.new.between(begin, end)

    def steps_of(self, writes: Numbers) -> Numbers:
        """The step that made each of the writes with these numbers; int64, (n,). Fast if they ascend."""
        found = np.empty(writes.shape, np.int64)
        for block, own in by_block(self.firsts, writes):
            # The end of the writes is in the top bits of a packed step, so the packed steps are sorted by it.
            packed = np.asarray(self.blocks[block].packed)[: self._steps_in(block)]
            wanted = (writes[own] - self.firsts[block] + 1) << END_SHIFT
            found[own] = np.searchsorted(packed, wanted) + BLOCK * block + 1
        return found

    def writer(self, address: int, step: int) -> int | None:
        """Return the last step up to `step` that wrote the cell at `address`, or None."""
        write = self.last_write(address, step)
        return None if write is None else self.step_of(write)

    def last_write(self, address: int, step: int) -> int | None:
        """Return the number of the last write of the cell at `address` up to step `step`, or None."""
        for number in range((step - 1) // BLOCK, -1, -1):
            block, before = self.blocks[number], BLOCK * number
            if block.may_have_written(address):
                written = np.asarray(block.address)[: block.end(min(step - before, BLOCK))]
                hits = np.flatnonzero(written == address)
                if hits.size:
                    return self.firsts[number] + int(hits[-1])
        return None

    # --- going back and forking ---------------------------------------------------------------------------

    def cut(self, step: int) -> None:
        """Drop every step after `step`; the caller restores the cells."""
        number, steps = divmod(step, BLOCK)
        if number < len(self.blocks) - 1:
            # Other branches may have the sealed block.
            kept = self.blocks[number].copy(steps)
            del self.blocks[number:], self.firsts[number + 1 :]
            self.blocks.append(kept)
        self._stand(steps)

    def fork(self, step: int) -> Journal:
        """Return a journal with the same history up to step `step`, which can then go another way."""
        other = Journal(self.budget)
        other.names, other.labels = self.names, self.labels
        number, steps = divmod(step, BLOCK)
        other.blocks[:] = [*self.blocks[:number], self.blocks[number].copy(steps)]
        other.firsts[:] = self.firsts[: number + 1]
        other._stand(steps)
        return other

    def release(self, step: int) -> None:
        """Free the full blocks before that of step `step`; from now on nothing may ask about their steps.

        Only for a journal whose past is never viewed and that no branch shares.
        """
        for number in range(max(step - 1, 0) // BLOCK):
            self.blocks[number] = _RELEASED
        self.measure()

    def drop(self) -> None:
        """Forget the whole history; blocks that no other branch has are freed."""
        self.blocks[:], self.firsts[:] = [Block(0)], [0]
        self._stand(0)
        self.budget.journals.remove(self)
