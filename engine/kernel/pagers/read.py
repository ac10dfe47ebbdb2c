"""Pagers, reading: filling a hard-busied page of an object from the object's backing store.

Source: spec 21, section 3; spec 23, section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.constants import (
    OBJT_PHYS,
    OBJT_SWAP,
    OBJT_VNODE,
    VM_PAGE_BITS_ALL,
    VM_PAGER_BAD,
    VM_PAGER_ERROR,
    VM_PAGER_FAIL,
    VM_PAGER_OK,
    Obj,
    Page,
)
from engine.kernel.arguments import HeldObj, Int
from engine.kernel.busy import vm_page_busy_wait, vm_page_io_finish, vm_page_io_start, vm_page_wakeup
from engine.kernel.object_life import vm_object_pip_add, vm_object_pip_wakeup_n
from engine.kernel.pagers.bio import begin_io, biowait, release_io
from engine.kernel.pagers.swap_read import swap_pager_getpage
from engine.kernel.valid_dirty import vm_page_zero_invalid
from engine.machine.machine import Machine, Steps
from engine.machine.tables import BUF_VNODE_READ

GetPage = Callable[[Machine, Obj, Page, int], Steps[int]]
"""A pager's read function: (machine, object, page, whether access is sequential) -> a VM_PAGER_ result."""


def vm_pager_get_page(vm: Machine, obj: HeldObj, m: Page, seqaccess: Int = 0) -> Steps[int]:
    """Fill a page of an object from the object's pager.

    Locks:   the object's token, exclusive; the page hard-busied, also on return.
    Blocks:  yes, for the I/O; the token is released meanwhile.
    Returns: VM_PAGER_OK; VM_PAGER_FAIL when the pager has no data; VM_PAGER_ERROR or VM_PAGER_BAD.
    Errors:  those of the object's pager.
    Source:  sys/vm/vm_pager.h vm_pager_get_page
    """
    yield "ask the object's pager for the page"
    return (yield from _GETPAGE.get(vm.object.type[obj], no_pager_getpage)(vm, obj, m, seqaccess))


def no_pager_getpage(vm: Machine, obj: Obj, m: Page, seqaccess: int) -> Steps[int]:
    """Fail for an object whose pages the model cannot fill.

    Locks:   as vm_pager_get_page.
    Blocks:  no.
    Returns: VM_PAGER_FAIL for a DEFAULT object, which has no pager; VM_PAGER_BAD for a device's.
    Errors:  none.
    Differs: the model has no devices.
    Source:  sys/vm/default_pager.c; sys/vm/device_pager.c
    """
    yield "report that there is no pager"
    return VM_PAGER_BAD if vm.object.type[obj] else VM_PAGER_FAIL


def phys_pager_getpage(vm: Machine, obj: Obj, m: Page, seqaccess: int) -> Steps[int]:
    """Fill a page of an object without a backing store with zeros.

    Locks:   as vm_pager_get_page.
    Blocks:  no.
    Returns: VM_PAGER_OK.
    Errors:  none.
    Source:  sys/vm/phys_pager.c phys_pager_getpage
    """
    yield from vm_page_zero_invalid(vm, m, 1)
    return VM_PAGER_OK


def vnode_pager_getpage(vm: Machine, obj: Obj, m: Page, seqaccess: int) -> Steps[int]:
    """Read a page of a file.

    During the read the page is soft-busied, so that a buffer of the file system can use it.

    Locks:   as vm_pager_get_page.
    Blocks:  yes, for the read, and if another thread has the page busy afterwards.
    Returns: VM_PAGER_OK, or VM_PAGER_ERROR.
    Errors:  CapacityError when too many I/Os are pending.
    Differs: the model has no buffer cache: a file's page is always read from the device, one at a time, and
             never marked PG_RAM.
    Source:  sys/vm/vnode_pager.c vnode_pager_generic_getpages
    """
    yield from vm_page_io_start(vm, m)
    yield from vm_page_wakeup(vm, m)
    yield from vm_object_pip_add(vm, obj, 1)
    yield "begin the read"
    vm.cpu.v_vnodein[vm.mycpu] += 1
    vm.cpu.v_vnodepgsin[vm.mycpu] += 1
    row = begin_io(vm, BUF_VNODE_READ, obj, vm.page.pindex[m], 1)
    vm.buf.requested[row], vm.buf.sync[row] = m, 1
    error = yield from biowait(vm, row, "biord")
    yield "store the data read"
    if not error:
        vm.page.valid[m] = VM_PAGE_BITS_ALL
    release_io(vm, row)
    yield from vm_object_pip_wakeup_n(vm, obj, 1)
    yield from vm_page_busy_wait(vm, m, 0, "vnpgr")
    yield from vm_page_io_finish(vm, m)
    yield "check whether the read made the page valid"
    if error or not vm.page.valid[m]:
        return VM_PAGER_ERROR
    return VM_PAGER_OK


_GETPAGE: Final[dict[int, GetPage]] = {
    OBJT_SWAP: swap_pager_getpage,
    OBJT_VNODE: vnode_pager_getpage,
    OBJT_PHYS: phys_pager_getpage,
}
