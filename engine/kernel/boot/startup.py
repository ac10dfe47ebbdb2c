"""vm_page_startup(): from ranges of memory to a page array, a contiguous reserve and free lists (spec 02).

The page array and a bitmap for crash dumps are allocated at the end of the largest range. Pages below
vm_low_phys_reserved are reserved for drivers; all other pages go on the free lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import (
    ALIST_BLOCKS,
    PAGE_MASK,
    PAGE_SHIFT,
    PAGE_SIZE,
    PAT_WRITE_BACK,
    PG_FICTITIOUS,
    PG_UNQUEUED,
    V_DMA_PAGES,
    V_FREE_COUNT,
    V_PAGE_COUNT,
    V_WIRE_COUNT,
    VM_PAGE_STRUCT_SIZE,
    VMSTATS_SIZE,
)
from engine.errors import BadInput, KernelPanic
from engine.kernel.alist import alist_free
from engine.kernel.boot import free_lists
from engine.kernel.color import twisted
from engine.kernel.remarks import kprintf
from engine.machine.machine import Machine, MachineConfig, Steps
from engine.memory.cells import Array


def vm_set_page_size(vm: Machine, size: int) -> Steps[None]:
    """Accept the page size; the model's is fixed, so only the check remains.

    Locks:   none; boot, one cpu.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic when the size is not a power of two.
    Source:  sys/vm/vm_page.c vm_set_page_size
    """
    del vm
    yield "check that the page size is a power of two"
    if size & (size - 1):
        raise KernelPanic(
            "panic",
            "vm_set_page_size",
            f"page size {size} is not a power of two",
            message="vm_set_page_size: page size not a power of two!",
        )


ADD_PAGES: Final = "add the next pages, each to the reserve or to the head of its colour's free list"


@dataclass(frozen=True)
class BootLayout:
    """What vm_page_startup computes from phys_avail before it touches a page; in bytes, except npages.

    ranges:   phys_avail aligned to pages; the largest range ends at the page array.
    total:    the sum of the aligned ranges, with the page array.
    dump:     size of the crash-dump bitmap.
    npages:   the maximum number of pages to add.
    """

    ranges: tuple[tuple[int, int], ...]
    total: int
    dump: int
    npages: int


def boot_layout(vm: Machine) -> BootLayout:
    """Place the dump bitmap and the page array at the end of the largest range.

    Errors: BadInput when they do not fit there, or when a range begins before the first one: the kernel's
            array begins with the first range, and it would write entries before it.
    """
    ranges = [(beg + PAGE_MASK & ~PAGE_MASK, end & ~PAGE_MASK) for beg, end in vm.config.hardware.phys_avail]
    ranges = [(beg, max(beg, end)) for beg, end in ranges]
    if any(beg < min(end, ranges[0][0]) for beg, end in ranges):
        raise BadInput(
            "a memory range begins before the first one, where the page array has no entries; "
            "give the range that begins lowest first"
        )
    sizes = [end - beg for beg, end in ranges]
    total = sum(sizes)
    big = sizes.index(max(sizes))
    beg, end = ranges[big]
    bitmap = -(-(ranges[-1][1] >> PAGE_SHIFT) // 8)
    dump = bitmap + PAGE_MASK & ~PAGE_MASK
    array_bytes = vm.vm_page_array_size * VM_PAGE_STRUCT_SIZE
    new_end = (end - dump - array_bytes) & ~PAGE_MASK
    if new_end < beg:
        raise BadInput(
            f"the page array needs {array_bytes + dump} bytes, and the largest range of memory has only "
            f"{end - beg}; describe smaller holes or a larger range"
        )
    ranges[big] = (beg, new_end)
    npages = (total - array_bytes) // PAGE_SIZE
    return BootLayout(tuple(ranges), total, dump, npages)


def page_count(config: MachineConfig) -> int:
    """Return how many pages boot adds: v_page_count after boot, without those of overlapping ranges.

    Errors: as boot_layout.
    """
    vm = Machine(config)
    return sum(beyond - first for first, beyond in _stretches(vm, boot_layout(vm)))


def vm_page_startup(vm: Machine) -> Steps[None]:
    """Set up the page array, and put every page of phys_avail in the contiguous reserve or on a free list.

    The kernel adds page after page; here a step adds a chunk of them.

    Locks:   none; boot, one cpu.
    Blocks:  no.
    Returns: nothing.
    Errors:  panic alst_radix_free when a page of the reserve is in two ranges.
    Source:  sys/vm/vm_page.c vm_page_startup
    """
    yield "place the dump bitmap and the page array, and set the limits of the reserve"
    layout = boot_layout(vm)
    free_lists.keep_freed_memory()
    _set_limits(vm, layout)
    yield "clear the entries of the page array that no memory has"
    stretches = _stretches(vm, layout)
    _mark_never_added(vm, stretches)
    duplicates = added = 0
    for first, beyond in stretches:
        for start, end in free_lists.chunks(vm, first, beyond):
            yield ADD_PAGES
            duplicates = _add_pages(vm, start, end, added, duplicates)
        added = max(added, beyond)
    yield "copy the global counters to the boot cpu's view"
    with vm.memory.writing("gd_vmstats.view") as view:
        view[:VMSTATS_SIZE] = vm.memory.vector("vmstats.count")


def _set_limits(vm: Machine, layout: BootLayout) -> None:
    glob = vm.glob
    glob.vm_page_dump_size[0] = layout.dump
    glob.vm_low_phys_reserved[0] = min(ALIST_BLOCKS << PAGE_SHIFT, layout.total // 4)
    if not glob.vm_dma_reserved[0]:
        glob.vm_dma_reserved[0] = min(128 << 20, layout.total // 16)


def _stretches(vm: Machine, layout: BootLayout) -> list[tuple[int, int]]:
    """The pages to add, as array indices [first, beyond) for each range; `npages` may cut the last ones."""
    stretches = []
    npages = layout.npages
    for beg, end in layout.ranges:
        first = (beg >> PAGE_SHIFT) - vm.first_page
        count = max(min(end - beg >> PAGE_SHIFT, npages), 0)
        npages -= count
        stretches.append((first, first + count))
    return stretches


def _mark_never_added(vm: Machine, stretches: list[tuple[int, int]]) -> None:
    """Clear the memory type of every entry that no range covers: holes and the memory that boot keeps.

    The column reads the default memory type from untouched cells, which is right for all other pages. In a
    stepped boot no page has a memory type before it is added, and does not count as one of the pages.
    """
    covered = 0
    with vm.memory.writing("page.pat_mode") as pat_mode:
        for first, beyond in [*sorted(stretches), (vm.page_entries, vm.page_entries)]:
            pat_mode[covered : max(first, covered)] = -PAT_WRITE_BACK
            covered = max(beyond, covered)


def _add_pages(vm: Machine, first: int, beyond: int, added: int, duplicates: int) -> int:
    """Call vm_add_new_page for each page [first, beyond), ascending; return the number of duplicates so far.

    Earlier ranges ended at page `added`: only a page below it can be a duplicate.
    """
    if not vm.page.pat_mode[first]:
        with vm.memory.writing("page.pat_mode") as pat_mode:
            pat_mode[first:beyond] = 0
    low_pages = -(-vm.glob.vm_low_phys_reserved[0] >> PAGE_SHIFT) - vm.first_page
    border = min(max(low_pages, first), beyond)
    if first < border:
        _add_reserved(vm, first, border)
    if border < beyond:
        _color(vm, border, beyond)
    fresh, stretches = min(max(added, border), beyond), list[tuple[int, int]]()
    if border < fresh:
        queued = vm.memory.vector("page.queue")[border:fresh] != 0
        duplicates = _report_duplicates(vm, border + np.flatnonzero(queued), duplicates)
        stretches = free_lists.runs(~queued, border)
    for start, end in [*stretches, (fresh, beyond)]:
        vm.vmstats.count[V_PAGE_COUNT] += end - start
        vm.vmstats.count[V_FREE_COUNT] += end - start
        free_lists.push_heads(vm, start, end)
    return duplicates


def _color(vm: Machine, first: int, beyond: int) -> None:
    with vm.memory.writing("page.pc") as pc:
        pc[first:beyond] = twisted(vm.first_page + first, vm.first_page + beyond, vm.colors)


def _add_reserved(vm: Machine, first: int, beyond: int) -> None:
    """Give the pages [first, beyond) to the contiguous allocator.

    A page that is given twice panics there, after it has been counted twice.
    """
    blk = vm.first_page + first
    twice = np.flatnonzero(vm.memory.vector("alist.free")[blk : vm.first_page + beyond])
    if twice.size:
        beyond = first + int(twice[0]) + 1
    count = beyond - first
    _color(vm, first, beyond)
    for counter in (V_PAGE_COUNT, V_DMA_PAGES, V_WIRE_COUNT):
        vm.vmstats.count[counter] += count
    with vm.memory.writing("page.flags") as flags, vm.memory.writing("page.wire_count") as wire_count:
        flags[first:beyond] = PG_FICTITIOUS | PG_UNQUEUED
        wire_count[first:beyond] = 1
    if twice.size:
        alist_free(vm, blk, count - 1)
        alist_free(vm, blk + count - 1, 1)
    alist_free(vm, blk, count)


def _report_duplicates(vm: Machine, pages: Array, reported: int) -> int:
    """Print the first ten duplicate pages, then once that there are more."""
    message = "vm_add_new_page: duplicate pa "
    for m in pages[: max(11 - reported, 0)].tolist():
        if reported < 10:
            kprintf(vm, f"{message}{vm.phys_addr(m):016x}", message)
        else:
            kprintf(vm, f"{message}(many more)", f"{message}(many more)")
        reported += 1
    return reported
