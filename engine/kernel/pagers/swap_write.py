"""The swap pager, writing: clusters of blocks, the pending write, and its completion.

The caller has soft-busied each page, write-protected or unmapped it, and released its hard busy. Until the
write succeeds the page stays dirty, marked PBUSY_SWAPINPROG, on its queue, and readable where it is mapped.
Source: spec 23, sections 2, 3 and 6.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    NULL,
    OBJPC_SYNC,
    OBJPC_TRY_TO_CACHE,
    OBJT_DEFAULT,
    OBJT_SWAP,
    PBUSY_SWAPINPROG,
    PG_SWAPPED,
    VM_PAGER_FAIL,
    VM_PAGER_PEND,
    Obj,
    Page,
)
from engine.kernel.age import vm_page_activate, vm_page_deactivate, vm_page_try_to_cache
from engine.kernel.busy import vm_page_busy_wait, vm_page_io_finish, vm_page_wakeup
from engine.kernel.memory_pressure import vm_page_count_severe
from engine.kernel.object_life import vm_object_pip_wakeup_n
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.pagers.bio import begin_io, biowait, getpbuf, release_io, relpbuf
from engine.kernel.pagers.swap_space import swp_pager_getswapspace, swp_pager_meta_build, swp_pager_meta_free
from engine.kernel.valid_dirty import vm_page_dirty, vm_page_undirty
from engine.machine.machine import Machine, Steps
from engine.machine.tables import BUF_SWAP_WRITE

NSW_CLUSTER_MAX: Final = 16
"""The number of pages of the largest write."""

SMALLEST_HALVED: Final = 4


def swap_pager_putpages(vm: Machine, obj: Obj, pages: tuple[Page, ...], flags: int) -> Steps[tuple[int, ...]]:
    """Write consecutive pages of an object to swap, in clusters.

    The first write turns a DEFAULT object into a SWAP object permanently. Only the pageout daemons write
    asynchronously, unless vm.swap_user_async is set.

    Locks:   no spinlock; each page soft-busied by the caller; takes the object's token.
    Blocks:  yes, for a write buffer; if synchronous, until all is written.
    Returns: VM_PAGER_PEND for each page whose write has started, VM_PAGER_FAIL where no block was free.
    Errors:  CapacityError when too many I/Os are pending.
    Differs: only asynchronous writes are limited in number; a synchronous one never waits for a buffer.
    Source:  sys/vm/swap_pager.c swap_pager_putpages
    """
    yield from vm_object_hold(vm, obj)
    yield "make the object a swap object"
    if vm.object.type[obj] == OBJT_DEFAULT:
        vm.object.type[obj] = OBJT_SWAP
    daemon = vm.curthread != NULL and vm.curthread in (vm.pagethread, vm.emergpager)
    if not daemon and not vm.glob.swap_user_async[0]:
        flags |= OBJPC_SYNC
    yield from vm_object_drop(vm, obj)
    results: tuple[int, ...] = ()
    while len(results) < len(pages):
        rest = pages[len(results) :]
        count, block = yield from _cluster(vm, min(len(rest), NSW_CLUSTER_MAX))
        if block == NULL:
            results += (VM_PAGER_FAIL,) * count
            continue
        yield from _write_cluster(vm, obj, rest[:count], block, flags)
        results += (VM_PAGER_PEND,) * count
    return results


def _cluster(vm: Machine, count: int) -> Steps[tuple[int, int]]:
    """Find consecutive blocks for `count` pages, or for half as many; (pages, NULL) when there are none."""
    while True:
        yield "ask for consecutive swap blocks"
        block = swp_pager_getswapspace(vm, count)
        if block != NULL or count <= SMALLEST_HALVED:
            return count, block
        count //= 2


def _write_cluster(vm: Machine, obj: Obj, pages: tuple[Page, ...], block: int, flags: int) -> Steps[None]:
    sync = int(flags & OBJPC_SYNC != 0)
    if not sync:
        yield from getpbuf(vm)
    for at, m in enumerate(pages):
        yield from _assign_block(vm, obj, m, block + at)
    yield "count the write"
    vm.cpu.v_swapout[vm.mycpu] += 1
    vm.cpu.v_swappgsout[vm.mycpu] += len(pages)
    yield "begin the write"
    row = begin_io(vm, BUF_SWAP_WRITE, obj, vm.page.pindex[pages[0]], len(pages), block)
    vm.buf.flags[row], vm.buf.sync[row] = flags, sync
    if sync:
        yield from biowait(vm, row, "swwrt")
        yield from swap_write_done(vm, row)


def _assign_block(vm: Machine, obj: Obj, m: Page, block: int) -> Steps[None]:
    """Assign the block to the page's index in the object; the page stays dirty until it is written."""
    yield from vm_object_hold(vm, obj)
    yield "assign the swap block to the page's index"
    swp_pager_meta_build(vm, obj, vm.page.pindex[m], block)
    yield from vm_object_drop(vm, obj)
    yield from vm_page_dirty(vm, m)
    yield "set SWAPINPROG"
    vm.page.busy_count[m] |= PBUSY_SWAPINPROG


def swap_write_done(vm: Machine, row: int) -> Steps[None]:
    """Complete a write to swap: the part of swp_pager_async_iodone for writes.

    After an error the pages' blocks are freed, and the pages are dirty and active.

    Locks:   no spinlock; takes each page's busy, and after an error the object's token.
    Blocks:  yes, at pages that are now hard-busied by other threads, and for that token.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/swap_pager.c swp_pager_async_iodone, of a write
    """
    yield "take the finished write"
    obj, first, count = vm.buf.object[row], vm.buf.pindex[row], vm.buf.count[row]
    error, flags, sync = vm.buf.error[row], vm.buf.flags[row], vm.buf.sync[row]
    for pindex in range(first, first + count):
        yield "take the next page of the write"
        m = vm.find_page(obj, pindex)
        yield from vm_page_busy_wait(vm, m, 0, "swadpg")
        if error:
            yield from _write_failed(vm, obj, m)
        else:
            yield from _write_succeeded(vm, m, int(sync and flags & OBJPC_TRY_TO_CACHE != 0))
    yield from vm_object_pip_wakeup_n(vm, obj, count)
    yield "release the I/O"
    release_io(vm, row)
    if not sync:
        yield from relpbuf(vm)


def _write_succeeded(vm: Machine, m: Page, cache: int) -> Steps[None]:
    # The mappings' modified bits are not read: any store since the write-protection has faulted.
    yield from vm_page_undirty(vm, m)
    yield "set PG_SWAPPED"
    vm.page.flags[m] |= PG_SWAPPED
    yield "clear SWAPINPROG"
    vm.page.busy_count[m] &= ~PBUSY_SWAPINPROG
    yield "check whether memory is severely short"
    if vm_page_count_severe(vm):
        yield from vm_page_deactivate(vm, m)
    yield from vm_page_io_finish(vm, m)
    if cache:
        yield from vm_page_try_to_cache(vm, m)
    else:
        yield from vm_page_wakeup(vm, m)


def _write_failed(vm: Machine, obj: Obj, m: Page) -> Steps[None]:
    yield from vm_object_hold(vm, obj)
    yield "free the swap block"
    swp_pager_meta_free(vm, obj, vm.page.pindex[m])
    yield from vm_object_drop(vm, obj)
    yield "clear PG_SWAPPED"
    vm.page.flags[m] &= ~PG_SWAPPED
    yield from vm_page_dirty(vm, m)
    yield from vm_page_activate(vm, m)
    yield from vm_page_io_finish(vm, m)
    yield "clear SWAPINPROG"
    vm.page.busy_count[m] &= ~PBUSY_SWAPINPROG
    yield from vm_page_wakeup(vm, m)
