"""Which 512-byte chunks of a page hold data (valid) and were changed (dirty).

Source: spec 07.
"""

from __future__ import annotations

from engine.constants import (
    DEV_BSHIFT,
    DEV_BSIZE,
    NULL,
    PAGE_SIZE,
    PG_FICTITIOUS,
    PG_NOSYNC,
    PG_WRITEABLE,
    PQ_CACHE,
    PQ_FREE,
    VM_PAGE_BITS_ALL,
    Page,
    queue_name,
)
from engine.errors import KernelPanic, kpanic
from engine.kernel.arguments import Amount, Int, MaybePage, PageFlags
from engine.kernel.objects import set_writeable_dirty
from engine.kernel.queues import base_queue
from engine.kernel.remarks import ZERO_AREA, ZERO_PAGE, remark
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_PAGE


def page_bits(base: int, size: int, m: MaybePage = NO_PAGE) -> int:
    """One bit for each chunk that the bytes [base, base + size) touch.

    Errors: panic when they reach beyond the page.
    """
    if base + size > PAGE_SIZE:
        raise kpanic(
            "vm_page_bits", "vm_page_bits: illegal base/size ", f"{base} + {size} is beyond the page", m
        )
    if size == 0:
        return 0
    return (2 << (base + size - 1 >> DEV_BSHIFT)) - (1 << (base >> DEV_BSHIFT))


def vm_page_bits(vm: Machine, base: Amount, size: Amount) -> Steps[int]:
    """Return the chunks that a byte range touches, as a mask.

    Locks:   none.
    Blocks:  no.
    Returns: the mask.
    Errors:  panic when the range reaches beyond the page.
    Source:  sys/vm/vm_page.c vm_page_bits
    """
    yield "convert the byte range to chunk bits"
    return page_bits(base, size)


def _zero_area(vm: Machine, m: Page, base: int, end: int) -> None:
    if end > base:
        remark(vm, ZERO_AREA, m, base, end - base)


def _zero_fragments(vm: Machine, m: Page, base: int, size: int) -> None:
    """Zero the rest of the chunks that a range touches only in part, where they are not yet valid."""
    if size == 0:
        return
    valid, end = vm.page.valid[m], base + size
    if base % DEV_BSIZE and not valid >> (base >> DEV_BSHIFT) & 1:
        _zero_area(vm, m, base - base % DEV_BSIZE, base)
    if end % DEV_BSIZE and not valid >> (end >> DEV_BSHIFT) & 1:
        _zero_area(vm, m, end, end + -end % DEV_BSIZE)


def vm_page_set_valid(vm: Machine, m: Page, base: Amount, size: Amount) -> Steps[None]:
    """Mark the chunks that a byte range touches as valid; the rest of a partly covered chunk is zeroed.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the range reaches beyond the page.
    Source:  sys/vm/vm_page.c vm_page_set_valid
    """
    yield "zero the fragments and set valid"
    _zero_fragments(vm, m, base, size)
    vm.page.valid[m] |= page_bits(base, size, m)


def vm_page_set_validclean(vm: Machine, m: Page, base: Amount, size: Amount) -> Steps[None]:
    """Mark the chunks that a byte range touches as valid and clean; the rest of a partial chunk is zeroed.

    A chunk touched only in part loses its dirty bit too.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the range reaches beyond the page.
    Source:  sys/vm/vm_page.c vm_page_set_validclean
    """
    yield "zero the fragments, set valid and clear dirty"
    _zero_fragments(vm, m, base, size)
    mask = page_bits(base, size, m)
    vm.page.valid[m] |= mask
    _clean(vm, m, mask, base, size)


def _clean(vm: Machine, m: Page, mask: int, base: int, size: int) -> None:
    vm.page.dirty[m] &= ~mask
    if base == 0 and size == PAGE_SIZE:
        vm.page.flags[m] &= ~PG_NOSYNC


def vm_page_set_validdirty(vm: Machine, m: Page, base: Amount, size: Amount) -> Steps[None]:
    """Mark the chunks that a byte range touches as valid and dirty; nothing is zeroed.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the range reaches beyond the page.
    Source:  sys/vm/vm_page.c vm_page_set_validdirty
    """
    yield "set valid and dirty"
    mask = page_bits(base, size, m)
    vm.page.valid[m] |= mask
    vm.page.dirty[m] |= mask
    if vm.page.object[m] != NULL:
        set_writeable_dirty(vm, vm.page.object[m])


def vm_page_clear_dirty(vm: Machine, m: Page, base: Amount, size: Amount) -> Steps[None]:
    """Mark the chunks that a byte range touches as clean. The modified bit of mappings stays.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the range reaches beyond the page.
    Source:  sys/vm/vm_page.c vm_page_clear_dirty
    """
    yield "clear dirty"
    _clean(vm, m, page_bits(base, size, m), base, size)


def vm_page_clear_dirty_end_nonincl(vm: Machine, m: Page, base: Amount, size: Amount) -> Steps[None]:
    """Clear the dirty bits of a byte range, except a last chunk that it touches only in part.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the range reaches beyond the page.
    Source:  sys/vm/vm_page.c vm_page_clear_dirty_end_nonincl
    """
    yield "leave out a partial last chunk"
    end = base + size & ~(DEV_BSIZE - 1)
    if base < end:
        yield from vm_page_clear_dirty(vm, m, base, end - base)


def vm_page_clear_dirty_beg_nonincl(vm: Machine, m: Page, base: Amount, size: Amount) -> Steps[None]:
    """Clear the dirty bits of a byte range, except a first chunk that it touches only in part.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the range reaches beyond the page.
    Source:  sys/vm/vm_page.c vm_page_clear_dirty_beg_nonincl
    """
    yield "leave out a partial first chunk"
    begin, end = base + DEV_BSIZE - 1 & ~(DEV_BSIZE - 1), base + size
    if begin < end:
        yield from vm_page_clear_dirty(vm, m, begin, end - begin)


def vm_page_undirty(vm: Machine, m: Page) -> Steps[None]:
    """Mark the whole page as clean.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page2.h vm_page_undirty
    """
    yield "clear dirty"
    vm.page.dirty[m] = 0


def vm_page_set_invalid(vm: Machine, m: Page, base: Amount, size: Amount) -> Steps[None]:
    """Mark the chunks that a byte range touches as neither valid nor dirty.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the range reaches beyond the page; a NULL dereference without an object.
    Source:  sys/vm/vm_page.c vm_page_set_invalid
    """
    yield "clear valid and dirty"
    mask = page_bits(base, size, m)
    vm.page.valid[m] &= ~mask
    vm.page.dirty[m] &= ~mask
    if vm.page.object[m] == NULL:
        raise KernelPanic("fault", "vm_page_set_invalid", "the page has no object", page=m)
    vm.object.generation[vm.page.object[m]] += 1


def vm_page_zero_invalid(vm: Machine, m: Page, setvalid: Int) -> Steps[None]:
    """Zero every chunk that is not valid, run by run; with `setvalid`, mark all of them valid.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_zero_invalid
    """
    yield "zero the invalid chunks"
    begin = 0
    for chunk in range(PAGE_SIZE // DEV_BSIZE + 1):
        if chunk == PAGE_SIZE // DEV_BSIZE or vm.page.valid[m] & 1 << chunk:
            _zero_area(vm, m, begin, chunk * DEV_BSIZE)
            begin = (chunk + 1) * DEV_BSIZE
    if setvalid:
        vm.page.valid[m] = VM_PAGE_BITS_ALL


def vm_page_is_valid(vm: Machine, m: Page, base: Amount, size: Amount) -> Steps[bool]:
    """Whether every chunk that a byte range touches is valid; for no bytes, whether any chunk is.

    Locks:   the page busied, so that the answer stays true.
    Blocks:  no.
    Returns: whether it is.
    Errors:  panic when the range reaches beyond the page.
    Source:  sys/vm/vm_page.c vm_page_is_valid
    """
    yield "compare the range with valid"
    return bytes_valid(vm, m, base, size)


def bytes_valid(vm: Machine, m: Page, base: int, size: int) -> bool:
    """The answer of vm_page_is_valid, within the step that calls this function."""
    bits, valid = page_bits(base, size, m), vm.page.valid[m]
    return valid != 0 and valid & bits == bits


def vm_page_copy(vm: Machine, src_m: Page, dest_m: Page) -> Steps[None]:
    """Copy a page's data; the copy becomes fully valid and dirty, whatever the source was.

    Locks:   both pages hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_copy
    """
    yield "copy the data"
    vm.page.valid[dest_m] = VM_PAGE_BITS_ALL
    vm.page.dirty[dest_m] = VM_PAGE_BITS_ALL


def vm_page_zero_fill(vm: Machine, m: Page) -> Steps[bool]:
    """Zero the page's data; the valid bits do not change.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: True.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_zero_fill
    """
    yield "zero the data"
    zero_page(vm, m)
    return True


def vm_page_dirty(vm: Machine, m: Page) -> Steps[None]:
    """Mark the whole page dirty, and its object as having dirty pages.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the page is on FREE or CACHE.
    Source:  sys/vm/vm_page.c vm_page_dirty
    """
    yield "set dirty"
    if base_queue(vm, m) in (PQ_FREE, PQ_CACHE):
        condition = f"the page is on {queue_name(vm.page.queue[m])}, where a page must be clean"
        raise kpanic("vm_page_dirty", "vm_page_dirty: page in free/cache queue!", condition, m)
    if vm.page.dirty[m] != VM_PAGE_BITS_ALL:
        vm.page.dirty[m] = VM_PAGE_BITS_ALL
        if vm.page.object[m] != NULL:
            set_writeable_dirty(vm, vm.page.object[m])


def vm_page_test_dirty(vm: Machine, m: Page) -> Steps[None]:
    """Collect the modified bit of the page's mappings.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  those of vm_page_dirty.
    Source:  sys/vm/vm_page.c vm_page_test_dirty
    """
    yield "check whether a mapping modified the page"
    seen = vm.page.flags[m] & PG_WRITEABLE and not vm.page.flags[m] & PG_FICTITIOUS
    if vm.page.dirty[m] != VM_PAGE_BITS_ALL and seen and vm.page.pmap_modified[m]:
        yield from vm_page_dirty(vm, m)


def zero_page(vm: Machine, m: Page) -> None:
    """Fill the page with zeros: an effect of the step that calls it."""
    remark(vm, ZERO_PAGE, m)


def vm_page_flag_set(vm: Machine, m: Page, bits: PageFlags) -> Steps[None]:
    """Set PG_ flags, atomically.

    Locks:   none; the page hard-busied, for the flags that need it.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page2.h vm_page_flag_set
    """
    yield "set flags"
    vm.page.flags[m] |= bits


def vm_page_flag_clear(vm: Machine, m: Page, bits: PageFlags) -> Steps[None]:
    """Clear PG_ flags, atomically.

    Locks:   none; the page hard-busied, for the flags that need it.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page2.h vm_page_flag_clear
    """
    yield "clear flags"
    vm.page.flags[m] &= ~bits
