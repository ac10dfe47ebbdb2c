"""The causes of a cell's value: the operation that wrote it last, and what that operation had read before.

The operation that wrote the cell is repeated while the memory records reads. The cells that it read before
the write, nearest first, are the causes of the write; each of them was in turn written by an earlier step.
Locks, list links and the scheduler's cells are read everywhere and explain little, so they are left out by
default.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.debug.call_stack import Stack, in_place, operation_begin, performed_again
from engine.machine import bookkeeping
from engine.run.history import History

DEPTH: Final = 8
"""Default length of a chain."""

_UNEXPLAINING: Final = bookkeeping.LISTS | bookkeeping.LOCKS | bookkeeping.STATES | bookkeeping.PROGRESS
"""The columns that do not explain a value although they were read."""


@dataclass(frozen=True)
class Read:
    """A cell that was read: its value at that time, and the step that wrote it (None: boot or setup)."""

    address: int
    value: int
    writer: int | None


@dataclass(frozen=True)
class Cause:
    """A write: its step, thread and cpu, the cell with its old and new value, and the reads before it.

    thread, cpu: None for an event. old, new: raw values, without the column's bias.
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
    """Return the last write of the cell up to step `at`; None if boot or the setup wrote it.

    everything: whether to include locks, list links and the scheduler's cells in the reads.
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
    """Return the chain of causes of a cell's value after step `at`, last write first; [] for boot and setup.

    Each further cause is the write of the nearest cell that the previous cause read and that another
    operation wrote.
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
    """Yield the reads of a cause whose cells another operation wrote."""
    start = cause.step if cause.thread is None else operation_begin(history, cause.thread, cause.step)
    for read in cause.reads:
        if read.writer is None or (read.address, read.writer) in seen:
            continue
        if read.writer <= start or history.journal.thread(read.writer) != cause.thread:
            yield read


Access = tuple[int, int, int]
"""A read: the last step that may have written the cell before it, the cell, and the value with its bias."""


def _reads(history: History, accesses: list[Access], everything: bool) -> Iterator[Read]:
    """Yield the reads, nearest first, each cell once."""
    seen: set[int] = set()
    for at, cell, value in reversed(accesses):
        if cell in seen or not (everything or _explains(history, cell)):
            continue
        seen.add(cell)
        yield Read(cell, value - _bias(history, cell), history.writer(cell, at))


def _performance(history: History, step: int, address: int) -> tuple[Stack, list[Access]]:
    """Return the active calls at `step`, and what its operation read before it wrote `address`."""
    found: list[Access] = []
    stack: Stack = ()
    before = None
    with history.vm.memory.observed() as log:
        for at, live in performed_again(history, step):
            # Reads recorded since the last turn belong to the step before or, at first, to the arguments.
            found += _noted(log.cells, at if before is None else before)
            log.cells.clear()
            before, stack = at, live.stack()
    return stack, found + _noted(_until_write(log.cells, address), step)


def _noted(cells: list[tuple[int, int, bool]], step: int) -> list[Access]:
    """Return the reads of one step; a cell that the step wrote itself has that step as its latest writer."""
    found, own = list[Access](), set[int]()
    for cell, value, written in cells:
        if written:
            own.add(cell)
        else:
            found.append((step if cell in own else step - 1, cell, value))
    return found


def _until_write(cells: list[tuple[int, int, bool]], address: int) -> list[tuple[int, int, bool]]:
    """Return the accesses before the last write of the cell."""
    at = max((n for n, (cell, _, written) in enumerate(cells) if written and cell == address), default=None)
    return cells if at is None else cells[:at]


def _explains(history: History, cell: int) -> bool:
    place, _ = history.vm.memory.place_of(cell)
    return f"{place.table}.{place.name}" not in _UNEXPLAINING


def _bias(history: History, cell: int) -> int:
    return history.vm.memory.place_of(cell)[0].spec.bias
