"""Page ageing: activate, deactivate, cache, and free a page that is no longer in use.

The kernel looks before it locks, so an early answer may be stale by the time it holds the lock: each of these
functions looks again under the page's spinlock.
Source: spec 04.
"""

from __future__ import annotations

from engine.constants import (
    ACT_INIT,
    PBUSY_MASK,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PG_UNQUEUED,
    PG_WINATCFLS,
    PG_WRITEABLE,
    PQ_ACTIVE,
    PQ_CACHE,
    PQ_FREE,
    PQ_HOLD,
    PQ_INACTIVE,
    Page,
    Queue,
)
from engine.errors import kkassert
from engine.kernel.busy import vm_page_busy_try, vm_page_wakeup
from engine.kernel.free import vm_page_free_toq
from engine.kernel.locks import (
    _vm_page_queue_spin_lock,
    vm_page_queues_spin_unlock,
    vm_page_spin_lock,
    vm_page_spin_unlock,
)
from engine.kernel.memory_pressure import pagedaemon_wakeup, vm_page_free_wakeup
from engine.kernel.pmap import pmap_clear_reference, pmap_mapped_sync, vm_page_protect
from engine.kernel.queues import (
    _vm_page_add_queue_spinlocked,
    _vm_page_rem_queue_spinlocked,
    base_queue,
    never_queued,
)
from engine.kernel.valid_dirty import vm_page_test_dirty
from engine.machine.machine import Machine, Steps

_NOT_CACHEABLE = PG_UNQUEUED | PG_NEED_COMMIT | PG_FICTITIOUS


def _raise_act_count(vm: Machine, m: Page) -> None:
    vm.page.act_count[m] = max(vm.page.act_count[m], ACT_INIT)


def vm_page_activate(vm: Machine, m: Page) -> Steps[None]:
    """Move a page to the tail of its active queue and give it an activity of at least ACT_INIT.

    A page that is already active, or that never goes on a queue, only gets the activity.

    Locks:   none on entry; takes the page's spinlock, then one queue's at a time; none on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_activate
    """
    yield "look at the queue, unlocked"
    if base_queue(vm, m) == PQ_ACTIVE or never_queued(vm, m):
        _raise_act_count(vm, m)
        return
    yield from vm_page_spin_lock(vm, m)
    old = yield from _activate_locked(vm, m)
    yield from vm_page_spin_unlock(vm, m)
    if old in (PQ_CACHE, PQ_FREE):
        yield from pagedaemon_wakeup(vm)


def _activate_locked(vm: Machine, m: Page) -> Steps[int]:
    """Look again with the page's spinlock held, and move the page. Returns the type of its old queue."""
    yield "look at the queue again, locked"
    if base_queue(vm, m) == PQ_ACTIVE or never_queued(vm, m):
        _raise_act_count(vm, m)
        return PQ_ACTIVE
    yield from _vm_page_queue_spin_lock(vm, m)
    old = yield from _vm_page_rem_queue_spinlocked(vm, m)
    yield "raise act_count to at least ACT_INIT"
    if old == PQ_CACHE:
        vm.cpu.v_reactivated[vm.mycpu] += 1
    _raise_act_count(vm, m)
    yield from _vm_page_add_queue_spinlocked(vm, m, Queue(PQ_ACTIVE + vm.page.pc[m]), False)
    yield from vm_page_queues_spin_unlock(vm, vm.page.queue[m])
    return old


def vm_page_soft_activate(vm: Machine, m: Page) -> Steps[None]:
    """Activate a page that is not busied.

    Locks:   as vm_page_activate.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_soft_activate
    """
    yield from vm_page_activate(vm, m)


def vm_page_deactivate(vm: Machine, m: Page) -> Steps[None]:
    """Move a page to the tail of its inactive queue.

    A page that is already inactive, or that never goes on a queue, stays where it is.

    Locks:   none on entry; takes the page's spinlock, then one queue's at a time; none on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_deactivate
    """
    yield "look at the queue, unlocked"
    if base_queue(vm, m) == PQ_INACTIVE or never_queued(vm, m):
        return
    yield from vm_page_spin_lock(vm, m)
    yield from _vm_page_deactivate_locked(vm, m, 0)
    yield from vm_page_spin_unlock(vm, m)


def _vm_page_deactivate_locked(vm: Machine, m: Page, athead: int) -> Steps[None]:
    """Move a page, whose spinlock is held and kept, to the tail or head of its inactive queue.

    Locks:   the page's spinlock on entry and return; takes one queue's at a time.
    Blocks:  spins.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c _vm_page_deactivate_locked
    """
    yield "look at the queue, locked"
    if base_queue(vm, m) == PQ_INACTIVE or never_queued(vm, m):
        return
    yield from _vm_page_queue_spin_lock(vm, m)
    old = yield from _vm_page_rem_queue_spinlocked(vm, m)
    yield "clear PG_WINATCFLS"
    if old == PQ_CACHE:
        vm.cpu.v_reactivated[vm.mycpu] += 1
    vm.page.flags[m] &= ~PG_WINATCFLS
    yield from _vm_page_add_queue_spinlocked(vm, m, Queue(PQ_INACTIVE + vm.page.pc[m]), bool(athead))
    if not athead:
        vm.queue.adds[vm.page.queue[m]] += 1
    yield from vm_page_queues_spin_unlock(vm, vm.page.queue[m])


def _pinned(vm: Machine, m: Page) -> bool:
    """Whether page `m` is soft-busied, wired or held."""
    soft = vm.page.busy_count[m] & PBUSY_MASK
    return bool(soft or vm.page.wire_count[m] or vm.page.hold_count[m])


def vm_page_cache(vm: Machine, m: Page) -> Steps[None]:
    """Unmap a clean page and move it to the tail of its cache queue; deactivate a dirty one.

    Locks:   the page hard-busied on entry, never on return; takes the page's spinlock, then queues'.
    Blocks:  yes, while mappings are removed.
    Returns: nothing.
    Errors:  KKASSERT when a cached page is mapped.
    Source:  sys/vm/vm_page.c vm_page_cache
    """
    yield "check whether the page may be cached"
    if vm.page.flags[m] & _NOT_CACHEABLE or _pinned(vm, m):
        yield from vm_page_wakeup(vm, m)
        return
    if base_queue(vm, m) == PQ_CACHE:
        kkassert(not vm.page.flags[m] & PG_MAPPED, "vm_page_cache", "an unmapped cached page", m)
        yield from vm_page_wakeup(vm, m)
        return
    if vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE):
        yield from vm_page_protect(vm, m, 0)
        yield from pmap_mapped_sync(vm, m)
    yield "look again now that nothing maps the page"
    if vm.page.flags[m] & (PG_UNQUEUED | PG_MAPPED) or _pinned(vm, m):
        yield from vm_page_wakeup(vm, m)
    elif vm.page.dirty[m] or vm.page.flags[m] & PG_NEED_COMMIT:
        yield from vm_page_deactivate(vm, m)
        yield from vm_page_wakeup(vm, m)
    else:
        yield from _cache_clean(vm, m)


def _cache_clean(vm: Machine, m: Page) -> Steps[None]:
    yield from vm_page_spin_lock(vm, m)
    yield from _vm_page_queue_spin_lock(vm, m)
    yield from _vm_page_rem_queue_spinlocked(vm, m)
    yield from _vm_page_add_queue_spinlocked(vm, m, Queue(PQ_CACHE + vm.page.pc[m]), False)
    yield from vm_page_queues_spin_unlock(vm, vm.page.queue[m])
    yield from vm_page_spin_unlock(vm, m)
    yield from vm_page_wakeup(vm, m)
    yield from vm_page_free_wakeup(vm)


def vm_page_try_to_cache(vm: Machine, m: Page) -> Steps[bool]:
    """Cache a page that is clean and not in use; one that proves dirty is deactivated if it is active.

    Locks:   the page hard-busied on entry, never on return; otherwise as vm_page_cache.
    Blocks:  yes, while mappings are removed.
    Returns: whether vm_page_cache was called, even if that declined.
    Errors:  those of vm_page_cache.
    Source:  sys/vm/vm_page.c vm_page_try_to_cache
    """
    yield "check whether the page may be cached"
    refuse = vm.page.dirty[m] or vm.page.hold_count[m] or vm.page.wire_count[m]
    if refuse or base_queue(vm, m) == PQ_CACHE or vm.page.flags[m] & _NOT_CACHEABLE:
        yield from vm_page_wakeup(vm, m)
        return False
    yield from vm_page_test_dirty(vm, m)
    yield "check whether the mappings made it dirty"
    if vm.page.dirty[m] or vm.page.flags[m] & PG_NEED_COMMIT:
        if base_queue(vm, m) == PQ_ACTIVE:
            yield from vm_page_deactivate(vm, m)
        yield from vm_page_wakeup(vm, m)
        return False
    yield from vm_page_cache(vm, m)
    return True


def vm_page_dontneed(vm: Machine, m: Page) -> Steps[None]:
    """Deactivate a page that is not needed soon: usually to the head of its inactive queue.

    A counter shared by all cpus spreads the pages: of 512 calls, 16 leave the page alone, 48 move it to the
    tail and 448 to the head, where it is reclaimed next. A dirty page always goes to the tail.

    Locks:   the page hard-busied (not asserted), also on return; takes the page's spinlock, then queues'.
    Blocks:  no.
    Returns: nothing.
    Errors:  those of vm_page_dirty.
    Source:  sys/vm/vm_page.c vm_page_dontneed
    """
    yield "count the call"
    weight = vm.fetchadd(vm.glob.dontneed_weight, 0, 1) + 1
    yield "check whether to leave the page alone"
    if not weight & 0x1F0 or base_queue(vm, m) in (PQ_INACTIVE, PQ_CACHE):
        if vm.page.act_count[m] >= ACT_INIT:
            vm.page.act_count[m] -= 1
        return
    yield "clear PG_REFERENCED"
    vm.page.flags[m] &= ~PG_REFERENCED
    yield from pmap_clear_reference(vm, m)
    yield "check whether the page is dirty"
    if vm.page.dirty[m] == 0:
        yield from vm_page_test_dirty(vm, m)
    yield "choose the head or the tail of the queue"
    athead = vm.page.dirty[m] == 0 and weight & 0x70 != 0
    yield from vm_page_spin_lock(vm, m)
    yield from _vm_page_deactivate_locked(vm, m, int(athead))
    yield from vm_page_spin_unlock(vm, m)


def vm_page_try_to_free(vm: Machine, m: Page) -> Steps[bool]:
    """Free a page that is clean and not in use.

    Locks:   the page not busied on entry or return; takes its busy, then as vm_page_free.
    Blocks:  yes, while mappings are removed.
    Returns: whether it was freed.
    Errors:  those of vm_page_free_toq, when the page was wired while its mappings were removed.
    Source:  sys/vm/vm_page.c vm_page_try_to_free
    """
    if (yield from vm_page_busy_try(vm, m, 1)):
        return False
    yield "check whether the page may be freed"
    refuse = vm.page.dirty[m] or vm.page.hold_count[m] or vm.page.wire_count[m]
    if refuse or vm.page.flags[m] & _NOT_CACHEABLE or base_queue(vm, m) in (PQ_FREE, PQ_HOLD):
        yield from vm_page_wakeup(vm, m)
        return False
    yield from vm_page_test_dirty(vm, m)
    yield "check whether the mappings made it dirty"
    if vm.page.dirty[m] or vm.page.flags[m] & PG_NEED_COMMIT:
        yield from vm_page_wakeup(vm, m)
        return False
    yield from vm_page_protect(vm, m, 0)
    yield "check whether unmapping made it dirty"
    if vm.page.dirty[m] or vm.page.flags[m] & PG_NEED_COMMIT:
        yield from vm_page_wakeup(vm, m)
        return False
    yield from vm_page_free_toq(vm, m)
    return True
