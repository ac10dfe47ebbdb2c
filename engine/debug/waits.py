"""Wait report at a moment: which thread waits for which, what each thread holds, and lost wakeups.

A thread waits for the holder of the lock or busy page that it needs. The kernel does not record the owner of
a busy page; the journal shows which thread set it. A wakeup is lost if the page that a thread sleeps on has
no WANTED bit, the sleep has no timeout, and no thread is about to wake the sleepers of that page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.constants import NULL, PBUSY_LOCKED, PBUSY_SWAPINPROG, PBUSY_WANTED, Thread
from engine.debug.journal_search import steps_of_thread, writes_between
from engine.debug.per_history import Remembered
from engine.kernel.locks import held_lock_cells, lock_name
from engine.kernel.sleep import CHAN_FREE_COUNT, CHAN_PAGE, CHAN_PIP, describe_channel, meaning_of_channel
from engine.kernel.tokens import held_tokens, taken_tokens, token_lock
from engine.machine.tables import SLEEPING
from engine.memory.block import EVENT
from engine.run import threads
from engine.run.history import History

CLEARERS: Final = frozenset({"vm_page_wakeup", "vm_page_free_toq", "_reject"})
"""The functions that clear LOCKED and WANTED, keep the old value in `busy`, and wake the page's sleepers."""


@dataclass(frozen=True)
class Waiting:
    """A thread that waits: what for, which thread holds it, and since which step.

    holder:    the thread that holds it, or the pageout daemon, which frees memory; NULL if no thread does, or
               if any thread may end the wait.
    asleep:    whether it sleeps on a channel; otherwise it waits for a lock.
    forgotten: whether the wakeup is lost: nothing wakes it unless another thread waits for the same page.
    memory:    whether it waits for free memory.
    """

    thread: int
    what: str
    holder: int
    since: int
    asleep: bool
    forgotten: bool
    memory: bool = False


def waiting(history: History) -> list[Waiting]:
    """List every thread that waits at the cursor, by number; makes the history live there."""
    history.go_live()
    found = []
    for t, live in enumerate(history.runner.live):
        if history.vm.thread.state[t] == SLEEPING:
            found.append(_sleeper(history, t))
        elif live.lock is not None and live.steps is not None and not history.runner.threads.ready(t):
            holder = history.runner.threads.waits_for(t)
            what = lock_name(history.vm, live.lock)
            found.append(Waiting(t, what, holder, last_step_of(history, t), False, False))
    return found


def _sleeper(history: History, t: int) -> Waiting:
    vm, chan = history.vm, history.vm.thread.chan[t]
    name, number = describe_channel(vm, chan)
    since = last_step_of(history, t)
    if chan == CHAN_FREE_COUNT:
        holder = NULL if vm.pagethread == t else vm.pagethread
        return Waiting(t, name, holder, since, True, False, memory=True)
    if not CHAN_PAGE <= chan < CHAN_PIP:
        return Waiting(t, name if number is None else f"{name} {number}", NULL, since, True, False)
    m = chan - CHAN_PAGE
    busy = vm.page.busy_count[m]
    forgotten = not busy & PBUSY_WANTED and not vm.thread.timo[t] and not _wakeup_is_due(history, m)
    what = meaning_of_channel(vm, chan)
    owner = busy_owner(history, m) if busy & PBUSY_LOCKED else NULL
    # The thread that reads a page into memory sleeps for the end of the I/O, which is not its own step.
    holder = NULL if owner == t and busy & PBUSY_SWAPINPROG else owner
    return Waiting(t, what, holder, since, True, forgotten)


def _wakeup_is_due(history: History, m: int) -> bool:
    """Whether a thread has cleared WANTED of page `m` and has not yet made the wakeup that this asks for."""
    frames = ((call.gi_code.co_name, call.gi_frame) for live in history.runner.live for call in live.calls())
    return any(_owes_wakeup(name, frame.f_locals, m) for name, frame in frames if frame is not None)


def _owes_wakeup(function: str, values: Mapping[str, Any], m: int) -> bool:
    """Whether a suspended call wakes page `m`, or has found and cleared WANTED, and does so next."""
    if function == "wakeup":
        return bool(values["chan"] == CHAN_PAGE + m)
    return values.get("m") == m and bool(values.get("busy", 0) & PBUSY_WANTED) and function in CLEARERS


def last_step_of(history: History, t: int) -> int:
    """Return the last step of thread `t` up to the cursor; 0 if it has taken none."""
    last = history.step
    while last:
        first = max(last - 16384, 0)
        steps = steps_of_thread(history, t, first, last)
        if steps.size:
            return int(steps[-1])
        last = first
    return 0


def busy_owner(history: History, m: int) -> int:
    """Return the last thread of the run that hard-busied page `m` up to the cursor; NULL if there is none."""
    address = history.vm.memory.address("page.busy_count", m)
    last = history.writer(address, history.step)
    if last is None:
        return NULL
    return _OWNERS.get(history, (address, last), lambda: {(address, last): _busier(history, address, last)})


_OWNERS: Final = Remembered[tuple[int, int], int](most=4096)
"""Who hard-busied a page, by its busy_count and the last step that wrote it."""


def _busier(history: History, address: int, last: int) -> int:
    """The thread whose write up to step `last` was the last one that set LOCKED."""
    journal = history.journal
    writes = writes_between(history, (address,), 0, last)
    for n in map(int, writes[::-1]):
        if journal.new[n] & PBUSY_LOCKED and not journal.old[n] & PBUSY_LOCKED:
            t = journal.thread(journal.step_of(n))
            return NULL if t == EVENT else t
    return NULL


def holding(history: History, t: int) -> list[tuple[str, int]]:
    """List each lock that thread `t` holds at the cursor, and the step that took it (0: before step 1)."""
    vm = history.vm
    held = held_lock_cells(vm, Thread(t))
    return [(lock_name(vm, lock), history.writer(at, history.step) or 0) for lock, at in held]


def let_go(history: History, t: int) -> list[str]:
    """List the tokens that thread `t` released to sleep and must take again before it continues."""
    vm = history.vm
    released = held_tokens(vm, Thread(t))[len(taken_tokens(vm, Thread(t))) :]
    return [lock_name(vm, token_lock(obj, mode)) for obj, mode in released]


def cycles(waits: Iterable[Waiting]) -> list[list[int]]:
    """Return the cycles among waits for locks, busy pages and memory."""
    return threads.cycles({wait.thread: wait.holder for wait in waits})
