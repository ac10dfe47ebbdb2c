"""Which threads can take the next step at a state, as `random:SEED` would pick from them.

The same answers as those of `engine.run.threads`, read from the cells as they are stored and from the local
states' numbers: a search asks at every state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from engine.kernel.tokens import SHARED, token_of_lock
from engine.machine.machine import Machine
from engine.machine.tables import EMPTY, NO_THREAD, READY
from engine.run.program import Program
from engine.run.threads import cycles

_READY = READY - EMPTY
"""A ready thread's state, as it is stored."""

_PAIR = 2
"""Of two threads of a cpu one is current; the other one alone has no order."""

CpuKey = tuple[int, ...]
"""What of a cpu's scheduling is part of a key: the cpu, and its threads in order, the current one first."""


class Choices:
    """The choices at the present state of a machine.

    local:   the number of each thread's local state; the caller keeps it up to date.
    blocked: whether a ready thread waited for a lock when `runnable` was last asked.
    spins:   whether a thread that shares its cpu can announce a spinlock, as far as local states are known.
    shared:  the cpus that threads share; the interrupt thread counts from when it was first seen awake.
    ordered: the cpus whose threads' order is part of the keys.
    """

    def __init__(
        self, vm: Machine, programs: Sequence[Program], locks: Sequence[list[int | None]], local: list[int]
    ) -> None:
        """locks: for each thread, the lock that each of its local states announces, or None."""
        at = vm.memory.address
        self.cells = vm.memory.cells
        self.local, self.locks = local, locks
        self.cpu_of = [program.cpu for program in programs]
        self.ordered: set[int] = set()
        self._crowded: int | None = None
        # The interrupt thread sleeps until there is an I/O; until then it is in no queue.
        self._asleep = vm.biothread
        self._is_woken = False
        self.blocked = False
        self.spins = False
        self._threads = range(len(programs))
        self._state, self._next = at("thread.state", 0), at("thread.run_next", 0)
        self._current, self._head = at("cpu.current", 0), at("cpu.runq_head", 0)
        self._sleeper, self._next_sleeper = at("global.sleepq_head", 0), at("thread.sleep_next", 0)
        self._page, self._queue_spin = at("thread.page_spin", 0), at("thread.queue_spin", 0)
        self._contig = at("thread.contig_spin", 0)
        self._elsewhere = at("object.locked_elsewhere", 0)
        self._owner, self._token_shared = at("object.token_owner", 0), at("object.token_shared", 0)
        self._count_threads()

    def _count_threads(self) -> None:
        crowd = Counter(cpu for t, cpu in enumerate(self.cpu_of) if t != self._asleep)
        self.shared = [cpu for cpu, number in sorted(crowd.items()) if number > 1]
        self._many = {cpu for cpu, number in crowd.items() if number > _PAIR}
        self._of_cpu = {cpu: [t for t in self._threads if self.cpu_of[t] == cpu] for cpu in self.shared}
        for t in self._threads:
            for lock in self.locks[t]:
                self.note_lock(t, lock)

    @property
    def is_stale(self) -> bool:
        """Whether keys did not tell apart what differs, from the present state on; then `refine`."""
        return self._is_woken or self._crowded is not None

    def refine(self) -> None:
        """Let keys distinguish more; those from before are of no use then."""
        if self._crowded is not None:
            self.ordered.add(self._crowded)
            self._crowded = None
        if self._is_woken:
            self._asleep, self._is_woken = NO_THREAD, False
            self._count_threads()

    def note_lock(self, t: int, lock: int | None) -> None:
        """Note that a local state of thread `t` announces `lock`."""
        if lock is not None and lock >= 0 and self.cpu_of[t] in self.shared:
            self.spins = True

    def runnable(self) -> list[int]:
        """The threads that can take the next step, in number order."""
        cells, state, local, locks = self.cells, self._state, self.local, self.locks
        found, blocked = [], False
        for t in self._threads:
            if cells[state + t] == _READY:
                lock = locks[t][local[t]]
                if lock is None or self.is_free(t, lock):
                    found.append(t)
                else:
                    blocked = True
        self.blocked = blocked
        if self._asleep >= 0 and cells[state + self._asleep] == _READY:
            self._is_woken = True
        return self._with_a_cpu(found) if self.spins else found

    def is_free(self, t: int, lock: int) -> bool:
        """Whether thread `t` would get a lock at once."""
        cells = self.cells
        if lock >= 0:
            return cells[lock] == 0
        obj, mode = token_of_lock(lock)
        if cells[self._elsewhere + obj]:
            return False
        owner = cells[self._owner + obj]
        if owner:
            return owner == t + 1
        return mode == SHARED or not cells[self._token_shared + obj]

    def circle(self) -> bool:
        """Whether threads wait for each other's locks in a circle."""
        return bool(cycles({t: self._owner_of(lock) for t, lock in self._waiting()}))

    def _waiting(self) -> Iterator[tuple[int, int]]:
        """The ready threads that wait for a lock, and the lock."""
        for t in self._threads:
            lock = self.locks[t][self.local[t]]
            if lock is not None and self.is_ready(t) and not self.is_free(t, lock):
                yield t, lock

    def _owner_of(self, lock: int) -> int:
        """The thread that holds a lock exclusively, or -1."""
        return self.cells[lock if lock >= 0 else self._owner + token_of_lock(lock)[0]] - 1

    def is_ready(self, t: int) -> bool:
        """Whether thread `t` is awake."""
        return self.cells[self._state + t] == _READY

    def holds_spinlock(self, t: int) -> bool:
        """Whether thread `t` holds any spinlock."""
        cells = self.cells
        return bool(cells[self._page + t] or cells[self._queue_spin + t] or cells[self._contig + t])

    def _with_a_cpu(self, threads: list[int]) -> list[int]:
        """Those threads that have their cpu, or can preempt the one that has it."""
        for cpu in self.shared:
            pin = self._pin(cpu)
            if pin >= 0:
                threads = [t for t in threads if t == pin or self.cpu_of[t] != cpu]
        return threads

    def _pin(self, cpu: int) -> int:
        """The thread that keeps a cpu, since it holds or spins on a spinlock; -1 for none."""
        t = self.cells[self._current + cpu] - 1
        if t < 0 or self.holds_spinlock(t):
            return t
        lock = self.locks[t][self.local[t]] if self.is_ready(t) else None
        return t if lock is not None and lock >= 0 and self.cells[lock] else -1

    # --- what of it is part of a key ------------------------------------------------------------------------

    def cpu_keys(self) -> tuple[CpuKey, ...]:
        """What of the cpus' scheduling decides which threads can run, now or later."""
        found = []
        for cpu in self.shared:
            if cpu in self.ordered:
                found.append((cpu, *self._in_order(cpu)))
            elif self._spinning(cpu):
                current = self.cells[self._current + cpu] - 1
                found.append((cpu, current))
                # The order of the threads decides when one that wants a spinlock has the cpu.
                if cpu in self._many and any(map(self._wants_spinlock, self._queue(cpu))):
                    self._crowded = cpu
        return tuple(found)

    def _spinning(self, cpu: int) -> bool:
        """Whether a ready thread of a cpu holds or wants a spinlock."""
        for t in self._of_cpu[cpu]:
            if self.cells[self._state + t] == _READY:
                lock = self.locks[t][self.local[t]]
                if (lock is not None and lock >= 0) or self.holds_spinlock(t):
                    return True
        return False

    def _wants_spinlock(self, t: int) -> bool:
        lock = self.locks[t][self.local[t]]
        return lock is not None and lock >= 0

    def _queue(self, cpu: int) -> list[int]:
        found, t = [], self.cells[self._head + cpu] - 1
        while t >= 0:
            found.append(t)
            t = self.cells[self._next + t] - 1
        return found

    def _in_order(self, cpu: int) -> list[int]:
        """The current thread and the run queue in order, -1, and the cpu's sleepers in order."""
        sleepers, t = [], self.cells[self._sleeper] - 1
        while t >= 0:
            sleepers += [t] if self.cpu_of[t] == cpu else []
            t = self.cells[self._next_sleeper + t] - 1
        return [self.cells[self._current + cpu] - 1, *self._queue(cpu), -1, *sleepers]
