"""Grabbing a page: find or allocate it, wait for memory if needed, and zero it if asked.

Source: spec 03, vm_page_grab; spec 03, alloczwq / freezwq.
"""

from __future__ import annotations

from engine.constants import (
    NULL,
    VM_ALLOC_FORCE_ZERO,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_NORMAL,
    VM_ALLOC_NULL_OK,
    VM_ALLOC_RETRY,
    VM_ALLOC_SYSTEM,
    VM_ALLOC_ZERO,
    VM_PAGE_BITS_ALL,
    Obj,
    Page,
)
from engine.errors import KernelPanic, kkassert
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.arguments import MaybePage, PageReq, Quad
from engine.kernel.busy import vm_page_busy_wait, vm_page_sleep_busy, vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.lookup import vm_page_lookup_busy_try
from engine.kernel.memory_wait import vm_wait
from engine.kernel.objects import vm_object_drop, vm_object_hold_shared, vm_object_upgrade
from engine.kernel.valid_dirty import zero_page
from engine.kernel.wire import vm_page_unwire, vm_page_wire
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_OBJECT, NO_PAGE


def vm_page_grab(vm: Machine, obj: Obj, pindex: Quad, allocflags: PageReq) -> Steps[MaybePage]:
    """Find the page of `obj` at `pindex` and hard-busy it, or allocate one.

    Locks:   none on entry; takes the object's token, shared, then exclusive if the page is missing.
    Blocks:  yes.
    Returns: the page, or NULL without VM_ALLOC_RETRY.
    Errors:  KKASSERT without an allocation class; a NULL dereference, as in the kernel, when the page was
             busy and VM_ALLOC_RETRY is not set.
    Source:  sys/vm/vm_page.c vm_page_grab
    """
    classes = VM_ALLOC_NORMAL | VM_ALLOC_INTERRUPT | VM_ALLOC_SYSTEM
    yield "check the allocation class"
    kkassert(bool(allocflags & classes), "vm_page_grab", "NORMAL, INTERRUPT or SYSTEM")
    yield from vm_object_hold_shared(vm, obj)
    shared = True
    while True:
        m, busy = yield from vm_page_lookup_busy_try(vm, obj, pindex, 1)
        if busy:
            yield from vm_page_sleep_busy(vm, m, 1, "pgrbwt")
            m = NO_PAGE
        elif m == NULL:
            if shared:
                yield from vm_object_upgrade(vm, obj)
                shared = False
            m = yield from _grab_alloc(vm, obj, pindex, allocflags)
            if m == NULL and not allocflags & VM_ALLOC_RETRY:
                yield from vm_object_drop(vm, obj)
                return NO_PAGE
        if m != NULL or not allocflags & VM_ALLOC_RETRY:
            break
    yield from _grab_zero(vm, m, allocflags)
    yield from vm_object_drop(vm, obj)
    return m


def _grab_alloc(vm: Machine, obj: Obj, pindex: int, allocflags: int) -> Steps[MaybePage]:
    if allocflags & VM_ALLOC_RETRY:
        allocflags |= VM_ALLOC_NULL_OK
    m = yield from vm_page_alloc(vm, obj, pindex, allocflags & ~VM_ALLOC_RETRY)
    if m == NULL:
        yield from vm_wait(vm, 0)
    return m


def _grab_zero(vm: Machine, m: Page, allocflags: int) -> Steps[None]:
    yield "check whether the page has to be zeroed"
    if m == NULL:
        raise KernelPanic("fault", "vm_page_grab", "the page was busy and RETRY is not set: no page")
    zero = allocflags & (VM_ALLOC_ZERO | VM_ALLOC_FORCE_ZERO)
    if (vm.page.valid[m] == 0 and zero) or allocflags & VM_ALLOC_FORCE_ZERO:
        zero_page(vm, m)
        vm.page.valid[m] = VM_PAGE_BITS_ALL


def vm_page_alloczwq(vm: Machine, pindex: Quad, flags: PageReq) -> Steps[MaybePage]:
    """Allocate a page without an object, wired and on no queue; zeroed if asked. Only in the newer kernel.

    Locks:   none on entry or return.
    Blocks:  yes, for memory.
    Returns: the page, not busied; NULL without VM_ALLOC_RETRY when memory was short.
    Errors:  those of vm_page_alloc.
    Source:  spec 03, alloczwq / freezwq (reconstructed from notes on the newer kernel)
    """
    while True:
        m = yield from vm_page_alloc(vm, NO_OBJECT, pindex, flags & ~VM_ALLOC_RETRY)
        if m != NULL:
            break
        yield from vm_wait(vm, 0)
        if not flags & VM_ALLOC_RETRY:
            return NO_PAGE
    yield "zero the page if asked"
    if flags & (VM_ALLOC_ZERO | VM_ALLOC_FORCE_ZERO):
        zero_page(vm, m)
        vm.page.valid[m] = VM_PAGE_BITS_ALL
    yield from vm_page_wire(vm, m)
    yield from vm_page_wakeup(vm, m)
    return m


def vm_page_freezwq(vm: Machine, m: Page) -> Steps[None]:
    """Free a page that vm_page_alloczwq returned. Only in the newer kernel.

    Locks:   none on entry or return; takes the page's busy.
    Blocks:  yes, while the page is busied.
    Returns: nothing.
    Errors:  those of vm_page_unwire and vm_page_free_toq.
    Source:  spec 03, alloczwq / freezwq (reconstructed from notes on the newer kernel)
    """
    yield from vm_page_busy_wait(vm, m, 0, "pgfzwq")
    yield from vm_page_unwire(vm, m, 0)
    yield from vm_page_free(vm, m)
