"""The scan of an inactive queue: its pages are cached, written, freed or reactivated.

Source: spec 22, section B.
"""

from __future__ import annotations

from engine.constants import (
    MAXSCAN_DIVIDER,
    NULL,
    OBJPC_ALLOW_ACTIVE,
    OBJPC_TRY_TO_CACHE,
    PG_WINATCFLS,
    PQ_INACTIVE,
    Page,
    Queue,
)
from engine.kernel.arguments import Int, Long
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.locks import vm_page_queues_spin_lock
from engine.kernel.memory_pressure import quotient, vm_paging_target
from engine.kernel.pageout.marker import (
    _busy_scanned,
    _insert_marker,
    _remove_marker,
    behind_marker,
    move_marker,
)
from engine.kernel.pageout.page import ANONYMOUS, vm_pageout_page
from engine.kernel.sleep import lwkt_yield
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_OBJECT

HIGHEST_LEVEL = 1000


def launder_budget(vm: Machine, pass_: int) -> int:
    """The number of dirty pages that one scan of one queue may write.

    Returns: a number of pages, at least 1 unless vm_max_launder is negative.
    """
    launder = vm.glob.vm_max_launder[0]
    share = quotient(launder * (min(pass_, HIGHEST_LEVEL) + 1), vm.colors)
    budget = max(quotient(share, MAXSCAN_DIVIDER), 1)
    most = quotient(launder, 16)
    return most + 1 if budget >= most else budget


def vm_pageout_scan_inactive(
    vm: Machine, pass_: Int, color: Int, avail_shortage: Long
) -> Steps[tuple[int, int, int, int, int, int]]:
    """Reclaim pages of one inactive queue until the quota is met or a tenth of the queue was scanned.

    pass_: the level L; avail_shortage: the quota.

    Locks:   none on entry; takes the queue's spinlock, drops it for each page.
    Blocks:  yes, while pages are written.
    Returns: (pages for the shortage, vnodes skipped, flushed, cleaned, second chances, reactivated).
    Errors:  those of vm_pageout_page.
    Differs: the model has no character devices, the only vnodes that the emergency pager may touch.
    Source:  sys/vm/vm_pageout.c vm_pageout_scan_inactive
    """
    q = Queue(PQ_INACTIVE + (color & vm.color_mask))
    yield "compute how many dirty pages may be written"
    budget, vpfailed = launder_budget(vm, pass_), NO_OBJECT
    delta, counts = 0, (0, 0, 0, 0, 0)
    yield from _insert_marker(vm, q)
    maxscan = vm.queue.lcnt[q] // MAXSCAN_DIVIDER + 1
    while True:
        yield "move the marker past the next page"
        m = behind_marker(vm)
        if m == NULL or maxscan <= 0 or avail_shortage - delta <= 0:
            break
        maxscan -= 1
        vm.cpu.v_pdpages[vm.mycpu] += 1
        if not move_marker(vm, q, m) or not (yield from _busy_scanned(vm, q, m)):
            continue
        if not (yield from _may_touch(vm, m)):
            yield from vm_page_wakeup(vm, m)
            yield from lwkt_yield(vm)
            yield from vm_page_queues_spin_lock(vm, q)
            continue
        flags = yield from _flush_flags(vm, m)
        done = yield from vm_pageout_page(vm, m, budget, vpfailed, pass_, flags)
        budget, vpfailed = done[1], done[-1]
        delta, counts = delta + done[0], _add(counts, done[2:-1])
        yield from lwkt_yield(vm)
        yield from vm_page_queues_spin_lock(vm, q)
        yield "check whether memory is plentiful again"
        if vm_paging_target(vm) < -vm.glob.vm_max_launder[0]:
            delta = max(delta, avail_shortage)
            break
    yield from _remove_marker(vm, q)
    return delta, *counts


Counts = tuple[int, int, int, int, int]


def _add(counts: Counts, more: tuple[int, ...]) -> Counts:
    skipped, flushed, cleaned, second, reactivated = (a + b for a, b in zip(counts, more, strict=True))
    return skipped, flushed, cleaned, second, reactivated


def _may_touch(vm: Machine, m: Page) -> Steps[bool]:
    """Keep the emergency pager to anonymous pages: others may be what the primary daemon waits for."""
    yield "check whether this pager may handle the page"
    obj = vm.page.object[m]
    return vm.curthread != vm.emergpager or obj == NULL or vm.object.type[obj] in ANONYMOUS


def _flush_flags(vm: Machine, m: Page) -> Steps[int]:
    """The flags for a write of the page; memuse_mode 3 skips its second lap of the queue."""
    yield "choose the flush flags"
    if vm.glob.vm_pageout_memuse_mode[0] >= 3:
        vm.page.flags[m] |= PG_WINATCFLS
    flags = OBJPC_ALLOW_ACTIVE if vm.glob.vm_pageout_allow_active[0] else 0
    return flags | (OBJPC_TRY_TO_CACHE if vm.page.flags[m] & PG_WINATCFLS else 0)
