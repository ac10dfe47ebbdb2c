"""The idle daemon's scan of the active queues, which keeps act_count meaningful until memory gets short.

Source: spec 22, section G.
"""

from __future__ import annotations

from engine.constants import (
    ACT_ADVANCE,
    ACT_DECLINE,
    ACT_MAX,
    NULL,
    PG_REFERENCED,
    PQ_ACTIVE,
    V_CACHE_COUNT,
    V_CACHE_MAX,
    V_FREE_COUNT,
    V_FREE_MIN,
    V_INACTIVE_COUNT,
    V_INACTIVE_TARGET,
    V_PAGE_COUNT,
    VM_PROT_NONE,
    Page,
    Queue,
)
from engine.errors import KernelPanic
from engine.kernel.age import vm_page_deactivate
from engine.kernel.arguments import Int
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.locks import vm_page_queues_spin_lock
from engine.kernel.memory_pressure import quotient
from engine.kernel.pageout.marker import (
    _busy_scanned,
    _insert_marker,
    _remove_marker,
    _requeue,
    behind_marker,
    move_marker,
)
from engine.kernel.pmap import pmap_ts_referenced, vm_page_protect
from engine.kernel.queues import vm_page_unqueue_nowakeup
from engine.machine.machine import Machine, Steps


def vm_pageout_page_stats(vm: Machine, color: Int) -> Steps[None]:
    """Age pages of one active queue: some of them, or all at each full interval.

    Locks:   none on entry; takes the queue's spinlock, drops it for each page.
    Blocks:  yes, while mappings are removed.
    Returns: nothing.
    Errors:  a division by zero when v_page_count has been set to 0.
    Source:  sys/vm/vm_pageout.c vm_pageout_page_stats
    """
    q = Queue(PQ_ACTIVE + (color & vm.color_mask))
    yield "check whether inactive and cached pages are short"
    if _plenty(vm):
        return
    yield "check whether to scan the whole queue"
    pcount = _pages_to_look_at(vm, q)
    yield from _insert_marker(vm, q)
    while True:
        yield "move the marker past the next page"
        m = behind_marker(vm)
        if m == NULL or pcount <= 0:
            break
        pcount -= 1
        if not move_marker(vm, q, m) or not (yield from _busy_scanned(vm, q, m)):
            continue
        yield from _age(vm, m)
        yield from vm_page_wakeup(vm, m)
        yield from vm_page_queues_spin_lock(vm, q)
    yield from _remove_marker(vm, q)


def _plenty(vm: Machine) -> bool:
    count = vm.vmstats.count
    wanted = count[V_INACTIVE_TARGET] + count[V_CACHE_MAX] + count[V_FREE_MIN]
    return wanted <= count[V_FREE_COUNT] + count[V_INACTIVE_COUNT] + count[V_CACHE_COUNT]


def _pages_to_look_at(vm: Machine, q: Queue) -> int:
    """The number of pages to scan in this call; a full interval is counted per queue, not per lap."""
    glob, pcount = vm.glob, vm.queue.lcnt[q]
    glob.fullintervalcount[0] += glob.vm_pageout_stats_interval[0]
    if glob.fullintervalcount[0] >= glob.vm_pageout_full_stats_interval[0]:
        glob.fullintervalcount[0] = 0
        return pcount
    pages = vm.vmstats.count[V_PAGE_COUNT]
    if pages == 0:
        raise KernelPanic("fault", "vm_pageout_page_stats", "a division by v_page_count, which is 0")
    return min(pcount, quotient(glob.vm_pageout_stats_max[0] * pcount, pages) + 1)


def _age(vm: Machine, m: Page) -> Steps[None]:
    yield "check whether the page is wired or held"
    if vm.page.wire_count[m]:
        yield from vm_page_unqueue_nowakeup(vm, m)
        return
    if vm.page.hold_count[m]:
        return
    yield "read and clear PG_REFERENCED"
    used = int(bool(vm.page.flags[m] & PG_REFERENCED))
    vm.page.flags[m] &= ~PG_REFERENCED
    used += yield from pmap_ts_referenced(vm, m)
    yield "raise or lower act_count"
    if used:
        vm.page.act_count[m] = min(vm.page.act_count[m] + ACT_ADVANCE + used, ACT_MAX)
    elif vm.page.act_count[m]:
        vm.page.act_count[m] -= ACT_DECLINE
    else:
        # Unmapped too, so that resident set sizes stay correct; under pressure that would be too slow.
        yield from vm_page_protect(vm, m, VM_PROT_NONE)
        yield from vm_page_deactivate(vm, m)
        return
    yield from _requeue(vm, m, PQ_ACTIVE)
