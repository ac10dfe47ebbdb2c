"""Which threads could end a wait at a moment; a wait that none of them can end is named, through memory too.

A thread can continue if it can run, or if its own wait can end: another thread that can continue ends it, or
the clock does. A sleep for memory is an exception: its timeout only lets the thread test again. So the
threads that can continue are found from those that can run, and a wait is without an end if no thread among
them could end it: all the threads on which it depends wait for one another, or have ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.constants import NULL, PBUSY_LOCKED
from engine.debug.waits import Waiting
from engine.kernel.pagers.bio import ticks_to_io
from engine.kernel.sleep import CHAN_PAGE, CHAN_PIP
from engine.machine.tables import ENDED, READY, SLEEPING
from engine.run.history import History
from engine.run.livelock import Livelock
from engine.run.memory_limits import compared, sleeps_for_memory
from engine.run.threads import BLOCKED


@dataclass(frozen=True)
class Ends:
    """What could end the wait of a thread.

    threads: those that could, and can continue themselves; how: what they have to do, as `by freeing memory`.
    clock:   whether the timeout of its sleep ends it.
    tests:   whether the timeout only lets it test again, as in every sleep for memory.
    """

    threads: tuple[int, ...]
    how: str
    clock: bool = False
    tests: bool = False

    @property
    def none(self) -> bool:
        """Whether no thread can end it, nor the clock."""
        return not self.threads and not self.clock


def ends(history: History, waits: Sequence[Waiting]) -> dict[int, Ends]:
    """Return by thread what could end each of the waits at the cursor, where the history is live.

    waits: all that `engine.debug.waits.waiting` lists there. The interrupt thread is left out: it is idle.
    """
    waits = [wait for wait in waits if not history.programs[wait.thread].interrupt]
    over = _is_final(history)
    clock = set() if over else {wait.thread for wait in waits if _by_clock(history, wait.thread)}
    able = {wait.thread: _able(history, wait, clock) for wait in waits}
    going = set() if over else _going(history, able, clock)
    return {
        wait.thread: Ends(
            tuple(t for t in able[wait.thread] if t in going),
            _how(history, wait),
            wait.thread in clock,
            sleeps_for_memory(history.vm, wait.thread) and wait.thread not in clock,
        )
        for wait in waits
    }


def _is_final(history: History) -> bool:
    """Whether the run has ended here in a way that proves that no wait ends any more."""
    over = history.outcome == BLOCKED or isinstance(history.branch.finding, Livelock)
    return over and history.outcome is not None


def _going(history: History, able: dict[int, tuple[int, ...]], clock: set[int]) -> set[int]:
    """The threads that can run, and those whose waits one of these, or time, can end."""
    going = {t for t in range(len(history.programs)) if _runs(history, t) and t not in able} | clock
    while more := {t for t, others in able.items() if t not in going and going.intersection(others)}:
        going |= more
    return going


def _runs(history: History, t: int) -> bool:
    """Whether a thread is awake, or is the interrupt thread while an I/O is on its way."""
    if history.programs[t].interrupt:
        return history.vm.thread.state[t] == READY or ticks_to_io(history.vm) is not None
    return history.vm.thread.state[t] == READY


def _able(history: History, wait: Waiting, clock: set[int]) -> tuple[int, ...]:
    """The threads that could end a wait, the likeliest first, whether or not they can continue.

    A thread that sleeps for memory until some is free cannot free any before: it ends no other such sleep.
    clock: the threads whose timeout ends their wait.
    """
    vm, t = history.vm, wait.thread
    if wait.holder != NULL and not wait.asleep:
        return (wait.holder,)
    others = [other for other in range(len(history.programs)) if other != t]
    owned = _is_locked(history, t) and not wait.forgotten and wait.holder != NULL
    # A thread that has ended may have left the page for another one to unbusy.
    if owned and vm.thread.state[wait.holder] != ENDED:
        return (wait.holder, *(other for other in others if history.programs[other].interrupt))
    if sleeps_for_memory(vm, t):
        others = [other for other in others if other in clock or not sleeps_for_memory(vm, other)]
    return tuple(sorted(others, key=lambda other: (other != vm.pagethread, other)))


def _is_locked(history: History, t: int) -> bool:
    """Whether a thread sleeps on a page that is hard-busied, which only its owner undoes."""
    vm, chan = history.vm, history.vm.thread.chan[t]
    return CHAN_PAGE <= chan < CHAN_PIP and bool(vm.page.busy_count[chan - CHAN_PAGE] & PBUSY_LOCKED)


def _by_clock(history: History, t: int) -> bool:
    """Whether the timeout of a sleep ends the wait, and not only lets the thread test again."""
    vm, live, program = history.vm, history.runner.live[t], history.programs[t]
    if vm.thread.state[t] != SLEEPING or not vm.thread.timo[t]:
        return False
    if not sleeps_for_memory(vm, t) or not any(limit.short for limit in compared(vm, live)):
        return True
    # vm_wait returns after one sleep, whatever it finds; all other functions, and a loop, come back to it.
    outermost = live.calls()[0].gi_code.co_name
    return outermost == "vm_wait" and not program.repeats(vm.thread.pc[t])


def _how(history: History, wait: Waiting) -> str:
    if wait.memory or sleeps_for_memory(history.vm, wait.thread):
        return "by freeing memory"
    if not wait.asleep:
        return "by releasing it"
    if wait.forgotten:
        return "by waiting for the same page"
    chan = history.vm.thread.chan[wait.thread]
    return "by unbusying the page" if CHAN_PAGE <= chan < CHAN_PIP else "by waking it"
