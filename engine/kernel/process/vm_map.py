"""Address spaces: map entries in order of address, each a chain of layers, and the map's lock.

An entry shows an object and, through it, the objects that it shadows: page n of the entry is page `offset` +
n of the first layer that has it. After a fork both sides share their objects for reading (needs-copy), and
the first write puts an empty object on top of the writer's chain.
Source: spec 21, sections 1 and 2; spec 25, section 1.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    KERN_INVALID_ADDRESS,
    KERN_PROTECTION_FAILURE,
    KERN_SUCCESS,
    NULL,
    OBJ_ONEMAPPING,
    OBJT_DEFAULT,
    PAGE_SHIFT,
    VM_PROT_WRITE,
    Obj,
)
from engine.kernel.memory_pressure import vm_page_count_severe
from engine.kernel.memory_wait import vm_wait
from engine.kernel.object_life import ANONYMOUS, vm_object_allocate, vm_object_deallocate
from engine.kernel.process.fault_unwire import vm_fault_unwire
from engine.kernel.process.map_entries import (
    beyond,
    clip,
    copy_entry,
    entries_of,
    entry_at,
    link_entry,
    make_entry,
    new_layer,
    top_object,
    unlink_entry,
)
from engine.kernel.process.page_table import pmap_protect_range, pmap_remove_range
from engine.kernel.sleep import CHAN_MAP, tsleep, tsleep_interlock, wakeup
from engine.machine.machine import Machine, Steps

Found = tuple[int, int, int, int, int]
"""The result of a lookup: a KERN_ result, the entry, its first layer, the permission to install, and whether
the entry is wired."""

_NOWHERE: Final = (NULL, NULL, 0, 0)


# --- the map's lock ---------------------------------------------------------------------------------------


def vm_map_lock_read(vm: Machine, p: int) -> Steps[None]:
    """Share the lock of a process's map.

    Locks:   no spinlock on entry; the map's lock, shared, on return. Unlike a token it is kept while asleep.
    Blocks:  yes, while another thread changes the map.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_map.h vm_map_lock_read
    """
    while True:
        yield "share the map's lock"
        if not vm.process.map_writer[p]:
            vm.process.map_readers[p] += 1
            return
        yield from _sleep_for_map(vm, p, 0)


def vm_map_lock(vm: Machine, p: int) -> Steps[None]:
    """Take the lock of a process's map, to change the map.

    Locks:   no spinlock on entry; the map's lock on return. Unlike a token it is kept while asleep.
    Blocks:  yes, while another thread has the lock.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_map.h vm_map_lock
    """
    while True:
        yield "take the map's lock"
        if not vm.process.map_writer[p] and not vm.process.map_readers[p]:
            vm.process.map_writer[p] = vm.curthread + 1
            return
        yield from _sleep_for_map(vm, p, 1)


def _sleep_for_map(vm: Machine, p: int, alone: int) -> Steps[None]:
    yield from tsleep_interlock(vm, CHAN_MAP + p)
    yield "check the map's lock again"
    if vm.process.map_writer[p] or (alone and vm.process.map_readers[p]):
        vm.process.map_wanted[p] = 1
        yield from tsleep(vm, CHAN_MAP + p, True, "thrd_sleep", 0)


def vm_map_unlock_read(vm: Machine, p: int) -> Steps[None]:
    """Stop sharing the lock of a process's map.

    Locks:   the map's lock, shared, on entry.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_map.h vm_map_unlock_read
    """
    yield "stop sharing the map's lock"
    vm.process.map_readers[p] -= 1
    if vm.process.map_wanted[p] and not vm.process.map_readers[p]:
        yield from _wake_for_map(vm, p)


def vm_map_unlock(vm: Machine, p: int) -> Steps[None]:
    """Release the lock of a process's map.

    Locks:   the map's lock on entry.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_map.h vm_map_unlock
    """
    yield "release the map's lock"
    vm.process.map_writer[p] = 0
    if vm.process.map_wanted[p]:
        yield from _wake_for_map(vm, p)


def _wake_for_map(vm: Machine, p: int) -> Steps[None]:
    yield "clear the waiters flag of the map's lock"
    vm.process.map_wanted[p] = 0
    yield from wakeup(vm, CHAN_MAP + p)


# --- looking up -------------------------------------------------------------------------------------------


def vm_map_lookup(vm: Machine, p: int, va: int, fault_type: int) -> Steps[Found]:
    """Find what is mapped at an address, and the permission that a fault there may install.

    A write to a needs-copy entry puts a new object on top; a read of one must not become writable.

    Locks:   takes the map's lock, shared; kept on success.
    Blocks:  yes, for the lock.
    Returns: (KERN_SUCCESS, entry, first layer, permission, whether wired); another KERN_ result alone.
    Errors:  CapacityError when there is no room for another object.
    Differs: no entry grows like a stack.
    Source:  sys/vm/vm_map.c vm_map_lookup
    """
    while True:
        yield from vm_map_lock_read(vm, p)
        yield "look the address up in the map"
        entry = entry_at(vm, p, va >> PAGE_SHIFT)
        result = KERN_INVALID_ADDRESS if entry == NULL else _permitted(vm, entry, fault_type)
        if result != KERN_SUCCESS:
            yield from vm_map_unlock_read(vm, p)
            return (result, *_NOWHERE)
        prot, wired = vm.map_entry.prot[entry], int(vm.map_entry.wired[entry] > 0)
        if not vm.map_entry.needs_copy[entry]:
            return KERN_SUCCESS, entry, vm.map_entry.backing[entry], prot, wired
        if not (prot if wired else fault_type) & VM_PROT_WRITE:
            return KERN_SUCCESS, entry, vm.map_entry.backing[entry], prot & ~VM_PROT_WRITE, wired
        # No other thread may work below the old top of the layers when they get a new one.
        yield from vm_map_unlock_read(vm, p)
        yield from vm_map_lock(vm, p)
        yield from _shadow(vm, p, va >> PAGE_SHIFT)
        yield from vm_map_unlock(vm, p)


def _permitted(vm: Machine, entry: int, fault_type: int) -> int:
    allowed = fault_type & vm.map_entry.prot[entry] == fault_type
    return KERN_SUCCESS if allowed and fault_type else KERN_PROTECTION_FAILURE


def _shadow(vm: Machine, p: int, vpn: int) -> Steps[None]:
    """Look again with the map locked, and put an object on top if the entry still needs one."""
    yield "look the address up again"
    entry = entry_at(vm, p, vpn)
    if entry != NULL and vm.map_entry.needs_copy[entry]:
        yield from vm_map_entry_shadow(vm, entry)


def vm_map_entry_shadow(vm: Machine, entry: int) -> Steps[None]:
    """Put a new, empty object on top of an entry's layers.

    Locks:   the map's lock.
    Blocks:  no.
    Returns: nothing.
    Errors:  CapacityError when there is no room for another object.
    Source:  sys/vm/vm_map.c vm_map_entry_shadow
    """
    obj = yield from vm_object_allocate(vm, OBJT_DEFAULT, 0)
    yield "put the new object on top of the entry's layers"
    vm.object.size[obj] = vm.map_entry.pages[entry]
    vm.object.flags[obj] |= OBJ_ONEMAPPING
    vm.map_entry.backing[entry] = new_layer(vm, obj, 0, vm.map_entry.backing[entry])
    vm.map_entry.needs_copy[entry] = 0


# --- changing a map ---------------------------------------------------------------------------------------


def vm_map_insert(
    vm: Machine, p: int, obj: Obj, offset: int, start: int, pages: int, prot: int, private: int
) -> Steps[int]:
    """Map pages of an object into an address space.

    private: whether writes go to a private copy.

    Locks:   takes the map's lock.
    Blocks:  yes, for the lock.
    Returns: KERN_SUCCESS, or KERN_NO_SPACE when something is mapped there.
    Errors:  CapacityError when there is no room for another entry.
    Source:  sys/vm/vm_map.c vm_map_insert
    """
    yield from vm_map_lock(vm, p)
    yield "insert the entry into the map"
    result = make_entry(vm, p, obj, offset, start, pages, prot, private)
    yield from vm_map_unlock(vm, p)
    return result


def vm_map_remove(vm: Machine, p: int, first: int, last: int) -> Steps[None]:
    """Unmap pages `first` .. `last` - 1 of an address space; an object no longer mapped is terminated.

    Locks:   takes the map's lock, then as vm_object_deallocate.
    Blocks:  yes.
    Returns: nothing.
    Errors:  those of vm_object_deallocate.
    Source:  sys/vm/vm_map.c vm_map_remove
    """
    yield from vm_map_lock(vm, p)
    yield "clip the entries at both ends"
    clip(vm, p, first)
    clip(vm, p, last)
    while True:
        yield "find the next entry in the range"
        entry = next((e for e in entries_of(vm, p) if first <= vm.map_entry.start[e] < last), NULL)
        if entry == NULL:
            break
        yield from _delete_entry(vm, p, entry)
    yield from vm_map_unlock(vm, p)


def _delete_entry(vm: Machine, p: int, entry: int) -> Steps[None]:
    """Remove an entry: first its mappings, then its references to objects."""
    yield "look at the entry"
    first, last = vm.map_entry.start[entry], beyond(vm, entry)
    if vm.map_entry.wired[entry]:
        yield from vm_fault_unwire(vm, p, first, last)
    yield from pmap_remove_range(vm, p, first, last)
    yield "remove the entry from the map"
    unlink_entry(vm, p, entry)
    while True:
        yield "remove the entry's top layer"
        layer = vm.map_entry.backing[entry]
        if layer == NULL:
            vm.map_entry.used[entry] = 0
            return
        obj = vm.backing.object[layer]
        vm.map_entry.backing[entry] = vm.backing.next[layer]
        vm.backing.object[layer] = NULL
        vm.backing.next[layer] = NULL
        yield from vm_object_deallocate(vm, obj)


def vmspace_fork(vm: Machine, parent: int, child: int) -> Steps[None]:
    """Give a process without an address space a copy of another's.

    Nothing is copied: private entries become needs-copy on both sides and read-only in the parent's page
    table. An entry of a file that is not private is shared.

    Locks:   takes the parent's map's lock.
    Blocks:  yes, while memory is severely short, and for the lock.
    Returns: nothing.
    Errors:  CapacityError when there is no room for the entries.
    Source:  sys/vm/vm_map.c vmspace_fork; sys/kern/kern_fork.c fork1
    """
    while True:
        yield "check whether memory is severely short"
        if not vm_page_count_severe(vm):
            break
        yield from vm_wait(vm, 0)
    yield from vm_map_lock(vm, parent)
    start = 0
    while True:
        yield "take the parent's next entry"
        entry = next((e for e in entries_of(vm, parent) if vm.map_entry.start[e] >= start), NULL)
        if entry == NULL:
            break
        start = beyond(vm, entry)
        yield from _fork_entry(vm, parent, child, entry)
    yield from vm_map_unlock(vm, parent)


def _fork_entry(vm: Machine, parent: int, child: int, entry: int) -> Steps[None]:
    yield "check whether the entry is copied or shared"
    first, last = vm.map_entry.start[entry], beyond(vm, entry)
    if vm.map_entry.needs_copy[entry] or vm.object.type[top_object(vm, entry)] in ANONYMOUS:
        yield from pmap_protect_range(vm, parent, first, last)
        yield "mark both entries copy-on-write"
        vm.map_entry.needs_copy[entry] = 1
    yield "give the child a copy of the entry"
    link_entry(vm, child, copy_entry(vm, entry))


def vmspace_exit(vm: Machine, p: int) -> Steps[None]:
    """Destroy an address space: unmap everything, and terminate the objects that nothing else maps.

    Locks:   as vm_map_remove.
    Blocks:  yes.
    Returns: nothing.
    Errors:  those of vm_map_remove.
    Source:  sys/vm/vm_map.c vmspace_exitbump, vmspace_terminate
    """
    yield from vm_map_remove(vm, p, 0, 1 << (64 - PAGE_SHIFT))
