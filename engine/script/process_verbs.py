"""Verbs that a script calls as a process: access, map, advise and wire memory, fork, exit.

Most take a `pid` as their last argument: 0, the default, is the process of the script's own thread. A failed
access returns the signal that the program would get; a successful one returns 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from engine.constants import (
    KERN_SUCCESS,
    NULL,
    OBJT_DEFAULT,
    PAGE_MASK,
    PAGE_SHIFT,
    PAGE_SIZE,
    VM_FAULT_BURST,
    VM_FAULT_DIRTY,
    VM_FAULT_USERMODE,
    VM_FAULT_WIRE,
    VM_PROT_READ,
    VM_PROT_WRITE,
    Obj,
    Page,
)
from engine.errors import BadInput
from engine.kernel.arguments import (
    LAST_PID,
    Address,
    Advice,
    Amount,
    Bool,
    HeldObj,
    Int,
    MaybeObj,
    OwnOrProcess,
    PageCount,
    Pid,
    Protection,
    Range,
)
from engine.kernel.object_life import vm_object_allocate
from engine.kernel.pagers.read import vm_pager_get_page
from engine.kernel.process.fault import vm_fault
from engine.kernel.process.fault_unwire import vm_fault_unwire
from engine.kernel.process.madvise import vm_map_madvise
from engine.kernel.process.map_entries import (
    beyond,
    clip,
    entries_of,
    entry_at,
    layers_of,
)
from engine.kernel.process.page_table import pmap_enter_at, translate
from engine.kernel.process.process import post_sigkill, process_named, signal_of
from engine.kernel.process.vm_map import (
    vm_map_insert,
    vm_map_lock,
    vm_map_remove,
    vm_map_unlock,
    vmspace_fork,
)
from engine.machine.machine import Machine, Steps

LOAD: Final = "load from the address"
STORE: Final = "store to the address"
"""The announcements of an access: each try of it, also after a fault."""

ChildPid = Annotated[int, Range(1, LAST_PID)]


def _access(vm: Machine, addr: int, pid: int, write: int) -> Steps[int]:
    """Access an address as the processor does: retry until the page table allows it or a fault fails."""
    prot = VM_PROT_WRITE if write else VM_PROT_READ
    flags = VM_FAULT_BURST | VM_FAULT_USERMODE | (VM_FAULT_DIRTY if write else 0)
    while True:
        yield STORE if write else LOAD
        p = process_named(vm, pid)
        if translate(vm, p, addr, bool(write)):
            return 0
        signal = signal_of((yield from vm_fault(vm, p, addr, prot, flags)))
        if signal:
            return signal


def read(vm: Machine, addr: Address, pid: Pid = 0) -> Steps[int]:
    """Load from an address, as a process; returns 0, SIGSEGV or SIGBUS."""
    return (yield from _access(vm, addr, pid, 0))


def write(vm: Machine, addr: Address, pid: Pid = 0) -> Steps[int]:
    """Store to an address, as a process; returns 0, SIGSEGV or SIGBUS."""
    return (yield from _access(vm, addr, pid, 1))


def touch(vm: Machine, addr: Address, pid: Pid = 0) -> Steps[int]:
    """Load from an address, as a process; same as read."""
    return (yield from _access(vm, addr, pid, 0))


def map_(
    vm: Machine,
    obj: MaybeObj,
    addr: Address,
    pages: PageCount,
    prot: Protection,
    offset: Amount = 0,
    private: Int = 0,
    pid: Pid = 0,
) -> Steps[int]:
    """Map pages of an object, or of a new anonymous one for NULL; returns KERN_SUCCESS or KERN_NO_SPACE.

    offset: the object's first mapped page; private: whether writes go to a private copy (copy-on-write).
    """
    yield "look at the arguments"
    p = process_named(vm, pid)
    if addr & PAGE_MASK:
        raise BadInput(f"{addr:#x} is not page-aligned; use a multiple of {PAGE_SIZE}")
    if obj == NULL:
        obj = yield from vm_object_allocate(vm, OBJT_DEFAULT, offset + pages)
        yield "leave the new object to its first mapping"
        vm.object.unclaimed[obj] = 1
    return (yield from vm_map_insert(vm, p, obj, offset, addr >> PAGE_SHIFT, pages, prot, private))


def munmap(vm: Machine, addr: Address, pages: PageCount, pid: Pid = 0) -> Steps[None]:
    """Unmap pages; an anonymous object whose last mapping is removed is destroyed."""
    yield "look at the arguments"
    p, first = process_named(vm, pid), addr >> PAGE_SHIFT
    yield from vm_map_remove(vm, p, first, first + pages)


def madvise(vm: Machine, addr: Address, size: Amount, advice: Advice, pid: Pid = 0) -> Steps[int]:
    """Give a MADV_ advice about `size` bytes; returns KERN_SUCCESS or KERN_INVALID_ADDRESS."""
    yield "look at the arguments"
    first, last = addr >> PAGE_SHIFT, addr + size + PAGE_MASK >> PAGE_SHIFT
    return (yield from vm_map_madvise(vm, process_named(vm, pid), first, last, advice))


def fork(vm: Machine, child: ChildPid, pid: Pid = 0) -> Steps[None]:
    """Copy this process's address space to the process with pid `child`, which must have none."""
    yield "look for both processes"
    parent, copy = process_named(vm, pid), process_named(vm, child)
    if vm.process.first_entry[copy] != NULL:
        raise BadInput(f"the process with pid {child} already has an address space; fork to one without maps")
    yield from vmspace_fork(vm, parent, copy)


def exit_(vm: Machine) -> Steps[None]:
    """End this process and all its threads."""
    yield "end the process"
    post_sigkill(vm, process_named(vm, 0))


def mlock(vm: Machine, addr: Address, pages: PageCount, pid: Pid = 0) -> Steps[int]:
    """Fault pages in and wire them, as for I/O; returns 0 or the signal of the first failure."""
    yield "look at the arguments"
    p, first = process_named(vm, pid), addr >> PAGE_SHIFT
    yield from _count_wirings(vm, p, first, first + pages, 1)
    for vpn in range(first, first + pages):
        yield "read the entry's protection"
        entry = entry_at(vm, p, vpn)
        prot = vm.map_entry.prot[entry] if entry != NULL else VM_PROT_READ
        flags = VM_FAULT_WIRE | (VM_FAULT_DIRTY if prot & VM_PROT_WRITE else 0)
        result = yield from vm_fault(vm, p, vpn << PAGE_SHIFT, prot, flags)
        if result != KERN_SUCCESS:
            return signal_of(result)
    return 0


def munlock(vm: Machine, addr: Address, pages: PageCount, pid: Pid = 0) -> Steps[None]:
    """Unwire pages that mlock wired."""
    yield "look at the arguments"
    p, first = process_named(vm, pid), addr >> PAGE_SHIFT
    yield from vm_fault_unwire(vm, p, first, first + pages)
    yield from _count_wirings(vm, p, first, first + pages, -1)


def _count_wirings(vm: Machine, p: int, first: int, last: int, delta: int) -> Steps[None]:
    yield from vm_map_lock(vm, p)
    yield "count the wiring in the entries"
    clip(vm, p, first)
    clip(vm, p, last)
    for entry in entries_of(vm, p):
        if vm.map_entry.start[entry] < last and first < beyond(vm, entry):
            vm.map_entry.wired[entry] += delta
    yield from vm_map_unlock(vm, p)


def pager_getpage(vm: Machine, obj: HeldObj, m: Page, seqaccess: Int = 0) -> Steps[int]:
    """Fill a hard-busied page by the object's pager; returns a VM_PAGER_ result."""
    return (yield from vm_pager_get_page(vm, obj, m, seqaccess))


def map_page(vm: Machine, addr: Address, m: Page, prot: Protection, pid: Pid = 0) -> Steps[None]:
    """Map a busied page at an address at which the process's map has it."""
    yield "look for the address in the map"
    p = process_named(vm, pid)
    _check_shown(vm, p, addr, m)
    yield from pmap_enter_at(vm, p, addr, m, prot)


def pmap_enter(
    vm: Machine, pmap: OwnOrProcess, va: Address, m: Page, prot: Protection, wired: Bool
) -> Steps[None]:
    """Map a busied page at an address at which the map of a process has it.

    pmap: the process whose page table it is; NULL is that of the thread. wired: whether the entry is wired.
    """
    yield "look for the address in the map"
    p = process_named(vm, 0) if pmap == NULL else pmap
    _check_shown(vm, p, va, m)
    yield from pmap_enter_at(vm, p, va, m, prot, wired)


def _check_shown(vm: Machine, p: int, addr: int, m: Page) -> None:
    entry = entry_at(vm, p, addr >> PAGE_SHIFT)
    if entry == NULL or not any(_shows(vm, entry, layer, addr, m) for layer in layers_of(vm, entry)):
        raise BadInput(f"the process's map does not have that page at {addr:#x}; map its object there first")


def _shows(vm: Machine, entry: int, layer: int, addr: int, m: Page) -> bool:
    place = vm.backing.offset[layer] + (addr >> PAGE_SHIFT) - vm.map_entry.start[entry]
    return (vm.backing.object[layer], place) == (vm.page.object[m], vm.page.pindex[m])


def io_fails(vm: Machine, obj: Obj, fails: Int) -> Steps[None]:
    """Make every I/O of an object fail from now on, or succeed again if `fails` is 0."""
    yield "set whether I/O fails"
    vm.object.io_fails[obj] = int(bool(fails))


PROCESS_VERBS: Final[dict[str, Callable[..., Any]]] = {
    "read": read,
    "write": write,
    "touch": touch,
    "map": map_,
    "munmap": munmap,
    "madvise": madvise,
    "fork": fork,
    "exit": exit_,
    "mlock": mlock,
    "munlock": munlock,
    "map_page": map_page,
}
"""The verbs that need a process, by their names in scripts."""

PAGER_VERBS: Final[dict[str, Callable[..., Any]]] = {"pager_getpage": pager_getpage, "io_fails": io_fails}
"""The verbs that do not need a process."""
