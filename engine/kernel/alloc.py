"""Page allocation: thresholds, colour, search, and reuse of a cached page after freeing it.

Source: spec 03, vm_page_alloc.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    NULL,
    PBUSY_MASK,
    PG_MAPPED,
    PG_WRITEABLE,
    PQ_NONE,
    TDF_PREEMPTED,
    TDF_SYSTHREAD,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    V_FREE_RESERVED,
    V_INTERRUPT_FREE_MIN,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
    VM_ALLOC_FORCE_ZERO,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_NORMAL,
    VM_ALLOC_NULL_OK,
    VM_ALLOC_QUICK,
    VM_ALLOC_SYSTEM,
    VM_ALLOC_ZERO,
    VMSTATS_SIZE,
    Cpu,
    Page,
)
from engine.errors import kkassert, kpanic
from engine.kernel.age import vm_page_deactivate
from engine.kernel.arguments import MaybeHeldObj, MaybePage, PageReq, Quad
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.color import vm_get_pg_color
from engine.kernel.free import vm_page_free_toq
from engine.kernel.memory_pressure import pagedaemon_wakeup
from engine.kernel.objects import vm_object_drop, vm_object_hold_try, vm_page_insert
from engine.kernel.pmap import vm_page_protect
from engine.kernel.remarks import kprintf
from engine.kernel.search import vm_page_select_cache, vm_page_select_free, vm_page_select_free_or_cache
from engine.kernel.stats import vmstats_rollup
from engine.kernel.valid_dirty import zero_page
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_PAGE

_CLASSES = VM_ALLOC_NORMAL | VM_ALLOC_QUICK | VM_ALLOC_SYSTEM | VM_ALLOC_INTERRUPT
_PREEMPT_WARNING = "vm_page_alloc(): warning, attempt to allocate cache page from preempting interrupt"

CHOOSE_COLOR: Final = "choose the colour"
CLEAR_FIELDS: Final = "clear the page's flags, activity and valid bits"
COUNT_DEFICIT: Final = "count the page deficit"
"""The announcements of an allocation: the first, the one that prepares its page, and the one of a failure."""


def _free_page_allowed(vm: Machine, page_req: int) -> bool:
    """Whether a request of this class may take a page from FREE, by this cpu's view of the counters."""
    view, at = vm.gd_vmstats.view, vm.mycpu * VMSTATS_SIZE
    free = view[at + V_FREE_COUNT]
    if free >= view[at + V_FREE_RESERVED] or (page_req & VM_ALLOC_INTERRUPT and free > 0):
        return True
    cache = view[at + V_CACHE_COUNT]
    return bool(page_req & VM_ALLOC_SYSTEM and cache == 0 and free > view[at + V_INTERRUPT_FREE_MIN])


def vm_page_alloc(vm: Machine, obj: MaybeHeldObj, pindex: Quad, page_req: PageReq) -> Steps[MaybePage]:
    """Allocate a page of a colour close to the one for this cpu, object and pindex, and insert it.

    Locks:   the object's token, exclusive, if there is an object; no spinlock. The page hard-busied on
             return, on no queue, with valid 0.
    Blocks:  never.
    Returns: the page, or NULL when memory is short or (VM_ALLOC_NULL_OK) the pindex is in use.
    Errors:  KKASSERT without an allocation class; panic when the pindex of the object is in use.
    Differs: under zero_rule alloc, VM_ALLOC_ZERO zeroes the data; the source ignores it here.
    Source:  sys/vm/vm_page.c vm_page_alloc
    """
    yield CHOOSE_COLOR
    kkassert(bool(page_req & _CLASSES), "vm_page_alloc", "NORMAL, QUICK, SYSTEM or INTERRUPT")
    cpu = Cpu(page_req >> VM_ALLOC_CPU_SHIFT) if page_req & VM_ALLOC_CPU_SPEC else vm.mycpu
    index = vm_get_pg_color(vm, cpu, obj, pindex)
    if vm.thread.flags[vm.curthread] & TDF_SYSTHREAD:
        page_req |= VM_ALLOC_SYSTEM
    m = yield from _select_page(vm, index, page_req)
    if m == NULL:
        return NO_PAGE
    yield from _prepare(vm, m, page_req)
    if obj == NULL:
        vm.page.pindex[m] = pindex
    elif not (yield from vm_page_insert(vm, m, obj, pindex)):
        yield from _lose_race(vm, m, page_req)
        m = NO_PAGE
    yield from pagedaemon_wakeup(vm)
    return m


def _select_page(vm: Machine, index: int, page_req: int) -> Steps[MaybePage]:
    """Take a page from FREE, if allowed after freeing cached pages; NULL when there is none."""
    while True:
        yield "compare the free count with the reserve"
        if _free_page_allowed(vm, page_req):
            if page_req & VM_ALLOC_NORMAL:
                m, from_cache = yield from vm_page_select_free_or_cache(vm, index)
            else:
                m, from_cache = (yield from vm_page_select_free(vm, index)), 0
            if m == NULL:
                # The counters promised a page that no queue has: they must be out of date.
                yield from vmstats_rollup(vm)
            elif not from_cache:
                return m
            else:
                yield from _free_cache_page(vm, m)
            continue
        m = NO_PAGE
        if page_req & VM_ALLOC_NORMAL:
            m = yield from _select_cache_unless_preempting(vm, index)
        if m == NULL:
            yield COUNT_DEFICIT
            vm.glob.vm_pageout_deficit[0] += 1
            yield from pagedaemon_wakeup(vm)
            return NO_PAGE
        yield from _free_cache_page(vm, m)


def _select_cache_unless_preempting(vm: Machine, index: int) -> Steps[MaybePage]:
    yield "check whether this is a preempting interrupt"
    if vm.thread.flags[vm.curthread] & TDF_PREEMPTED:
        kprintf(vm, _PREEMPT_WARNING, _PREEMPT_WARNING)
        return NO_PAGE
    return (yield from vm_page_select_cache(vm, index))


def _free_cache_page(vm: Machine, m: Page) -> Steps[None]:
    """Free a busied cache page; if its object's token is held, deactivate the page instead."""
    yield "check that the cached page is clean"
    obj = vm.page.object[m]
    if vm.page.dirty[m]:
        raise kpanic("vm_page_alloc", "Found dirty cache page ", "the cached page is dirty", m)
    if obj != NULL and not (yield from vm_object_hold_try(vm, obj)):
        yield from vm_page_deactivate(vm, m)
        yield from vm_page_wakeup(vm, m)
        return
    yield "check whether the cached page is mapped"
    if vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE):
        yield from vm_page_protect(vm, m, 0)
    yield from vm_page_free_toq(vm, m)
    if obj != NULL:
        yield from vm_object_drop(vm, obj)


def _prepare(vm: Machine, m: Page, page_req: int) -> Steps[None]:
    yield CLEAR_FIELDS
    if vm.page.dirty[m]:
        raise kpanic("vm_page_alloc", "vm_page_alloc: free/cache page ", "the page is dirty", m)
    kkassert(vm.page.queue[m] == PQ_NONE, "vm_page_alloc", "a page on no queue", m)
    vm.page.flags[m] = 0
    kkassert(vm.page.wire_count[m] == 0, "vm_page_alloc", "an unwired page", m)
    kkassert(not vm.page.busy_count[m] & PBUSY_MASK, "vm_page_alloc", "no soft busy", m)
    vm.page.act_count[m] = 0
    vm.page.valid[m] = 0
    if vm.rules.zero_rule == "alloc" and page_req & (VM_ALLOC_ZERO | VM_ALLOC_FORCE_ZERO):
        zero_page(vm, m)


def _lose_race(vm: Machine, m: Page, page_req: int) -> Steps[None]:
    """Give the new page back, since its pindex is in use; panic unless the caller allows that."""
    yield from vm_page_free_toq(vm, m)
    if not page_req & VM_ALLOC_NULL_OK:
        raise kpanic("vm_page_alloc", "PAGE RACE ", "another page has this pindex of the object", m)
