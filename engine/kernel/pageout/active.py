"""The scan of an active queue: pages that are not used decline and leave the queue.

Source: spec 22, section H.
"""

from __future__ import annotations

from engine.constants import (
    ACT_ADVANCE,
    ACT_MAX,
    MAXSCAN_DIVIDER,
    NULL,
    OBJT_VNODE,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PQ_ACTIVE,
    VM_PROT_NONE,
    Page,
    Queue,
)
from engine.errors import KernelPanic
from engine.kernel.age import vm_page_cache, vm_page_deactivate
from engine.kernel.arguments import Int, Long
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.locks import vm_page_queues_spin_lock
from engine.kernel.pageout.marker import (
    _busy_scanned,
    _insert_marker,
    _remove_marker,
    _requeue,
    behind_marker,
    move_marker,
)
from engine.kernel.pageout.page import ANONYMOUS
from engine.kernel.pmap import pmap_ts_referenced, vm_page_protect
from engine.kernel.queues import vm_page_unqueue_nowakeup
from engine.kernel.sleep import lwkt_yield
from engine.kernel.valid_dirty import vm_page_flag_clear
from engine.machine.machine import Machine, Steps

_FUNCTION = "vm_pageout_scan_active"


def vm_pageout_scan_active(
    vm: Machine, pass_: Int, color: Int, avail_shortage: Long, inactive_shortage: Long
) -> Steps[tuple[int, int]]:
    """Deactivate pages of one active queue until both quotas are met or a tenth of the queue was scanned.

    pass_: the level L; the others: the number of pages to reclaim, and of pages to deactivate.

    Locks:   none on entry; takes the queue's spinlock, drops it for each page.
    Blocks:  yes, while mappings are removed.
    Returns: (pages that left the queue, how many of them were to be recycled at once).
    Errors:  a NULL dereference for a page without an object; those of vm_page_cache.
    Source:  sys/vm/vm_pageout.c vm_pageout_scan_active
    """
    q = Queue(PQ_ACTIVE + (color & vm.color_mask))
    delta, recycled = 0, 0
    yield from _insert_marker(vm, q)
    maxscan = vm.queue.lcnt[q] // MAXSCAN_DIVIDER + 1
    while True:
        yield "move the marker past the next page"
        m = behind_marker(vm)
        enough = avail_shortage - delta <= 0 and inactive_shortage <= 0
        if m == NULL or maxscan <= 0 or enough:
            break
        maxscan -= 1
        if not move_marker(vm, q, m) or not (yield from _busy_scanned(vm, q, m)):
            continue
        if (yield from _leaves(vm, m, pass_)):
            short = avail_shortage - delta > 0
            recycled += short
            inactive_shortage -= 1
            yield from _deactivate(vm, m, short)
            delta += 1
        yield from lwkt_yield(vm)
        yield from vm_page_queues_spin_lock(vm, q)
    yield from _remove_marker(vm, q)
    return delta, recycled


def _leaves(vm: Machine, m: Page, pass_: int) -> Steps[bool]:
    """Whether the busied page is to leave the active queue; if not, it has been requeued or released."""
    yield "check whether the page is wired or off limits to this daemon"
    obj = vm.page.object[m]
    if vm.page.wire_count[m]:
        yield from vm_page_unqueue_nowakeup(vm, m)
        yield from vm_page_wakeup(vm, m)
        return False
    if vm.curthread == vm.emergpager and obj != NULL and vm.object.type[obj] == OBJT_VNODE:
        yield from _requeue(vm, m, PQ_ACTIVE)
        yield from vm_page_wakeup(vm, m)
        return False
    yield "count the page as scanned"
    vm.cpu.v_pdpages[vm.mycpu] += 1
    if not (yield from _was_used(vm, m)):
        yield from _decline(vm, m)
        yield "check whether act_count is low enough to deactivate"
        if _used_up(vm, m, pass_):
            return True
    yield from _requeue(vm, m, PQ_ACTIVE)
    yield from vm_page_wakeup(vm, m)
    return False


def _was_used(vm: Machine, m: Page) -> Steps[bool]:
    """Collect the page's references, if its object is referenced, and raise act_count by them."""
    yield "check whether the page was referenced"
    obj, used = vm.page.object[m], 0
    if obj != NULL and vm.object.ref_count[obj]:
        used = int(bool(vm.page.flags[m] & PG_REFERENCED))
        used += yield from pmap_ts_referenced(vm, m)
    if used:
        yield "raise act_count"
        vm.page.act_count[m] = min(vm.page.act_count[m] + ACT_ADVANCE + used, ACT_MAX)
    yield from vm_page_flag_clear(vm, m, PG_REFERENCED)
    return used > 0


def _decline(vm: Machine, m: Page) -> Steps[None]:
    yield "lower act_count"
    obj = vm.page.object[m]
    if obj == NULL:
        raise KernelPanic("fault", _FUNCTION, "the page has no object", page=m)
    anonymous = vm.object.type[obj] in ANONYMOUS
    decline = (vm.glob.vm_anonmem_decline if anonymous else vm.glob.vm_filemem_decline)[0]
    # Unsigned, as the kernel's min() is: a negative tunable takes everything.
    vm.page.act_count[m] -= min(vm.page.act_count[m], decline & 0xFFFFFFFF)


def _used_up(vm: Machine, m: Page, pass_: int) -> bool:
    """Whether the page leaves: a higher level raises the threshold."""
    unreferenced = vm.object.ref_count[vm.page.object[m]] == 0
    return bool(unreferenced or vm.glob.vm_pageout_algorithm[0] or vm.page.act_count[m] < pass_ + 1)


def _deactivate(vm: Machine, m: Page, short: bool) -> Steps[None]:
    """Deactivate the page; if memory is short, cache it at once when it is clean.

    It is unmapped only if memory is short or its object is unreferenced.
    """
    yield "check whether to unmap the page"
    if short or vm.object.ref_count[vm.page.object[m]] == 0:
        yield from vm_page_protect(vm, m, VM_PROT_NONE)
        yield "check whether the page is clean"
        if short and not vm.page.dirty[m] and not vm.page.flags[m] & PG_NEED_COMMIT:
            yield from vm_page_cache(vm, m)
            return
    yield from vm_page_deactivate(vm, m)
    yield from vm_page_wakeup(vm, m)
