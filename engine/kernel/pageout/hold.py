"""The hold scan: frees pages that were freed while they were held and are no longer held.

Source: spec 22, section F; spec 05, Hold.
"""

from __future__ import annotations

from engine.constants import NULL, PG_MARKER, PQ_HOLD, Queue
from engine.kernel.arguments import Int
from engine.kernel.hold import vm_page_hold, vm_page_unhold
from engine.kernel.locks import vm_page_queues_spin_lock, vm_page_queues_spin_unlock
from engine.kernel.remarks import kprintf
from engine.machine.machine import Machine, Steps


def vm_pageout_scan_hold(vm: Machine, color: Int) -> Steps[None]:
    """Free the first page on a hold queue if it is no longer held: one page a call.

    Such a page results from an unhold at the same time as the page was being freed.

    Locks:   none on entry; takes the queue's spinlock, then as vm_page_unhold.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_pageout.c vm_pageout_scan_hold
    """
    q = Queue(PQ_HOLD + (color & vm.color_mask))
    yield from vm_page_queues_spin_lock(vm, q)
    yield "look at the first page"
    m = vm.queue.head[q]
    while m != NULL and vm.page.flags[m] & PG_MARKER:
        m = vm.page.next[m]
    if m == NULL or vm.page.hold_count[m]:
        yield from vm_page_queues_spin_unlock(vm, q)
        return
    fmt = "DEBUG: pageout HOLD->FREE %p"
    kprintf(vm, fmt.replace("%p", f"{vm.phys_addr(m):#x}"), fmt)
    yield from vm_page_hold(vm, m)
    yield from vm_page_queues_spin_unlock(vm, q)
    yield from vm_page_unhold(vm, m)
