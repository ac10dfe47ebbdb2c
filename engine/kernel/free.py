"""Freeing a page: remove it from its object and queue, put it on FREE or HOLD, and unbusy it.

Source: spec 04, vm_page_free_toq.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    PBUSY_LOCKED,
    PBUSY_MASK,
    PBUSY_WANTED,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PG_WRITEABLE,
    PQ_FREE,
    PQ_HOLD,
    PQ_NONE,
    Page,
    Queue,
)
from engine.errors import kkassert, kpanic
from engine.kernel.busy import _clear_locked, vm_page_wakeup
from engine.kernel.locks import (
    _vm_page_queue_spin_lock,
    vm_page_queues_spin_unlock,
    vm_page_spin_lock,
    vm_page_spin_unlock,
)
from engine.kernel.memory_pressure import vm_page_free_wakeup
from engine.kernel.objects import vm_page_remove
from engine.kernel.pmap import freeable, pmap_mapped_sync
from engine.kernel.queues import _vm_page_add_queue_spinlocked, _vm_page_rem_queue_spinlocked, base_queue
from engine.kernel.remarks import kprintf
from engine.kernel.sleep import CHAN_PAGE, wakeup
from engine.machine.machine import Machine, Steps

_FUNCTION = "vm_page_free_toq"

COUNT_FREED: Final = "count the page as freed"
"""The announcement of a page's freeing, before it leaves its object and queue."""


def _refuse_unfreeable(vm: Machine, m: Page) -> None:
    kkassert(not vm.page.flags[m] & PG_MAPPED, _FUNCTION, "an unmapped page", m)
    kkassert(bool(vm.page.busy_count[m] & PBUSY_LOCKED), _FUNCTION, "a hard-busied page", m)
    soft = vm.page.busy_count[m] & PBUSY_MASK
    if not soft and base_queue(vm, m) != PQ_FREE:
        return
    fmt = "vm_page_free: pindex("
    numbers = f"{vm.page.pindex[m]}), busy {vm.page.busy_count[m]:08x}, hold({vm.page.hold_count[m]})"
    kprintf(vm, fmt + numbers, fmt)
    if base_queue(vm, m) == PQ_FREE:
        raise kpanic(_FUNCTION, "vm_page_free: freeing free page", "the page is already free", m)
    raise kpanic(_FUNCTION, "vm_page_free: freeing busy page", _soft_left(soft), m)


def _soft_left(soft: int) -> str:
    return "1 soft busy is left" if soft == 1 else f"{soft} soft busies are left"


def _refuse_wired_or_mapped(vm: Machine, m: Page) -> None:
    wired = vm.page.wire_count[m]
    if wired > 1:
        raise kpanic(_FUNCTION, "vm_page_free: invalid wire count (", f"wire_count is {wired}", m)
    if wired:
        raise kpanic(_FUNCTION, "vm_page_free: freeing wired page", "wire_count is 1", m)
    if not freeable(vm, m):
        raise kpanic(_FUNCTION, "vm_page_free: page ", "the page is still mapped", m)


def vm_page_free_toq(vm: Machine, m: Page) -> Steps[None]:
    """Free page `m`: remove it from its object; put it at the head of FREE or, while it is held, on HOLD.

    A fictitious page only leaves its object and is unbusied.

    Locks:   the page hard-busied on entry, not on return; takes the object's token, then the page's
             spinlock, then one queue's at a time.
    Blocks:  yes, for the object's token.
    Returns: nothing.
    Errors:  KKASSERT or panic for a mapped, unbusied, soft-busied, free or wired page; for the last two kinds
             only after the page has left its object and queue.
    Source:  sys/vm/vm_page.c vm_page_free_toq
    """
    yield COUNT_FREED
    vm.cpu.v_tfree[vm.mycpu] += 1
    yield "check that the page may be freed"
    if vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE):
        yield from pmap_mapped_sync(vm, m)
        yield "check whether the page is still mapped"
    _refuse_unfreeable(vm, m)
    yield from vm_page_remove(vm, m)
    yield "check whether the page is fictitious"
    if vm.page.flags[m] & PG_FICTITIOUS:
        kkassert(vm.page.queue[m] == PQ_NONE, _FUNCTION, "a fictitious page on no queue", m)
        yield from vm_page_wakeup(vm, m)
        return
    yield from vm_page_spin_lock(vm, m)
    yield from _vm_page_queue_spin_lock(vm, m)
    yield from _vm_page_rem_queue_spinlocked(vm, m)
    yield "clear valid and dirty"
    vm.page.valid[m] = 0
    vm.page.dirty[m] = 0
    _refuse_wired_or_mapped(vm, m)
    vm.page.flags[m] &= ~(PG_NEED_COMMIT | PG_UNQUEUED)
    yield "read hold_count"
    base, athead = (PQ_HOLD, False) if vm.page.hold_count[m] else (PQ_FREE, True)
    yield from _vm_page_add_queue_spinlocked(vm, m, Queue(base + vm.page.pc[m]), athead)
    yield from vm_page_queues_spin_unlock(vm, vm.page.queue[m])
    busy = yield from _clear_locked(vm, m)
    yield from vm_page_spin_unlock(vm, m)
    if busy & PBUSY_WANTED:
        yield from wakeup(vm, CHAN_PAGE + m)
    yield from vm_page_free_wakeup(vm)


vm_page_free = vm_page_free_toq
"""The usual name: in the kernel, vm_page_free does nothing but call this function."""
