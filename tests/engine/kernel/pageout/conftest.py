"""A machine for the pageout daemon: a few colours, pages where a test puts them, calls run to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.constants import BASE_NAMES, NULL, QUEUE_BASES, VM_ALLOC_NORMAL, VMSTATS_FIELDS, Page, Thread
from engine.invariants import validate_machine
from engine.kernel.age import vm_page_activate, vm_page_cache, vm_page_deactivate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.busy import vm_page_busy_try, vm_page_wakeup
from engine.kernel.objects import vm_object_drop, vm_object_hold, vm_page_remove
from engine.kernel.pageout import daemon
from engine.kernel.sleep import expire
from engine.kernel.stats import hardclock
from engine.kernel.wire import vm_page_wire
from engine.machine.machine import Capacity, MachineConfig
from engine.machine.rules import Rules
from engine.machine.tables import ENDED, READY, SLEEPING
from engine.machine.topology import parse_spec

ASLEEP = "asleep"
OTHER, PRIMARY, EMERGENCY = 0, 1, 2


class Paging:
    """A booted machine: thread 1 is the pageout daemon, 2 the emergency pager, 0 any other thread.

    Object 0 is anonymous memory, 1 a file, 2 a device. Pagers do what object.put_result says.
    """

    def __init__(self, spec: str = "4MiB:1x1x1", colors: int = 16, ticks: int = 1000) -> None:
        hardware = parse_spec(spec)
        assert hardware is not None
        rules, capacity = Rules.named("source"), Capacity(objects=8, threads=8)
        self.vm = boot(MachineConfig(hardware, rules, colors, capacity=capacity, ticks=ticks))
        self.vm.pagethread, self.vm.emergpager = Thread(PRIMARY), Thread(EMERGENCY)
        self.vm.pager_as_recorded = True
        self.vm.curthread = Thread(OTHER)
        self.filled = 1 << 10
        for obj, kind in enumerate((0, 2, 3)):
            self.vm.object.type[obj] = kind
            self.vm.object.ref_count[obj] = 1
            self.vm.object.size[obj] = 4096
        self.vm.effects.clear()

    # --- running ------------------------------------------------------------------------------------------

    def occupy(self, thread: int) -> None:
        """Give the cpu to a thread, with an empty run queue."""
        vm = self.vm
        for t in (OTHER, PRIMARY, EMERGENCY):
            if vm.thread.state[t] != SLEEPING:
                vm.thread.state[t] = ENDED
            vm.thread.run_next[t] = NULL
        vm.thread.state[thread] = READY
        vm.cpu.current[0] = vm.curthread = Thread(thread)
        vm.cpu.runq_head[0] = vm.cpu.runq_tail[0] = NULL

    def steps(self, function: Any, *arguments: Any, thread: int = OTHER, check: bool = True) -> Iterator[str]:
        """The announced actions of a call; the machine is checked after each."""
        self.occupy(thread)
        self.value = ASLEEP
        calls = function(self.vm, *arguments)
        while True:
            try:
                announced = next(calls)
            except StopIteration as done:
                self.value = done.value
                return
            if check:
                validate_machine(self.vm)
            yield announced if isinstance(announced, str) else announced[0]

    def do(self, function: Any, *arguments: Any, thread: int = OTHER, check: bool = True) -> Any:
        """Make a call, which must not sleep, and return its value."""
        for _ in self.steps(function, *arguments, thread=thread, check=check):
            assert self.vm.thread.state[thread] != SLEEPING, "the call sleeps"
        return self.value

    def effects(self, kind: str) -> list[Any]:
        """The effects of a kind since the last call, without the kind's name."""
        found = [effect[1:] for effect in self.vm.effects if effect[0] == kind]
        self.vm.effects[:] = [effect for effect in self.vm.effects if effect[0] != kind]
        return found

    # --- the machine --------------------------------------------------------------------------------------

    def page(self, queue: str, pindex: int, obj: int = 0, **fields: int) -> int:
        """A new page of an object on a queue of type `queue`, valid and idle; then `fields` are stored."""
        vm = self.vm
        self.do(vm_object_hold, obj, check=False)
        m: int = self.do(vm_page_alloc, obj, pindex, VM_ALLOC_NORMAL, check=False)
        self.do(vm_object_drop, obj, check=False)
        assert m != NULL
        vm.page.valid[m] = 0xFF
        move = {"ACTIVE": vm_page_activate, "INACTIVE": vm_page_deactivate}.get(queue)
        if move is not None:
            self.do(move, m, check=False)
        self.do(vm_page_cache if queue == "CACHE" else vm_page_wakeup, m, check=False)
        for name, value in fields.items():
            getattr(vm.page, name)[m] = value
        return m

    def fill(self, queue: str, color: int, count: int, obj: int = 0, **fields: int) -> list[int]:
        """`count` pages on queue `color` of a type, in the order of the queue."""
        pages: list[int] = []
        while len(pages) < count:
            self.filled += self.vm.colors
            pages.append(self.page(queue, self.filled + color, obj, **fields))
            assert self.vm.page.pc[pages[-1]] == color
        return pages

    def busied(self, m: int) -> int:
        """The same page, hard-busied."""
        assert not self.do(vm_page_busy_try, m, 1, check=False)
        return m

    def gone(self, m: int) -> None:
        """Take a page out of its object."""
        obj = self.vm.page.object[m]
        self.do(vm_object_hold, obj)
        self.do(vm_page_remove, self.busied(m))
        self.do(vm_object_drop, obj)
        self.do(vm_page_wakeup, m)

    def wired(self, m: int) -> None:
        """Wire a page."""
        self.do(vm_page_wire, self.busied(m))
        self.do(vm_page_wakeup, m)

    def queue_of(self, m: int) -> str:
        """The short name of the queue type that a page is on."""
        bases = BASE_NAMES
        q = self.vm.page.queue[m]
        return bases[q - self.vm.page.pc[m]] if q else "NONE"

    def order(self, queue: str, color: int) -> list[Page]:
        """The pages of a queue from head to tail."""
        found, m = [], self.vm.queue.head[QUEUE_BASES[queue] + color]
        while m != NULL:
            found.append(m)
            m = self.vm.page.next[m]
        return found

    def limits(self, **fields: int) -> None:
        """Set fields of the global vmstats, and of the cpu's view after a clock tick."""
        for name, value in fields.items():
            self.vm.vmstats.count[VMSTATS_FIELDS.index(name)] = value
        self.do(hardclock, check=False)

    def view(self, **fields: int) -> None:
        """Set fields of the cpu's view alone."""
        for name, value in fields.items():
            self.vm.gd_vmstats.view[VMSTATS_FIELDS.index(name)] = value

    def short_of_memory(self) -> None:
        """Make the paging target far out of reach, so that no scan stops early."""
        self.view(v_free_target=100_000)

    def free(self) -> int:
        """How many pages are free, by the global count, which is brought up to date."""
        self.do(hardclock, check=False)
        return self.vm.vmstats.count[VMSTATS_FIELDS.index("v_free_count")]


class Loop:
    """A daemon's loop on a Paging machine; `scans` are the calls that its scans would make.

    The inactive and the active scan do not run: each reports what `inactive` and `active` say for its turn,
    a number or a function of the machine that gives one.
    """

    def __init__(self, paging: Any, monkeypatch: pytest.MonkeyPatch, thread: int = PRIMARY) -> None:
        self.paging = paging
        self.vm = paging.vm
        self.thread = thread
        self.row = thread - PRIMARY
        self.scans: list[tuple[Any, ...]] = []
        self.inactive: list[Any] = []
        self.active: list[Any] = []
        self.calls = daemon.vm_pageout_thread(self.vm)

        def scan_inactive(vm: Any, *arguments: int) -> Any:
            yield "scan"
            self.scans.append(("inactive", *arguments))
            return self._next(self.inactive), 0, 0, 0, 0, 0

        def scan_active(vm: Any, *arguments: int) -> Any:
            yield "scan"
            self.scans.append(("active", *arguments))
            return self._next(self.active), 0

        monkeypatch.setattr(daemon, "vm_pageout_scan_inactive", scan_inactive)
        monkeypatch.setattr(daemon, "vm_pageout_scan_active", scan_active)

    def _next(self, planned: list[Any]) -> int:
        value = planned.pop(0) if planned else 0
        return int(value(self.vm) if callable(value) else value)

    def run(self, limit: int = 100_000) -> tuple[int, str, int]:
        """Run until the daemon sleeps: (channel, message, ticks)."""
        self.paging.occupy(self.thread)
        self.vm.effects.clear()
        for _ in range(limit):
            self.action = next(self.calls)
            if self.vm.thread.state[self.thread] == SLEEPING:
                ((chan, wmesg, timo),) = self.paging.effects("sleep")
                return chan, wmesg, timo
        raise AssertionError("the daemon does not sleep")

    def wake(self, timeout: bool = True) -> None:
        """End the daemon's sleep, by its timeout or by a wakeup."""
        expire(self.vm, Thread(self.thread))
        self.vm.thread.wake[self.thread] = self.vm.thread.wake[self.thread] if timeout else 0

    def stands(self, phase: int, **fields: int) -> None:
        """Resume the loop at a phase, with `fields` of the daemon's row stored."""
        self.vm.daemon.phase[self.row] = phase
        for name, value in fields.items():
            getattr(self.vm.daemon, name)[self.row] = value
        self.calls = daemon.vm_pageout_thread(self.vm)

    def turn(self) -> None:
        """Make one turn, which must not sleep."""
        self.paging.do(daemon.vm_pageout_thread, 1, thread=self.thread, check=False)

    def finish_turn(self) -> int:
        """Run to the end of the daemon's turn, and return the phase that comes next."""
        self.paging.occupy(self.thread)
        while next(self.calls) != "choose the daemon's next phase":
            assert self.vm.thread.state[self.thread] != SLEEPING, "the daemon sleeps"
        return self.of("phase")

    def of(self, name: str) -> int:
        """A field of the daemon's row."""
        value: int = getattr(self.vm.daemon, name)[self.row]
        return value


@pytest.fixture
def paging() -> Callable[..., Paging]:
    """Makes a machine: paging("4MiB:1x1x1", colors=16)."""
    return Paging


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Loop]:
    """Makes a daemon's loop: loop(paging(), thread=1)."""
    return lambda machine, thread=PRIMARY: Loop(machine, monkeypatch, thread)
