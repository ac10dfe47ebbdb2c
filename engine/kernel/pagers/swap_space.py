"""Swap space: which blocks are in use, which pages of objects they belong to, and when swap is full.

A block belongs to an index of an object, not to a page. The one device has slot 0 of NSWDEV, so it has every
fourth stripe, and its first stripe is never used: the first block allocated is 256. Runs are found first-fit
and never cross a stripe, which is a leaf of the allocator.

All functions here are part of the step that calls them; an object's blocks change under its exclusive token.
Source: spec 23, sections 1, 2 and 6.
"""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np

from engine.constants import NSWDEV, NULL, SWAP_META_PAGES, SWB_DMMAX, Obj
from engine.kernel.remarks import kprintf
from engine.machine.machine import Machine
from engine.memory.cells import Array

Whole = TypeVar("Whole", int, Array)

LOW_PERCENT: Final = 4
HIGH_PERCENT: Final = 6
LOW_WITHOUT_SWAP: Final = 128
HIGH_WITHOUT_SWAP: Final = 512
FULL: Final = 2
ASYNC_WRITES: Final = 4


def swap_device_configure(vm: Machine) -> None:
    """Configure the machine's swap device."""
    vm.glob.vm_swap_max[0] = vm.config.swap_usable
    vm.glob.vm_swap_size[0] = vm.config.swap_usable
    vm.glob.nsw_wcount_async[0] = ASYNC_WRITES
    warning = f"swap = {vm.config.swap_blocks} leaves nothing: the first {SWB_DMMAX} blocks are never used"
    if vm.config.swap_blocks and not vm.config.swap_usable and warning not in vm.warnings:
        vm.warnings.append(warning)


def block_number(ordinal: Whole) -> Whole:
    """The number of the block that an empty device allocates as number `ordinal`, from 0 (one or many)."""
    return (ordinal // SWB_DMMAX + 1) * NSWDEV * SWB_DMMAX + ordinal % SWB_DMMAX


def _ordinal(block: int) -> int:
    stripe, offset = divmod(block, SWB_DMMAX)
    return (stripe // NSWDEV - 1) * SWB_DMMAX + offset


def water_marks(vm: Machine) -> tuple[int, int]:
    """The free-block counts at which swap becomes almost full, and at which it stops being so."""
    most = vm.glob.vm_swap_max[0]
    if not most:
        return LOW_WITHOUT_SWAP, HIGH_WITHOUT_SWAP
    return most * LOW_PERCENT // 100, most * HIGH_PERCENT // 100


def swp_sizecheck(vm: Machine) -> None:
    """Update whether swap is almost full, with hysteresis.

    Source: sys/vm/swap_pager.c swp_sizecheck
    """
    low, high = water_marks(vm)
    size = vm.glob.vm_swap_size[0]
    if size < low:
        if not vm.glob.swap_pager_almost_full[0]:
            _report(vm, "swap_pager: out of swap space")
            vm.glob.swap_pager_almost_full[0] = 1
            vm.glob.swap_fail_ticks[0] = vm.glob.ticks[0]
        return
    vm.glob.swap_pager_full[0] = 0
    if size > high:
        vm.glob.swap_pager_almost_full[0] = 0


def _report(vm: Machine, text: str) -> None:
    kprintf(vm, text, text)


def swp_pager_getswapspace(vm: Machine, npages: int) -> int:
    """Allocate `npages` consecutive blocks of one stripe: the lowest that are free.

    Returns: the first block, or NULL; in that case swap is full.
    Source: sys/vm/swap_pager.c swp_pager_getswapspace
    """
    first = _free_run(vm, npages)
    if first == NULL:
        _note_failure(vm)
        return NULL
    for ordinal in range(first, first + npages):
        vm.blist.used[ordinal] = 1
    vm.glob.vm_swap_size[0] -= npages
    swp_sizecheck(vm)
    return block_number(first)


def _free_run(vm: Machine, npages: int) -> int:
    usable = vm.config.swap_usable
    if vm.glob.vm_swap_size[0] < npages:
        return NULL
    free = vm.memory.vector("blist.used")[:usable] == 0
    starts = free[: usable - npages + 1].copy()
    for offset in range(1, npages):
        starts &= free[offset : offset + starts.size]
    found = np.flatnonzero(starts)
    inside = found[found % SWB_DMMAX + npages <= SWB_DMMAX]
    return int(inside[0]) if inside.size else NULL


def _note_failure(vm: Machine) -> None:
    if vm.glob.swap_pager_full[0] != FULL:
        _report(vm, "swap_pager_getswapspace: failed")
        vm.glob.swap_pager_full[0] = FULL
        if not vm.glob.swap_pager_almost_full[0]:
            vm.glob.swap_fail_ticks[0] = vm.glob.ticks[0]
        vm.glob.swap_pager_almost_full[0] = 1


def swp_pager_freeswapspace(vm: Machine, block: int, npages: int) -> None:
    """Free blocks.

    Source: sys/vm/swap_pager.c swp_pager_freeswapspace
    """
    for ordinal in range(_ordinal(block), _ordinal(block) + npages):
        vm.blist.used[ordinal] = 0
    vm.glob.vm_swap_size[0] += npages
    swp_sizecheck(vm)


# --- the blocks of an object ------------------------------------------------------------------------------


def swap_block(vm: Machine, obj: Obj, pindex: int) -> int:
    """The block of an index of an object, or NULL."""
    slot = vm.swap_slots.slots.get((obj, pindex))
    return NULL if slot is None else vm.swap.block[slot]


def swp_pager_meta_build(vm: Machine, obj: Obj, pindex: int, block: int) -> None:
    """Assign `block` to an index of an object; the block that it had before is freed.

    Source: sys/vm/swap_pager.c swp_pager_meta_build
    """
    swp_pager_meta_free(vm, obj, pindex)
    if not _node_in_use(vm, obj, pindex):
        vm.object.swblock_count[obj] += 1
    vm.swap.block[vm.swap_slots.slot((obj, pindex))] = block


def swp_pager_meta_free(vm: Machine, obj: Obj, pindex: int) -> None:
    """Free the block of an index of an object, if it has one.

    Source: sys/vm/swap_pager.c swp_pager_meta_free
    """
    block = swap_block(vm, obj, pindex)
    if block == NULL:
        return
    vm.swap.block[vm.swap_slots.slots[obj, pindex]] = NULL
    if not _node_in_use(vm, obj, pindex):
        vm.object.swblock_count[obj] -= 1
    swp_pager_freeswapspace(vm, block, 1)


def _node_in_use(vm: Machine, obj: Obj, pindex: int) -> bool:
    """Whether the metadata node of `pindex` holds any block."""
    first = pindex - pindex % SWAP_META_PAGES
    return any(swap_block(vm, obj, place) != NULL for place in range(first, first + SWAP_META_PAGES))


def free_every_block(vm: Machine, obj: Obj) -> None:
    """Free every block of an object.

    Source: sys/vm/swap_pager.c swp_pager_meta_free_all
    """
    slots = sorted(vm.swap_slots.slots.items())
    for pindex in [pindex for (owner, pindex), at in slots if owner == obj and vm.swap.block[at] != NULL]:
        swp_pager_meta_free(vm, obj, pindex)
