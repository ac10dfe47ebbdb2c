"""The threads of a machine: which can run, and which wait for which (DESIGN, decision 6).

All of this is computed from cells and from each thread's announcement. A cpu runs its current thread; while
that thread waits for a token, the cpu runs the next thread of its run queue that can run. A thread that holds
or waits for a spinlock keeps its cpu.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engine.constants import NULL, Thread
from engine.errors import Finding
from engine.kernel.locks import can_take, holds_spinlock, lock_name, lock_owner
from engine.kernel.pagers.bio import ticks_to_io
from engine.kernel.sleep import CHAN_EMERG_PAGER, CHAN_PAGEDAEMON_TIME, CHAN_PAGES_NEEDED, ticks_to_deadline
from engine.machine.machine import Machine
from engine.machine.tables import ENDED, READY, SLEEPING
from engine.run.events import Choice, Event
from engine.run.program import Program
from engine.run.suspended import Live

_DAEMONS_NAP_ON: Final = (CHAN_PAGES_NEEDED, CHAN_PAGEDAEMON_TIME, CHAN_EMERG_PAGER)
"""The channels that idle pageout daemons sleep on; a daemon that sleeps on another one is working."""

COMPLETED: Final = "completed"
BLOCKED: Final = "blocked"
DEADLOCK: Final = "deadlock"


class Deadlock(Finding):
    """A cycle of waits: each thread in it waits for a lock that the next one holds."""

    def __init__(self, text: str, threads: tuple[int, ...]) -> None:
        super().__init__(text)
        self.threads = threads


def cycles(holders: Mapping[int, int]) -> list[list[int]]:
    """Return the cycles of waits; each starts with its lowest-numbered thread, and they are in that order.

    holders: for each waiting thread, the thread that it waits for, or NULL.
    """
    found = []
    for t in sorted(holders):
        chain = [t]
        while (holder := holders.get(chain[-1], NULL)) != NULL and holder not in chain:
            chain.append(holder)
        if holder == t == min(chain):
            found.append(chain)
    return found


class Threads:
    """Which threads of a machine can run, and which wait; never changes a cell."""

    def __init__(self, vm: Machine, programs: list[Program], live: list[Live]) -> None:
        self.vm = vm
        self.programs = programs
        self.live = live

    def ready(self, t: int) -> bool:
        """Whether thread `t` is awake and its next action does not have to wait for a lock."""
        if self.vm.thread.state[t] != READY:
            return False
        live = self.live[t]
        lock = live.lock
        return lock is None or can_take(self.vm, live.thread, lock)

    def run_queue(self, cpu: int) -> list[Thread]:
        """The threads on the cpu's run queue, in order; the current thread is not on it."""
        found, t = [], self.vm.cpu.runq_head[cpu]
        while t != NULL:
            found.append(t)
            t = self.vm.thread.run_next[t]
        return found

    def _pinned(self, cpu: int) -> bool:
        """Whether the cpu's current thread holds or spins on a spinlock and therefore keeps the cpu."""
        vm, t = self.vm, self.vm.cpu.current[cpu]
        if t == NULL:
            return False
        if holds_spinlock(vm, t):
            return True
        lock = self.live[t].lock
        return lock is not None and lock >= 0 and not can_take(vm, t, lock)

    def can_run(self, t: int) -> bool:
        """Whether thread `t` can take the next step: it is ready, and has its cpu or can preempt it."""
        cpu = self.live[t].cpu
        return self.ready(t) and (self.vm.cpu.current[cpu] == t or not self._pinned(cpu))

    def accepts(self, cpu: int) -> bool:
        """Whether a new thread on this cpu can run at once, preempting the current one if there is one."""
        return not self._pinned(cpu)

    def runnable(self) -> list[int]:
        """The threads that can take the next step, in number order."""
        return [t for t in range(len(self.programs)) if self.can_run(t)]

    def interrupted(self) -> bool:
        """Whether the interrupt thread waits for its cpu."""
        t = self.vm.biothread
        return t != NULL and self.vm.thread.state[t] == READY and self.vm.cpu.current[self.live[t].cpu] != t

    def _pick(self, cpu: int) -> int:
        if self.interrupted() and cpu == self.live[self.vm.biothread].cpu and self.can_run(self.vm.biothread):
            return self.vm.biothread
        t = self.vm.cpu.current[cpu]
        if t == NULL or self.ready(t):
            return t
        if self._pinned(cpu):
            return NULL
        return next((other for other in self.run_queue(cpu) if self.ready(other)), NULL)

    # --- whose turn it is ----------------------------------------------------------------------------------

    def in_turn(self, last_cpu: int) -> Choice:
        """Choose the next step if the cpus take one each, in number order, starting after `last_cpu`."""
        ncpus = self.vm.ncpus
        for offset in range(1, ncpus + 1):
            t = self._pick((last_cpu + offset) % ncpus)
            if t != NULL:
                return t
        return self.nothing_runs()

    def has_another(self, cpu: int) -> bool:
        """Whether a cpu whose thread waits for a lock may run another one of its own instead."""
        return self.vm.cpu.runq_head[cpu] != NULL and self.accepts(cpu)

    def any_ready(self, active: Sequence[Live]) -> bool:
        """Whether one of the threads `active` is ready; if all of them wait, the turns are over."""
        return any(self.ready(live.thread) for live in active)

    def nothing_runs(self) -> Choice:
        """Choose what happens if no thread can run: time passes, or the run ends with its outcome."""
        idle = self._idle_daemons()
        states = [
            self.vm.thread.state[t]
            for t, own in enumerate(self.programs)
            if t not in idle and not own.interrupt and not own.boot
        ]
        if all(state == ENDED for state in states):
            return COMPLETED
        waits = [ticks_to_deadline(self.vm, idle), ticks_to_io(self.vm)]
        left = [wait for wait in waits if wait is not None]
        if left:
            return Event("tick", min(left))
        return DEADLOCK if READY in states else BLOCKED

    def _idle_daemons(self) -> tuple[int, ...]:
        """The daemons that sleep because no pages are needed; the run ends without waiting for them."""
        vm = self.vm
        if vm.glob.vm_pages_needed[0]:
            return ()
        daemons = (vm.pagethread, vm.emergpager)
        return tuple(
            t
            for t in daemons
            if t != NULL and vm.thread.state[t] == SLEEPING and vm.thread.chan[t] in _DAEMONS_NAP_ON
        )

    # --- who waits for whom -------------------------------------------------------------------------------

    def waits_for(self, t: int) -> int:
        """The owner of the lock that thread `t` waits for, or NULL if it waits for none."""
        live = self.live[t]
        lock = live.lock
        if self.vm.thread.state[t] != READY or lock is None or can_take(self.vm, live.thread, lock):
            return NULL
        return lock_owner(self.vm, lock)

    def deadlock(self) -> Deadlock | None:
        """Return a cycle of waits for locks, or None."""
        # Some schedules check this before every step, so threads that announce no lock are skipped.
        holders = {
            t: self.waits_for(t) for t, live in enumerate(self.live) if live.announcement.__class__ is not str
        }
        found = cycles(holders) if holders else []
        return Deadlock(self._describe(found[0]), tuple(found[0])) if found else None

    def _describe(self, chain: list[int]) -> str:
        waits = []
        for t, holder in zip(chain, [*chain[1:], chain[0]], strict=True):
            lock = lock_name(self.vm, self.live[t].lock or 0)
            waits.append(f"{self.programs[t].name} waits for {lock} held by {self.programs[holder].name}")
        return "deadlock: " + ", ".join(waits)
