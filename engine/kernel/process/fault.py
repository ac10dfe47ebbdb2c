"""Page faults: from an address without a usable mapping to a mapped page, in one or more attempts.

An attempt that meets a busy page, short memory, or a token that it holds only shared releases all that it
holds, and the fault starts again at the map; so does an attempt that has done an I/O. Two things survive:
whether the tokens are shared (`first_shared` for the first layer's object, `shared` for the deeper ones), and
whether there was an I/O. The numbers F1 to F15 in the comments are the specification's.
Source: spec 21, sections 1, 2, 5 and 7.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    KERN_PROTECTION_FAILURE,
    KERN_SUCCESS,
    NULL,
    OBJ_DEAD,
    OBJ_MIGHTBEDIRTY,
    OBJ_WRITEABLE,
    P_LOWMEMKILL,
    PG_NOSYNC,
    PG_REFERENCED,
    PG_SWAPPED,
    PQ_ACTIVE,
    VM_FAULT_BURST,
    VM_FAULT_DIRTY,
    VM_FAULT_WIRE,
    VM_PAGE_BITS_ALL,
    VM_PROT_WRITE,
    Obj,
    Page,
)
from engine.kernel.age import vm_page_activate, vm_page_deactivate, vm_page_soft_activate
from engine.kernel.arguments import MaybePage
from engine.kernel.busy import vm_page_sbusy_drop, vm_page_sleep_busy, vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.hash import vm_page_hash_get
from engine.kernel.memory_wait import vm_wait_pfault
from engine.kernel.object_life import vm_object_pip_add
from engine.kernel.objects import set_writeable_dirty, vm_object_hold
from engine.kernel.pagers.swap_read import swap_pager_unswapped
from engine.kernel.process.fault_layers import (
    AGAIN,
    BUSY,
    FAILED,
    FOUND,
    HARD,
    WAIT,
    Fault,
    find_page,
    leave_object,
    place_in_layer,
)
from engine.kernel.process.page_table import pmap_enter_at
from engine.kernel.process.prefault import vm_prefault, vm_prefault_quick
from engine.kernel.process.vm_map import vm_map_lookup, vm_map_unlock_read
from engine.kernel.queues import base_queue
from engine.kernel.tokens import EXCLUSIVE, SHARED
from engine.kernel.valid_dirty import vm_page_copy, vm_page_dirty, vm_page_zero_invalid
from engine.kernel.wire import vm_page_wire
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_PAGE

RETRY: Final = -1
"""The result of an attempt that did not finish: the fault starts again."""


def vm_fault(vm: Machine, p: int, va: int, fault_type: int, fault_flags: int) -> Steps[int]:
    """Handle a page fault of process `p` at address `va`.

    fault_type: VM_PROT_ of the access; fault_flags: VM_FAULT_.

    Locks:   no token of an object and no spinlock on entry.
    Blocks:  yes.
    Returns: KERN_SUCCESS with the page mapped; another KERN_ result when the access is not possible.
    Errors:  those of vm_page_alloc; CapacityError when the machine has no room for a new row.
    Differs: a process has no limit of resident pages, and a vnode no lock; a wiring fault always wires, even
             when the entry has been unwired in the meantime.
    Source:  sys/vm/vm_fault.c vm_fault
    """
    first_shared, shared, hardfault = 1, 1, 0
    while True:
        result, first_shared, shared, hard = yield from _attempt(
            vm, p, va, fault_type, fault_flags, first_shared, shared
        )
        hardfault += hard
        if result != RETRY:
            break
    if result == KERN_SUCCESS:
        yield "count the fault"
        vm.cpu.v_vm_faults[vm.mycpu] += 1
        if hardfault:
            vm.process.majflt[p] += 1
        else:
            vm.process.minflt[p] += 1
    return result


def _attempt(
    vm: Machine, p: int, va: int, fault_type: int, fault_flags: int, first_shared: int, shared: int
) -> Steps[tuple[int, int, int, int]]:
    """Make one attempt: (result or RETRY, first_shared, shared, 1 after an I/O)."""
    result, entry, layer, prot, wired = yield from vm_map_lookup(vm, p, va, fault_type)
    if result != KERN_SUCCESS:
        return result, first_shared, shared, 0
    yield "find the page's index in the first object"
    obj, pindex = vm.backing.object[layer], place_in_layer(vm, entry, layer, va)
    if not fault_flags & VM_FAULT_WIRE:
        m = yield from _bypass(vm, obj, pindex, prot)
        if m != NULL:
            yield from _reference_and_enter(vm, p, va, m, prot, wired)
            yield from vm_page_sbusy_drop(vm, m)
            yield from vm_map_unlock_read(vm, p)
            return KERN_SUCCESS, first_shared, shared, 0
    yield "check whether the layer is marked for the exclusive token"
    if vm.backing.exclusive[layer]:
        first_shared = 0
    wanted = prot if wired else fault_type
    fs = Fault(p, va, wanted, fault_flags, entry, layer, obj, pindex, prot, wired, first_shared, shared)
    yield from vm_object_hold(vm, obj, SHARED if first_shared else EXCLUSIVE)
    yield from vm_object_pip_add(vm, obj, 1)
    return (yield from _fault_with_object(vm, fs))


# --- F2: the bypass ---------------------------------------------------------------------------------------


def _bypass(vm: Machine, obj: Obj, pindex: int, prot: int) -> Steps[MaybePage]:
    """Find the page in the page hash, soft-busied, if it can be mapped without changes (spec 21, F2)."""
    m = yield from vm_page_hash_get(vm, obj, pindex)
    if m == NULL:
        return NO_PAGE
    yield "check whether the page can be mapped as it is"
    if _mappable_as_it_is(vm, obj, m, prot):
        yield from vm_page_soft_activate(vm, m)
        return m
    yield from vm_page_sbusy_drop(vm, m)
    return NO_PAGE


def _mappable_as_it_is(vm: Machine, obj: Obj, m: Page, prot: int) -> bool:
    both = OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY
    usable = vm.page.valid[m] == VM_PAGE_BITS_ALL and base_queue(vm, m) == PQ_ACTIVE
    if not usable or vm.object.flags[obj] & OBJ_DEAD or vm.page.flags[m] & PG_SWAPPED:
        return False
    dirty = vm.page.dirty[m] == VM_PAGE_BITS_ALL and vm.object.flags[obj] & both == both
    return dirty or not prot & VM_PROT_WRITE


def _reference_and_enter(vm: Machine, p: int, va: int, m: Page, prot: int, wired: int) -> Steps[None]:
    """Set PG_REFERENCED and map the page (spec 21, F12)."""
    yield "set PG_REFERENCED"
    vm.page.flags[m] |= PG_REFERENCED
    yield from pmap_enter_at(vm, p, va, m, prot, wired)


# --- F4 to F15, with the first object held ----------------------------------------------------------------


def _fault_with_object(vm: Machine, fs: Fault) -> Steps[tuple[int, int, int, int]]:
    action, value, layer, first_m = yield from find_page(vm, fs)
    prot = fs.prot
    if action == FOUND:
        action, value, layer, first_m, prot = yield from _prepare_found(vm, fs, layer, Page(value), first_m)
    if action == FOUND:
        yield from _map_found(vm, fs, Page(value), prot)
    yield from _unlock_things(vm, fs, layer, first_m)
    if action == BUSY:
        yield from vm_page_sleep_busy(vm, Page(value), 1, "vmpfw")
        yield "count the wait for the page"
        vm.cpu.v_intrans[vm.mycpu] += 1
    if action == WAIT:
        return (yield from _wait_for_memory(vm)), fs.first_shared, fs.shared, 0
    if action == AGAIN:
        return RETRY, 0, fs.shared and int(layer == fs.layer), 0
    result = KERN_SUCCESS if action == FOUND else value if action == FAILED else RETRY
    return result, fs.first_shared, fs.shared, int(action == HARD)


def _wait_for_memory(vm: Machine) -> Steps[int]:
    """Wait for memory, and fail if the process is being killed (spec 21, F6 and F8)."""
    yield from vm_wait_pfault(vm)
    yield "check whether the process is to be killed"
    return KERN_PROTECTION_FAILURE if vm.thread.p_flags[vm.curthread] & P_LOWMEMKILL else RETRY


def _unlock_things(vm: Machine, fs: Fault, layer: int, first_m: Page) -> Steps[None]:
    """Release everything; free the first layer's page if it was not used (spec 21, F15)."""
    if first_m != NULL:
        yield "check whether the first layer's page is fully valid"
        if vm.page.valid[first_m] == VM_PAGE_BITS_ALL:
            yield from vm_page_wakeup(vm, first_m)
        else:
            yield from vm_page_free(vm, first_m)
    if layer != fs.layer:
        yield "find the layer's object"
        yield from leave_object(vm, vm.backing.object[layer])
    yield from leave_object(vm, fs.object)
    yield from vm_map_unlock_read(vm, fs.process)


# --- F11 to F14: the page is found ------------------------------------------------------------------------


def _prepare_found(
    vm: Machine, fs: Fault, layer: int, m: Page, first_m: Page
) -> Steps[tuple[int, MaybePage, int, MaybePage, int]]:
    """Copy the page if needed, activate it, make it dirty (spec 21, F11).

    Returns: (action, page, layer, first page, permission).
    """
    prot = fs.prot
    if layer != fs.layer:
        if fs.type & VM_PROT_WRITE:
            yield from _copy_on_write(vm, m, first_m, layer)
            m, layer, first_m = first_m, fs.layer, NO_PAGE
        else:
            prot &= ~VM_PROT_WRITE
    yield from vm_page_activate(vm, m)
    if prot & VM_PROT_WRITE:
        yield from _note_writeable(vm, fs, m)
        if fs.flags & VM_FAULT_DIRTY and not (yield from _make_dirty(vm, fs, m)):
            return AGAIN, NO_PAGE, layer, first_m, prot
    yield "check whether the page is fully valid"
    if vm.page.valid[m] != VM_PAGE_BITS_ALL:
        yield from vm_page_zero_invalid(vm, m, 1)
    return FOUND, m, layer, first_m, prot


def _copy_on_write(vm: Machine, m: Page, first_m: Page, layer: int) -> Steps[None]:
    """Copy a deeper layer's page to the first layer's, and deactivate the original."""
    yield from vm_page_copy(vm, m, first_m)
    yield from vm_page_deactivate(vm, m)
    yield from vm_page_wakeup(vm, m)
    yield "count the copy-on-write fault"
    vm.cpu.v_cow_faults[vm.mycpu] += 1
    yield from leave_object(vm, vm.backing.object[layer])


def _note_writeable(vm: Machine, fs: Fault, m: Page) -> Steps[None]:
    yield "mark the object writeable and possibly dirty"
    set_writeable_dirty(vm, vm.page.object[m])
    yield "set or clear PG_NOSYNC"
    if not vm.map_entry.nosync[fs.entry]:
        vm.page.flags[m] &= ~PG_NOSYNC
    elif not vm.page.dirty[m]:
        vm.page.flags[m] |= PG_NOSYNC


def _make_dirty(vm: Machine, fs: Fault, m: Page) -> Steps[bool]:
    """Make the page dirty; return whether that worked: freeing a swap block takes the exclusive token."""
    yield from vm_page_dirty(vm, m)
    yield "check whether the page has a swap block"
    if vm.page.flags[m] & PG_SWAPPED:
        if fs.first_shared:
            yield from vm_page_wakeup(vm, m)
            return False
        yield from swap_pager_unswapped(vm, m)
    return True


def _map_found(vm: Machine, fs: Fault, m: Page, prot: int) -> Steps[None]:
    """Map the hard-busied page, release it, and map its neighbours too (spec 21, F12 to F14)."""
    wiring = fs.flags & VM_FAULT_WIRE
    yield from _reference_and_enter(vm, fs.process, fs.va, m, prot, int(bool(wiring or fs.wired)))
    if wiring:
        yield from vm_page_wire(vm, m)
    else:
        yield from vm_page_activate(vm, m)
    yield from vm_page_wakeup(vm, m)
    if fs.flags & VM_FAULT_BURST and not fs.wired:
        if fs.first_shared or fs.shared:
            yield from vm_prefault_quick(vm, fs.process, fs.va, fs.entry, prot, fs.flags)
        else:
            yield from vm_prefault(vm, fs.process, fs.va, fs.entry, prot, fs.flags)
