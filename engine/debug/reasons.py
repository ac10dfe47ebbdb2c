"""Whether an earlier step decided what an operation wrote.

An operation reads much that does not matter to a write: a flag of which it wanted another bit, a count that
it only passed on. So it is performed again as if the earlier step had not been: the cells that it wrote have
their values from before it. It decided the write if the operation then takes another course, or writes
another value. If an assertion fails instead, the kernel only checked what the step wrote. Each step is
performed on the recorded memory of that step, except for the altered cells and every cell that came out
differently.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.debug.call_stack import LONGEST, in_place, operation_begin, primed
from engine.debug.journal_search import steps_of_thread, writes_between
from engine.errors import BadInput, CapacityError, Finding, InvariantViolation, KernelPanic
from engine.machine import bookkeeping
from engine.memory.altered import Alteration, AstrayError, altered
from engine.memory.cells import Memory
from engine.run.again import Write
from engine.run.history import History
from engine.run.suspended import Live

_OF_THREADS: Final = (
    bookkeeping.LOCKS
    | bookkeeping.STATES
    | bookkeeping.PROGRESS
    | bookkeeping.SCHEDULE
    | {
        *("thread.sleep_next", "thread.sleep_prev", "thread.run_next", "cpu.runq_head", "cpu.runq_tail"),
        *("global.sleepq_head", "global.sleepq_tail"),
    }
)
"""The columns that stay as they are: who runs and who holds which lock is not what the step decided."""

_IMPOSSIBLE: Final = (
    *(AstrayError, BadInput, CapacityError, Finding, InvariantViolation),
    *(ArithmeticError, AssertionError, LookupError, TypeError, ValueError),
)
"""What code may raise in a state that no machine has: its course was another one."""


def decides(history: History, step: int, address: int, writer: int) -> bool:
    """Whether the write of `address` at `step` depends on the writes of step `writer`.

    writer: an earlier step of another operation.
    """
    t = history.journal.thread(step)
    own = [int(at) for at in steps_of_thread(history, t, operation_begin(history, t, step), step)]
    if len(own) > LONGEST:
        return True  # each read of a long operation counts as decisive
    otherwise = Alteration(_before(history, writer, t, step))
    try:
        with in_place(history), _books_kept(history.vm.memory), altered(history.vm.memory, otherwise):
            return _changes_course(history, t, own, otherwise.cells, address)
    except _CheckedOnlyError:
        return False
    except _IMPOSSIBLE:
        return True


def panics_with(history: History, step: int, since: int, address: int, value: int) -> KernelPanic | None:
    """Return the panic of step `step` as if a cell had had another value from step `since` on.

    since: a step of the same operation, or the step after which it began. value: without the column's bias.
    Returns: None if it would not have panicked, or not have come about; the recorded panic if no machine has
             that state.
    """
    t = history.journal.thread(step)
    own = [int(at) for at in steps_of_thread(history, t, operation_begin(history, t, step), step)]
    otherwise, panic = Alteration({}), None
    try:
        with in_place(history), _books_kept(history.vm.memory), altered(history.vm.memory, otherwise):
            if since < own[0]:
                otherwise.cells[address] = value
            live = primed(history, t, step)
            for at in own:
                if live[t].action != history.journal.label(at):
                    return None
                if at == since:
                    otherwise.cells[address] = value
                _, panic = _perform(history, at, live, otherwise.cells)
    except _IMPOSSIBLE:
        finding = history.branch.finding
        return finding if isinstance(finding, KernelPanic) else None
    return panic


def _before(history: History, writer: int, t: int, step: int) -> dict[int, int]:
    """Return the values, before step `writer`, of the cells that only thread `t` wrote after it."""
    found = dict[int, int]()
    for address, old, _ in reversed(history.journal.writes_of(writer)):
        place, _ = history.vm.memory.place_of(address)
        if f"{place.table}.{place.name}" not in _OF_THREADS:
            found[address] = old
    journal = history.journal
    later = writes_between(history, tuple(found), writer, step - 1)
    others = later[journal.threads_at(journal.steps_of(later)) != t]
    for address in set(journal.address.at(others).tolist()):
        del found[address]
    return found


class _CheckedOnlyError(Exception):
    """An assertion of the kernel failed."""


def _changes_course(
    history: History, t: int, own: list[int], otherwise: dict[int, int], address: int
) -> bool:
    """Perform the steps of an operation again; return whether the last one does not write what it wrote.

    Errors: _CheckedOnlyError, and those of code in a state that no machine has.
    """
    live = primed(history, t, own[-1])
    written: dict[int, int] = {}
    for step in own:
        if live[t].action != history.journal.label(step):
            return True
        written, panic = _perform(history, step, live, otherwise)
        if panic is not None and panic.kind in ("KKASSERT", "panic"):
            raise _CheckedOnlyError
    return written.get(address) != _last_values(history.journal.writes_of(own[-1]))[address]


def _perform(
    history: History, step: int, live: list[Live], otherwise: dict[int, int]
) -> tuple[dict[int, int], KernelPanic | None]:
    """Perform a step; return what it wrote, and its panic; update the cells that differ from the recorded."""
    altered_before = set(otherwise)
    writes, panic = history.perform_again(step, live)
    written = _last_values(writes)
    recorded = {address: old for address, old, _ in reversed(history.journal.writes_of(step))}
    for address in {*written, *recorded, *(altered_before - otherwise.keys())}:
        after = history.vm.memory.cells[address]
        value = written.get(address, otherwise.get(address, recorded.get(address, after)))
        if value == after:
            otherwise.pop(address, None)
        else:
            otherwise[address] = value
    return written, panic


def _last_values(writes: list[Write]) -> dict[int, int]:
    return {address: new for address, _, new in writes}


@contextmanager
def _books_kept(memory: Memory) -> Iterator[None]:
    """Context manager that removes the keys which were added to address books meanwhile."""
    lengths = [len(book.slots) for book, _ in memory.books]
    try:
        yield
    finally:
        for (book, _), length in zip(memory.books, lengths, strict=True):
            while len(book.slots) > length:
                book.slots.popitem()
