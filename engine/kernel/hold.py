"""Held pages: a held page may leave its object, but is not reused until the last unhold.

Source: spec 05, Hold.
"""

from __future__ import annotations

from engine.constants import NULL, PG_NEED_COMMIT, PQ_FREE, PQ_HOLD, Page, Queue
from engine.errors import KernelPanic, kkassert, kpanic
from engine.kernel.locks import (
    _vm_page_queue_spin_lock,
    vm_page_queues_spin_unlock,
    vm_page_spin_lock,
    vm_page_spin_unlock,
)
from engine.kernel.objects import set_writeable_dirty
from engine.kernel.queues import _vm_page_add_queue_spinlocked, _vm_page_rem_queue_spinlocked, base_queue
from engine.machine.machine import Machine, Steps


def vm_page_hold(vm: Machine, m: Page) -> Steps[None]:
    """Keep page `m` from being reused; no busy is needed.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when the page is free, with the count already raised.
    Source:  sys/vm/vm_page.c vm_page_hold
    """
    yield "increment hold_count"
    vm.page.hold_count[m] += 1
    kkassert(base_queue(vm, m) != PQ_FREE, "vm_page_hold", "a page that is not free", m)


def vm_page_unhold(vm: Machine, m: Page) -> Steps[None]:
    """Drop one hold; the last one moves a page that was freed in the meantime from HOLD to FREE.

    Locks:   a hold on entry; takes the page's spinlock, then queues' one at a time.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the page is not held or is free.
    Source:  sys/vm/vm_page.c vm_page_unhold
    """
    yield "check that the page is held"
    if vm.page.hold_count[m] <= 0 or base_queue(vm, m) == PQ_FREE:
        raise kpanic("vm_page_unhold", "vm_page_unhold: pg ", "the page is not held, or free", m)
    yield "decrement hold_count"
    old = vm.fetchadd(vm.page.hold_count, m, -1)
    yield "check whether the page is on HOLD"
    if old != 1 or base_queue(vm, m) != PQ_HOLD:
        return
    yield from vm_page_spin_lock(vm, m)
    yield "look again, locked"
    if vm.page.hold_count[m] == 0 and base_queue(vm, m) == PQ_HOLD:
        yield from _vm_page_queue_spin_lock(vm, m)
        yield from _vm_page_rem_queue_spinlocked(vm, m)
        yield from _vm_page_add_queue_spinlocked(vm, m, Queue(PQ_FREE + vm.page.pc[m]), True)
        yield from vm_page_queues_spin_unlock(vm, vm.page.queue[m])
    yield from vm_page_spin_unlock(vm, m)


def vm_page_need_commit(vm: Machine, m: Page) -> Steps[None]:
    """Mark page `m` as not discardable even when clean, and its object as possibly dirty.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  a NULL dereference when the page has no object.
    Source:  sys/vm/vm_page.c vm_page_need_commit
    """
    yield "set PG_NEED_COMMIT"
    vm.page.flags[m] |= PG_NEED_COMMIT
    if vm.page.object[m] == NULL:
        raise KernelPanic("fault", "vm_page_need_commit", "the page has no object", page=m)
    set_writeable_dirty(vm, vm.page.object[m])


def vm_page_clear_commit(vm: Machine, m: Page) -> Steps[None]:
    """Make page `m` discardable again once it is clean.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_clear_commit
    """
    yield "clear PG_NEED_COMMIT"
    vm.page.flags[m] &= ~PG_NEED_COMMIT
