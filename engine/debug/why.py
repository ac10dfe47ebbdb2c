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

from engine.debug.calls import Stack, frames, operation_begin, performed_again
from engine.history import History

DEPTH: Final = 8
"""How far a chain goes back unless told otherwise."""

_LISTS: Final = frozenset(
    {"page.next", "page.prev", "queue.head", "queue.tail", "thread.sleep_next", "thread.sleep_prev"}
    | {"global.sleepq_head", "global.sleepq_tail", "cpu.runq_head", "cpu.runq_tail", "thread.run_next"}
)
_LOCKS: Final = frozenset(
    {"page.spin", "queue.spin", "global.contig_spin", "thread.page_spin", "thread.queue_spin"}
    | {"thread.contig_spin", "token.object", "token.mode", "object.token_owner", "object.token_depth"}
    | {"object.token_shared", "object.locked_elsewhere"}
)
_RUNNING: Final = frozenset(
    {"thread.state", "thread.pc", "thread.op_start", "thread.cpu", "thread.chan", "thread.wake"}
    | {"thread.timo", "thread.slept_at", "cpu.current"}
)


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
    stack = frames(history, step)
    reads = () if record.thread is None else tuple(_reads(history, step, address, everything))
    return Cause(step, record.thread, record.cpu, stack, record.action, address, old, new, reads)


def why(
    history: History, address: int, at: int, *, everything: bool = False, depth: int = DEPTH
) -> list[Cause]:
    """The chain of causes of a cell's value after step `at`, the last write first; [] for boot and setup.

    Each further cause is the write of the nearest cell that the one before had read and that an earlier
    operation had written.
    """
    chain: list[Cause] = []
    seen = set()
    while len(chain) < depth and (cause := cause_of(history, address, at, everything=everything)):
        chain.append(cause)
        seen.add((cause.address, cause.step))
        nearest = next(_earlier(history, cause, seen), None)
        if nearest is None or nearest.writer is None:
            break
        address, at = nearest.address, nearest.writer
    return chain


def _earlier(history: History, cause: Cause, seen: set[tuple[int, int]]) -> Iterator[Read]:
    """The reads of a cause that an earlier operation wrote."""
    begin = cause.step if cause.thread is None else operation_begin(history, cause.thread, cause.step)
    for read in cause.reads:
        if read.writer is not None and read.writer <= begin and (read.address, read.writer) not in seen:
            yield read


def _reads(history: History, step: int, address: int, everything: bool) -> Iterator[Read]:
    """What the operation of `step` had read before it wrote `address`, nearest first, each cell once."""
    seen: set[int] = set()
    for at, cell, value in reversed(_accesses(history, step, address)):
        if cell in seen or not (everything or _explains(history, cell)):
            continue
        seen.add(cell)
        yield Read(cell, value - _bias(history, cell), history.writer(cell, at))


def _accesses(history: History, step: int, address: int) -> list[tuple[int, int, int]]:
    """Every read of the operation as (the step before, address, value), up to the write of `address`."""
    found: list[tuple[int, int, int]] = []
    before = None
    with history.vm.memory.observed() as log:
        for at, _ in performed_again(history, step):
            # What was noted since the last turn was read by the step before or, at first, by the arguments.
            found += _noted(log.cells, at - 1 if before is None else before)
            log.cells.clear()
            before = at - 1
    return found + _noted(_until_write(log.cells, address), step - 1)


def _noted(cells: list[tuple[int, int, bool]], before: int) -> list[tuple[int, int, int]]:
    return [(before, cell, value) for cell, value, written in cells if not written]


def _until_write(cells: list[tuple[int, int, bool]], address: int) -> list[tuple[int, int, bool]]:
    """What was noted before the last write of the cell."""
    at = max((n for n, (cell, _, written) in enumerate(cells) if written and cell == address), default=None)
    return cells if at is None else cells[:at]


def _explains(history: History, cell: int) -> bool:
    place, _ = history.vm.memory.place_of(cell)
    column = f"{place.table}.{place.name}"
    return column not in _LISTS and column not in _LOCKS and column not in _RUNNING


def _bias(history: History, cell: int) -> int:
    return history.vm.memory.place_of(cell)[0].spec.bias
