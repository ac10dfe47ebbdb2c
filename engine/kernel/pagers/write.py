"""Pagers, writing: handing dirty pages to an object's pager, and the lock of a file's vnode.

`put_pages_of` is the only place that maps an object to its pager. A machine that replays a recorded trace has
no
pagers: each object returns the results that were set in the recording's shim.
Source: spec 22, sections C and D; golden/FORMAT.md, section 5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.constants import NULL, OBJT_DEFAULT, OBJT_SWAP, VM_PAGER_OK, VM_PAGER_PEND, Obj, Page
from engine.errors import CapacityError
from engine.kernel.pagers.swap_write import swap_pager_putpages
from engine.machine.machine import Machine, Steps

PutPages = Callable[[Machine, Obj, tuple[Page, ...], int], Steps[tuple[int, ...]]]
"""A pager's write function: (machine, object, pages, OBJPC_ flags) -> one VM_PAGER_ result for each page."""

WRITE_PAGE: Final = "write a page"
"""The announcement before a page is written by a pager that the kernel does not count."""


def vm_pager_put_pages(vm: Machine, obj: Obj, pages: tuple[Page, ...], flags: int) -> Steps[tuple[int, ...]]:
    """Write pages of an object through its pager; each is soft-busied, and pending ones stay so.

    Locks:   no spinlock.
    Blocks:  if the object's pager does.
    Returns: a VM_PAGER_ result for each page.
    Errors:  none.
    Source:  sys/vm/vm_pager.h vm_pager_put_pages
    """
    yield "hand the pages to the object's pager"
    vm.effects.append(("put_pages", obj, flags, pages))
    return (yield from put_pages_of(vm, obj)(vm, obj, pages, flags))


def put_pages_of(vm: Machine, obj: Obj) -> PutPages:
    """The pager of an object, by its type."""
    if vm.pager_as_recorded:
        return putpages_as_told
    return PAGERS.get(vm.object.type[obj], putpages_as_told)


def putpages_as_told(vm: Machine, obj: Obj, pages: tuple[Page, ...], flags: int) -> Steps[tuple[int, ...]]:
    """Treat each page according to object.put_result, a VM_PAGER_ result.

    Only OK and PEND have an effect: OK marks the page clean, PEND keeps its write pending.

    Locks:   no spinlock.
    Blocks:  no.
    Returns: a VM_PAGER_ result for each page.
    Errors:  CapacityError when too many pages are being written.
    Source:  golden/FORMAT.md, section 5
    """
    for m in pages:
        yield WRITE_PAGE
        result = vm.object.put_result[obj]
        if result == VM_PAGER_OK:
            vm.page.dirty[m] = 0
        elif result == VM_PAGER_PEND:
            _keep_under_way(vm, obj, m, flags)
    return (vm.object.put_result[obj],) * len(pages)


def _keep_under_way(vm: Machine, obj: Obj, m: Page, flags: int) -> None:
    row = 0
    while vm.io.page[row] != NULL:
        row += 1
        if row == vm.io.length:
            raise CapacityError(f"more than {row} pages are being written; the model has no room for more")
    vm.io.object[row], vm.io.page[row], vm.io.flags[row] = obj, m, flags


PAGERS: Final[dict[int, PutPages]] = {OBJT_DEFAULT: swap_pager_putpages, OBJT_SWAP: swap_pager_putpages}
"""The pager of each object type that has one."""


def vget(vm: Machine, obj: Obj, nowait: bool) -> Steps[bool]:
    """Get the lock of an object's vnode.

    Locks:   no spinlock; the vnode's on success.
    Blocks:  for a while, unless `nowait`; the model's vnode answers at once.
    Returns: whether it failed.
    Errors:  none.
    Source:  sys/kern/vfs_lock.c vget
    """
    yield "try the vnode's lock" if nowait else "wait a while for the vnode's lock"
    return bool(vm.object.vget_fails[obj])


def vput(vm: Machine, obj: Obj) -> Steps[None]:
    """Release the lock of an object's vnode.

    Locks:   the vnode's on entry.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/kern/vfs_lock.c vput
    """
    yield "release the vnode's lock"
