"""The pageout daemon's decision for one inactive page: the first rule that applies.

A dirty page is not written on its first visit: it goes round the queue once more, marked PG_WINATCFLS (the
double LRU). It is written on the second visit and cached on the third.
Source: spec 22, section C.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    ACT_ADVANCE,
    NULL,
    OBJ_DEAD,
    OBJ_MIGHTBEDIRTY,
    OBJT_DEFAULT,
    OBJT_SWAP,
    OBJT_VNODE,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PG_WINATCFLS,
    PQ_INACTIVE,
    VM_PROT_NONE,
    Obj,
    Page,
)
from engine.kernel.age import vm_page_activate, vm_page_cache
from engine.kernel.arguments import Int, Long, MaybeObj
from engine.kernel.busy import vm_page_busy_try, vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.hold import vm_page_hold, vm_page_unhold
from engine.kernel.memory_pressure import vm_page_count_min
from engine.kernel.pageout.flush import vm_pageout_clean_helper
from engine.kernel.pageout.marker import _requeue
from engine.kernel.pagers.write import vget, vput
from engine.kernel.pmap import pmap_clear_reference, pmap_ts_referenced, vm_page_protect
from engine.kernel.queues import base_queue, vm_page_unqueue_nowakeup
from engine.kernel.remarks import kprintf
from engine.kernel.valid_dirty import vm_page_dirty, vm_page_flag_clear, vm_page_flag_set, vm_page_test_dirty
from engine.machine.machine import Machine, Steps

Decision = tuple[int, int, int, int, int, int, int, MaybeObj]
"""(count, budget left, vnodes skipped, flushed, cleaned, second chances, reactivated, vnode that failed)."""

ANONYMOUS: Final = (OBJT_DEFAULT, OBJT_SWAP)


def vm_pageout_page(
    vm: Machine, m: Page, max_launder: Long, vpfailed: MaybeObj, pass_: Int, vmflush_flags: Int
) -> Steps[Decision]:
    """Decide what to do with an inactive page, and do it: reactivate, free, cache, write, or leave it.

    vpfailed: the object whose vnode could last not be locked in this scan; it is not waited for again.
    pass_:    the level L, not the number of passes.

    Locks:   the page hard-busied on entry, never on return.
    Blocks:  yes, for a vnode or a pager.
    Returns: how many pages count towards the shortage, then what the kernel returns through pointers.
    Errors:  those of vm_page_dirty, vm_page_free, vm_page_cache and vm_pageout_flush.
    Source:  sys/vm/vm_pageout.c vm_pageout_page
    """
    if (yield from _unusable(vm, m)):
        return 0, max_launder, 0, 0, 0, 0, 0, vpfailed
    if (yield from _still_used(vm, m)):
        return 0, max_launder, 0, 0, 0, 0, 1, vpfailed
    yield from _refresh_dirty(vm, m)
    if (yield from _reclaim_clean(vm, m)):
        return 1, max_launder, 0, 0, 1, 0, 0, vpfailed
    if (yield from _second_chance(vm, m, pass_)):
        return 0, max_launder, 0, 0, 0, 1, 0, vpfailed
    if max_launder <= 0:
        yield from vm_page_wakeup(vm, m)
        return 0, max_launder, 0, 0, 0, 0, 0, vpfailed
    count, skipped, vpfailed = yield from _launder(vm, m, vpfailed, vmflush_flags)
    return count, max_launder - count, skipped, count, 0, 0, 0, vpfailed


def _unusable(vm: Machine, m: Page) -> Steps[bool]:
    """Rules 1 and 2: remove a wired page from the queue, move a held one to its tail."""
    yield "check whether the page is wired or held"
    if vm.page.wire_count[m]:
        yield from vm_page_unqueue_nowakeup(vm, m)
    elif vm.page.hold_count[m]:
        yield from _requeue(vm, m, PQ_INACTIVE)
    else:
        return False
    yield from vm_page_wakeup(vm, m)
    return True


def _unreferenced(vm: Machine, m: Page) -> bool:
    """Whether the page's object is unreferenced, so that references to the page have no meaning."""
    obj = vm.page.object[m]
    return obj == NULL or vm.object.ref_count[obj] == 0


def _still_used(vm: Machine, m: Page) -> Steps[bool]:
    """Rules 3 and 4: move a referenced page back to its active queue, with a higher act_count."""
    yield "check whether anything refers to the page's object"
    if _unreferenced(vm, m):
        yield from vm_page_flag_clear(vm, m, PG_REFERENCED)
        yield from pmap_clear_reference(vm, m)
        return False
    yield "check whether the page was referenced"
    if not vm.page.flags[m] & PG_REFERENCED:
        used = yield from pmap_ts_referenced(vm, m)
        if used:
            yield from _reactivate(vm, m, used + ACT_ADVANCE)
        return used > 0
    yield from vm_page_flag_clear(vm, m, PG_REFERENCED)
    used = yield from pmap_ts_referenced(vm, m)
    yield from _reactivate(vm, m, used + ACT_ADVANCE + 1)
    return True


def _reactivate(vm: Machine, m: Page, advance: int) -> Steps[None]:
    yield from vm_page_activate(vm, m)
    yield "raise act_count, even past ACT_MAX"
    vm.page.act_count[m] += advance
    yield from vm_page_wakeup(vm, m)


def _refresh_dirty(vm: Machine, m: Page) -> Steps[None]:
    """Rule 5: collect the mappings' modified bit; make a partly dirty page fully dirty."""
    yield "check whether the page is dirty"
    if vm.page.dirty[m]:
        yield from vm_page_dirty(vm, m)
    else:
        yield from vm_page_test_dirty(vm, m)


def _reclaim_clean(vm: Machine, m: Page) -> Steps[bool]:
    """Rules 6 and 7: free an invalid page, cache a clean one."""
    yield "check whether the page is invalid or clean"
    if vm.page.flags[m] & PG_NEED_COMMIT or (vm.page.valid[m] and vm.page.dirty[m]):
        return False
    if vm.page.valid[m]:
        yield from vm_page_cache(vm, m)
    else:
        yield from vm_pageout_page_free(vm, m)
    return True


def vm_pageout_page_free(vm: Machine, m: Page) -> Steps[None]:
    """Unmap a page and free it, dirty or not, and count it as freed by the daemon.

    Locks:   the page hard-busied on entry, not on return; then as vm_page_free.
    Blocks:  yes.
    Returns: nothing.
    Errors:  those of vm_page_free.
    Source:  sys/vm/vm_pageout.c vm_pageout_page_free
    """
    yield from vm_page_protect(vm, m, VM_PROT_NONE)
    yield from vm_page_free(vm, m)
    yield "count the page as freed by the daemon"
    vm.cpu.v_dfree[vm.mycpu] += 1


def _second_chance(vm: Machine, m: Page, pass_: int) -> Steps[bool]:
    """Rule 8: at level 0, send a dirty page round the queue once before it is written."""
    yield "check whether the page has had its second chance"
    if vm.page.flags[m] & PG_WINATCFLS or pass_:
        return False
    yield from vm_page_flag_set(vm, m, PG_WINATCFLS)
    yield from _requeue(vm, m, PQ_INACTIVE)
    yield from vm_page_wakeup(vm, m)
    return True


# --- laundering: rule 9 -----------------------------------------------------------------------------------


def _launder(
    vm: Machine, m: Page, vpfailed: MaybeObj, vmflush_flags: int
) -> Steps[tuple[int, int, MaybeObj]]:
    """Write the page and its neighbours, if its object permits it.

    Returns: (pages written, vnodes skipped, the vnode that failed last).
    """
    yield from vm_page_flag_set(vm, m, PG_WINATCFLS)
    yield "check whether the page may be written"
    obj = vm.page.object[m]
    if obj == NULL or vm.object.flags[obj] & OBJ_DEAD or not _pageout_allowed(vm, obj):
        yield from _requeue(vm, m, PQ_INACTIVE)
        yield from vm_page_wakeup(vm, m)
        return 0, 0, vpfailed
    if vm.object.type[obj] != OBJT_VNODE:
        return (yield from vm_pageout_clean_helper(vm, m, vmflush_flags)), 0, vpfailed
    ready, skipped, vpfailed = yield from _lock_vnode(vm, m, obj, vpfailed)
    if not ready:
        return 0, skipped, vpfailed
    count = yield from vm_pageout_clean_helper(vm, m, vmflush_flags)
    yield from vput(vm, obj)
    return count, 0, vpfailed


def _pageout_allowed(vm: Machine, obj: Obj) -> bool:
    """Whether pages of this object are written now: for anonymous ones two tunables decide."""
    if vm.object.type[obj] not in ANONYMOUS:
        return True
    if vm.glob.disable_swap_pageouts[0]:
        return False
    return not vm.glob.defer_swap_pageouts[0] or vm_page_count_min(vm, 0)


def _lock_vnode(vm: Machine, m: Page, obj: Obj, vpfailed: MaybeObj) -> Steps[tuple[bool, int, MaybeObj]]:
    """Lock the page's vnode, with the page only held meanwhile, then busy the page again.

    Returns: (whether both succeeded, vnodes skipped, the vnode that failed last).
    """
    yield from vm_page_hold(vm, m)
    yield from vm_page_wakeup(vm, m)
    if (yield from vget(vm, obj, obj == vpfailed)):
        skipped = yield from _skip(vm, obj)
        yield from vm_page_unhold(vm, m)
        return False, skipped, obj
    yield "check whether it is still the same page"
    if base_queue(vm, m) != PQ_INACTIVE or vm.page.object[m] != obj:
        skipped = yield from _skip(vm, obj)
        yield from vput(vm, obj)
        yield from vm_page_unhold(vm, m)
        return False, skipped, vpfailed
    if (yield from vm_page_busy_try(vm, m, 1)):
        yield from vput(vm, obj)
        yield from vm_page_unhold(vm, m)
        return False, 0, vpfailed
    yield from vm_page_unhold(vm, m)
    ready, skipped = yield from _look_again(vm, m, obj)
    return ready, skipped, vpfailed


def _look_again(vm: Machine, m: Page, obj: Obj) -> Steps[tuple[bool, int]]:
    """Check the page again; release it and the vnode if it is not to be written now."""
    yield "check whether the page was wired or held meanwhile"
    if vm.page.wire_count[m]:
        yield from vm_page_unqueue_nowakeup(vm, m)
        yield from vm_page_wakeup(vm, m)
        yield from vput(vm, obj)
        return False, 0
    if not vm.page.hold_count[m]:
        yield "check whether the page still has to be written"
        why = _changed(vm, m, obj)
        if not why:
            return True, 0
        fmt = "vm_pageout_page: rebusy %p failed"
        kprintf(vm, fmt.replace("%p", f"{vm.phys_addr(m):#x}") + why, fmt + why)
    yield from _requeue(vm, m, PQ_INACTIVE)
    skipped = yield from _skip(vm, obj)
    yield from vm_page_wakeup(vm, m)
    yield from vput(vm, obj)
    return False, skipped


def _changed(vm: Machine, m: Page, obj: Obj) -> str:
    """Why a write is no longer right: "(A)" other identity, "(B)" invalid, "(C)" clean; "" if it is."""
    if base_queue(vm, m) != PQ_INACTIVE or vm.page.object[m] != obj:
        return "(A)"
    if vm.page.flags[m] & PG_NEED_COMMIT:
        return ""
    return "(B)" if not vm.page.valid[m] else "" if vm.page.dirty[m] else "(C)"


def _skip(vm: Machine, obj: Obj) -> Steps[int]:
    """Count the vnode as skipped if the syncer could write what the daemon could not."""
    yield "check whether the object may be dirty"
    return int(bool(vm.object.flags[obj] & OBJ_MIGHTBEDIRTY))
