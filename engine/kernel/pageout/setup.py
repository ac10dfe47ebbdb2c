"""The pageout daemon's setup before its loop: limits from the size of memory, and tunables.

Source: spec 20, section 1; spec 22.
"""

from __future__ import annotations

from engine.constants import (
    TDF_SYSTHREAD,
    V_CACHE_MAX,
    V_CACHE_MIN,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_FREE_TARGET,
    V_INACTIVE_TARGET,
    V_INTERRUPT_FREE_MIN,
    V_PAGE_COUNT,
    V_PAGEOUT_FREE_MIN,
)
from engine.kernel.arguments import Count
from engine.kernel.sleep import CHAN_EMERG_PAGER, wakeup
from engine.machine.machine import Machine, Steps

STATS_INTERVAL = 5
FULL_STATS_INTERVAL = 20
"""Seconds between two looks of the idle daemon at some of the active pages, and at all of a queue."""

_FEW_PAGES = 2048


def _base_limits(page_count: int) -> dict[int, int]:
    """The limits that follow from v_page_count alone."""
    free_min = 64 + page_count // 200
    return {
        V_FREE_MIN: free_min,
        V_FREE_RESERVED: free_min * 4 // 8 + 7,
        V_FREE_SEVERE: free_min * 4 // 8,
        V_PAGEOUT_FREE_MIN: free_min * 2 // 8 + 7,
        V_INTERRUPT_FREE_MIN: free_min // 8 + 7,
    }


def daemon_limits(page_count: int, free_count: int) -> dict[int, int]:
    """The limits that the pageout daemon sets once at its start, by number of the vmstats field.

    page_count, free_count: v_page_count and v_free_count at that moment.
    Source: sys/vm/vm_pageout.c vm_pageout_thread; spec 20, section 1
    """
    limits = _base_limits(page_count)
    target = 4 * limits[V_FREE_MIN] + limits[V_FREE_RESERVED]
    cache_min = target if free_count > _FEW_PAGES else 0
    return limits | {
        V_FREE_TARGET: target,
        V_CACHE_MIN: cache_min,
        V_CACHE_MAX: 2 * cache_min,
        V_INACTIVE_TARGET: free_count // 4,
    }


def vm_pageout_free_page_calc(vm: Machine, count: Count) -> Steps[None]:
    """Derive v_free_min and the reserves below it from the number of pages.

    count: as the kernel's callers pass it; the formula uses v_page_count instead.

    Locks:   none; only the global limits change, no cpu's view.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_pageout.c vm_pageout_free_page_calc
    """
    yield "set v_free_min and the reserves below it"
    for field, pages in _base_limits(vm.vmstats.count[V_PAGE_COUNT]).items():
        vm.vmstats.count[field] = pages


def vm_pageout_setup(vm: Machine) -> Steps[None]:
    """Compute limits and tunables from the size of memory, then let the emergency pager start.

    Tunables that are not 0 keep their values. The global limits change; no cpu's view does.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_pageout.c vm_pageout_thread, its first part
    """
    yield "set the launder limit"
    _set_if_zero(vm, "vm_max_launder", vm.config.hardware.physmem // 256 + 16)
    yield from vm_pageout_free_page_calc(vm, 0)
    count = vm.vmstats.count
    yield "set the free, cache and inactive targets"
    limits = daemon_limits(count[V_PAGE_COUNT], count[V_FREE_COUNT])
    for field in (V_FREE_TARGET, V_CACHE_MIN, V_CACHE_MAX, V_INACTIVE_TARGET):
        count[field] = limits[field]
    yield "set the tunables that are still 0"
    _set_if_zero(vm, "vm_page_max_wired", count[V_FREE_COUNT] // 3)
    _set_if_zero(vm, "vm_pageout_stats_max", count[V_FREE_TARGET])
    _set_if_zero(vm, "vm_pageout_stats_interval", STATS_INTERVAL)
    _set_if_zero(vm, "vm_pageout_full_stats_interval", FULL_STATS_INTERVAL)
    yield "let the emergency pager start"
    vm.glob.sequence_emerg_pager[0] = 1
    yield from wakeup(vm, CHAN_EMERG_PAGER)


def _set_if_zero(vm: Machine, tunable: str, value: int) -> None:
    column = getattr(vm.glob, tunable)
    column[0] = column[0] or value


def become_system_thread(vm: Machine) -> None:
    """Let the calling thread's allocations go below v_free_reserved: part of the step that calls it."""
    vm.thread.flags[vm.curthread] |= TDF_SYSTHREAD
