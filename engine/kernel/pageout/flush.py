"""Writing a dirty page together with its neighbours: the cluster, and the flush.

While a page is written it is soft-busied and write-protected: it can be read, and no thread can hard-busy it
with `also_m_busy`. A pager that returns PEND cleans up when the write ends; all other results are cleaned up
here.
Source: spec 22, section D.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    BLIST_MAX_ALLOC,
    NULL,
    OBJPC_ALLOW_ACTIVE,
    OBJPC_TRY_TO_CACHE,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PG_WINATCFLS,
    PQ_ACTIVE,
    PQ_CACHE,
    PQ_INACTIVE,
    VM_PAGE_BITS_ALL,
    VM_PAGER_BAD,
    VM_PAGER_OK,
    VM_PAGER_PEND,
    VM_PROT_NONE,
    VM_PROT_READ,
    Obj,
    Page,
)
from engine.errors import KernelPanic, kpanic
from engine.kernel.age import vm_page_deactivate, vm_page_try_to_cache
from engine.kernel.arguments import Int
from engine.kernel.busy import vm_page_busy_wait, vm_page_io_finish, vm_page_io_start, vm_page_wakeup
from engine.kernel.lookup import vm_page_lookup_busy_try
from engine.kernel.memory_pressure import vm_page_count_severe
from engine.kernel.object_life import vm_object_pip_add, vm_object_pip_wakeup_n
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.pagers.write import vm_pager_put_pages
from engine.kernel.pmap import pmap_clear_modify, vm_page_protect
from engine.kernel.queues import base_queue
from engine.kernel.valid_dirty import vm_page_test_dirty, vm_page_undirty
from engine.machine.machine import Machine, Steps

_PINDEX: Final = (1 << 64) - 1


def vm_pageout_clean_helper(vm: Machine, m: Page, vmflush_flags: Int) -> Steps[int]:
    """Write page `m` together with the dirty pages around it in its object.

    The cluster is within the aligned window of BLIST_MAX_ALLOC indices, and has no gaps.

    Locks:   the page hard-busied on entry, not on return; takes the object's token, then neighbours' busy.
    Blocks:  yes.
    Returns: how many pages were written or are being written.
    Errors:  those of vm_pageout_flush; a NULL dereference when the page has no object.
    Source:  sys/vm/vm_pageout.c vm_pageout_clean_helper
    """
    yield "check whether the page may be clustered"
    if vm.page.hold_count[m] or vm.page.flags[m] & PG_UNQUEUED:
        yield from vm_page_wakeup(vm, m)
        return 0
    obj, pindex = vm.page.object[m], vm.page.pindex[m] & _PINDEX
    if obj == NULL:
        raise KernelPanic("fault", "vm_pageout_clean_helper", "the page has no object", page=m)
    yield from vm_object_hold(vm, obj)
    below = yield from _neighbours(vm, m, obj, pindex, -1, vmflush_flags)
    above = yield from _neighbours(vm, m, obj, pindex, 1, vmflush_flags)
    yield from vm_object_drop(vm, obj)
    return (yield from vm_pageout_flush(vm, (*reversed(below), m, *above), vmflush_flags))


def vm_pageout_clean(vm: Machine, m: Page) -> Steps[int]:
    """Write page `m` and the dirty pages around it: vm_pageout_clean_helper without flags.

    Locks:   as vm_pageout_clean_helper.
    Blocks:  yes.
    Returns: how many pages were written or are being written.
    Errors:  those of vm_pageout_clean_helper.
    Source:  the design document, Pattern 2; sys/vm/vm_pageout.c vm_pageout_clean in older kernels
    """
    return (yield from vm_pageout_clean_helper(vm, m, 0))


def _neighbours(
    vm: Machine, m: Page, obj: Obj, pindex: int, direction: int, vmflush_flags: int
) -> Steps[tuple[Page, ...]]:
    """Busy the pages next to page `m`, downwards or upwards, as long as they can be written with it."""
    window = pindex // BLIST_MAX_ALLOC
    found: tuple[Page, ...] = ()
    while True:
        pindex += direction
        yield "advance to the next index of the window"
        beyond = direction > 0 and pindex >= vm.object.size[obj]
        if pindex // BLIST_MAX_ALLOC != window or beyond:
            return found
        p, busy = yield from vm_page_lookup_busy_try(vm, obj, _signed(pindex), 1)
        if p == NULL or busy:
            return found
        if not (yield from _joins(vm, m, p, vmflush_flags)):
            yield from vm_page_wakeup(vm, p)
            return found
        found = (*found, p)


def _signed(pindex: int) -> int:
    """An index as a signed number, the form that cells keep."""
    return pindex - (1 << 64) if pindex >> 63 else pindex


def _joins(vm: Machine, m: Page, p: Page, vmflush_flags: int) -> Steps[bool]:
    """Whether the busied neighbour `p` is written along with `m`; if so, it also gets m's age."""
    yield "check whether the neighbour is on a queue to launder"
    if base_queue(vm, p) == PQ_CACHE or vm.page.flags[p] & PG_UNQUEUED:
        return False
    yield from vm_page_test_dirty(vm, p)
    yield "check whether the neighbour is dirty and may be written"
    clean = not vm.page.dirty[p] & vm.page.valid[p] and not vm.page.flags[p] & PG_NEED_COMMIT
    if clean or vm.page.wire_count[p] or vm.page.hold_count[p]:
        return False
    allowed = (PQ_INACTIVE, PQ_ACTIVE) if vmflush_flags & OBJPC_ALLOW_ACTIVE else (PQ_INACTIVE,)
    if base_queue(vm, p) not in allowed:
        return False
    yield "copy PG_WINATCFLS and act_count to the neighbour"
    vm.page.flags[p] = vm.page.flags[p] & ~PG_WINATCFLS | vm.page.flags[m] & PG_WINATCFLS
    vm.page.act_count[p] = vm.page.act_count[m]
    return True


def vm_pageout_flush(vm: Machine, pages: tuple[Page, ...], vmflush_flags: int) -> Steps[int]:
    """Write consecutive pages of one object: soft-busy, protect and release them, and call the pager.

    Locks:   every page hard-busied on entry, none on return; pages being written stay soft-busied.
    Blocks:  yes.
    Returns: how many pages were written or are being written.
    Errors:  panic when a page is not fully valid, after those before it were soft-busied; a NULL dereference
             without an object; those of vm_page_protect.
    Differs: the model has no kernel object, whose pages the source writes synchronously.
    Source:  sys/vm/vm_pageout.c vm_pageout_flush
    """
    for m in pages:
        yield from _start_io(vm, m)
    for m in pages:
        yield from vm_page_protect(vm, m, VM_PROT_NONE if _caching(vmflush_flags) else VM_PROT_READ)
        yield from vm_page_wakeup(vm, m)
    yield "find the object of the pages"
    obj = vm.page.object[pages[0]]
    if obj == NULL:
        raise KernelPanic("fault", "vm_pageout_flush", "the page has no object", page=pages[0])
    yield from vm_object_pip_add(vm, obj, len(pages))
    results = yield from vm_pager_put_pages(vm, obj, pages, vmflush_flags)
    for m, result in zip(pages, results, strict=True):
        if result == VM_PAGER_BAD:
            yield from _give_up_changes(vm, m)
        if result != VM_PAGER_PEND:
            yield from _finish_io(vm, obj, m, vmflush_flags)
    return sum(result in (VM_PAGER_OK, VM_PAGER_PEND) for result in results)


def _caching(vmflush_flags: int) -> bool:
    return bool(vmflush_flags & OBJPC_TRY_TO_CACHE)


def _start_io(vm: Machine, m: Page) -> Steps[None]:
    yield "check that the page is fully valid"
    if vm.page.valid[m] != VM_PAGE_BITS_ALL:
        raise kpanic("vm_pageout_flush", "vm_pageout_flush page ", "the page is not fully valid", m)
    yield from vm_page_io_start(vm, m)


def _give_up_changes(vm: Machine, m: Page) -> Steps[None]:
    """Mark a page that its pager cannot store as written, and lose the changes."""
    yield from vm_page_busy_wait(vm, m, 0, "pgbad")
    yield from pmap_clear_modify(vm, m)
    yield from vm_page_undirty(vm, m)
    yield from vm_page_wakeup(vm, m)


def _finish_io(vm: Machine, obj: Obj, m: Page, vmflush_flags: int) -> Steps[None]:
    """Clean up after a page whose write is not pending."""
    yield from vm_page_busy_wait(vm, m, 0, "pgouw")
    yield from vm_page_io_finish(vm, m)
    if _caching(vmflush_flags):
        yield from vm_page_try_to_cache(vm, m)
    else:
        yield "check whether memory is severely short"
        if vm_page_count_severe(vm):
            yield from vm_page_deactivate(vm, m)
        yield from vm_page_wakeup(vm, m)
    yield from vm_object_pip_wakeup_n(vm, obj, 1)
