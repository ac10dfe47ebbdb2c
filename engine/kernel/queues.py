"""The page queues: which queue a page is on, and linking it in and out.

Between leaving one queue and joining another, a page is on PQ_NONE with only its own spinlock held, so every
other cpu sees it on no queue. FREE takes pages at the head; the other queues at the tail, unless `athead` is
set.
Source: spec 04, Primitives.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    NULL,
    PG_FICTITIOUS,
    PG_UNQUEUED,
    PQ_CACHE,
    PQ_FREE,
    PQ_INACTIVE,
    PQ_L2_SIZE,
    PQ_NONE,
    V_ACTIVE_COUNT,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    V_INACTIVE_COUNT,
    VMSTATS_SIZE,
    Page,
    Queue,
)
from engine.errors import kkassert
from engine.kernel.locks import (
    _vm_page_queue_spin_lock,
    vm_page_queues_spin_lock,
    vm_page_queues_spin_unlock,
    vm_page_spin_lock,
    vm_page_spin_unlock,
)
from engine.kernel.memory_pressure import pagedaemon_wakeup, vm_paging_needed
from engine.kernel.stats import count_pages
from engine.machine.machine import Machine, Steps

COUNTER_OF: Final = (
    NULL,
    *[V_FREE_COUNT] * PQ_L2_SIZE,
    *[V_INACTIVE_COUNT] * PQ_L2_SIZE,
    *[V_ACTIVE_COUNT] * PQ_L2_SIZE,
    *[V_CACHE_COUNT] * PQ_L2_SIZE,
    *[V_ACTIVE_COUNT] * PQ_L2_SIZE,
)
"""cnt_offset of each queue index: the vmstats counter that it changes. HOLD shares ACTIVE's."""

SYNC_LIMIT: Final = -1024
"""An adjustment below this is added to the global at once, when memory is short."""

LEAVE_QUEUE: Final = "leave the queue"
"""The announcement before a page leaves its queue."""


def base_queue(vm: Machine, m: Page) -> int:
    """The type of the queue that page `m` is on: `queue - pc`, which for an unqueued page equals no type."""
    return vm.page.queue[m] - vm.page.pc[m]


def never_queued(vm: Machine, m: Page) -> bool:
    """Whether page `m` is never put on a queue."""
    return bool(vm.page.flags[m] & (PG_FICTITIOUS | PG_UNQUEUED))


def _vm_page_rem_queue_spinlocked(vm: Machine, m: Page) -> Steps[int]:
    """Take page `m` off its queue and release the queue's lock.

    Locks:   the page's and its queue's spinlock on entry; the page's on return.
    Blocks:  no.
    Returns: the type of the queue it was on, PQ_NONE for none.
    Errors:  none.
    Source:  sys/vm/vm_page.c _vm_page_rem_queue_spinlocked
    """
    yield LEAVE_QUEUE
    q = vm.page.queue[m]
    if q == PQ_NONE:
        return PQ_NONE
    _unlink(vm, q, m)
    _adjust(vm, COUNTER_OF[q], -1)
    vm.queue.lcnt[q] -= 1
    vm.page.queue[m] = PQ_NONE
    yield from vm_page_queues_spin_unlock(vm, q)
    return q - vm.page.pc[m]


def _vm_page_add_queue_spinlocked(vm: Machine, m: Page, q: Queue, athead: bool) -> Steps[None]:
    """Put page `m`, which is on no queue, on queue `q`, and leave the queue locked.

    Locks:   the page's spinlock on entry; the page's and the queue's on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when the page is on a queue, fictitious or unqueued.
    Source:  sys/vm/vm_page.c _vm_page_add_queue_spinlocked
    """
    yield from vm_page_queues_spin_lock(vm, q)
    yield "join the queue"
    unqueued = vm.page.queue[m] == PQ_NONE and not never_queued(vm, m)
    kkassert(unqueued, "vm_page_add_queue", "a page on no queue, neither FICTITIOUS nor UNQUEUED", m)
    vm.queue.lcnt[q] += 1
    _adjust(vm, COUNTER_OF[q], 1)
    vm.page.queue[m] = q
    if athead or PQ_FREE <= q < PQ_INACTIVE:
        _link_head(vm, q, m)
    else:
        _link_tail(vm, q, m)


def _unlink(vm: Machine, q: Queue, m: Page) -> None:
    prev, following = vm.page.prev[m], vm.page.next[m]
    if prev == NULL:
        vm.queue.head[q] = following
    else:
        vm.page.next[prev] = following
        vm.page.prev[m] = NULL
    if following == NULL:
        vm.queue.tail[q] = prev
    else:
        vm.page.prev[following] = prev
        vm.page.next[m] = NULL


def _link_head(vm: Machine, q: Queue, m: Page) -> None:
    head = vm.queue.head[q]
    vm.queue.head[q] = m
    if head == NULL:
        vm.queue.tail[q] = m
    else:
        vm.page.next[m] = head
        vm.page.prev[head] = m


def _link_tail(vm: Machine, q: Queue, m: Page) -> None:
    tail = vm.queue.tail[q]
    vm.queue.tail[q] = m
    if tail == NULL:
        vm.queue.head[q] = m
    else:
        vm.page.prev[m] = tail
        vm.page.next[tail] = m


def _adjust(vm: Machine, counter: int, delta: int) -> None:
    """Count a page in or out in this cpu's adjustment and view; only a removal may update the global.

    Without percpu_stats, both update the global.
    """
    at = vm.mycpu * VMSTATS_SIZE + counter
    vm.gd_vmstats.view[at] += delta
    if not vm.switches.percpu_stats:
        count_pages(vm, counter, delta)
        return
    adj = vm.gd_vmstats.adj[at] + delta
    if delta < 0 and adj < SYNC_LIMIT and vm_paging_needed(vm, SYNC_LIMIT * vm.ncpus):
        vm.vmstats.count[counter] += adj
        adj = 0
    vm.gd_vmstats.adj[at] = adj


def vm_page_unqueue_nowakeup(vm: Machine, m: Page) -> Steps[int]:
    """Take page `m` off its queue, if any, without waking the pageout daemon.

    Locks:   none on entry; the page's spinlock, then its queue's; none on return.
    Blocks:  no.
    Returns: the type of the queue it was on (the kernel returns nothing).
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_unqueue_nowakeup
    """
    yield from vm_page_spin_lock(vm, m)
    yield from _vm_page_queue_spin_lock(vm, m)
    old = yield from _vm_page_rem_queue_spinlocked(vm, m)
    yield from vm_page_spin_unlock(vm, m)
    return old


def vm_page_unqueue(vm: Machine, m: Page) -> Steps[None]:
    """Take page `m` off its queue, if any; wake the pageout daemon if a free page was lost.

    Locks:   none on entry; the page's spinlock, then its queue's; none on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_unqueue
    """
    old = yield from vm_page_unqueue_nowakeup(vm, m)
    if old in (PQ_FREE, PQ_CACHE):
        yield from pagedaemon_wakeup(vm)
