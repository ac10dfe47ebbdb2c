"""The row of the stats lens: counters, each cpu's view of them, thresholds, predicates, variables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.constants import (
    ROLLED_UP,
    V_CACHE_COUNT,
    V_CACHE_MIN,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_FREE_TARGET,
    VMSTATS_FIELDS,
    VMSTATS_SIZE,
    Cpu,
)
from engine.kernel.memory_pressure import (
    vm_page_count_min,
    vm_page_count_severe,
    vm_page_count_target,
    vm_paging_needed,
    vm_paging_target,
)
from engine.machine.machine import Machine
from engine.memory.block import EVENT
from engine.run.history import History
from explorer.session.session import Session
from explorer.views.changes import writes


@dataclass(frozen=True)
class Count:
    """A field of struct vmstats: the global value, the cpu's view, and each cpu's pending adjustment.

    new: the values that the last step changed: `global`, `view`, or the number of a cpu.
    """

    name: str
    total: int
    view: int
    pending: tuple[int, ...]
    new: frozenset[str | int]

    @property
    def true(self) -> int:
        """The global value after every cpu has rolled up its adjustment."""
        return self.total + sum(self.pending)


@dataclass(frozen=True)
class Seen:
    """The cpus that see these numbers of free and cached pages, in order."""

    cpus: tuple[int, ...]
    free: int
    cache: int


@dataclass(frozen=True)
class Mark:
    """A threshold for free and cached pages: its letter on the gauge, name and value."""

    letter: str
    name: str
    value: int


@dataclass(frozen=True)
class Test:
    """A predicate, and whether it is true for the cpu."""

    name: str
    holds: bool


@dataclass(frozen=True)
class Global:
    """A variable of the daemon; `new` if the last step changed it."""

    name: str
    short: str
    value: int
    meaning: str
    new: bool

    @property
    def relevant(self) -> bool:
        """Whether it is worth showing: it is not 0, or the last step changed it."""
        return self.value != 0 or self.new


@dataclass(frozen=True)
class StatsRow:
    """The statistics as seen by cpu `cpu`, which took the last step.

    missing: pages missing to the pageout daemon's target; negative if it is exceeded.
    views:   what every cpu sees, cpus that see the same together.
    """

    cpu: int
    counts: tuple[Count, ...]
    limits: tuple[Count, ...]
    free: int
    cache: int
    marks: tuple[Mark, ...]
    tests: tuple[Test, ...]
    missing: int
    variables: tuple[Global, ...]
    views: tuple[Seen, ...]

    @property
    def available(self) -> int:
        """Free and cached pages."""
        return self.free + self.cache


def look(session: Session) -> StatsRow:
    """The row of statistics at the cursor."""
    history, vm = session.history, session.vm
    cpu = last_cpu(history)
    view, at = vm.gd_vmstats.view, cpu * VMSTATS_SIZE
    new = _changed(history, cpu)
    counts = tuple(_count(vm, cpu, counter, new) for counter in ROLLED_UP)
    limits = tuple(_count(vm, cpu, n, new) for n in range(VMSTATS_SIZE) if n not in ROLLED_UP)
    with as_cpu(vm, cpu):
        tests = (
            Test("severe", vm_page_count_severe(vm)),
            Test("min", vm_page_count_min(vm, 0)),
            Test("target", vm_page_count_target(vm)),
            Test("paging_needed", vm_paging_needed(vm, 0)),
        )
        missing = vm_paging_target(vm)
    free, cache = view[at + V_FREE_COUNT], view[at + V_CACHE_COUNT]
    marks, variables = _marks(vm, at), _variables(history)
    return StatsRow(cpu, counts, limits, free, cache, marks, tests, missing, variables, _views(vm))


def _views(vm: Machine) -> tuple[Seen, ...]:
    views = vm.memory.vector("gd_vmstats.view").reshape(-1, VMSTATS_SIZE)
    found: dict[tuple[int, int], list[int]] = {}
    for cpu, seen in enumerate(views[:, [V_FREE_COUNT, V_CACHE_COUNT]].tolist()):
        found.setdefault((seen[0], seen[1]), []).append(cpu)
    return tuple(Seen(tuple(cpus), *seen) for seen, cpus in found.items())


def last_cpu(history: History) -> int:
    """The cpu of the last step that a thread took; 0 if there is none."""
    step = history.step
    while step and history.journal.thread(step) == EVENT:
        step -= 1
    return history.programs[history.journal.thread(step)].cpu if step else 0


@contextmanager
def as_cpu(vm: Machine, cpu: int) -> Iterator[None]:
    """Context manager in which the kernel's predicates read the view of `cpu`."""
    before, vm.mycpu = vm.mycpu, Cpu(cpu)
    try:
        yield
    finally:
        vm.mycpu = before


def _changed(history: History, cpu: int) -> dict[int, set[str | int]]:
    """The values that the last step changed, by field."""
    found: dict[int, set[str | int]] = {}
    for place, index, _, _ in writes(history, history.step) if history.step else ():
        owner, field = divmod(index, VMSTATS_SIZE)
        if place.table == "vmstats":
            found.setdefault(index, set()).add("global")
        elif place.table == "gd_vmstats" and place.name == "adj":
            found.setdefault(field, set()).add(owner)
        elif place.table == "gd_vmstats" and place.name == "view" and owner == cpu:
            found.setdefault(field, set()).add("view")
    return found


def _count(vm: Machine, cpu: int, field: int, new: dict[int, set[str | int]]) -> Count:
    adj, taken = (vm.memory.vector(f"gd_vmstats.{name}")[field::VMSTATS_SIZE] for name in ("adj", "taken"))
    # An amount that a rollup took from an adjustment and has not added yet is pending too.
    pending = tuple((adj + taken).tolist())
    view = vm.gd_vmstats.view[cpu * VMSTATS_SIZE + field]
    changed = frozenset(new.get(field, ()))
    return Count(VMSTATS_FIELDS[field], vm.vmstats.count[field], view, pending, changed)


def _marks(vm: Machine, at: int) -> tuple[Mark, ...]:
    view = vm.gd_vmstats.view
    floor, aim = view[at + V_FREE_MIN], view[at + V_FREE_TARGET]
    cached = view[at + V_CACHE_MIN]
    marks = (
        Mark("s", "severe", view[at + V_FREE_SEVERE]),
        Mark("r", "reserved", view[at + V_FREE_RESERVED]),
        Mark("m", "min", floor),
        Mark("t", "target", aim),
        Mark("p", "paging needed below", floor + cached),
        Mark("a", "daemon's target", aim + cached),
    )
    return tuple(sorted(marks, key=lambda mark: mark.value))


def _variables(history: History) -> tuple[Global, ...]:
    glob = history.vm.glob
    needed = glob.vm_pages_needed[0]
    work = "the daemon is idle" if not needed else "the daemon runs" if needed == 1 else "more requested"
    parts = (
        ("vm_pages_needed", "needed", needed, work),
        (
            "vm_pages_waiting",
            "waiting",
            glob.vm_pages_waiting[0],
            "threads registered as waiting for memory",
        ),
        ("vm_pageout_deficit", "deficit", glob.vm_pageout_deficit[0], "allocations that failed"),
        (
            "vm_pageout_pages_needed",
            "daemon waits",
            glob.vm_pageout_pages_needed[0],
            "a daemon waits for memory",
        ),
    )
    written = writes(history, history.step) if history.step else ()
    new = {place.name for place, _, _, _ in written if place.table == "global"}
    return tuple(Global(*part, new=part[0] in new) for part in parts)
