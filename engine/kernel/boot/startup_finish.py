"""The end of boot: drivers have attached, and the rest of the reserve becomes ordinary memory.

Boot keeps all low pages for drivers that need physically contiguous memory below a limit. Once they have
attached, vm_page_startup_finish() gives back what exceeds vm_dma_reserved, from the top down.
"""

from __future__ import annotations

import numpy as np

from engine.constants import (
    PAGE_SHIFT,
    PQ_INACTIVE,
    V_DMA_PAGES,
    V_FREE_COUNT,
    V_WIRE_COUNT,
    VMSTATS_SIZE,
)
from engine.errors import InvariantViolation
from engine.kernel.alist import alist_alloc, alist_free_info
from engine.kernel.boot import free_lists
from engine.kernel.remarks import kprintf
from engine.kernel.stats import count_pages
from engine.machine.machine import Machine, Steps
from engine.memory.columns import fetchadd


def vm_page_startup_finish(vm: Machine) -> Steps[None]:
    """Fix the search window, trim the contiguous reserve, and size the page hash.

    Locks:   vm_contig_spin in the kernel, around the alist; boot has one cpu.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  sys/vm/vm_page.c vm_page_startup_finish
    Differs: under assoc_rule seed16 the window starts at 16 colours for any number of cpus.
    """
    yield "set how many colours a search looks at first"
    vm.glob.set_assoc_mask[0] = initial_assoc_mask(vm)
    while True:
        yield "take the highest block out of the reserve, if the reserve is too large"
        block = _excess_block(vm)
        if block is None:
            break
        first, count = block
        blk = alist_alloc(vm, first, count)
        if blk != first:  # the kernel prints a warning here; _excess_block() makes that impossible
            raise InvariantViolation(f"block {first} of {count} pages is free, yet alist_alloc gave {blk}")
        vm.vmstats.count[V_DMA_PAGES] -= count
        vm.glob.vm_low_phys_reserved[0] = first << PAGE_SHIFT
        for start, end in free_lists.chunks(vm, first - vm.first_page, first - vm.first_page + count):
            yield "unwire the next pages of the block, and free each to the head of its list"
            _release(vm, start, end - start)
    yield "report the size of the reserve"
    _report_dma(vm)
    yield "create the page hash"
    vm.glob.vm_page_hash_size[0] = vm.hash_capacity


def initial_assoc_mask(vm: Machine) -> int:
    """The mask of a search's first window: its number of colours, less 1.

    The kernel intends 16 as the upper limit but writes it as the lower one (spec 02).
    """
    if vm.rules.assoc_rule == "seed16":
        return min(15, vm.color_mask)
    return min(max(vm.colors // vm.topology.ncpus_fit - 1, 15), vm.color_mask)


def _excess_block(vm: Machine) -> tuple[int, int] | None:
    """The highest block to give back, (first page, power of two); None when the reserve is small enough."""
    bfree, blk, count = alist_free_info(vm)
    excess = bfree - (vm.glob.vm_dma_reserved[0] >> PAGE_SHIFT)
    if excess <= 0 or not count:
        return None
    size = 1 << (min(count, excess).bit_length() - 1)
    return blk + count - size, size


def _release(vm: Machine, first: int, count: int) -> None:
    """Make `count` reserved pages, starting at array index `first`, ordinary free pages, lowest first.

    The kernel unwires page after page, which puts each on its inactive queue, and frees it, which moves it to
    the head of its free list: the inactive count goes up and down again, and only `adds` stays raised.
    """
    writing = vm.memory.writing
    beyond = first + count
    with writing("page.flags") as flags, writing("page.wire_count") as wire_count:
        flags[first:beyond] = 0
        wire_count[first:beyond] = 0
    with writing("queue.adds") as adds:
        colors = vm.memory.vector("page.pc", first, count)
        adds[PQ_INACTIVE : PQ_INACTIVE + vm.colors] += np.bincount(colors, minlength=vm.colors)
    free_lists.push_heads(vm, first, beyond)
    count_pages(vm, V_WIRE_COUNT, -count)
    count_pages(vm, V_FREE_COUNT, count)
    fetchadd(vm.gd_vmstats.view, vm.mycpu * VMSTATS_SIZE + V_FREE_COUNT, count)
    fetchadd(vm.cpu.v_tfree, vm.mycpu, count)


def _report_dma(vm: Machine) -> None:
    left = vm.glob.bl_free[0]
    used = vm.vmstats.count[V_DMA_PAGES] - left
    text = f"DMA space used: {used * 4}k, remaining available: {left * 4}k"
    kprintf(vm, text, "DMA space used: ")
