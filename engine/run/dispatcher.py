"""Who may run, who waits for whom, and who takes the next step (DESIGN, decision 6).

All of it follows from cells and from what each thread announced. A cpu runs its current thread; while that
waits for a token, the next of its run queue that can run. A thread that holds or waits for a spinlock keeps
its cpu. By default the cpus take one step each, in number order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.constants import NULL
from engine.errors import BadInput, Finding
from engine.kernel.locks import can_take, holds_spinlock, lock_name, lock_owner
from engine.kernel.pagers.bio import pending_ios, ticks_to_io
from engine.kernel.sleep import CHAN_EMERG_PAGER, CHAN_PAGEDAEMON_TIME, CHAN_PAGES_NEEDED, ticks_to_deadline
from engine.machine.machine import Machine
from engine.machine.tables import ENDED, READY, SLEEPING
from engine.run.events import Event
from engine.run.program import Program
from engine.run.schedule import Item, Schedule, splitmix64
from engine.run.suspended import Live

_DAEMONS_NAP_ON: Final = (CHAN_PAGES_NEEDED, CHAN_PAGEDAEMON_TIME, CHAN_EMERG_PAGER)
"""What the pageout daemons sleep on while there is nothing to do; any other sleep of theirs is work."""

COMPLETED: Final = "completed"
BLOCKED: Final = "blocked"
DEADLOCK: Final = "deadlock"


Choice = int | Event | str
"""The next step: a thread, an event, or the outcome when there is none."""


class Deadlock(Finding):
    """A cycle of waits: each thread in it waits for a lock that the next one holds."""

    def __init__(self, text: str, threads: tuple[int, ...]) -> None:
        super().__init__(text)
        self.threads = threads


class Dispatcher:
    """Chooses the next step of a machine's threads; how far the schedule is gone is cells."""

    def __init__(self, vm: Machine, programs: list[Program], live: list[Live], schedule: Schedule) -> None:
        self.vm = vm
        self.programs = programs
        self.live = live
        self.schedule = schedule
        self.restart = False

    def follow(self, schedule: Schedule, anew: bool) -> None:
        """Follow a schedule from the next step on: from its begin, or where its cells say it is."""
        self.schedule = schedule
        self.restart = anew

    # --- who can run --------------------------------------------------------------------------------------

    def ready(self, t: int) -> bool:
        """Whether thread `t` is awake and its next action has to wait for no lock."""
        if self.vm.thread.state[t] != READY:
            return False
        lock = self.live[t].lock
        return lock is None or can_take(self.vm, t, lock)

    def run_queue(self, cpu: int) -> list[int]:
        """The threads that wait for the cpu behind its current one, in order."""
        found, t = [], self.vm.cpu.runq_head[cpu]
        while t != NULL:
            found.append(t)
            t = self.vm.thread.run_next[t]
        return found

    def _pinned(self, cpu: int) -> bool:
        """Whether the cpu's current thread holds or spins for a spinlock, and so keeps the cpu."""
        vm, t = self.vm, self.vm.cpu.current[cpu]
        if t == NULL:
            return False
        if holds_spinlock(vm, t):
            return True
        lock = self.live[t].lock
        return lock is not None and lock >= 0 and not can_take(vm, t, lock)

    def can_run(self, t: int) -> bool:
        """Whether thread `t` may take the next step: it is ready, and has its cpu or may preempt it."""
        cpu = self.live[t].cpu
        return self.ready(t) and (self.vm.cpu.current[cpu] == t or not self._pinned(cpu))

    def runnable(self) -> list[int]:
        """Every thread that may take the next step, in number order."""
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

    # --- who waits for whom -------------------------------------------------------------------------------

    def waits_for(self, t: int) -> int:
        """The thread that holds the lock which thread `t` waits for, or NULL when it waits for none."""
        lock = self.live[t].lock
        if self.vm.thread.state[t] != READY or lock is None or can_take(self.vm, t, lock):
            return NULL
        return lock_owner(self.vm, lock)

    def deadlock(self) -> Deadlock | None:
        """A cycle of waits, if there is one."""
        return next(self._cycles(), None)

    def _cycles(self) -> Iterator[Deadlock]:
        for t in range(len(self.programs)):
            chain = [t]
            while (holder := self.waits_for(chain[-1])) != NULL and holder not in chain:
                chain.append(holder)
            if holder == t:
                yield Deadlock(self._describe(chain), tuple(chain))

    def _describe(self, chain: list[int]) -> str:
        waits = []
        for t, holder in zip(chain, [*chain[1:], chain[0]], strict=True):
            lock = lock_name(self.vm, self.live[t].lock or 0)
            waits.append(f"{self.programs[t].name} waits for {lock} held by {self.programs[holder].name}")
        return "deadlock: " + ", ".join(waits)

    # --- choosing -----------------------------------------------------------------------------------------

    def choose(self, step: int, last_cpu: int) -> Choice:
        """Who takes the step after `step`, when the last one was taken on `last_cpu`.

        Errors: BadInput when an item of the schedule cannot run.
        """
        self.begin_if_due()
        every = self.vm.config.steps_per_tick
        if every and step % (every + 1) == every:
            return Event("tick", 1)
        if self.schedule.seed is not None:
            return self._random_choice()
        choice = self._from_items(step)
        return self._in_turn(last_cpu) if choice is None else choice

    def begin_if_due(self) -> None:
        """Within a step: note in cells that a schedule which begins with it has begun."""
        if not self.restart:
            return
        self.restart = False
        self.vm.glob.schedule_item[0] = 0
        self.vm.glob.schedule_left[0] = 0
        self.vm.glob.schedule_random[0] = self.schedule.seed or 0

    @property
    def by_default(self) -> bool:
        """Whether the cpus simply take turns from here on."""
        done = self.vm.glob.schedule_item[0] >= len(self.schedule.items)
        plain = self.schedule.seed is None and not self.vm.config.steps_per_tick
        return done and plain and not self.restart

    def would_take(self, t: int, step: int, last_cpu: int) -> bool:
        """Whether the cpus simply take turns, and thread `t` takes the step after `step`."""
        return self.by_default and self.choose(step, last_cpu) == t

    def _in_turn(self, last_cpu: int) -> Choice:
        ncpus = self.vm.ncpus
        for offset in range(1, ncpus + 1):
            t = self._pick((last_cpu + offset) % ncpus)
            if t != NULL:
                return t
        return self._nothing_runs()

    def _nothing_runs(self) -> Choice:
        idle = self._idle_daemons()
        states = [
            self.vm.thread.state[t]
            for t, own in enumerate(self.programs)
            if t not in idle and not own.interrupt
        ]
        if all(state == ENDED for state in states):
            return COMPLETED
        waits = [ticks_to_deadline(self.vm, idle), ticks_to_io(self.vm)]
        left = [wait for wait in waits if wait is not None]
        if left:
            return Event("tick", min(left))
        return DEADLOCK if READY in states else BLOCKED

    def _idle_daemons(self) -> tuple[int, ...]:
        """The daemons that sleep because no pages are needed: a run does not go on for their sake alone."""
        vm = self.vm
        if vm.glob.vm_pages_needed[0]:
            return ()
        daemons = (vm.pagethread, vm.emergpager)
        return tuple(
            t
            for t in daemons
            if t != NULL and vm.thread.state[t] == SLEEPING and vm.thread.chan[t] in _DAEMONS_NAP_ON
        )

    def _random_choice(self) -> Choice:
        runnable = self.runnable()
        if not runnable:
            return self._nothing_runs()
        state, number = splitmix64(self.vm.glob.schedule_random[0] & (1 << 64) - 1)
        self.vm.glob.schedule_random[0] = state
        return runnable[number % len(runnable)]

    # --- items of a schedule ------------------------------------------------------------------------------

    def _from_items(self, step: int) -> int | Event | None:
        """The choice of the item that is under way, its progress noted in cells; None behind the last."""
        glob = self.vm.glob
        while glob.schedule_item[0] < len(self.schedule.items):
            item = self.schedule.items[glob.schedule_item[0]]
            choice = self._item_choice(item, step)
            if choice is not None:
                return choice
            self._item_done()
        return None

    def _item_done(self) -> None:
        self.vm.glob.schedule_item[0] += 1
        self.vm.glob.schedule_left[0] = 0

    def _item_choice(self, item: Item, step: int) -> int | Event | None:
        if item.kind in ("steps", "tick"):
            return self._counted_choice(item, step)
        if item.kind in ("line", "op", "block", "end"):
            return self._until_choice(item, step)
        if item.kind == "io":
            choice: int | Event = self._io_choice(item)
            self._item_done()
            return choice
        choice = self._timeout(item) if item.kind == "timeout" else self._preempting(item)
        self._item_done()
        return choice

    def _counted_choice(self, item: Item, step: int) -> int | Event:
        left = self.vm.glob.schedule_left[0] or item.number
        choice = Event("tick", 1) if item.kind == "tick" else self._runnable_named(item, step)
        if left == 1:
            self._item_done()
        else:
            self.vm.glob.schedule_left[0] = left - 1
        return choice

    def _until_choice(self, item: Item, step: int) -> int | None:
        t = self._thread_named(item)
        begun = self.vm.glob.schedule_left[0]
        ended = self.vm.thread.state[t] == ENDED
        if (begun and self._item_over(item, t, begun - 1)) or (item.kind == "end" and ended):
            return None
        self._runnable_named(item, step)
        if not begun:
            self.vm.glob.schedule_left[0] = self.vm.thread.op_start[t] + 1
        return t

    def _item_over(self, item: Item, t: int, op_start: int) -> bool:
        vm, ended = self.vm, self.vm.thread.state[t] == ENDED
        if item.kind == "op":
            return ended or vm.thread.op_start[t] != op_start
        if item.kind == "line":
            return ended or (vm.thread.op_start[t] != op_start and self._at_line_start(t))
        return ended if item.kind == "end" else not self.can_run(t)

    def _at_line_start(self, t: int) -> bool:
        program, pc = self.programs[t], self.vm.thread.pc[t]
        return pc == 0 or program.line_at(pc) != program.line_at(pc - 1)

    def _io_choice(self, item: Item) -> Event:
        pending = pending_ios(self.vm)
        if not pending:
            raise self._cannot_run(item, "no I/O is under way")
        if item.number > len(pending):
            raise self._cannot_run(item, f"{len(pending)} I/Os are under way")
        return Event("io", pending[item.number - 1])

    def _timeout(self, item: Item) -> Event:
        t = self._thread_named(item)
        if self.vm.thread.state[t] != SLEEPING:
            raise self._cannot_run(item, f"{item.name} is not asleep")
        return Event("timeout", t)

    def _preempting(self, item: Item) -> int:
        if item.number >= self.vm.ncpus:
            raise self._cannot_run(item, f"there is no cpu {item.number}")
        t = next((other for other in self.run_queue(item.number) if self.can_run(other)), NULL)
        if t == NULL:
            raise self._cannot_run(item, "no other thread of that cpu can run now")
        return t

    def _thread_named(self, item: Item) -> int:
        names = [program.name for program in self.programs]
        if item.name not in names:
            raise self._cannot_run(item, f"there is no thread {item.name}; there are {', '.join(names)}")
        return names.index(item.name)

    def _runnable_named(self, item: Item, step: int) -> int:
        t = self._thread_named(item)
        if not self.can_run(t):
            raise self._cannot_run(item, f"{item.name} cannot run after step {step}")
        return t

    def _cannot_run(self, item: Item, why: str) -> BadInput:
        position = self.vm.glob.schedule_item[0] + 1
        return BadInput(f"schedule item {position}, {item.text!r}, cannot run: {why}")
