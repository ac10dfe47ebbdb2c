"""Advice about address ranges: pages needed soon, not needed, or free to lose their contents.

DONTNEED does not discard data here: it moves pages to where they are reclaimed sooner. FREE discards the
data, but only when a page is reclaimed.
Source: spec 25, section 1.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    KERN_INVALID_ADDRESS,
    KERN_SUCCESS,
    MADV_AUTOSYNC,
    MADV_DONTNEED,
    MADV_FREE,
    MADV_NORMAL,
    MADV_NOSYNC,
    MADV_RANDOM,
    MADV_SEQUENTIAL,
    MADV_WILLNEED,
    NULL,
    OBJ_ONEMAPPING,
    OBJT_SWAP,
    PAGE_SHIFT,
    PG_FICTITIOUS,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PQ_CACHE,
    VM_PAGE_BITS_ALL,
    VM_PROT_WRITE,
    Obj,
    Page,
)
from engine.errors import BadInput
from engine.kernel.age import vm_page_activate, vm_page_deactivate, vm_page_dontneed
from engine.kernel.arguments import Advice, Count, MapEntry, PageNumber, Process, Quad
from engine.kernel.busy import vm_page_sleep_busy, vm_page_wakeup
from engine.kernel.lookup import vm_page_lookup_busy_try
from engine.kernel.object_life import ANONYMOUS
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.pagers.swap_read import swap_pager_freespace
from engine.kernel.pmap import pmap_clear_modify
from engine.kernel.process.map_entries import (
    beyond,
    clip,
    entries_of,
    top_object,
)
from engine.kernel.process.page_table import pmap_enter_at, pte_at
from engine.kernel.process.vm_map import vm_map_lock, vm_map_unlock
from engine.kernel.queues import base_queue
from engine.kernel.valid_dirty import vm_page_undirty
from engine.machine.machine import Machine, Steps

_MARKS: Final = (MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_NOSYNC, MADV_AUTOSYNC)
"""The advice that only changes map entries."""

ADVICE: Final = (*_MARKS, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE)


def vm_map_madvise(vm: Machine, p: int, first: int, last: int, behav: int) -> Steps[int]:
    """Give advice about pages `first` .. `last` - 1 of an address space.

    Locks:   takes the map's lock, then as vm_object_madvise.
    Blocks:  yes, at busy pages.
    Returns: KERN_SUCCESS; KERN_INVALID_ADDRESS for unknown advice.
    Errors:  those of vm_object_madvise.
    Differs: the map is locked exclusively for all advice; the kernel shares it where only pages are touched.
    Source:  sys/vm/vm_map.c vm_map_madvise
    """
    yield "check whether the advice is valid"
    if behav not in ADVICE:
        return KERN_INVALID_ADDRESS
    yield from vm_map_lock(vm, p)
    while first < last:
        yield "find the next entry in the range"
        if behav in _MARKS:
            clip(vm, p, first)
            clip(vm, p, last)
        entry = next((e for e in entries_of(vm, p) if beyond(vm, e) > first), NULL)
        if entry == NULL or vm.map_entry.start[entry] >= last:
            break
        begin, first = max(first, vm.map_entry.start[entry]), beyond(vm, entry)
        if behav in _MARKS:
            yield from _mark_entry(vm, entry, behav)
        else:
            yield from _advise_entry(vm, p, entry, begin, min(first, last), behav)
    yield from vm_map_unlock(vm, p)
    return KERN_SUCCESS


def _mark_entry(vm: Machine, entry: int, behav: int) -> Steps[None]:
    yield "store the advice in the map entry"
    if behav in (MADV_NOSYNC, MADV_AUTOSYNC):
        vm.map_entry.nosync[entry] = int(behav == MADV_NOSYNC)
    else:
        vm.map_entry.advice[entry] = behav


def _advise_entry(vm: Machine, p: int, entry: int, begin: int, end: int, behav: int) -> Steps[None]:
    yield "find the entry's pages in its top object"
    shift = vm.backing.offset[vm.map_entry.backing[entry]] - vm.map_entry.start[entry]
    yield from vm_object_madvise(vm, top_object(vm, entry), begin + shift, end - begin, behav)
    if behav == MADV_WILLNEED:
        yield from pmap_object_init_pt(vm, p, entry, begin, end)


def vm_object_madvise(vm: Machine, obj: Obj, pindex: Quad, count: Count, advise: Advice) -> Steps[None]:
    """Give advice about the resident pages among `pindex` .. `pindex` + `count` - 1 of an object.

    Pages that are wired, not fully valid, or never on a queue are skipped.

    Locks:   takes the object's token, exclusive, then each page's busy.
    Blocks:  yes, at busy pages.
    Returns: nothing.
    Errors:  those of vm_page_dontneed.
    Source:  sys/vm/vm_object.c vm_object_madvise
    """
    yield from vm_object_hold(vm, obj)
    yield "check whether the advice applies to the object"
    alone = vm.object.type[obj] in ANONYMOUS and vm.object.flags[obj] & OBJ_ONEMAPPING
    if advise == MADV_FREE and not alone:
        count = 0
    for place in range(pindex, pindex + count):
        yield from _advise_page(vm, obj, place, advise)
    yield from vm_object_drop(vm, obj)


def _advise_page(vm: Machine, obj: Obj, pindex: int, advise: int) -> Steps[None]:
    while True:
        m, busy = yield from vm_page_lookup_busy_try(vm, obj, pindex, 1)
        if not busy:
            break
        yield from vm_page_sleep_busy(vm, m, 1, "madvpo")
    if m != NULL:
        yield "check whether the advice applies to the page"
        if _passed_over(vm, m):
            yield from vm_page_wakeup(vm, m)
            return
        yield from _follow_advice(vm, m, advise)
        yield from vm_page_wakeup(vm, m)
    yield "check whether a swap block can be freed"
    if advise == MADV_FREE and vm.object.type[obj] == OBJT_SWAP:
        yield from swap_pager_freespace(vm, obj, pindex, 1)


def _passed_over(vm: Machine, m: Page) -> bool:
    never = vm.page.flags[m] & (PG_FICTITIOUS | PG_UNQUEUED | PG_NEED_COMMIT)
    return bool(vm.page.wire_count[m] or never or vm.page.valid[m] != VM_PAGE_BITS_ALL)


def _follow_advice(vm: Machine, m: Page, advise: int) -> Steps[None]:
    if advise == MADV_WILLNEED:
        yield from vm_page_activate(vm, m)
        return
    if advise == MADV_FREE:
        yield from pmap_clear_modify(vm, m)
        yield from vm_page_undirty(vm, m)
        yield "clear act_count"
        vm.page.act_count[m] = 0
    yield from vm_page_dontneed(vm, m)


def pmap_object_init_pt(
    vm: Machine, p: Process, entry: MapEntry, first: PageNumber, last: PageNumber
) -> Steps[None]:
    """Map the resident pages of an entry's top object, without faults.

    Locks:   the map's lock; takes the object's token, then each page's busy.
    Blocks:  yes, for the token.
    Returns: nothing.
    Errors:  BadInput for an entry that is in no map.
    Differs: the specification does not state the permission; here it is the entry's without writing, so
             that the first store still faults.
    Source:  spec 25, section 1 (WILLNEED)
    """
    yield "find the entry's top object"
    if not vm.map_entry.used[entry]:
        words = f"entry = {entry} is not in use; a map's entries start at process[P].first_entry"
        raise BadInput(f"pmap_object_init_pt: {words}")
    obj = top_object(vm, entry)
    shift = vm.backing.offset[vm.map_entry.backing[entry]] - vm.map_entry.start[entry]
    prot = vm.map_entry.prot[entry] & ~VM_PROT_WRITE
    yield from vm_object_hold(vm, obj)
    for vpn in range(first, last):
        yield "check whether the address is mapped"
        if pte_at(vm, p, vpn):
            continue
        m, busy = yield from vm_page_lookup_busy_try(vm, obj, vpn + shift, 1)
        if m == NULL or busy:
            continue
        yield "check whether the page is fully valid"
        if vm.page.valid[m] == VM_PAGE_BITS_ALL:
            if base_queue(vm, m) == PQ_CACHE:
                yield from vm_page_deactivate(vm, m)
            yield from pmap_enter_at(vm, p, vpn << PAGE_SHIFT, m, prot)
        yield from vm_page_wakeup(vm, m)
    yield from vm_object_drop(vm, obj)
