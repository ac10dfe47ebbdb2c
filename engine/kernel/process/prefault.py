"""Prefault: mapping the neighbours of a page that was just mapped, without a fault for each.

Eight tries alternate between above and below: +1, -1, +2, -2 ... A direction that reaches a present page
table entry or the edge of the map entry is abandoned, with its remaining tries.
Source: spec 21, section 6.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    NULL,
    OBJT_DEFAULT,
    PAGE_SHIFT,
    PG_SWAPPED,
    PQ_CACHE,
    VM_ALLOC_NORMAL,
    VM_ALLOC_NULL_OK,
    VM_FAULT_DIRTY,
    VM_PAGE_BITS_ALL,
    VM_PROT_WRITE,
    Obj,
    Page,
)
from engine.kernel.age import vm_page_deactivate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.busy import vm_page_sbusy_drop, vm_page_wakeup
from engine.kernel.lookup import vm_page_lookup_busy_try, vm_page_lookup_sbusy_try
from engine.kernel.memory_pressure import vm_page_count_min
from engine.kernel.objects import set_writeable_dirty, vm_object_drop, vm_object_hold
from engine.kernel.pagers.swap_read import swap_pager_unswapped
from engine.kernel.process.page_table import pmap_enter_at, pte_at
from engine.kernel.queues import base_queue
from engine.kernel.valid_dirty import vm_page_dirty, vm_page_zero_fill
from engine.machine.machine import Machine, Steps

PREFAULT_PAGES: Final = 8

MISSING, SKIPPED, TAKEN = range(3)


def _candidate(vm: Machine, p: int, va: int, entry: int, at: int, given_up: int) -> int:
    """The page of the address space of try number `at`, or NULL when its direction has been abandoned."""
    up = at % 2 == 0
    vpn = (va >> PAGE_SHIFT) + (at // 2 + 1) * (1 if up else -1)
    first = vm.map_entry.start[entry]
    inside = first <= vpn < first + vm.map_entry.pages[entry]
    if given_up & (1 if up else 2) or not inside or pte_at(vm, p, vpn):
        return NULL
    return vpn


def vm_prefault_quick(vm: Machine, p: int, va: int, entry: int, prot: int, fault_flags: int) -> Steps[None]:
    """Map neighbours that are resident and fully valid, up to the first that is not.

    An entry with more than one layer is skipped.

    Locks:   the first layer's object's token, any mode; the map's lock.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_fault.c vm_prefault_quick
    """
    yield "check whether the entry has a single layer"
    layer = vm.map_entry.backing[entry]
    if vm.backing.next[layer] != NULL:
        return
    obj, shift = vm.backing.object[layer], vm.backing.offset[layer] - vm.map_entry.start[entry]
    given_up = 0
    for at in range(PREFAULT_PAGES):
        yield "choose the next neighbour"
        vpn = _candidate(vm, p, va, entry, at, given_up)
        if vpn == NULL:
            given_up |= 1 << at % 2
            continue
        if prot & VM_PROT_WRITE:
            mapped = yield from _map_writeable(vm, p, vpn, obj, vpn + shift, prot, fault_flags)
        else:
            mapped = yield from _map_read_only(vm, p, vpn, obj, vpn + shift, prot)
        if not mapped:
            return


def _map_read_only(vm: Machine, p: int, vpn: int, obj: Obj, pindex: int, prot: int) -> Steps[bool]:
    m = yield from vm_page_lookup_sbusy_try(vm, obj, pindex, 0, 1 << PAGE_SHIFT)
    if m == NULL:
        return False
    yield from _take_from_cache(vm, m)
    yield from pmap_enter_at(vm, p, vpn << PAGE_SHIFT, m, prot)
    yield from vm_page_sbusy_drop(vm, m)
    return True


def _take_from_cache(vm: Machine, m: Page) -> Steps[None]:
    yield "check whether the neighbour is cached"
    if base_queue(vm, m) == PQ_CACHE:
        yield from vm_page_deactivate(vm, m)


def _map_writeable(
    vm: Machine, p: int, vpn: int, obj: Obj, pindex: int, prot: int, fault_flags: int
) -> Steps[bool]:
    m, busy = yield from vm_page_lookup_busy_try(vm, obj, pindex, 1)
    if m == NULL or busy:
        return False
    yield "check whether the neighbour is fully valid and has no swap block to free"
    swapped = fault_flags & VM_FAULT_DIRTY and vm.page.flags[m] & PG_SWAPPED
    if vm.page.valid[m] != VM_PAGE_BITS_ALL or swapped:
        yield from vm_page_wakeup(vm, m)
        return False
    yield from _take_from_cache(vm, m)
    yield from _note_written(vm, m, fault_flags)
    yield from pmap_enter_at(vm, p, vpn << PAGE_SHIFT, m, prot)
    yield from vm_page_wakeup(vm, m)
    return True


def _note_written(vm: Machine, m: Page, fault_flags: int) -> Steps[None]:
    """Mark a neighbour that becomes writable, and make it dirty if the fault was a write."""
    yield "mark the object writeable and possibly dirty"
    set_writeable_dirty(vm, vm.page.object[m])
    if fault_flags & VM_FAULT_DIRTY:
        yield from vm_page_dirty(vm, m)


# --- in full ----------------------------------------------------------------------------------------------


def vm_prefault(vm: Machine, p: int, va: int, entry: int, prot: int, fault_flags: int) -> Steps[None]:
    """Map fully valid resident neighbours of any layer, and zero-filled pages where there is none.

    Busy and partly valid pages are skipped. New pages go to the inactive queue.

    Locks:   the first layer's object's token, exclusive; the map's lock. Takes the deeper objects' tokens.
    Blocks:  yes, for those tokens.
    Returns: nothing.
    Errors:  those of vm_page_alloc.
    Source:  sys/vm/vm_fault.c vm_prefault
    """
    given_up = 0
    for at in range(PREFAULT_PAGES):
        yield "choose the next neighbour"
        vpn = _candidate(vm, p, va, entry, at, given_up)
        if vpn == NULL:
            given_up |= 1 << at % 2
            continue
        if (yield from _prefault_layers(vm, p, vpn, entry, prot, fault_flags)) == MISSING:
            return


def _prefault_layers(vm: Machine, p: int, vpn: int, entry: int, prot: int, fault_flags: int) -> Steps[int]:
    """Look for the neighbour down the layers: TAKEN, SKIPPED, or MISSING in all of them."""
    yield "start at the first layer"
    first = layer = vm.map_entry.backing[entry]
    plain = 1
    while True:
        yield "find the page's index in the layer"
        obj, below = vm.backing.object[layer], vm.backing.next[layer]
        pindex = vm.backing.offset[layer] + vpn - vm.map_entry.start[entry]
        plain &= int(vm.object.type[obj] == OBJT_DEFAULT)
        if layer != first:
            yield from vm_object_hold(vm, obj)
        rights = prot if layer == first else prot & ~VM_PROT_WRITE
        outcome = yield from _prefault_here(vm, p, vpn, obj, pindex, rights, fault_flags)
        if layer != first:
            yield from vm_object_drop(vm, obj)
        if outcome != MISSING:
            return outcome
        if below == NULL:
            return (yield from _prefault_zeros(vm, p, vpn, entry, prot, plain, fault_flags))
        layer = below


def _prefault_here(
    vm: Machine, p: int, vpn: int, obj: Obj, pindex: int, prot: int, fault_flags: int
) -> Steps[int]:
    m, busy = yield from vm_page_lookup_busy_try(vm, obj, pindex, 1)
    if busy:
        return SKIPPED
    if m == NULL:
        return MISSING
    yield "check whether the neighbour is fully valid"
    if vm.page.valid[m] != VM_PAGE_BITS_ALL:
        yield from vm_page_wakeup(vm, m)
        return SKIPPED
    yield from _take_from_cache(vm, m)
    if prot & VM_PROT_WRITE:
        yield from _note_written(vm, m, fault_flags)
        if fault_flags & VM_FAULT_DIRTY:
            yield from swap_pager_unswapped(vm, m)
    yield from pmap_enter_at(vm, p, vpn << PAGE_SHIFT, m, prot)
    yield from vm_page_wakeup(vm, m)
    return TAKEN


def _prefault_zeros(
    vm: Machine, p: int, vpn: int, entry: int, prot: int, plain: int, fault_flags: int
) -> Steps[int]:
    """Map a new zero-filled page, if no layer can have the page elsewhere and memory is not short."""
    yield "check whether a zero-filled page may be allocated"
    layer = vm.map_entry.backing[entry]
    obj, pindex = vm.backing.object[layer], vm.backing.offset[layer] + vpn - vm.map_entry.start[entry]
    if not plain or not prot & VM_PROT_WRITE or vm_page_count_min(vm, 0):
        return MISSING
    m = yield from vm_page_alloc(vm, obj, pindex, VM_ALLOC_NORMAL | VM_ALLOC_NULL_OK)
    if m == NULL:
        return MISSING
    yield from vm_page_zero_fill(vm, m)
    yield "make the new page valid"
    vm.page.valid[m] = VM_PAGE_BITS_ALL
    vm.cpu.v_zfod[vm.mycpu] += 1
    yield from vm_page_deactivate(vm, m)
    yield from _note_written(vm, m, fault_flags)
    yield from pmap_enter_at(vm, p, vpn << PAGE_SHIFT, m, prot)
    yield from vm_page_wakeup(vm, m)
    return TAKEN
