"""A session: calls drawn for the threads of a machine, interleaved step by step, until something stops it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.constants import NULL, OBJT_VNODE, PG_MAPPED, PG_MAPPEDMULTI, PG_WRITEABLE, V_FREE_COUNT, Thread
from engine.errors import KernelPanic
from engine.invariants import CALLERS_RULES, validate_machine
from engine.kernel.sleep import expire
from engine.machine.machine import Capacity, Machine, MachineConfig
from engine.machine.rules import RULE_VALUES, Rules
from engine.machine.topology import parse_spec
from tests.engine.kernel.checked_crew import ASLEEP, DONE, Crew
from tests.engine.kernel.panic_rows import livelock_of, row_of
from tests.engine.kernel.random_arguments import FUNCTIONS, Arguments, begins, drawn, ends
from tests.engine.kernel.random_claims import OBJECTS, PLACES, Chooser, Missing, Scene

T = TypeVar("T")

LIVELOCK_STEPS = 30_000
"""Steps of one call without a sleep that count as an endless loop: no search takes a third of them."""

MACHINES = (
    ("1MiB:1x1x1", 1),
    ("1MiB:1x2x1", 16),
    ("1MiB:2x2x1", 16),
    ("1MiB:1x4x1", 1),
    ("2MiB:2x1x2", 1024),
    ("2MiB:4x1x1", 16),
    ("3MiB:3x2x1", 1024),
    ("2MiB:4x2x1", 64),
)
"""Memory, topology and colours: from 1 to 4 sockets, without a known topology too (4x1x1)."""


class Seeded:
    """Choices from a seed."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """One of them."""
        return self.random.choice(options)

    def number(self, low: int, high: int) -> int:
        """A number from `low` to `high`."""
        return self.random.randint(low, high)


@dataclass
class Statistics:
    """The totals of all sessions."""

    runs: int = 0
    steps: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)
    slept: Counter[str] = field(default_factory=Counter)
    stops: Counter[str] = field(default_factory=Counter)

    def report(self) -> list[str]:
        """The lines to print."""
        never = sorted(set(FUNCTIONS) - set(self.functions))
        stopped = sum(self.stops.values())
        lines = [f"{self.runs} runs, {self.steps} steps, {stopped} of the runs stopped by the kernel"]
        for title, counter in (("rules", self.rules), ("stops", self.stops), ("slept in", self.slept)):
            counts = ", ".join(f"{name} {count}" for name, count in sorted(counter.items()))
            lines.append(f"{title}: {counts or 'none'}")
        lines.append(
            f"functions: {len(self.functions)} of {len(FUNCTIONS)} in {sum(self.functions.values())} calls"
        )
        return lines + [f"never called: {', '.join(never)}"] * bool(never)


def machine_of(chooser: Chooser) -> MachineConfig:
    """A small machine: hardware, colours, each rule, and now and then very little memory to spare."""
    spec, colors = chooser.pick(MACHINES)
    hardware = parse_spec(spec)
    assert hardware is not None
    options: dict[str, object] = {name: chooser.pick(values) for name, values in RULE_VALUES.items()}
    return MachineConfig(
        hardware,
        Rules().with_options(options),
        colors=colors,
        capacity=Capacity(objects=OBJECTS, threads=8, variables=8, io=8),
        ticks=chooser.pick((0, 1000, (1 << 31) - 40)),
    )


class Session:
    """One machine and its threads; `over` once the kernel stopped."""

    def __init__(
        self, config: MachineConfig, chooser: Chooser, statistics: Statistics, *, misuse: bool = False
    ) -> None:
        self.chooser, self.statistics, self.misuse = chooser, statistics, misuse
        cpus = [chooser.number(0, config.hardware.topology.ncpus - 1) for _ in range(chooser.number(2, 4))]
        self.crew = Crew(config, cpus, self._check)
        self.vm = self.crew.vm
        self.scene = Scene(self.crew, chooser)
        self.calls: list[tuple[str, Arguments] | None] = [None] * len(cpus)
        self.counts = [0] * len(cpus)
        self.over = False
        statistics.runs += 1
        self._furnish()

    def _furnish(self) -> None:
        """Objects of some kinds with some swap and pages, limits near what is free, niceness and daemons."""
        vm, chooser = self.vm, self.chooser
        for obj in range(OBJECTS):
            vm.object.type[obj] = chooser.pick((0, 1, OBJT_VNODE))
            vm.object.pg_color[obj] = chooser.number(0, 65535)
        for _ in range(chooser.number(0, 4)):
            key = (chooser.number(0, OBJECTS - 1), chooser.number(0, PLACES - 1))
            vm.swap.block[vm.swap_slots.slot(key)] = 1
        for t in range(len(self.calls)):
            vm.thread.nice[t] = chooser.pick((0, 0, -20, 5, 20))
        if chooser.number(0, 3) == 0:
            vm.pagethread = Thread(0)
        if chooser.number(0, 3) == 0:
            vm.glob.vm_page_hash_vnode_only[0] = 1
        vm.glob.dontneed_weight[0] = chooser.pick((0, 100, 500))
        for pindex in range(PLACES):
            self._put(pindex)
        self._spare(chooser.pick((None, -3, 0, 3, 20)))

    def _put(self, pindex: int) -> None:
        """A page that no thread claims, on some queue, in some object; it may be in the page hash."""
        queue = self.chooser.pick(("NONE", "ACTIVE", "INACTIVE", "CACHE"))
        m = self.crew.page(queue, obj=self.chooser.pick((NULL, 0, 1)), pindex=pindex)
        self.vm.page.flags[m] |= self.chooser.pick((0, PG_MAPPEDMULTI))
        self.scene.known[m] = None

    def _spare(self, pages: int | None) -> None:
        """Set the limits so that so many pages may still be allocated."""
        if pages is None:
            return
        free = self.crew.total(V_FREE_COUNT)
        reserved = max(free - pages, 0)
        self.crew.set_limits(
            v_free_reserved=reserved, v_free_min=reserved + 5, v_free_severe=reserved + 2, v_cache_min=4
        )
        self.crew.set_limits(
            v_free_target=reserved + 20, v_pageout_free_min=reserved, v_interrupt_free_min=reserved // 2
        )

    def _check(self, vm: Machine) -> None:
        validate_machine(vm, skip=CALLERS_RULES if self.scene.broken else frozenset())

    def mapped(self) -> list[int]:
        """The pages that the processor may use."""
        return [m for m in self.scene.known if self.vm.page.flags[m] & PG_MAPPED]

    # --- rules --------------------------------------------------------------------------------------------

    def idle(self) -> list[int]:
        """The threads that may be given a call."""
        return [t for t in range(len(self.calls)) if self.crew.stands(t) == DONE and self._gets_its_cpu(t)]

    def _gets_its_cpu(self, t: int) -> bool:
        return self.crew.runner.threads.can_run(t)

    def running(self) -> list[int]:
        """The threads that can take a step of their calls."""
        return [t for t in range(len(self.calls)) if self.crew.stands(t) is None]

    def asleep(self) -> list[int]:
        """The threads that sleep."""
        return [t for t in range(len(self.calls)) if self.crew.stands(t) == ASLEEP]

    def assign(self, t: int, name: str) -> str:
        """Let thread `t` begin a call of `name`, or one that brings it nearer; returns which."""
        self.scene.rough = self.misuse and self.chooser.number(0, 3) == 0
        if self.scene.holds_spinlock(t):
            name, self.scene.rough = self._before_unlocking(t), False
        for _ in range(8):
            try:
                arguments = drawn(self.scene, t, name)
                break
            except Missing as missing:
                name, self.scene.rough = missing.call, False
        else:
            name, arguments = "vm_page_alloc", (NULL, 0, 1)
        self.scene.broken |= self.scene.rough
        self._begin(t, name, arguments)
        return name

    def _before_unlocking(self, t: int) -> str:
        """A thread that holds a spinlock gives it back; now and then it takes a queue's inside a page's."""
        thread, page = self.vm.thread, self.vm.page
        if thread.queue_spin[t]:
            m = thread.page_spin[t]
            by_page = m != NULL and page.queue[m] == thread.queue_spin[t] and self.chooser.number(0, 1)
            return "vm_page_queue_spin_unlock" if by_page else "vm_page_queues_spin_unlock"
        unlocks = ("vm_page_spin_unlock", "vm_page_spin_unlock")
        return self.chooser.pick((*unlocks, "vm_page_queues_spin_lock", "vm_page_queue_spin_lock"))

    def _begin(self, t: int, name: str, arguments: Arguments) -> None:
        begins(self.scene, t, name, arguments)
        self.statistics.functions[name] += 1
        self.calls[t], self.counts[t] = (name, arguments), 0
        self._guarded(lambda: self.crew.begin(t, FUNCTIONS[name], *arguments))

    def step(self, t: int) -> None:
        """One atomic action of thread `t`."""
        self._guarded(lambda: self.crew.step(t))
        self.statistics.steps += 1
        self.counts[t] += 1
        call = self.calls[t]
        if self.over or call is None:
            return
        if not self.crew.busy[t]:
            self.calls[t] = None
            ends(self.scene, t, *call, self.crew.results[t])
        elif self.crew.asleep(t):
            self.counts[t] = 0
            self.statistics.slept[call[0]] += 1
        elif self.counts[t] >= LIVELOCK_STEPS:
            self._livelock(t)

    def _guarded(self, action: Callable[[], Any]) -> None:
        """Act; a panic that spec 12 has a row for ends the session, any other is a fault."""
        try:
            action()
        except KernelPanic as panic:
            self._stopped_by(panic)

    def _stopped_by(self, panic: KernelPanic) -> None:
        row = row_of(panic)
        assert row is not None, f"no row for {panic.kind} in {panic.function}: {panic.message!r} {panic}"
        assert row.fair or self.scene.broken, f"callers kept the rules, and yet {row.name} ({panic})"
        self.statistics.stops[row.name] += 1
        self.over = True

    def _livelock(self, t: int) -> None:
        stack = tuple(frame.function for frame in self.crew.runner.live[t].stack())
        name = livelock_of(stack)
        assert name is not None, f"{' > '.join(stack)} goes round for ever"
        self.statistics.stops[f"livelock in {name}"] += 1
        self.over = True

    def go(self, t: int, steps: int) -> None:
        """Up to so many actions of thread `t`."""
        for _ in range(steps):
            if self.over or self.crew.stands(t) is not None:
                return
            self.step(t)

    def settle(self, pattern: Sequence[int], limit: int = 400) -> None:
        """Run all threads by turns, `pattern` actions at a time, until each has ended, sleeps or waits."""
        for turn in range(limit):
            running = self.running()
            if not running or self.over:
                return
            self.go(running[turn % len(running)], pattern[turn % len(pattern)])

    def tick(self, number: int) -> None:
        """Let the clock tick."""
        self.crew.tick(number)

    def time_out(self, t: int) -> None:
        """End the sleep of a thread as a timeout would."""
        expire(self.vm, Thread(t))
        self.crew.check(self.vm)

    def touch(self, m: int) -> None:
        """Let the processor use a mapped page; it writes if it may."""
        page = self.vm.page
        page.pmap_referenced[m] += 1
        page.pmap_modified[m] |= bool(page.flags[m] & PG_WRITEABLE)
