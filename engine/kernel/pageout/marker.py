"""Markers: how a scan keeps its place in a queue that others change.

A marker is a fictitious page, permanently busied, flagged PG_MARKER and not counted in the queue's length. It
moves past each page before the scan examines the page, so the scan may unlock the queue. Each thread has one
marker, in the rows after the fake pages of the page table.
Source: spec 22, B2.
"""

from __future__ import annotations

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_MARKER,
    PQ_FREE,
    PQ_L2_MASK,
    PQ_NONE,
    Page,
    Queue,
)
from engine.errors import kkassert
from engine.kernel.arguments import MaybePage
from engine.kernel.busy import vm_page_busy_try
from engine.kernel.locks import (
    _vm_page_queue_spin_lock,
    vm_page_queues_spin_lock,
    vm_page_queues_spin_unlock,
    vm_page_spin_lock,
    vm_page_spin_unlock,
)
from engine.kernel.queues import _link_head, _link_tail, _unlink, base_queue
from engine.machine.machine import Machine, Steps


def marker(vm: Machine) -> Page:
    """The calling thread's marker."""
    return vm.marker_of(vm.curthread)


def _insert_marker(vm: Machine, q: Queue) -> Steps[None]:
    """Lock queue `q` and put this thread's marker at its head.

    Locks:   none on entry; the queue's spinlock on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    """
    yield from vm_page_queues_spin_lock(vm, q)
    yield "put a marker at the head of the queue"
    mark = marker(vm)
    vm.page.flags[mark] = PG_FICTITIOUS | PG_MARKER
    vm.page.busy_count[mark] = PBUSY_LOCKED
    vm.page.wire_count[mark] = 1
    vm.page.queue[mark] = q
    vm.page.pc[mark] = q - PQ_FREE & PQ_L2_MASK
    _link_head(vm, q, mark)


def _remove_marker(vm: Machine, q: Queue) -> Steps[None]:
    """Take this thread's marker off queue `q`, which is locked, and unlock it.

    Locks:   the queue's spinlock on entry, not on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    """
    yield "remove the marker from the queue"
    mark = marker(vm)
    _unlink(vm, q, mark)
    vm.page.flags[mark] = 0
    vm.page.busy_count[mark] = 0
    vm.page.wire_count[mark] = 0
    vm.page.queue[mark] = PQ_NONE
    vm.page.pc[mark] = 0
    yield from vm_page_queues_spin_unlock(vm, q)


def behind_marker(vm: Machine) -> MaybePage:
    """The entry after this thread's marker, or NULL: part of a step that holds the queue's lock."""
    return vm.page.next[marker(vm)]


def move_marker(vm: Machine, q: Queue, m: Page) -> bool:
    """Put this thread's marker after entry `m`: part of a step that holds the queue's lock.

    Returns: whether `m` is a page and not another scan's marker.
    """
    kkassert(vm.page.queue[m] == q, "vm_pageout_scan", "a page on the list of its queue", m)
    mark = marker(vm)
    _unlink(vm, q, mark)
    following = vm.page.next[m]
    vm.page.prev[mark] = m
    vm.page.next[mark] = following
    vm.page.next[m] = mark
    if following == NULL:
        vm.queue.tail[q] = mark
    else:
        vm.page.prev[following] = mark
    return not vm.page.flags[m] & PG_MARKER


def _busy_scanned(vm: Machine, q: Queue, m: Page) -> Steps[bool]:
    """Busy page `m` of the locked queue `q`, and unlock the queue.

    Locks:   the queue's spinlock on entry; on success the page hard-busied instead.
    Blocks:  no.
    Returns: whether it was busied; if not, the queue is still locked.
    Errors:  KKASSERT when the page is on another queue than the one whose list it was on.
    """
    if (yield from vm_page_busy_try(vm, m, 1)):
        return False
    kkassert(vm.page.queue[m] == q, "vm_pageout_scan", "a busied page on the queue that is locked", m)
    yield from vm_page_queues_spin_unlock(vm, q)
    return True


def _requeue(vm: Machine, m: Page, base: int) -> Steps[None]:
    """Move page `m` to the tail of its queue, if that is of type `base`.

    Locks:   the page busied; takes the page's spinlock, then the queue's.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    """
    yield from vm_page_spin_lock(vm, m)
    yield from _vm_page_queue_spin_lock(vm, m)
    yield "move the page to the tail of its queue"
    q = vm.page.queue[m]
    if base_queue(vm, m) == base:
        _unlink(vm, q, m)
        _link_tail(vm, q, m)
    if q != PQ_NONE:
        yield from vm_page_queues_spin_unlock(vm, q)
    yield from vm_page_spin_unlock(vm, m)
