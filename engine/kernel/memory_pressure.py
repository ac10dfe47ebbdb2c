"""Memory pressure: the predicates on this cpu's view, and waking the daemon and the waiters.

Every decision reads the calling cpu's private view of the counters and limits, which may be stale.
Source: spec 08; spec 20, sections 2 to 4.
"""

from __future__ import annotations

from engine.constants import (
    V_CACHE_COUNT,
    V_CACHE_MIN,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_FREE_RESERVED,
    V_FREE_SEVERE,
    V_FREE_TARGET,
    V_PAGEOUT_FREE_MIN,
    VMSTATS_SIZE,
)
from engine.kernel.arguments import Int
from engine.kernel.sleep import CHAN_FREE_COUNT, CHAN_PAGEOUT_PAGES_NEEDED, CHAN_PAGES_NEEDED, wakeup
from engine.machine.machine import Machine, Steps


def quotient(n: int, d: int) -> int:
    """n / d as C divides: towards zero, even if n is negative because a limit was set very low."""
    return n // d if (n < 0) == (d < 0) else -(-n // d)


def vm_page_count_severe(vm: Machine) -> bool:
    """Whether memory is so short that page faults wait."""
    view, at = vm.gd_vmstats.view, vm.mycpu * VMSTATS_SIZE
    free = view[at + V_FREE_COUNT]
    return view[at + V_FREE_SEVERE] > free + view[at + V_CACHE_COUNT] or view[at + V_FREE_RESERVED] > free


def vm_page_count_min(vm: Machine, donotcount: Int) -> bool:
    """Whether free and cached pages are below v_free_min + `donotcount`, or free ones below the reserve."""
    view, at = vm.gd_vmstats.view, vm.mycpu * VMSTATS_SIZE
    free = view[at + V_FREE_COUNT]
    short = view[at + V_FREE_MIN] + donotcount > free + view[at + V_CACHE_COUNT]
    return short or view[at + V_FREE_RESERVED] > free


def vm_page_count_target(vm: Machine) -> bool:
    """Whether free and cached pages are below v_free_target, or free ones below the reserve."""
    view, at = vm.gd_vmstats.view, vm.mycpu * VMSTATS_SIZE
    free = view[at + V_FREE_COUNT]
    return view[at + V_FREE_TARGET] > free + view[at + V_CACHE_COUNT] or view[at + V_FREE_RESERVED] > free


def vm_paging_needed(vm: Machine, adj: Int) -> bool:
    """Whether the pageout daemon should run if there were `adj` more free pages."""
    view, at = vm.gd_vmstats.view, vm.mycpu * VMSTATS_SIZE
    free = view[at + V_FREE_COUNT] + adj
    least = view[at + V_FREE_MIN]
    return least + view[at + V_CACHE_MIN] > free + view[at + V_CACHE_COUNT] or least > free


def vm_paging_target(vm: Machine) -> int:
    """The number of pages missing from the pageout daemon's target; negative when there are more.

    Returns: a number of pages.
    """
    view, at = vm.gd_vmstats.view, vm.mycpu * VMSTATS_SIZE
    aim = view[at + V_FREE_TARGET] + view[at + V_CACHE_MIN]
    return aim - (view[at + V_FREE_COUNT] + view[at + V_CACHE_COUNT])


def pagedaemon_wakeup(vm: Machine) -> Steps[None]:
    """Wake the pageout daemon if memory is short, or count one more request while it is working.

    Locks:   no spinlock on entry; none taken.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c pagedaemon_wakeup
    """
    yield "check whether the pageout daemon is needed"
    if not vm_paging_needed(vm, 0) or vm.curthread == vm.pagethread:
        return
    if vm.glob.vm_pages_needed[0] <= 1:
        vm.glob.vm_pages_needed[0] = 1
        yield from wakeup(vm, CHAN_PAGES_NEEDED)
    elif vm_page_count_min(vm, 0):
        vm.glob.vm_pages_needed[0] += 1


def vm_page_free_wakeup(vm: Machine) -> Steps[None]:
    """Wake the daemon and the threads that wait for memory, after a page became free or cached.

    Locks:   no spinlock on entry; none taken.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_free_wakeup
    """
    yield "check whether the pageout daemon waits for memory"
    if vm.glob.vm_pageout_pages_needed[0] and _pager_may_go(vm):
        vm.glob.vm_pageout_pages_needed[0] = 0
        yield from wakeup(vm, CHAN_PAGEOUT_PAGES_NEEDED)
    yield "check whether other threads wait for memory"
    if vm.glob.vm_pages_waiting[0] and _waiters_may_go(vm):
        vm.glob.vm_pages_waiting[0] = 0
        yield from wakeup(vm, CHAN_FREE_COUNT)
        yield "count the wakeup"
        vm.cpu.v_ppwakeups[vm.mycpu] += 1


def _pager_may_go(vm: Machine) -> bool:
    view, at = vm.gd_vmstats.view, vm.mycpu * VMSTATS_SIZE
    return view[at + V_CACHE_COUNT] + view[at + V_FREE_COUNT] >= view[at + V_PAGEOUT_FREE_MIN]


def _waiters_may_go(vm: Machine) -> bool:
    hysteresis = vm.glob.vm_page_free_hysteresis[0]
    return not vm_page_count_min(vm, hysteresis) or not vm_page_count_target(vm)
