"""A machine and threads that get one call at a time; the machine is checked after every step.

The threads are those of a real run (`runner`), so locks, sleeps, preemption, panics and deadlocks are
what they are there. Each runs a program of one instruction that repeats for ever: obey the next order.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PQ_NONE,
    QUEUE_BASES,
    V_WIRE_COUNT,
    VM_ALLOC_NORMAL,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
    Obj,
    Page,
    Thread,
)
from engine.invariants import validate_machine
from engine.kernel.age import vm_page_activate, vm_page_cache, vm_page_deactivate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.hold import vm_page_hold
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.tokens import held_mode
from engine.machine.machine import Capacity, Machine, MachineConfig, Switches
from engine.machine.rules import Rules
from engine.machine.tables import SLEEPING
from engine.machine.topology import parse_spec
from engine.memory.journal import Journal
from engine.run.clock import tick
from engine.run.program import Call, KernelFunction, Program
from engine.run.runner import Runner

DONE, ASLEEP, WAITS, THERE = "done", "asleep", "waits for a lock", "there"

OBJECT_ADDRESS: Final = 0xFFFFF80000001000
"""The address of object 0; the others follow at a stride of 512, as in the recorded traces."""


def configuration(
    spec: str = "4MiB:1x2x1",
    rules: str = "document",
    *,
    colors: int = 16,
    limits: dict[str, Any] | None = None,
    switches: Switches | None = None,
    **options: Any,
) -> MachineConfig:
    """A small machine; `limits` are vmstats fields, `options` rules set alone."""
    hardware = parse_spec(spec)
    assert hardware is not None
    return MachineConfig(
        hardware,
        Rules.named(rules).with_options(options),
        colors=colors,
        switches=switches or Switches(),
        capacity=Capacity(objects=8, threads=8, variables=8, io=8),
        thresholds=tuple((limits or {}).items()),
    )


class Crew:
    """A booted machine and its threads, each on its cpu and idle until it is given a call.

    check:   called after each step that wrote something: one that did not leaves what was checked before.
    results: what each thread's last call returned.
    effects: what all steps so far did besides writing cells.
    """

    def __init__(
        self,
        config: MachineConfig | None = None,
        cpus: Sequence[int] = (0, 1, 0),
        check: Callable[[Machine], object] | None = None,
    ) -> None:
        self.vm = boot(config or configuration())
        for obj in range(self.vm.vm_token):
            self.vm.object.address[obj] = OBJECT_ADDRESS + 512 * obj
        self.check = check or validate_machine
        self.results: list[Any] = [None] * len(cpus)
        self.busy = [False] * len(cpus)
        self.effects: list[tuple[object, ...]] = []
        self._orders: list[Callable[[], Any]] = [lambda: None] * len(cpus)
        self.runner = Runner(self.vm, [self._program(t, cpu) for t, cpu in enumerate(cpus)])
        self.runner.start()
        self.vm.effects.clear()
        self.written = Journal()
        self.vm.memory.record(self.written)

    def _program(self, t: int, cpu: int) -> Program:
        def obey(vm: Machine) -> Any:
            yield "wait for an order"
            self.results[t] = yield from self._orders[t]()
            self.busy[t] = False

        return Program(f"t{t}", cpu, (), (Call(1, "", "obey", obey, (), (), 0),))

    # --- one call, step by step ---------------------------------------------------------------------------

    def begin(self, t: int, function: KernelFunction, *arguments: Any) -> None:
        """Give an idle thread a call; it announces the call's first action and does nothing yet."""
        assert not self.busy[t], f"thread {t} is still at its last call"
        self._orders[t] = lambda: function(self.vm, *arguments)
        self.busy[t] = True
        self.step(t)

    def next_action(self, t: int) -> str:
        """What thread `t` announced."""
        return self.runner.live[t].action

    def step(self, t: int) -> str:
        """Perform one atomic action of thread `t` and say which it was.

        Errors: the finding that it came to, a panic for one.
        """
        action = self.next_action(t)
        taken = self.runner.take_thread(t)
        self.effects += self.vm.effects
        if self.runner.finding is not None:
            raise self.runner.finding
        assert taken, f"thread {t} cannot run: {action}"
        if self.written.take_unmarked():
            self.check(self.vm)
        return action

    def asleep(self, t: int) -> bool:
        """Whether thread `t` sleeps."""
        return self.vm.thread.state[t] == SLEEPING

    def stands(self, t: int) -> str | None:
        """Why thread `t` takes no step now: DONE, ASLEEP, WAITS; None when it can run."""
        if not self.busy[t]:
            return DONE
        if self.asleep(t):
            return ASLEEP
        return None if self.runner.threads.can_run(t) else WAITS

    def play(self, t: int, until: str | None = None, limit: int = 20_000) -> str:
        """Run thread `t` until it is done, cannot run, or is about to do `until`; return which."""
        for _ in range(limit):
            if (reason := self.stands(t)) is not None:
                return reason
            if until is not None and self.next_action(t) == until:
                return THERE
            self.step(t)
        raise AssertionError(f"thread {t} is not done after {limit} steps: {self.next_action(t)}")

    # --- whole calls --------------------------------------------------------------------------------------

    def call(self, function: Callable[..., Any], *arguments: Any, t: int = 0) -> Any:
        """Run a whole call by thread `t` alone, and return its result."""
        if not inspect.isgeneratorfunction(function):
            self.vm.curthread, self.vm.mycpu = Thread(t), self.vm.thread.cpu[t]
            return function(self.vm, *arguments)
        self.begin(t, function, *arguments)
        ended = self.play(t)
        assert ended == DONE, f"{function.__name__} {ended}"
        return self.results[t]

    def start(self, t: int, function: KernelFunction, *arguments: Any) -> str:
        """Begin a call and run it as far as it gets; return how far that is."""
        self.begin(t, function, *arguments)
        return self.play(t)

    def tick(self, number: int = 1) -> None:
        """Let clock ticks pass."""
        tick(self.vm, number)
        self.check(self.vm)

    # --- pages in a wanted state --------------------------------------------------------------------------

    def page(
        self,
        queue: str = "NONE",
        *,
        obj: int = NULL,
        pindex: int = 0,
        busy: bool = False,
        **fields: Any,
    ) -> int:
        """A page brought to `queue` by the kernel's own calls; `fields` are stored in it afterwards.

        A wiring that is stored is counted too.
        """
        vm = self.vm
        m = int(self.allocate(obj, pindex))
        assert m != NULL
        if queue in ("FREE", "HOLD"):
            self._free(m, queue)
        elif queue == "CACHE":
            self.call(vm_page_cache, m)
        elif queue != "NONE":
            self.call({"ACTIVE": vm_page_activate, "INACTIVE": vm_page_deactivate}[queue], m)
        if vm.page.busy_count[m] & PBUSY_LOCKED and not busy:
            self.call(vm_page_wakeup, m)
        elif busy:
            vm.page.busy_count[m] |= PBUSY_LOCKED
        for name, value in fields.items():
            getattr(vm.page, name)[m] = value
        if 0 < vm.page.wire_count[m] < 1 << 31:
            vm.vmstats.count[V_WIRE_COUNT] += 1
        return m

    def _free(self, m: int, queue: str) -> None:
        if queue == "HOLD":
            self.call(vm_page_hold, m)
        self.call(vm_page_free, m)

    def allocate(self, obj: int = NULL, pindex: int = 0, request: int = VM_ALLOC_NORMAL, t: int = 0) -> int:
        """A page from vm_page_alloc, with the object held around it if thread `t` does not hold it."""
        hold = obj != NULL and not held_mode(self.vm, Thread(t), Obj(obj))
        if hold:
            self.call(vm_object_hold, obj, t=t)
        m: int = self.call(vm_page_alloc, obj, pindex, request, t=t)
        if hold:
            self.call(vm_object_drop, obj, t=t)
        return m

    def page_by(self, t: int, obj: int, pindex: int) -> int:
        """A page that thread `t` has allocated and still has hard-busied."""
        return self.allocate(obj, pindex, t=t)

    # --- what the machine looks like ----------------------------------------------------------------------

    def queue_of(self, m: int) -> str:
        """The short name of the type of queue that page `m` is on."""
        return queue_of(self.vm, m)

    def pages(self, queue: str, color: int) -> list[Page]:
        """The pages of a queue from head to tail."""
        return chain(self.vm, QUEUE_BASES[queue] + color)

    def set_limits(self, **limits: int) -> None:
        """Set vmstats fields, limits or counters, in the global and every cpu's view."""
        for name, value in limits.items():
            field = VMSTATS_FIELDS.index(name)
            self.vm.vmstats.count[field] = value
            for cpu in range(self.vm.ncpus):
                self.vm.gd_vmstats.view[cpu * VMSTATS_SIZE + field] = value

    def adjusted(self, cpu: int, field: int) -> int:
        """A cpu's pending adjustment of one counter."""
        return self.vm.gd_vmstats.adj[cpu * VMSTATS_SIZE + field]

    def viewed(self, cpu: int, field: int) -> int:
        """A cpu's view of one field of vmstats."""
        return self.vm.gd_vmstats.view[cpu * VMSTATS_SIZE + field]

    def total(self, field: int) -> int:
        """One counter with every cpu's pending adjustment."""
        return self.vm.vmstats.count[field] + sum(self.adjusted(cpu, field) for cpu in range(self.vm.ncpus))


def queue_of(vm: Machine, m: int) -> str:
    """The short name of the type of queue that page `m` is on."""
    q = vm.page.queue[m]
    if q == PQ_NONE:
        return "NONE"
    return next(name for name, base in QUEUE_BASES.items() if base and base == q - vm.page.pc[m])


def chain(vm: Machine, q: int) -> list[Page]:
    """The pages of queue `q` from head to tail."""
    found, m = [], vm.queue.head[q]
    while m != NULL:
        found.append(m)
        m = vm.page.next[m]
    return found


def unchecked(vm: Machine) -> None:
    """The check of a test that makes a state which no kernel call leads to."""
