"""Finding a page on a coloured queue: first the exact colour, then wider and wider windows around it.

The windows are aligned blocks that contain the colour and are not centred on it; each colour is searched
once. A search takes a queue's lock before a page's, against the usual order. It therefore only tries the
page's lock and skips a page that is locked. `lastq` of the colour asked for is where the last far search
ended.
Source: spec 03, _vm_page_list_find; spec 03, Wide search; spec 03, Two-queue search; spec 03, select_cache.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    NULL,
    PBUSY_WANTED,
    PG_MARKER,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PQ_CACHE,
    PQ_COUNT,
    PQ_FREE,
    Page,
    Queue,
    queue_name,
)
from engine.errors import kkassert, kpanic
from engine.kernel.age import _vm_page_deactivate_locked
from engine.kernel.arguments import BaseQueue, Color, Int, MaybePage
from engine.kernel.busy import _clear_locked, vm_page_busy_try
from engine.kernel.locks import (
    vm_page_queues_spin_lock,
    vm_page_queues_spin_unlock,
    vm_page_spin_trylock,
    vm_page_spin_unlock,
)
from engine.kernel.memory_pressure import pagedaemon_wakeup
from engine.kernel.queues import _vm_page_rem_queue_spinlocked
from engine.kernel.sleep import CHAN_PAGE, wakeup
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_PAGE

FAR: Final = 8
"""A hit on the ninth or a later queue of a search is remembered in lastq."""


_QUEUES: Final = [queue_name(q) for q in range(PQ_FREE, PQ_COUNT)]
LOOK_AT: Final = ("", *[f"look at {name}" for name in _QUEUES])
ASK_FOR: Final = ("", *[f"look at {name}, the colour asked for" for name in _QUEUES])
"""A search's announcement for each queue index; built once, since no announcement is more frequent."""

LOOKS: Final = {text: (q, False) for q, text in enumerate(LOOK_AT) if q} | {
    text: (q, True) for q, text in enumerate(ASK_FOR) if q
}
"""Each of these announcements -> the queue that is searched, and whether its colour was asked for."""

START: Final = "start where the last far search ended"
REMEMBER: Final = "remember where the far search ended"


def _lock_first_page(vm: Machine, q: Queue, function: str) -> Steps[MaybePage]:
    """Lock queue `q` and its first page that is not locked; if there is none, unlock and return NULL."""
    yield from vm_page_queues_spin_lock(vm, q)
    m = vm.queue.head[q]
    while m != NULL:
        if not vm.page.flags[m] & PG_MARKER and (yield from vm_page_spin_trylock(vm, m)):
            kkassert(vm.page.queue[m] == q, function, "a page on the list of its queue", m)
            return m
        m = vm.page.next[m]
    yield from vm_page_queues_spin_unlock(vm, q)
    return NO_PAGE


def _vm_page_list_find(vm: Machine, basequeue: Queue, index: int) -> Steps[MaybePage]:
    """Find a page of type `basequeue`, as near to colour `index` as possible, and leave it on its queue.

    Locks:   none on entry; the page's and its queue's spinlock on success.
    Blocks:  spins on queues; never on a page.
    Returns: the page, or NULL.
    Errors:  KKASSERT when a page on a list names another queue.
    Source:  sys/vm/vm_page.c _vm_page_list_find
    """
    index &= vm.color_mask
    yield ASK_FOR[basequeue + index]
    if vm.queue.head[basequeue + index] != NULL:
        m = yield from _lock_first_page(vm, Queue(basequeue + index), "vm_page_list_find")
        if m != NULL:
            vm.queue.lastq[basequeue + index] = -1
            return m
    return (yield from _vm_page_list_find_wide(vm, basequeue, index))


def _vm_page_list_find_wide(vm: Machine, basequeue: Queue, index: int) -> Steps[MaybePage]:
    """Search windows of doubling size for a page of type `basequeue`.

    Locks:   none on entry; the page's and its queue's spinlock on success.
    Blocks:  spins on queues; never on a page.
    Returns: the page, or NULL after all colours.
    Errors:  KKASSERT when a page on a list names another queue.
    Source:  sys/vm/vm_page.c _vm_page_list_find_wide
    """
    yield START
    asked = basequeue + index
    if vm.queue.lastq[asked] >= 0:
        index = vm.queue.lastq[asked]
    mask, count, skip = -1, 0, (-1, -1)
    while mask < vm.color_mask:
        mask = _wider(vm, mask)
        m, count = yield from _search_window(vm, basequeue, index, mask, skip, count, asked)
        if m != NULL:
            return m
        skip = (index & ~mask, (index | mask) + 1)
    return NO_PAGE


def _wider(vm: Machine, mask: int) -> int:
    """The next window's mask: first the associativity, then twice as many colours."""
    return min(vm.glob.set_assoc_mask[0] if mask < 0 else mask * 2 + 1, vm.color_mask)


def _search_window(
    vm: Machine, basequeue: Queue, index: int, mask: int, skip: tuple[int, int], count: int, asked: int
) -> Steps[tuple[MaybePage, int]]:
    """Search each colour of the aligned window of `mask` + 1 around `index`, except those in `skip`.

    skip:  the colours [low, high) that the window before this one covered.
    count: the number of colours that this search has covered so far.
    asked: the queue whose lastq remembers a far hit.
    Returns the locked page (or NULL) and the new count.
    """
    q, left = index, mask + 1
    while left > 0:
        if skip[0] <= q < skip[1]:
            left -= skip[1] - q
            q = (q & ~mask) | (skip[1] & mask)
        if left > 0:
            yield LOOK_AT[basequeue + q]
            m = vm.queue.head[basequeue + q]
            if m != NULL:
                m = yield from _lock_first_page(vm, Queue(basequeue + q), "vm_page_list_find")
            if m != NULL:
                if count >= FAR:
                    yield REMEMBER
                    vm.queue.lastq[asked] = q
                return m, count
        left -= 1
        count += 1
        q = (q & ~mask) | ((q + 1) & mask)
    return NO_PAGE, count


def _vm_page_list_find2(vm: Machine, basequeue: Queue, basequeue2: Queue, index: int) -> Steps[MaybePage]:
    """Find a page on `basequeue` (FREE) or, less eagerly, `basequeue2` (CACHE), nearest colours first.

    Locks:   none on entry; the page's and its queue's spinlock on success.
    Blocks:  spins on queues; never on a page.
    Returns: the page, or NULL.
    Errors:  KKASSERT when a page on a list names another queue.
    Differs: under find2_full both types are searched to the last colour; the source stops when FREE has been.
    Source:  sys/vm/vm_page.c _vm_page_list_find2
    """
    index &= vm.color_mask
    asked, asked2 = basequeue + index, basequeue2 + index
    yield ASK_FOR[asked]
    if vm.queue.head[asked] != NULL:
        m = yield from _lock_first_page(vm, Queue(asked), "vm_page_list_find2")
        if m != NULL:
            vm.queue.lastq[asked] = -1
            yield "forget where a far search of the cache ended"
            vm.queue.lastq[asked2] = -1
            return m
    yield START
    if vm.queue.lastq[asked] >= 0:
        index = vm.queue.lastq[asked]
    mask, count, skip = -1, 0, (-1, -1)
    mask2, count2, skip2 = -1, 0, (-1, -1)
    while True:
        if mask < vm.color_mask:
            mask = _wider(vm, mask)
            m, count = yield from _search_window(vm, basequeue, index, mask, skip, count, asked)
            if m != NULL:
                return m
            skip = (index & ~mask, (index | mask) + 1)
        if mask2 < vm.color_mask and _cache_turn(vm, mask):
            mask2 = _wider(vm, mask2)
            m, count2 = yield from _search_window(vm, basequeue2, index, mask2, skip2, count2, asked2)
            if m != NULL:
                return m
            skip2 = (index & ~mask2, (index | mask2) + 1)
        if _exhausted(vm, mask, mask2):
            return NO_PAGE


def _cache_turn(vm: Machine, mask: int) -> bool:
    """Whether the cache is searched in this round: never right after the first window of free colours."""
    first = mask < vm.glob.set_assoc_mask[0] * 2 + 1
    return not first or (vm.rules.find2_full and mask >= vm.color_mask)


def _exhausted(vm: Machine, mask: int, mask2: int) -> bool:
    if vm.rules.find2_full:
        return mask >= vm.color_mask and mask2 >= vm.color_mask
    return mask >= vm.color_mask or mask2 >= vm.color_mask


def cache_reach(vm: Machine) -> int:
    """The number of CACHE colours that _vm_page_list_find2 searches before it gives up."""
    mask = mask2 = -1
    while mask < 0 or not _exhausted(vm, mask, mask2):
        if mask < vm.color_mask:
            mask = _wider(vm, mask)
        if mask2 < vm.color_mask and _cache_turn(vm, mask):
            mask2 = _wider(vm, mask2)
    return mask2 + 1


def vm_page_list_find(vm: Machine, basequeue: BaseQueue, index: Int) -> Steps[MaybePage]:
    """Find a page of type `basequeue` near colour `index` and take it off its queue.

    Locks:   none on entry; the page's spinlock on success.
    Blocks:  spins on queues; never on a page.
    Returns: the page, or NULL.
    Errors:  as _vm_page_list_find.
    Source:  sys/vm/vm_page.c vm_page_list_find
    """
    m = yield from _vm_page_list_find(vm, basequeue, index)
    if m != NULL:
        yield from _vm_page_rem_queue_spinlocked(vm, m)
    return m


def _usable_cache_page(vm: Machine, m: Page) -> bool:
    clean = not vm.page.dirty[m] & vm.page.valid[m]
    free = vm.page.hold_count[m] == 0 and vm.page.wire_count[m] == 0
    return clean and free and not vm.page.flags[m] & PG_NEED_COMMIT


def _assert_free_page(vm: Machine, m: Page, function: str) -> None:
    kkassert(not vm.page.flags[m] & (PG_UNQUEUED | PG_NEED_COMMIT), function, "a plain free page", m)
    if vm.page.hold_count[m] != 0:
        raise kpanic(function, "m->hold_count is not zero pg ", "a free page is held", m)
    kkassert(vm.page.wire_count[m] == 0, function, "an unwired free page", m)


def _put_aside(vm: Machine, m: Page) -> Steps[None]:
    """Deactivate a page that was found but cannot be used because it is busy."""
    yield from _vm_page_deactivate_locked(vm, m, 0)
    yield from vm_page_spin_unlock(vm, m)


def _reject(vm: Machine, m: Page) -> Steps[None]:
    """Deactivate a page that was found and busied but cannot be used, and release it."""
    yield from _vm_page_deactivate_locked(vm, m, 0)
    busy = yield from _clear_locked(vm, m)
    yield from vm_page_spin_unlock(vm, m)
    if busy & PBUSY_WANTED:
        yield from wakeup(vm, CHAN_PAGE + m)


def vm_page_select_cache(vm: Machine, index: Color) -> Steps[MaybePage]:
    """Take a clean, unheld, unwired page near colour `index` off the CACHE queues and hard-busy it.

    Pages that do not qualify are deactivated on the way.

    Locks:   none on entry; the page hard-busied on success.
    Blocks:  spins.
    Returns: the page, or NULL.
    Errors:  KKASSERT when the page is UNQUEUED.
    Source:  sys/vm/vm_page.c vm_page_select_cache
    """
    while True:
        m = yield from vm_page_list_find(vm, PQ_CACHE, index)
        if m == NULL:
            return NO_PAGE
        if (yield from vm_page_busy_try(vm, m, 1)):
            yield from _put_aside(vm, m)
            continue
        yield "check whether the cached page can be reused"
        if not _usable_cache_page(vm, m):
            yield from _reject(vm, m)
            continue
        yield from _accept_cache_page(vm, m, "vm_page_select_cache")
        return m


def _accept_cache_page(vm: Machine, m: Page, function: str) -> Steps[None]:
    yield from vm_page_spin_unlock(vm, m)
    kkassert(not vm.page.flags[m] & PG_UNQUEUED, function, "a queued page", m)
    yield from pagedaemon_wakeup(vm)


def vm_page_select_free(vm: Machine, index: Color) -> Steps[MaybePage]:
    """Take a page near colour `index` off the FREE queues and hard-busy it.

    A free page that is momentarily busied is deactivated, and the search continues.

    Locks:   none on entry; the page hard-busied on success.
    Blocks:  spins.
    Returns: the page, or NULL.
    Errors:  KKASSERT or panic when a free page has flags, holds or wirings it must not have.
    Source:  sys/vm/vm_page.c vm_page_select_free
    """
    while True:
        m = yield from vm_page_list_find(vm, PQ_FREE, index)
        if m == NULL:
            return NO_PAGE
        if (yield from vm_page_busy_try(vm, m, 1)):
            yield from _put_aside(vm, m)
            continue
        yield from _accept_free_page(vm, m, "vm_page_select_free")
        return m


def _accept_free_page(vm: Machine, m: Page, function: str) -> Steps[None]:
    yield "check the state of the free page"
    _assert_free_page(vm, m, function)
    yield from vm_page_spin_unlock(vm, m)
    yield from pagedaemon_wakeup(vm)


def vm_page_select_free_or_cache(vm: Machine, index: Color) -> Steps[tuple[MaybePage, int]]:
    """Take a page near colour `index` off FREE or CACHE, whichever is nearer, and hard-busy it.

    Locks:   none on entry; the page hard-busied on success.
    Blocks:  spins.
    Returns: (page or NULL, 1 if it came from CACHE).
    Errors:  as vm_page_select_free and vm_page_select_cache.
    Source:  sys/vm/vm_page.c vm_page_select_free_or_cache
    """
    while True:
        m = yield from _vm_page_list_find2(vm, PQ_FREE, PQ_CACHE, index)
        if m == NULL:
            return NO_PAGE, 0
        busied = not (yield from vm_page_busy_try(vm, m, 1))
        old = yield from _vm_page_rem_queue_spinlocked(vm, m)
        if not busied:
            yield from _put_aside(vm, m)
        elif old == PQ_FREE:
            yield from _accept_free_page(vm, m, "vm_page_select_free_or_cache")
            return m, 0
        else:
            yield "check whether the cached page can be reused"
            if _usable_cache_page(vm, m):
                yield from _accept_cache_page(vm, m, "vm_page_select_free_or_cache")
                return m, 1
            yield from _reject(vm, m)
