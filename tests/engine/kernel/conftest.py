"""A machine with processes and swap, built by hand and stepped with every check after each step."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest

from engine.constants import (
    BASE_NAMES,
    KERN_SUCCESS,
    OBJT_SWAP,
    PAGE_SHIFT,
    PAGE_SIZE,
    PQ_NONE,
    VM_ALLOC_NORMAL,
    VM_PROT_READ,
    VM_PROT_WRITE,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
    Obj,
    Thread,
)
from engine.invariants import validate_machine
from engine.kernel.age import vm_page_activate, vm_page_cache
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.boot.sequence import boot
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.object_life import BOOT_THREAD, make_object
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.pagers.swap_space import swp_pager_getswapspace, swp_pager_meta_build
from engine.kernel.process.map_entries import make_entry
from engine.kernel.process.page_table import pte_at
from engine.kernel.process.process import make_process
from engine.kernel.valid_dirty import vm_page_set_valid
from engine.machine.machine import Capacity, Machine, MachineConfig
from engine.machine.rules import Rules
from engine.machine.tables import NO_THREAD
from engine.machine.topology import parse_spec
from engine.run.history import History
from engine.run.interrupt import interrupt_program
from engine.run.program import Call, Program
from engine.run.schedule import parse_schedule

BASE = 0x10000
"""The start address of the processes' first map."""

READ_WRITE = VM_PROT_READ | VM_PROT_WRITE


class Paging:
    """A booted machine, its objects, processes and threads; `start` makes the run."""

    def __init__(
        self,
        spec: str = "4MiB:1x2x1",
        rules: str = "source",
        colors: int = 16,
        swap: int = 256,
        **limits: int,
    ) -> None:
        hardware = parse_spec(spec)
        assert hardware is not None
        config = MachineConfig(
            hardware,
            Rules.named(rules),
            colors=colors,
            capacity=Capacity(objects=16, threads=8, variables=64, bufs=8),
            thresholds=tuple(limits.items()),
            swap_blocks=swap,
        )
        self.vm = boot(config)
        self.programs: list[Program] = []
        self.slots: dict[tuple[str, str], int] = {}
        self.log: list[tuple[str, str]] = []
        self.history: History

    # --- what there is --------------------------------------------------------------------------------

    def object(self, kind: int = 0, size: int = 64) -> int:
        """Make an object."""
        obj = next(obj for obj in range(self.vm.vm_token) if not self.vm.object.address[obj])
        make_object(self.vm, Obj(obj), kind, size, BOOT_THREAD)
        self.vm.object.unclaimed[obj] = 1
        return obj

    def process(self, *objects: int, pid: int = 0, prot: int = READ_WRITE, pages: int = 16) -> int:
        """Make a process that maps `objects` from BASE on, 1 MiB apart."""
        p = make_process(self.vm, pid or 100 + self.vm.processes, 0)
        for at, obj in enumerate(objects):
            start = (BASE >> PAGE_SHIFT) + 256 * at
            assert make_entry(self.vm, p, Obj(obj), 0, start, pages, prot, 0) == KERN_SUCCESS
        return p

    def thread(self, name: str, p: int, *calls: tuple[Any, ...], cpu: int = 0) -> None:
        """Add a thread of process `p`, or NULL; a call is (function, arguments..., ">result")."""
        code = tuple(self._call(name, at, call) for at, call in enumerate(calls))
        lines = tuple(str(call) for call in calls)
        self.programs.append(Program(name, cpu, lines, code, process=p))

    def _call(self, name: str, at: int, call: tuple[Any, ...]) -> Call:
        function, *given = call
        stored = tuple(self._slot(name, word[1:]) for word in given if isinstance(word, str))
        numbers = [number for number in given if not isinstance(number, str)]
        arguments = tuple((lambda _, number=number: number) for number in numbers)
        return Call(at + 1, str(call), function.__name__, function, arguments, stored, at + 1)

    def _slot(self, thread: str, name: str) -> int:
        return self.slots.setdefault((thread, name), len(self.slots))

    def swapped_out(self, obj: int, pindex: int) -> int:
        """Give an index of an object a swap block, and return the block."""
        self.vm.object.type[obj] = OBJT_SWAP
        block = swp_pager_getswapspace(self.vm, 1)
        swp_pager_meta_build(self.vm, Obj(obj), pindex, block)
        return block

    def resident(self, obj: int, pindex: int, where: Callable[..., Any] = vm_page_activate) -> int:
        """Put a fully valid page at an index of an object, on a queue by `where`."""
        kernel(self.vm, vm_object_hold, obj)
        m: int = kernel(self.vm, vm_page_alloc, obj, pindex, VM_ALLOC_NORMAL)
        kernel(self.vm, vm_page_set_valid, m, 0, PAGE_SIZE)
        kernel(self.vm, where, m)
        if where is not vm_page_cache:
            kernel(self.vm, vm_page_wakeup, m)
        kernel(self.vm, vm_object_drop, obj)
        return m

    # --- the run --------------------------------------------------------------------------------------

    def start(self, schedule: str = "rr") -> History:
        """The run at step 0, the interrupt thread in it."""
        self.vm.effects.clear()
        programs = [*self.programs, interrupt_program()]
        self.history = History(self.vm, programs, parse_schedule(schedule))
        return self.history

    def run(self, schedule: str = "rr", limit: int = 20_000) -> str:
        """Take every step, with every check after each; returns the outcome."""
        if not hasattr(self, "history"):
            self.start(schedule)
        while self.history.total < limit and self.step():
            pass
        if self.history.branch.finding is not None:
            raise self.history.branch.finding
        return self.history.branch.outcome or "limit"

    def step(self) -> bool:
        """Take a step, with every check after it."""
        if not self.history.forward():
            return False
        record = self.history.record(self.history.step)
        name = "event" if record.thread is None else self.history.programs[record.thread].name
        self.log.append((name, record.action))
        validate_machine(self.vm, self.history.step)
        return True

    def until(self, action: str, name: str | None = None) -> None:
        """Step until a thread (or thread `name`) has done `action`."""
        while self.step():
            if self.log[-1][1] == action and name in (None, self.log[-1][0]):
                return
        raise AssertionError(f"no thread did {action!r}")

    def count(self, action: str, name: str | None = None) -> int:
        """How often any thread (or thread `name`) has done `action`."""
        return sum(did == action and name in (None, who) for who, did in self.log)

    def attempts(self, name: str | None = None) -> int:
        """The number of attempts that the faults so far took."""
        return self.count("find the page's index in the first object", name)

    # --- what is to be seen ---------------------------------------------------------------------------

    def result(self, thread: str, name: str) -> int:
        """The result that a thread's call stored."""
        return self.vm.variable.value[self.slots[thread, name]]

    def page(self, obj: int, pindex: int) -> int:
        """The page at an index of an object."""
        return self.vm.find_page(obj, pindex)

    def queue(self, m: int) -> str:
        """The short name of the queue type that page `m` is on."""
        queue = self.vm.page.queue[m]
        bases = BASE_NAMES
        return "NONE" if queue == PQ_NONE else bases[queue - self.vm.page.pc[m]]

    def bits(self, m: int) -> tuple[int, int]:
        """A page's valid and dirty bits."""
        return self.vm.page.valid[m], self.vm.page.dirty[m]

    def pte(self, p: int, vpn: int) -> int:
        """The bits of a process's entry for a page of its first map."""
        return pte_at(self.vm, p, (BASE >> PAGE_SHIFT) + vpn) & (1 << PAGE_SHIFT) - 1

    def counter(self, name: str) -> int:
        """A per-cpu counter, over all cpus."""
        return int(self.vm.memory.vector(f"cpu.{name}").sum())

    def set_view(self, name: str, value: int) -> None:
        """Store a field of vmstats in every cpu's view alone."""
        for cpu in range(self.vm.ncpus):
            self.vm.gd_vmstats.view[cpu * VMSTATS_SIZE + VMSTATS_FIELDS.index(name)] = value


def kernel(vm: Machine, function: Callable[..., Generator[Any, None, Any]], *arguments: Any) -> Any:
    """Run a kernel function to its end, as thread 0 on cpu 0, before a run begins."""
    vm.curthread, steps = Thread(0), function(vm, *arguments)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            vm.curthread = NO_THREAD
            return done.value


@pytest.fixture
def processes() -> Callable[..., Paging]:
    """Make a machine with processes: processes("4MiB:1x2x1", rules="source", swap=256)."""
    return Paging


@pytest.fixture
def drive() -> Callable[..., Any]:
    """Run a kernel function to its end before the run begins: drive(vm, function, argument, ...)."""
    return kernel
