"""What memory is compared with when a thread waits for it, or asks for a page: each limit and what was found.

The predicates of memory_pressure.py, thresholds.py, memory_wait.py and alloc.py decide; they only say yes or
no. Here is the same as numbers, for people: memory is short if any of the comparisons is. Tests compare both
in every state they make.
Source: spec 08; spec 20, sections 2 to 6; spec 03.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.constants import (
    V_CACHE_COUNT,
    V_CACHE_MIN,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_FREE_TARGET,
    V_INTERRUPT_FREE_MIN,
    V_PAGEOUT_FREE_MIN,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_NORMAL,
    VM_ALLOC_SYSTEM,
    VMSTATS_SIZE,
    Cpu,
    Thread,
)
from engine.kernel.memory_wait import is_pager, sleeps_by_nice, waits_by_nice
from engine.kernel.thresholds import nice_margin
from engine.machine.machine import Machine


@dataclass(frozen=True)
class Limit:
    """One comparison of a number of pages with a limit, in pages.

    name:   of the limit: `v_free_target`, `nice 10`, `NORMAL`.
    limit:  memory is short below it. found: the pages that the cpu sees.
    cached: how many of the found pages are cached; None if only free pages are counted.
    """

    name: str
    limit: int
    found: int
    cached: int | None = None

    @property
    def short(self) -> bool:
        """Whether the found pages are below the limit."""
        return self.limit > self.found

    def words(self, verb: str) -> str:
        """Return the comparison in words; verb: what a thread does below the limit."""
        have = f"{self.found:,} {'is' if self.found == 1 else 'are'}"
        counted = "free or cached" if self.cached else "free"
        return f"{self.name}: {verb} below {self.limit:,}, {have} {counted}"

    def __str__(self) -> str:
        return self.words("waits")


Limits = tuple[Limit, ...]


def _view(vm: Machine, cpu: Cpu, field: int) -> int:
    return vm.gd_vmstats.view[cpu * VMSTATS_SIZE + field]


def _floor(vm: Machine, cpu: Cpu, name: str, limit: int) -> Limits:
    """A floor for free and cached pages together, and the reserve as the floor for free pages alone."""
    free, cached = _view(vm, cpu, V_FREE_COUNT), _view(vm, cpu, V_CACHE_COUNT)
    reserve = Limit("v_free_reserved", _view(vm, cpu, V_FREE_RESERVED), free)
    return Limit(name, limit, free + cached, cached), reserve


def target_limits(vm: Machine, cpu: Cpu) -> Limits:
    """Return what vm_page_count_target compares on a cpu."""
    return _floor(vm, cpu, "v_free_target", _view(vm, cpu, V_FREE_TARGET))


def minimum_limits(vm: Machine, cpu: Cpu, more: int = 0) -> Limits:
    """Return what vm_page_count_min compares on a cpu; more: pages above v_free_min."""
    name = f"v_free_min + {more}" if more else "v_free_min"
    return _floor(vm, cpu, name, _view(vm, cpu, V_FREE_MIN) + more)


def severe_limits(vm: Machine, cpu: Cpu) -> Limits:
    """Return what vm_page_count_severe compares on a cpu."""
    return _floor(vm, cpu, "v_free_severe", _view(vm, cpu, V_FREE_SEVERE))


def nice_limits(vm: Machine, cpu: Cpu, nice: int, name: str = "") -> Limits:
    """Return what vm_paging_min_nice compares on a cpu for a nice value; name: default `nice N`."""
    return _floor(vm, cpu, name or f"nice {nice}", _view(vm, cpu, V_FREE_MIN) + nice_margin(vm, nice))


def wait_limits(vm: Machine, cpu: Cpu, t: Thread) -> Limits:
    """Return what vm_wait compares for thread `t` on a cpu: it sleeps if one of them is short."""
    if is_pager(vm, t):
        return minimum_limits(vm, cpu)
    if sleeps_by_nice(vm):
        nice = vm.thread.nice[t]
        return nice_limits(vm, cpu, nice + 1, f"nice {nice} + 1")
    return target_limits(vm, cpu)


def fault_limits(vm: Machine, cpu: Cpu, nice: int) -> Limits:
    """Return what vm_wait_pfault compares, for a nice value, before each sleep."""
    return nice_limits(vm, cpu, nice) if waits_by_nice(vm) else severe_limits(vm, cpu)


def wakeup_limits(vm: Machine, cpu: Cpu) -> tuple[Limits, Limits]:
    """Return the two tests after a page became free: the waiters are woken if one has nothing short."""
    return minimum_limits(vm, cpu, vm.glob.vm_page_free_hysteresis[0]), target_limits(vm, cpu)


def paging_limits(vm: Machine, cpu: Cpu) -> Limits:
    """Return what vm_paging_needed compares on a cpu: the pageout daemon works if one of them is short."""
    free, cached = _view(vm, cpu, V_FREE_COUNT), _view(vm, cpu, V_CACHE_COUNT)
    least = _view(vm, cpu, V_FREE_MIN)
    both = Limit("v_free_min + v_cache_min", least + _view(vm, cpu, V_CACHE_MIN), free + cached, cached)
    return both, Limit("v_free_min", least, free)


def pager_wakeup_limit(vm: Machine, cpu: Cpu) -> Limit:
    """Return what is compared after a page became free, before a daemon that waits for memory is woken."""
    free, cached = _view(vm, cpu, V_FREE_COUNT), _view(vm, cpu, V_CACHE_COUNT)
    return Limit("v_pageout_free_min", _view(vm, cpu, V_PAGEOUT_FREE_MIN), free + cached, cached)


CLASSES: Final = (VM_ALLOC_NORMAL, VM_ALLOC_SYSTEM, VM_ALLOC_INTERRUPT)
"""The classes of requests that differ in how many free pages they leave; QUICK is like NORMAL."""


def class_limit(vm: Machine, cpu: Cpu, page_req: int) -> Limit:
    """Return the number of free pages from which a request of this class gets one, with the class as name."""
    free, limit = _view(vm, cpu, V_FREE_COUNT), _view(vm, cpu, V_FREE_RESERVED)
    name = "NORMAL"
    if page_req & VM_ALLOC_SYSTEM:
        name = "SYSTEM"
        if _view(vm, cpu, V_CACHE_COUNT) == 0:
            limit = min(limit, _view(vm, cpu, V_INTERRUPT_FREE_MIN) + 1)
    if page_req & VM_ALLOC_INTERRUPT:
        name, limit = "INTERRUPT", min(limit, 1)
    return Limit(name, limit, free)
