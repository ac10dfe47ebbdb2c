"""The life of an object: its references, its paging in progress, and its termination.

An anonymous object is terminated with its last reference: its pages and its swap blocks are freed. A file's
object remains, with its pages.
Source: spec 06; spec 24, section 4.
"""

from __future__ import annotations

from typing import Final

from engine.constants import NULL, OBJ_DEAD, OBJ_ONEMAPPING, OBJT_DEFAULT, OBJT_SWAP, OBJT_VNODE, Obj, Thread
from engine.errors import CapacityError, kkassert
from engine.kernel.busy import vm_page_busy_try, vm_page_sleep_busy, vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.objects import vm_object_drop, vm_object_hold, vm_page_remove
from engine.kernel.pagers.swap_space import free_every_block
from engine.kernel.pmap import vm_page_protect
from engine.kernel.sleep import CHAN_PIP, tsleep, tsleep_interlock, wakeup
from engine.machine.machine import Machine, Steps

BOOT_THREAD: Final = 0xFFFF_F801_0000_0000
"""The address of the thread that creates a scenario's objects; their colours derive from it."""

_THREADS_AT: Final = 0xFFFF_F802_0000_0000
_THREAD_SIZE: Final = 0x600
_OBJECTS_AT: Final = 0xFFFF_F800_0010_0000
_OBJECT_SIZE: Final = 512
_QUICK_COLOR_STEP: Final = 23

ANONYMOUS: Final = (OBJT_DEFAULT, OBJT_SWAP)


def thread_address(t: Thread) -> int:
    """The synthetic address of thread `t`."""
    return _THREADS_AT + t * _THREAD_SIZE


def make_object(vm: Machine, obj: Obj, kind: int, size: int, creator: int) -> None:
    """Fill the row of an object that the thread at address `creator` creates: part of a step.

    Source: spec 01, vm_object fields used (pg_color: the thread's address plus the cpu's gd_quick_color)
    """
    low = creator & 0xFFFFFFFF
    address = low - (1 << 32) if low >= 1 << 31 else low
    vm.object.pg_color[obj] = (address >> 10) + vm.cpu.quick_color[vm.mycpu] & 0xFFFF
    vm.cpu.quick_color[vm.mycpu] += _QUICK_COLOR_STEP
    vm.object.type[obj] = kind
    vm.object.flags[obj] = 0
    vm.object.size[obj] = size
    vm.object.ref_count[obj] = 1
    vm.object.address[obj] = _OBJECTS_AT + obj * _OBJECT_SIZE


def vm_object_allocate(vm: Machine, kind: int, size: int) -> Steps[Obj]:
    """Create an object of `size` pages, with one reference.

    Locks:   none.
    Blocks:  no.
    Returns: the object.
    Errors:  CapacityError when the machine has no room for another.
    Source:  sys/vm/vm_object.c vm_object_allocate
    """
    yield "create an object"
    obj = _unused_object(vm)
    make_object(vm, obj, kind, size, thread_address(vm.curthread))
    return obj


def _unused_object(vm: Machine) -> Obj:
    table = vm.object
    for obj in range(len(vm.object_names), vm.vm_token):
        gone = table.flags[obj] & OBJ_DEAD and not table.hold_count[obj]
        if not table.address[obj] or (gone and not table.ref_count[obj]):
            return Obj(obj)
    raise CapacityError(f"there are {vm.vm_token} objects; this machine has no room for more")


def refer_to(vm: Machine, obj: Obj) -> None:
    """Count one more map entry that shows an object: part of a step. The first replaces its creator's."""
    if vm.object.unclaimed[obj]:
        vm.object.unclaimed[obj] = 0
        if vm.object.type[obj] in ANONYMOUS:
            vm.object.flags[obj] |= OBJ_ONEMAPPING
        return
    vm.object.ref_count[obj] += 1
    vm.object.flags[obj] &= ~OBJ_ONEMAPPING


def vm_object_deallocate(vm: Machine, obj: Obj) -> Steps[None]:
    """Drop a reference to an object; the last one terminates an anonymous object.

    Locks:   none on entry or return; takes the object's token, exclusive.
    Blocks:  yes.
    Returns: nothing.
    Errors:  KKASSERT when there is no reference left.
    Source:  sys/vm/vm_object.c vm_object_deallocate
    """
    yield from vm_object_hold(vm, obj)
    yield "drop a reference to the object"
    kkassert(vm.object.ref_count[obj] > 0, "vm_object_deallocate", "a referenced object")
    vm.object.ref_count[obj] -= 1
    if not vm.object.ref_count[obj] and vm.object.type[obj] != OBJT_VNODE:
        yield from vm_object_terminate(vm, obj)
    yield from vm_object_drop(vm, obj)


def vm_object_terminate(vm: Machine, obj: Obj) -> Steps[None]:
    """Terminate an object: free its pages, dirty or not, and its swap blocks.

    A wired page is removed from the object and stays wired.

    Locks:   the object's token, exclusive.
    Blocks:  yes, until no paging is in progress in it, and at each busy page.
    Returns: nothing.
    Errors:  those of vm_page_free.
    Source:  sys/vm/vm_object.c vm_object_terminate
    """
    yield "mark the object dead"
    vm.object.flags[obj] |= OBJ_DEAD
    yield from vm_object_pip_wait(vm, obj, "objtrm")
    while True:
        yield "list the object's pages"
        places = _resident_places(vm, obj)
        if not places:
            break
        for pindex in places:
            yield from _terminate_page(vm, obj, pindex)
    yield "free the object's swap blocks"
    free_every_block(vm, obj)


def _resident_places(vm: Machine, obj: Obj) -> tuple[int, ...]:
    slots, page = vm.resident_slots.slots.items(), vm.resident.page
    return tuple(sorted(pindex for (owner, pindex), at in slots if owner == obj and page[at] != NULL))


def _terminate_page(vm: Machine, obj: Obj, pindex: int) -> Steps[None]:
    yield "look the page up"
    m = vm.find_page(obj, pindex)
    if m == NULL:
        return
    if (yield from vm_page_busy_try(vm, m, 1)):
        yield from vm_page_sleep_busy(vm, m, 1, "vmotrm")
        return
    yield "check whether the page is still in the object, and wired"
    if vm.page.object[m] != obj:
        yield from vm_page_wakeup(vm, m)
    elif vm.page.wire_count[m]:
        yield from vm_page_remove(vm, m)
        yield from vm_page_wakeup(vm, m)
    else:
        yield from vm_page_protect(vm, m, 0)
        yield "count the page as freed with its object"
        vm.cpu.v_pfree[vm.mycpu] += 1
        yield from vm_page_free(vm, m)


# --- paging in progress -----------------------------------------------------------------------------------


def vm_object_pip_add(vm: Machine, obj: Obj, count: int) -> Steps[None]:
    """Count pages that are being paged in or out in an object, or faults in progress in it.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_object.h vm_object_pip_add
    """
    yield "add to paging_in_progress"
    vm.object.paging_in_progress[obj] += count


def vm_object_pip_wakeup_n(vm: Machine, obj: Obj, count: int) -> Steps[None]:
    """Subtract pages or faults from an object's paging in progress; the last one wakes the waiters.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_object.h vm_object_pip_wakeup_n
    """
    yield "subtract from paging_in_progress"
    vm.object.paging_in_progress[obj] -= count
    if not vm.object.paging_in_progress[obj] and vm.object.pip_wanted[obj]:
        vm.object.pip_wanted[obj] = 0
        yield from wakeup(vm, CHAN_PIP + obj)


def vm_object_pip_wait(vm: Machine, obj: Obj, wmesg: str) -> Steps[None]:
    """Wait until no paging is in progress in an object.

    Locks:   none; tokens are released while asleep.
    Blocks:  yes.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_object.h vm_object_pip_wait
    """
    while True:
        yield "check whether paging is in progress"
        if not vm.object.paging_in_progress[obj]:
            return
        yield from tsleep_interlock(vm, CHAN_PIP + obj)
        yield "set the waiting flag if paging is still in progress"
        if not vm.object.paging_in_progress[obj]:
            return
        vm.object.pip_wanted[obj] = 1
        yield from tsleep(vm, CHAN_PIP + obj, True, wmesg, 0)
