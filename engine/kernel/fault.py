"""Page faults: from an address without a usable mapping to a mapped page, in one attempt or several.

An attempt that meets a busy page, short memory, or a token that it has only shared gives back all it holds
and the fault begins anew at the map; so does one that has made an I/O. What survives is whether the tokens
are shared (`first_shared` for the first layer's object, `shared` for those below) and whether there was I/O.
The numbers F1 to F15 are those of the specification.
Source: spec 21, sections 1, 2, 5 and 7.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from engine.constants import (
    KERN_FAILURE,
    KERN_PROTECTION_FAILURE,
    KERN_SUCCESS,
    MADV_RANDOM,
    NULL,
    OBJ_DEAD,
    OBJ_MIGHTBEDIRTY,
    OBJ_WRITEABLE,
    OBJT_DEFAULT,
    OBJT_SWAP,
    P_LOWMEMKILL,
    PAGE_SHIFT,
    PBUSY_MASK,
    PG_NEED_COMMIT,
    PG_NOSYNC,
    PG_RAM,
    PG_REFERENCED,
    PG_SWAPPED,
    PQ_ACTIVE,
    PQ_CACHE,
    VM_ALLOC_NORMAL,
    VM_ALLOC_NULL_OK,
    VM_FAULT_BURST,
    VM_FAULT_DIRTY,
    VM_FAULT_WIRE,
    VM_PAGE_BITS_ALL,
    VM_PAGER_ERROR,
    VM_PAGER_FAIL,
    VM_PAGER_OK,
    VM_PROT_WRITE,
)
from engine.kernel.age import vm_page_activate, vm_page_deactivate, vm_page_soft_activate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.bits import vm_page_copy, vm_page_dirty, vm_page_zero_fill, vm_page_zero_invalid
from engine.kernel.busy import vm_page_sbusy_drop, vm_page_sleep_busy, vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.hash import vm_page_hash_get
from engine.kernel.lookup import vm_page_lookup, vm_page_lookup_busy_try
from engine.kernel.mappings import pmap_enter_at
from engine.kernel.object_life import vm_object_pip_add, vm_object_pip_wakeup_n
from engine.kernel.objects import set_writeable_dirty, vm_object_drop, vm_object_hold
from engine.kernel.pagein import vm_pager_get_page
from engine.kernel.prefault import vm_prefault, vm_prefault_quick
from engine.kernel.pressure import vm_page_count_severe
from engine.kernel.queues import base_queue, vm_page_unqueue_nowakeup
from engine.kernel.swap import swap_pager_unswapped
from engine.kernel.swap_space import swap_block
from engine.kernel.tokens import EXCLUSIVE, SHARED
from engine.kernel.vm_map import vm_map_lookup, vm_map_unlock_read
from engine.kernel.waiting import pfault_waits, vm_wait_pfault
from engine.kernel.wire import vm_page_wire
from engine.machine import Machine, Steps

RETRY: Final = -1
"""An attempt's result that is none: the fault begins anew."""

FOUND, NEXT, PAGER, BUSY, WAIT, AGAIN, HARD, FAILED = range(8)
"""What comes of looking in a layer: the page is there; go on below; ask the pager; the page is busy; memory
is short; the token has to be exclusive; an I/O was made; the fault fails."""

Looked = tuple[int, int]
"""What came of it, and the page concerned, or why it fails."""


class Fault(NamedTuple):
    """What an attempt knows from its lookup on.

    layer, object, pindex: the first layer, its object, and the place in that.
    """

    process: int
    va: int
    type: int
    flags: int
    entry: int
    layer: int
    object: int
    pindex: int
    prot: int
    wired: int
    first_shared: int
    shared: int


def vm_fault(vm: Machine, p: int, va: int, fault_type: int, fault_flags: int) -> Steps[int]:
    """Handle a page fault of process `p` at address `va`.

    fault_type: VM_PROT_ of the access; fault_flags: VM_FAULT_.

    Locks:   no token of an object and no spinlock on entry.
    Blocks:  yes.
    Returns: KERN_SUCCESS with the page mapped; another KERN_ result when the access is not possible.
    Errors:  those of vm_page_alloc; CapacityError when the machine has no room for what it needs.
    Differs: a process has no limit of resident pages, and a vnode no lock.
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
        yield "F15 count the fault"
        vm.cpu.v_vm_faults[vm.mycpu] += 1
        if hardfault:
            vm.process.majflt[p] += 1
        else:
            vm.process.minflt[p] += 1
    return result


def _attempt(
    vm: Machine, p: int, va: int, fault_type: int, fault_flags: int, first_shared: int, shared: int
) -> Steps[tuple[int, int, int, int]]:
    """One attempt: (result or RETRY, first_shared, shared, 1 after an I/O)."""
    result, entry, layer, prot, wired = yield from vm_map_lookup(vm, p, va, fault_type)
    if result != KERN_SUCCESS:
        return result, first_shared, shared, 0
    yield "F1 find the page's place in the first object"
    obj, pindex = vm.backing.object[layer], _place(vm, entry, layer, va)
    if not fault_flags & VM_FAULT_WIRE:
        m = yield from _bypass(vm, obj, pindex, prot)
        if m != NULL:
            yield from _reference_and_enter(vm, p, va, m, prot, wired)
            yield from vm_page_sbusy_drop(vm, m)
            yield from vm_map_unlock_read(vm, p)
            return KERN_SUCCESS, first_shared, shared, 0
    yield "F3 see whether the layer asks for the exclusive token"
    if vm.backing.exclusive[layer]:
        first_shared = 0
    wanted = prot if wired else fault_type
    fs = Fault(p, va, wanted, fault_flags, entry, layer, obj, pindex, prot, wired, first_shared, shared)
    yield from vm_object_hold(vm, obj, SHARED if first_shared else EXCLUSIVE)
    yield from vm_object_pip_add(vm, obj, 1)
    return (yield from _fault_with_object(vm, fs))


def _place(vm: Machine, entry: int, layer: int, va: int) -> int:
    return vm.backing.offset[layer] + (va >> PAGE_SHIFT) - vm.map_entry.start[entry]


# --- F2: the bypass ---------------------------------------------------------------------------------------


def _bypass(vm: Machine, obj: int, pindex: int, prot: int) -> Steps[int]:
    """F2: find the page by the page hash alone, soft-busied, if nothing about it needs to change."""
    m = yield from vm_page_hash_get(vm, obj, pindex)
    if m == NULL:
        return NULL
    yield "F2 see whether the page can be mapped as it is"
    if _mappable_as_it_is(vm, obj, m, prot):
        yield from vm_page_soft_activate(vm, m)
        return m
    yield from vm_page_sbusy_drop(vm, m)
    return NULL


def _mappable_as_it_is(vm: Machine, obj: int, m: int, prot: int) -> bool:
    both = OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY
    usable = vm.page.valid[m] == VM_PAGE_BITS_ALL and base_queue(vm, m) == PQ_ACTIVE
    if not usable or vm.object.flags[obj] & OBJ_DEAD or vm.page.flags[m] & PG_SWAPPED:
        return False
    dirty = vm.page.dirty[m] == VM_PAGE_BITS_ALL and vm.object.flags[obj] & both == both
    return dirty or not prot & VM_PROT_WRITE


def _reference_and_enter(vm: Machine, p: int, va: int, m: int, prot: int, wired: int) -> Steps[None]:
    """F12."""
    yield "F12 set PG_REFERENCED"
    vm.page.flags[m] |= PG_REFERENCED
    yield from pmap_enter_at(vm, p, va, m, prot, wired)


# --- F4 to F15, with the first object held ----------------------------------------------------------------


def _fault_with_object(vm: Machine, fs: Fault) -> Steps[tuple[int, int, int, int]]:
    action, value, layer, first_m = yield from _find_page(vm, fs)
    prot = fs.prot
    if action == FOUND:
        action, value, layer, first_m, prot = yield from _prepare_found(vm, fs, layer, value, first_m)
    if action == FOUND:
        yield from _map_found(vm, fs, value, prot)
    yield from _unlock_things(vm, fs, layer, first_m)
    if action == BUSY:
        yield from vm_page_sleep_busy(vm, value, 1, "vmpfw")
        yield "F5 count the wait"
        vm.cpu.v_intrans[vm.mycpu] += 1
    if action == WAIT:
        return (yield from _wait_for_memory(vm)), fs.first_shared, fs.shared, 0
    if action == AGAIN:
        return RETRY, 0, fs.shared and int(layer == fs.layer), 0
    result = KERN_SUCCESS if action == FOUND else value if action == FAILED else RETRY
    return result, fs.first_shared, fs.shared, int(action == HARD)


def _wait_for_memory(vm: Machine) -> Steps[int]:
    """F6b, F8: wait, and fail if the process is to be killed."""
    yield from vm_wait_pfault(vm)
    yield "see whether the process is to be killed"
    return KERN_PROTECTION_FAILURE if vm.thread.p_flags[vm.curthread] & P_LOWMEMKILL else RETRY


def _unlock_things(vm: Machine, fs: Fault, layer: int, first_m: int) -> Steps[None]:
    """F15: free the first layer's page if it was not needed; drop the tokens, release the map."""
    if first_m != NULL:
        yield "F15 see whether the first layer's page is complete"
        if vm.page.valid[first_m] == VM_PAGE_BITS_ALL:
            yield from vm_page_wakeup(vm, first_m)
        else:
            yield from vm_page_free(vm, first_m)
    if layer != fs.layer:
        yield "leave the layer"
        yield from _leave(vm, vm.backing.object[layer])
    yield from _leave(vm, fs.object)
    yield from vm_map_unlock_read(vm, fs.process)


def _leave(vm: Machine, obj: int) -> Steps[None]:
    yield from vm_object_pip_wakeup_n(vm, obj, 1)
    yield from vm_object_drop(vm, obj)


# --- F4 to F10: the layers --------------------------------------------------------------------------------


def _find_page(vm: Machine, fs: Fault) -> Steps[tuple[int, int, int, int]]:
    """Go down the layers until one has the page: (action, its value, the layer, the first layer's page).

    That page is hard-busied, and NULL where the page found is itself of the first layer.
    """
    layer, obj, first_m = fs.layer, fs.object, NULL
    while True:
        action, value = yield from _look_in_layer(vm, fs, layer, obj)
        if action != NEXT:
            return action, value, layer, first_m
        if layer == fs.layer:
            first_m = value
        yield "F10 go on to the layer below"
        below = vm.backing.next[layer]
        if below == NULL:
            if layer != fs.layer:
                yield from _leave(vm, obj)
            yield from _zero_fill(vm, first_m)
            return FOUND, first_m, fs.layer, NULL
        deeper = vm.backing.object[below]
        yield from vm_object_hold(vm, deeper, SHARED if fs.shared else EXCLUSIVE)
        yield from vm_object_pip_add(vm, deeper, 1)
        if layer != fs.layer:
            yield from _leave(vm, obj)
        layer, obj = below, deeper


def _zero_fill(vm: Machine, m: int) -> Steps[None]:
    """F10: no layer has the page: it is all zeros."""
    yield from vm_page_zero_fill(vm, m)
    yield "F10 count the page as zero-filled and make it valid"
    vm.cpu.v_zfod[vm.mycpu] += 1
    vm.page.valid[m] = VM_PAGE_BITS_ALL


def _look_in_layer(vm: Machine, fs: Fault, layer: int, obj: int) -> Steps[Looked]:
    yield "F4 see that the object lives"
    if vm.object.flags[obj] & OBJ_DEAD:
        return FAILED, KERN_PROTECTION_FAILURE
    pindex = _place(vm, fs.entry, layer, fs.va)
    m, busy = yield from vm_page_lookup_busy_try(vm, obj, pindex, 1)
    if busy:
        return BUSY, m
    if m != NULL:
        action = yield from _take_resident(vm, layer, m)
    elif layer != fs.layer and not (yield from _worth_asking(vm, fs, obj, pindex)):
        return NEXT, NULL
    else:
        action, m = yield from _allocate(vm, fs, layer, obj, pindex)
    if action != PAGER:
        return action, m
    return (yield from _ask_pager(vm, fs, layer, obj, m))


def _take_resident(vm: Machine, layer: int, m: int) -> Steps[int]:
    """F6: the page is there and hard-busied; take it off its queue, without a word to the daemon."""
    old = yield from vm_page_unqueue_nowakeup(vm, m)
    yield "F6 see whether the page was cached, and whether it is complete"
    if old == PQ_CACHE and vm_page_count_severe(vm):
        yield from vm_page_activate(vm, m)
        yield from vm_page_wakeup(vm, m)
        return WAIT
    if vm.page.valid[m] != VM_PAGE_BITS_ALL:
        return PAGER
    if vm.page.flags[m] & PG_RAM:
        vm.page.flags[m] &= ~PG_RAM
        return PAGER
    vm.backing.exclusive[layer] = 0
    return FOUND


def _has_pager(vm: Machine, fs: Fault, obj: int) -> bool:
    wiring = fs.flags & VM_FAULT_WIRE
    return vm.object.type[obj] != OBJT_DEFAULT and (not wiring or bool(fs.wired))


def _worth_asking(vm: Machine, fs: Fault, obj: int, pindex: int) -> Steps[bool]:
    """F7: whether the pager of a deeper layer may have the page."""
    yield "F7 see whether the layer's pager may have the page"
    empty = vm.object.type[obj] == OBJT_SWAP and swap_block(vm, obj, pindex) == NULL
    return _has_pager(vm, fs, obj) and not empty


def _shared_only(fs: Fault, layer: int) -> int:
    return fs.first_shared if layer == fs.layer else fs.shared


def _allocate(vm: Machine, fs: Fault, layer: int, obj: int, pindex: int) -> Steps[Looked]:
    """F8: a new page for the layer, hard-busied."""
    yield "F8 mark the layer for the exclusive token"
    vm.backing.exclusive[layer] = 1
    if _shared_only(fs, layer):
        return AGAIN, NULL
    yield "F8 see whether the object is long enough, and memory enough"
    if pindex >= vm.object.size[obj]:
        return FAILED, KERN_PROTECTION_FAILURE
    if pfault_waits(vm, vm.curthread):
        return WAIT, NULL
    m = yield from vm_page_alloc(vm, obj, pindex, VM_ALLOC_NORMAL | VM_ALLOC_NULL_OK)
    return (WAIT, NULL) if m == NULL else (PAGER, m)


def _ask_pager(vm: Machine, fs: Fault, layer: int, obj: int, m: int) -> Steps[Looked]:
    """F9: let the pager fill the hard-busied page, if there is one that may have it."""
    yield "F9 see whether the object has a pager"
    if not _has_pager(vm, fs, obj):
        return NEXT, m
    if _shared_only(fs, layer):
        yield from vm_page_deactivate(vm, m)
        yield from vm_page_wakeup(vm, m)
        return AGAIN, NULL
    pindex, sequential = vm.page.pindex[m], int(vm.map_entry.advice[fs.entry] != MADV_RANDOM)
    result = yield from vm_pager_get_page(vm, obj, m, sequential)
    if result == VM_PAGER_OK:
        m = yield from vm_page_lookup(vm, obj, pindex)
        if m != NULL:
            yield from vm_page_activate(vm, m)
            yield from vm_page_wakeup(vm, m)
        return HARD, NULL
    if result != VM_PAGER_FAIL:
        yield from _give_page_up(vm, m)
        return FAILED, KERN_FAILURE if result == VM_PAGER_ERROR else KERN_PROTECTION_FAILURE
    if layer == fs.layer:
        return NEXT, m
    yield from vm_page_free(vm, m)
    return NEXT, NULL


def _give_page_up(vm: Machine, m: int) -> Steps[None]:
    yield "F9 see whether the page can be freed"
    needed = vm.page.busy_count[m] & PBUSY_MASK or vm.page.wire_count[m]
    if needed or vm.page.flags[m] & PG_NEED_COMMIT:
        yield from vm_page_activate(vm, m)
        yield from vm_page_wakeup(vm, m)
    else:
        yield from vm_page_free(vm, m)


# --- F11 to F14: the page is found ------------------------------------------------------------------------


def _prepare_found(
    vm: Machine, fs: Fault, layer: int, m: int, first_m: int
) -> Steps[tuple[int, int, int, int, int]]:
    """F11: copy it if need be, activate it, make it dirty: (action, page, layer, first page, permission)."""
    prot = fs.prot
    if layer != fs.layer:
        if fs.type & VM_PROT_WRITE:
            yield from _copy_on_write(vm, m, first_m, layer)
            m, layer, first_m = first_m, fs.layer, NULL
        else:
            prot &= ~VM_PROT_WRITE
    yield from vm_page_activate(vm, m)
    if prot & VM_PROT_WRITE:
        yield from _note_writeable(vm, fs, m)
        if fs.flags & VM_FAULT_DIRTY and not (yield from _make_dirty(vm, fs, m)):
            return AGAIN, NULL, layer, first_m, prot
    yield "F11 see whether the page is complete"
    if vm.page.valid[m] != VM_PAGE_BITS_ALL:
        yield from vm_page_zero_invalid(vm, m, 1)
    return FOUND, m, layer, first_m, prot


def _copy_on_write(vm: Machine, m: int, first_m: int, layer: int) -> Steps[None]:
    """Copy a deeper layer's page to the first layer's, and deactivate the original."""
    yield from vm_page_copy(vm, m, first_m)
    yield from vm_page_deactivate(vm, m)
    yield from vm_page_wakeup(vm, m)
    yield "F11 count the copy"
    vm.cpu.v_cow_faults[vm.mycpu] += 1
    yield from _leave(vm, vm.backing.object[layer])


def _note_writeable(vm: Machine, fs: Fault, m: int) -> Steps[None]:
    yield "F11 note that the object's pages may become dirty"
    set_writeable_dirty(vm, vm.page.object[m])
    yield "F11 set or clear PG_NOSYNC"
    if not vm.map_entry.nosync[fs.entry]:
        vm.page.flags[m] &= ~PG_NOSYNC
    elif not vm.page.dirty[m]:
        vm.page.flags[m] |= PG_NOSYNC


def _make_dirty(vm: Machine, fs: Fault, m: int) -> Steps[bool]:
    """Whether the page could be made dirty: a swap block is only freed under the exclusive token."""
    yield from vm_page_dirty(vm, m)
    yield "F11 see whether the page has a swap block"
    if vm.page.flags[m] & PG_SWAPPED:
        if fs.first_shared:
            yield from vm_page_wakeup(vm, m)
            return False
        yield from swap_pager_unswapped(vm, m)
    return True


def _map_found(vm: Machine, fs: Fault, m: int, prot: int) -> Steps[None]:
    """F12 to F14: map the hard-busied page, release it, and map its neighbours too."""
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
