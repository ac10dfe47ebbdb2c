"""Why a cell holds what it holds: who wrote it last, and what that operation had read by then.

The operation that wrote the cell is performed again on columns that note what is read. What it read before
the write, nearest first, are the write's causes; each of them was in turn written by somebody. Locks, list
links and the scheduler's own cells are read everywhere and explain little: they are left out unless asked
for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.debug.call_stack import Stack, in_place, operation_begin, performed_again
from engine.machine import bookkeeping
from engine.run.history import History

DEPTH: Final = 8
"""How far a chain goes back unless told otherwise."""

_UNTOLD: Final = bookkeeping.LISTS | bookkeeping.LOCKS | bookkeeping.STATES | bookkeeping.PROGRESS
"""What does not explain a value, although it was read."""


@dataclass(frozen=True)
class Read:
    """A cell that was read: its value then, and the step that had last written it; None is boot and setup."""

    address: int
    value: int
    writer: int | None


@dataclass(frozen=True)
class Cause:
    """A write: the step and who took it, the cell with its value before and after, and what was read first.

    thread, cpu: None for an event. old, new: as the memory holds them, without the column's bias.
    """

    step: int
    thread: int | None
    cpu: int | None
    stack: Stack
    action: str
    address: int
    old: int
    new: int
    reads: tuple[Read, ...]


def cause_of(history: History, address: int, at: int, *, everything: bool = False) -> Cause | None:
    """The write that gave the cell the value which it has after step `at`; None for boot and setup.

    everything: whether locks, list links and the scheduler's cells are among the reads.
    """
    step = history.writer(address, at)
    if step is None:
        return None
    record = history.record(step)
    old, new = next((old, new) for cell, old, new in history.journal.writes_of(step)[::-1] if cell == address)
    if record.thread is None:
        return Cause(step, None, None, (), record.action, address, old, new, ())
    with in_place(history):
        stack, accesses = _performance(history, step, address)
        reads = tuple(_reads(history, accesses, everything))
    return Cause(step, record.thread, record.cpu, stack, record.action, address, old, new, reads)


def why(
    history: History, address: int, at: int, *, everything: bool = False, depth: int = DEPTH
) -> list[Cause]:
    """The chain of causes of a cell's value after step `at`, the last write first; [] for boot and setup.

    Each further cause is the write of the nearest cell that the one before had read and that an earlier
    operation had written.
    """
    with in_place(history):
        return list(_chain(history, address, at, everything, depth))


def _chain(history: History, address: int, at: int, everything: bool, depth: int) -> Iterator[Cause]:
    seen = set()
    for _ in range(depth):
        cause = cause_of(history, address, at, everything=everything)
        if cause is None:
            return
        yield cause
        seen.add((cause.address, cause.step))
        nearest = next(_earlier(history, cause, seen), None)
        if nearest is None or nearest.writer is None:
            return
        address, at = nearest.address, nearest.writer


def _earlier(history: History, cause: Cause, seen: set[tuple[int, int]]) -> Iterator[Read]:
    """The reads of a cause that another operation wrote."""
    begin = cause.step if cause.thread is None else operation_begin(history, cause.thread, cause.step)
    for read in cause.reads:
        if read.writer is None or (read.address, read.writer) in seen:
            continue
        if read.writer <= begin or history.journal.thread(read.writer) != cause.thread:
            yield read


Access = tuple[int, int, int]
"""A read: the last step that may have written the cell before it, the cell, and the value with its bias."""


def _reads(history: History, accesses: list[Access], everything: bool) -> Iterator[Read]:
    """What was read, nearest first, each cell once."""
    seen: set[int] = set()
    for at, cell, value in reversed(accesses):
        if cell in seen or not (everything or _explains(history, cell)):
            continue
        seen.add(cell)
        yield Read(cell, value - _bias(history, cell), history.writer(cell, at))


def _performance(history: History, step: int, address: int) -> tuple[Stack, list[Access]]:
    """The calls under way at `step`, and what its operation had read before the step wrote `address`."""
    found: list[Access] = []
    stack: Stack = ()
    before = None
    with history.vm.memory.observed() as log:
        for at, live in performed_again(history, step):
            # What was noted since the last turn was read in the step before or, at first, by the arguments.
            found += _noted(log.cells, at if before is None else before)
            log.cells.clear()
            before, stack = at, live.stack()
    return stack, found + _noted(_until_write(log.cells, address), step)


def _noted(cells: list[tuple[int, int, bool]], step: int) -> list[Access]:
    """The reads of one step; a cell that the step itself had written before reads what it wrote."""
    found, own = list[Access](), set[int]()
    for cell, value, written in cells:
        if written:
            own.add(cell)
        else:
            found.append((step if cell in own else step - 1, cell, value))
    return found


def _until_write(cells: list[tuple[int, int, bool]], address: int) -> list[tuple[int, int, bool]]:
    """What was noted before the last write of the cell."""
    at = max((n for n, (cell, _, written) in enumerate(cells) if written and cell == address), default=None)
    return cells if at is None else cells[:at]


def _explains(history: History, cell: int) -> bool:
    place, _ = history.vm.memory.place_of(cell)
    return f"{place.table}.{place.name}" not in _UNTOLD


def _bias(history: History, cell: int) -> int:
    return history.vm.memory.place_of(cell)[0].spec.bias
