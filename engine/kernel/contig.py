"""Physically contiguous pages, from the reserve that boot keeps for drivers.

Pages of the reserve are always wired and FICTITIOUS: allocating and freeing them only changes bits of the
allocator. A range above the reserve consists of ordinary wired pages and is freed page by page.
Source: spec 03, Contiguous.
"""

from __future__ import annotations

from typing import Final

from engine.constants import NULL, PAGE_SHIFT, PAGE_SIZE, PAT_WRITE_BACK, PG_FICTITIOUS, Page
from engine.errors import KernelPanic, kkassert
from engine.kernel.alist import alist_alloc, alist_alloc_within, alist_free
from engine.kernel.arguments import Amount, MaybePage, Memattr, Quad
from engine.kernel.busy import vm_page_busy_wait
from engine.kernel.free import vm_page_free
from engine.kernel.locks import contig_spin_lock, contig_spin_unlock
from engine.kernel.pmap import pmap_page_set_memattr
from engine.kernel.remarks import kprintf
from engine.kernel.wire import vm_page_unwire
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_PAGE

LOOK_FOR_STRETCH: Final = "look for a free range"
GIVE_BACK: Final = "give back a range that the device cannot reach"
"""The announcements of an allocation: before it takes its pages, and before it returns them and fails."""

_U64: Final = (1 << 64) - 1


def _pages(size: int) -> int:
    return -(-size // PAGE_SIZE)


def vm_page_alloc_contig(
    vm: Machine, low: Quad, high: Quad, alignment: Quad, boundary: Quad, size: Amount, memattr: Memattr
) -> Steps[MaybePage]:
    """Allocate `size` bytes of contiguous memory for a device from the drivers' reserve.

    low, high, alignment, boundary: what the device can reach, in bytes; a high of -1 or 0 means no limit.
    memattr: how the processor caches the memory; PAT_WRITE_BACK (6) is the default.

    Locks:   no spinlock on entry; takes vm_contig_spin.
    Blocks:  spins.
    Returns: the first page, wired, not busied; NULL when the reserve has no such range.
    Errors:  KKASSERT when size is 0 or, with a memattr, a page is not in the reserve.
    Differs: under contig_rule strict every condition is met; the source checks `high` alone, and only after
             it has chosen.
    Source:  sys/vm/vm_page.c vm_page_alloc_contig
    """
    low, high, alignment, boundary = (value & _U64 for value in (low, high, alignment, boundary))
    yield from contig_spin_lock(vm)
    yield LOOK_FOR_STRETCH
    if vm.rules.contig_rule == "strict":
        blk = alist_alloc_within(vm, _pages(size), low, high, alignment, boundary)
    else:
        blk = alist_alloc(vm, 0, _pages(size))
    yield from contig_spin_unlock(vm)
    yield "check whether a range was found"
    if blk == NULL:
        _complain(vm, "vm_page_alloc_contig: %ldk nospace", _pages(size) * 4)
        return NO_PAGE
    if high and (blk + _pages(size) << PAGE_SHIFT) > high:
        yield from _give_back(vm, blk, _pages(size), unreachable=1)
        _complain(vm, "vm_page_alloc_contig: %ldk high %016jx failed", _pages(size) * 4, high)
        return NO_PAGE
    m = Page(blk - vm.first_page)
    if memattr != PAT_WRITE_BACK:
        for page in map(Page, range(m, m + _pages(size))):
            yield "check that the page is in the reserve"
            kkassert(bool(vm.page.flags[page] & PG_FICTITIOUS), "vm_page_alloc_contig", "FICTITIOUS", page)
            yield from pmap_page_set_memattr(vm, page, memattr)
    return m


def _complain(vm: Machine, fmt: str, *numbers: int) -> None:
    if vm.glob.bootverbose[0]:
        text = fmt.replace("%ld", "%d").replace("%016jx", "%016x") % numbers
        kprintf(vm, text, fmt)


def _give_back(vm: Machine, blk: int, count: int, unreachable: int = 0) -> Steps[None]:
    yield from contig_spin_lock(vm)
    yield GIVE_BACK if unreachable else "free the range"
    alist_free(vm, blk, count)
    yield from contig_spin_unlock(vm)


def vm_page_free_contig(vm: Machine, m: Page, size: Amount) -> Steps[None]:
    """Free `size` bytes of contiguous memory, starting at page `m`.

    Locks:   no spinlock on entry; takes vm_contig_spin, or each page's busy above the reserve.
    Blocks:  yes, above the reserve, while a page is busied.
    Returns: nothing.
    Errors:  KKASSERT for a page of the reserve that is not as alloc_contig left it, or for a range that
             leaves the reserve; those of alist_free, vm_page_unwire and vm_page_free_toq.
    Source:  sys/vm/vm_page.c vm_page_free_contig
    """
    yield "check whether the page is in the reserve"
    pa = vm.phys_addr(m)
    if pa < vm.glob.vm_low_phys_reserved[0]:
        kkassert(vm.page.wire_count[m] == 1, "vm_page_free_contig", "wired once", m)
        kkassert(bool(vm.page.flags[m] & PG_FICTITIOUS), "vm_page_free_contig", "FICTITIOUS", m)
        inside = pa + size <= vm.glob.vm_low_phys_reserved[0]
        kkassert(inside, "vm_page_free_contig", "a range that stays in the reserve", m)
        yield from _give_back(vm, pa >> PAGE_SHIFT, _pages(size))
        return
    for page in map(Page, range(m, m + _pages(size))):
        if page >= vm.page_entries:
            yield "look at the next page"
            raise KernelPanic("fault", "vm_page_free_contig", "the range leaves memory")
        yield from vm_page_busy_wait(vm, page, 0, "cpgfr")
        yield from vm_page_unwire(vm, page, 0)
        yield from vm_page_free(vm, page)


def vm_contig_avail_pages(vm: Machine) -> int:
    """The number of free pages in the contiguous allocator.

    Locks:   none; the count is read without a lock.
    Blocks:  no.
    Returns: a number of pages.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_contig_avail_pages
    """
    return vm.glob.bl_free[0]
