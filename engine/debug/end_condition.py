"""The condition that ended a run: the cell that a failed check or a wait was about.

At a panic it is the cell that made the check fail, or the lock that was asked for in the wrong
order. At a deadlock it is the lock that the first thread of the cycle waits for. Where every thread sleeps,
or the run repeats itself, it is the busy_count of the page that a thread sleeps on, first of all one whose
wakeup is lost; else a lock that a thread waits for. A wait for memory has no such cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.constants import NULL, PBUSY_LOCKED, PBUSY_MASK, PBUSY_WANTED
from engine.debug.failed_check import Decided, failed_check, panic_page
from engine.debug.journal_search import last_change
from engine.debug.lost_wakeup import is_lost
from engine.errors import LockOrderViolation
from engine.kernel.sleep import CHAN_PAGE, CHAN_PIP
from engine.kernel.tokens import token_of_lock
from engine.machine.tables import SLEEPING
from engine.run.history import History
from engine.run.threads import Deadlock

UNWANTED: Final = ("panic", "deadlock", "livelock", "blocked")
"""The outcomes of a run that did not end because its threads ended."""


def end_condition(history: History) -> Decided | None:
    """Return the cell that the end at the cursor is about, and which of its bits.

    None if the run has not ended so here, or if no cell decided it. Makes a run with waits live here.
    """
    outcome, finding = history.outcome, history.branch.finding
    if outcome not in UNWANTED:
        return None
    if isinstance(finding, LockOrderViolation):
        return Decided(finding.wanted)
    if outcome == "panic":
        return failed_check(history)
    if isinstance(finding, Deadlock):
        return next(map(Decided, _locks(history, finding.threads)), None)
    m = next(_slept_on(history), None)
    if m is not None:
        return _busy(history, m)
    return next(map(Decided, _locks(history, range(len(history.programs)))), None)


def _busy(history: History, m: int) -> Decided:
    """The busy_count of a page on which a thread sleeps: the bit that lost the wakeup, or that lasts."""
    cell, vm = history.vm.memory.address("page.busy_count", m), history.vm
    bits = PBUSY_LOCKED if vm.page.busy_count[m] & PBUSY_LOCKED else PBUSY_MASK
    if any(is_lost(vm, t, slept) for t, slept in _waits(history) if slept == m):
        bits = PBUSY_WANTED
    return Decided(cell, 0 if last_change(history, cell, history.step, bits) is None else bits)


def end_page(history: History) -> int:
    """Return the page that the end at the cursor is about: of a panic or a sleep; NULL if there is none."""
    if history.outcome == "panic":
        return panic_page(history)
    if history.outcome in ("blocked", "livelock"):
        return next(_slept_on(history), NULL)
    return NULL


def _slept_on(history: History) -> Iterator[int]:
    """Yield the pages that threads sleep on, those whose wakeup is lost first."""
    vm, waits = history.vm, _waits(history)
    yield from (m for t, m in waits if is_lost(vm, t, m))
    yield from (m for t, m in waits if not is_lost(vm, t, m))


def _waits(history: History) -> list[tuple[int, int]]:
    """The threads that sleep on a page, each with the page."""
    vm = history.vm
    sleepers = [t for t in range(len(history.programs)) if vm.thread.state[t] == SLEEPING]
    return [(t, vm.thread.chan[t] - CHAN_PAGE) for t in sleepers if CHAN_PAGE <= vm.thread.chan[t] < CHAN_PIP]


def _locks(history: History, threads: tuple[int, ...] | range) -> Iterator[int]:
    """Yield the cells of the locks that the threads wait for."""
    history.go_live()
    for t in threads:
        live = history.runner.live[t]
        if live.lock is not None and live.steps is not None and not history.runner.threads.ready(t):
            owner = "object.token_owner"
            yield (
                live.lock if live.lock >= 0 else history.vm.memory.address(owner, token_of_lock(live.lock)[0])
            )
