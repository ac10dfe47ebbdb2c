"""The swap pager, reading: finding the block, the I/O with its read-ahead, and its completion.

A page being read is hard-busied by the reader and marked PBUSY_SWAPINPROG. The completion clears that mark,
and from then on the reader may continue. Pages that are read ahead have no owner: the completion releases
them.
Source: spec 23, sections 1, 4 and 5; spec 05, SWAPINPROG.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    HZ,
    NULL,
    OBJT_SWAP,
    PBUSY_SWAPINPROG,
    PBUSY_WANTED,
    PG_RAM,
    PG_REFERENCED,
    PG_SWAPPED,
    SWB_DMMAX,
    VM_ALLOC_NULL_OK,
    VM_ALLOC_QUICK,
    VM_PAGE_BITS_ALL,
    VM_PAGER_ERROR,
    VM_PAGER_FAIL,
    VM_PAGER_OK,
    Obj,
    Page,
)
from engine.errors import kkassert
from engine.kernel.age import vm_page_deactivate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.arguments import MaybePage
from engine.kernel.busy import vm_page_flash, vm_page_wakeup
from engine.kernel.free import vm_page_free
from engine.kernel.lookup import vm_page_lookup_busy_try
from engine.kernel.object_life import vm_object_pip_add, vm_object_pip_wakeup_n
from engine.kernel.pagers.bio import begin_io, release_io
from engine.kernel.pagers.swap_space import swap_block, swp_pager_meta_free
from engine.kernel.queues import vm_page_unqueue_nowakeup
from engine.kernel.remarks import kprintf
from engine.kernel.sleep import CHAN_PAGE, tsleep, tsleep_interlock
from engine.kernel.tokens import EXCLUSIVE, held_mode
from engine.kernel.valid_dirty import vm_page_undirty
from engine.machine.machine import Machine, Steps
from engine.machine.tables import BUF_SWAP_READ, NO_PAGE

SWREAD_TIMEOUT: Final = 20 * HZ


def swap_pager_getpage(vm: Machine, obj: Obj, m: Page, seqaccess: int) -> Steps[int]:
    """Read a page from its swap block and, with vm.swap_burst_read, the pages that follow it.

    seqaccess: ignored; kept because the kernel's callers pass it.

    Locks:   the object's token, exclusive; the page hard-busied, also on return.
    Blocks:  yes, until the page is read.
    Returns: VM_PAGER_OK; VM_PAGER_FAIL when it has no block; VM_PAGER_ERROR when the read failed.
    Errors:  KKASSERT without the exclusive token; CapacityError when too many I/Os are pending.
    Differs: only asynchronous writes are limited in number; a read never waits for a buffer.
    Source:  sys/vm/swap_pager.c swap_pager_getpage
    """
    yield "check whether the page is valid already"
    kkassert(held_mode(vm, vm.curthread, obj) == EXCLUSIVE, "swap_pager_getpage", "the exclusive token", m)
    first = vm.page.pindex[m]
    ahead_only = int(vm.page.valid[m] == VM_PAGE_BITS_ALL)
    if ahead_only:
        first += 1
        nothing_follows = not vm.glob.swap_burst_read[0] or first >= vm.object.size[obj]
        if nothing_follows or swap_block(vm, obj, first) == NULL:
            return VM_PAGER_OK
        m = yield from _page_to_read(vm, obj, first)
        if m == NULL:
            return VM_PAGER_OK
    yield "look up the page's swap block"
    block = swap_block(vm, obj, first)
    if block == NULL:
        if not ahead_only:
            return VM_PAGER_FAIL
        yield from vm_page_free(vm, m)
        return VM_PAGER_OK
    count = yield from _extend_burst(vm, obj, first, block)
    yield from _begin_read(vm, obj, first, count, block, NULL if ahead_only else m)
    if ahead_only:
        return VM_PAGER_OK
    yield from _await_read(vm, m)
    yield "check whether the read succeeded"
    return VM_PAGER_OK if vm.page.valid[m] == VM_PAGE_BITS_ALL else VM_PAGER_ERROR


def _page_to_read(vm: Machine, obj: Obj, pindex: int) -> Steps[MaybePage]:
    """A hard-busied page at `pindex` to read into: a fully invalid one, or a new one; NULL for neither."""
    m, busy = yield from vm_page_lookup_busy_try(vm, obj, pindex, 1)
    if busy:
        return NO_PAGE
    if m == NULL:
        return (yield from vm_page_alloc(vm, obj, pindex, VM_ALLOC_QUICK | VM_ALLOC_NULL_OK))
    yield "check whether the page has any valid chunk"
    if vm.page.valid[m]:
        yield from vm_page_wakeup(vm, m)
        return NO_PAGE
    yield from vm_page_unqueue_nowakeup(vm, m)
    return m


def _extend_burst(vm: Machine, obj: Obj, first: int, block: int) -> Steps[int]:
    """Busy the pages after the first whose blocks follow its own in the stripe; return the total."""
    count = 1
    while True:
        yield "check whether to read the next block too"
        if count >= vm.glob.swap_burst_read[0] or first + count >= vm.object.size[obj]:
            break
        if swap_block(vm, obj, first + count) != block + count or (block + count) % SWB_DMMAX == 0:
            break
        m = yield from _page_to_read(vm, obj, first + count)
        if m == NULL:
            break
        count += 1
    if count > 1:
        yield "mark the last page of the burst"
        vm.page.flags[vm.find_page(obj, first + count - 1)] |= PG_RAM
    return count


def _begin_read(vm: Machine, obj: Obj, first: int, count: int, block: int, requested: int) -> Steps[None]:
    for pindex in range(first, first + count):
        yield "set SWAPINPROG"
        vm.page.busy_count[vm.find_page(obj, pindex)] |= PBUSY_SWAPINPROG
    yield "count the read"
    vm.cpu.v_swapin[vm.mycpu] += 1
    vm.cpu.v_swappgsin[vm.mycpu] += count
    yield from vm_object_pip_add(vm, obj, count)
    yield "begin the read"
    row = begin_io(vm, BUF_SWAP_READ, obj, first, count, block)
    vm.buf.requested[row] = requested


def _await_read(vm: Machine, m: Page) -> Steps[None]:
    """Sleep until the page's read is completed; the page stays hard-busied."""
    while True:
        yield "read busy_count"
        busy = vm.page.busy_count[m]
        if not busy & PBUSY_SWAPINPROG:
            return
        yield from tsleep_interlock(vm, CHAN_PAGE + m)
        yield "compare-and-set SWAPINPROG and WANTED"
        if not vm.cmpset(vm.page.busy_count, m, busy, busy | PBUSY_SWAPINPROG | PBUSY_WANTED):
            continue
        yield "set PG_REFERENCED"
        vm.page.flags[m] |= PG_REFERENCED
        yield "count the wait"
        vm.cpu.v_intrans[vm.mycpu] += 1
        if (yield from tsleep(vm, CHAN_PAGE + m, True, "swread", SWREAD_TIMEOUT)):
            yield "report the slow read"
            fmt = "swap_pager: indefinite wait buffer: "
            kprintf(vm, f"{fmt}page {vm.phys_addr(m):#x}", fmt)


def swap_read_done(vm: Machine, row: int) -> Steps[None]:
    """Complete a read from swap: the part of swp_pager_async_iodone for reads.

    After an error the block is kept and the page stays invalid.

    Locks:   no spinlock. The page asked for is hard-busied by its reader; the other pages have no owner.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/swap_pager.c swp_pager_async_iodone, of a read
    """
    yield "take the finished read"
    obj, first, count = vm.buf.object[row], vm.buf.pindex[row], vm.buf.count[row]
    requested, error = vm.buf.requested[row], vm.buf.error[row]
    for pindex in range(first, first + count):
        yield "store the data read" if not error else "leave the page invalid"
        m = vm.find_page(obj, pindex)
        vm.page.valid[m] = 0 if error else VM_PAGE_BITS_ALL
        if not error:
            yield from vm_page_undirty(vm, m)
            yield "set PG_SWAPPED"
            vm.page.flags[m] |= PG_SWAPPED
        yield "clear SWAPINPROG"
        vm.page.busy_count[m] &= ~PBUSY_SWAPINPROG
        if m == requested:
            yield from vm_page_flash(vm, m)
        else:
            yield from vm_page_deactivate(vm, m)
            yield from vm_page_wakeup(vm, m)
    yield from vm_object_pip_wakeup_n(vm, obj, count)
    yield "release the I/O"
    release_io(vm, row)


def swap_pager_unswapped(vm: Machine, m: Page) -> Steps[None]:
    """Free the swap block of a page that is about to differ from it.

    Locks:   the object's token, exclusive; the page hard-busied.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/swap_pager.c swap_pager_unswapped
    """
    yield "check whether the page has a swap block"
    if not vm.page.flags[m] & PG_SWAPPED:
        return
    obj = vm.page.object[m]
    kkassert(held_mode(vm, vm.curthread, obj) == EXCLUSIVE, "swap_pager_unswapped", "the exclusive token", m)
    swp_pager_meta_free(vm, obj, vm.page.pindex[m])
    yield "clear PG_SWAPPED"
    vm.page.flags[m] &= ~PG_SWAPPED


def swap_pager_freespace(vm: Machine, obj: Obj, start: int, size: int) -> Steps[None]:
    """Free the swap blocks of pages `start` .. `start` + `size` - 1 of an object.

    Locks:   the object's token, exclusive.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/swap_pager.c swap_pager_freespace
    """
    yield "free the swap blocks"
    if vm.object.type[obj] == OBJT_SWAP and vm.object.swblock_count[obj]:
        for pindex in range(start, start + size):
            swp_pager_meta_free(vm, obj, pindex)
