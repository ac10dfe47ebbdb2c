"""Finding a faulted page in the layers of a map entry (spec 21, F4 to F10).

In each layer's object the page is present, busy, or absent. An absent page may be allocated and read by the
object's pager. Nothing is released here; the attempt does that when it knows the result.
Source: spec 21, section 2.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from engine.constants import (
    KERN_FAILURE,
    KERN_PROTECTION_FAILURE,
    MADV_RANDOM,
    NULL,
    OBJ_DEAD,
    OBJT_DEFAULT,
    OBJT_SWAP,
    PAGE_SHIFT,
    PBUSY_MASK,
    PG_NEED_COMMIT,
    PG_RAM,
    PQ_CACHE,
    VM_ALLOC_NORMAL,
    VM_ALLOC_NULL_OK,
    VM_FAULT_WIRE,
    VM_PAGE_BITS_ALL,
    VM_PAGER_ERROR,
    VM_PAGER_FAIL,
    VM_PAGER_OK,
    Obj,
    Page,
)
from engine.kernel.age import vm_page_activate, vm_page_deactivate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.arguments import MaybePage
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.lookup import vm_page_lookup, vm_page_lookup_busy_try
from engine.kernel.memory_pressure import vm_page_count_severe
from engine.kernel.memory_wait import pfault_waits
from engine.kernel.object_life import vm_object_pip_add, vm_object_pip_wakeup_n
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.pagers.read import vm_pager_get_page
from engine.kernel.pagers.swap_space import swap_block
from engine.kernel.queues import vm_page_unqueue_nowakeup
from engine.kernel.tokens import EXCLUSIVE, SHARED
from engine.kernel.valid_dirty import vm_page_zero_fill
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_PAGE

FOUND, NEXT, PAGER, BUSY, WAIT, AGAIN, HARD, FAILED = range(8)
"""The result of looking in a layer: page found; next layer; ask the pager; page busy; memory short; exclusive
token needed; I/O done; fault failed."""

TAKE_RESIDENT: Final = "check whether the page was cached and is fully valid"
"""The announcement of a fault that has just taken a resident page off its queue."""

Looked = tuple[int, int]
"""The result, and the page concerned or the reason for the failure."""


class Fault(NamedTuple):
    """The data of an attempt from its lookup on.

    layer, object, pindex: the first layer, its object, and the index in it.
    """

    process: int
    va: int
    type: int
    flags: int
    entry: int
    layer: int
    object: Obj
    pindex: int
    prot: int
    wired: int
    first_shared: int
    shared: int


def place_in_layer(vm: Machine, entry: int, layer: int, va: int) -> int:
    """The index, in a layer's object, of the page that its entry shows at an address."""
    return vm.backing.offset[layer] + (va >> PAGE_SHIFT) - vm.map_entry.start[entry]


def leave_object(vm: Machine, obj: Obj) -> Steps[None]:
    """Release what a fault holds of an object: its share of paging_in_progress, and the token.

    Locks:   the object's token on entry, one level less on return.
    Blocks:  no.
    Returns: nothing.
    Errors:  those of vm_object_drop.
    Source:  spec 21, F15
    """
    yield from vm_object_pip_wakeup_n(vm, obj, 1)
    yield from vm_object_drop(vm, obj)


def find_page(vm: Machine, fs: Fault) -> Steps[tuple[int, int, int, MaybePage]]:
    """Go down the layers until one has the page or none is left.

    Locks:   the first object's token; on return also that of the returned layer, if it is a deeper one, and
             the returned pages hard-busied.
    Blocks:  yes, for tokens and for the pager's I/O.
    Returns: (result, page or reason for the failure, layer, the first layer's page); the last is NULL where
             the page found is itself in the first layer.
    Errors:  those of vm_page_alloc and vm_pager_get_page.
    Source:  spec 21, F4 to F10
    """
    layer, obj, first_m = fs.layer, fs.object, NO_PAGE
    while True:
        action, value = yield from _look_in_layer(vm, fs, layer, obj)
        if action != NEXT:
            return action, value, layer, first_m
        if layer == fs.layer:
            first_m = Page(value)
        yield "go to the next layer"
        below = vm.backing.next[layer]
        if below == NULL:
            if layer != fs.layer:
                yield from leave_object(vm, obj)
            yield from _zero_fill(vm, first_m)
            return FOUND, first_m, fs.layer, NO_PAGE
        deeper = vm.backing.object[below]
        yield from vm_object_hold(vm, deeper, SHARED if fs.shared else EXCLUSIVE)
        yield from vm_object_pip_add(vm, deeper, 1)
        if layer != fs.layer:
            yield from leave_object(vm, obj)
        layer, obj = below, deeper


def _zero_fill(vm: Machine, m: Page) -> Steps[None]:
    """Zero the page, since no layer has it (spec 21, F10)."""
    yield from vm_page_zero_fill(vm, m)
    yield "count the zero fill and set valid"
    vm.cpu.v_zfod[vm.mycpu] += 1
    vm.page.valid[m] = VM_PAGE_BITS_ALL


def _look_in_layer(vm: Machine, fs: Fault, layer: int, obj: Obj) -> Steps[Looked]:
    yield "check that the object is not dead"
    if vm.object.flags[obj] & OBJ_DEAD:
        return FAILED, KERN_PROTECTION_FAILURE
    pindex = place_in_layer(vm, fs.entry, layer, fs.va)
    m, busy = yield from vm_page_lookup_busy_try(vm, obj, pindex, 1)
    if busy:
        return BUSY, m
    if m != NULL:
        action = yield from _take_resident(vm, layer, m)
    elif layer != fs.layer and not (yield from _worth_asking(vm, fs, obj, pindex)):
        return NEXT, NULL
    else:
        action, value = yield from _allocate(vm, fs, layer, obj, pindex)
        if action != PAGER:
            return action, value
        m = Page(value)
    if action != PAGER:
        return action, m
    return (yield from _ask_pager(vm, fs, layer, obj, m))


def _take_resident(vm: Machine, layer: int, m: Page) -> Steps[int]:
    """Take the page, which is hard-busied, off its queue without waking the daemon (spec 21, F6)."""
    old = yield from vm_page_unqueue_nowakeup(vm, m)
    yield TAKE_RESIDENT
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


def _has_pager(vm: Machine, fs: Fault, obj: Obj) -> bool:
    wiring = fs.flags & VM_FAULT_WIRE
    return vm.object.type[obj] != OBJT_DEFAULT and (not wiring or bool(fs.wired))


def _worth_asking(vm: Machine, fs: Fault, obj: Obj, pindex: int) -> Steps[bool]:
    """Whether the pager of a deeper layer may have the page (spec 21, F7)."""
    yield "check whether the layer's pager may have the page"
    empty = vm.object.type[obj] == OBJT_SWAP and swap_block(vm, obj, pindex) == NULL
    return _has_pager(vm, fs, obj) and not empty


def _shared_only(fs: Fault, layer: int) -> int:
    return fs.first_shared if layer == fs.layer else fs.shared


def _allocate(vm: Machine, fs: Fault, layer: int, obj: Obj, pindex: int) -> Steps[Looked]:
    """Allocate a page for the layer, hard-busied (spec 21, F8)."""
    yield "mark the layer for the exclusive token"
    vm.backing.exclusive[layer] = 1
    if _shared_only(fs, layer):
        return AGAIN, NULL
    yield "check the object's size and the free memory"
    if pindex >= vm.object.size[obj]:
        return FAILED, KERN_PROTECTION_FAILURE
    if pfault_waits(vm, vm.curthread):
        return WAIT, NULL
    m = yield from vm_page_alloc(vm, obj, pindex, VM_ALLOC_NORMAL | VM_ALLOC_NULL_OK)
    return (WAIT, NULL) if m == NULL else (PAGER, m)


def _ask_pager(vm: Machine, fs: Fault, layer: int, obj: Obj, m: Page) -> Steps[Looked]:
    """Let the object's pager, if it has one, fill the hard-busied page (spec 21, F9)."""
    yield "check whether the object has a pager"
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


def _give_page_up(vm: Machine, m: Page) -> Steps[None]:
    yield "check whether the page can be freed"
    needed = vm.page.busy_count[m] & PBUSY_MASK or vm.page.wire_count[m]
    if needed or vm.page.flags[m] & PG_NEED_COMMIT:
        yield from vm_page_activate(vm, m)
        yield from vm_page_wakeup(vm, m)
    else:
        yield from vm_page_free(vm, m)
