"""vm_contig_alist: the allocator of physically contiguous pages below 256 MiB.

A block is a physical page number. The kernel keeps a radix tree of bits; the model keeps one flat bitmap,
which behaves the same (spec 03, alist policy). The tree is visible only in what alist_free_info() calls a
chunk: its nodes span 8,192, 512 and 32 blocks.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.constants import ALIST_BLOCKS, NULL, PAGE_SIZE
from engine.errors import KernelPanic
from engine.machine.machine import Machine
from engine.memory.cells import Array

RADIX: Final = 131072
"""Blocks spanned by the root of the kernel's tree, more than a single allocation can get."""

SPANS: Final = (8192, 512, 32)
"""Blocks spanned by a node of each level below the root; the last is a leaf of single bits."""


def alist_alloc(vm: Machine, start: int, count: int) -> int:
    """Allocate `count` blocks at or above `start`: the lowest aligned range that is free.

    A count that is not a power of two is rounded up to one, and the excess is freed again. The result is
    therefore aligned to the rounded count.

    Locks:   vm_contig_spin held by the caller (not during boot).
    Blocks:  no.
    Returns: the first block, or NULL when there is no such range.
    Errors:  KKASSERT when count is 0.
    Source:  sys/kern/subr_alist.c alist_alloc
    """
    if count <= 0:
        raise KernelPanic("KKASSERT", "alist_alloc", f"count is {count}, expected at least 1")
    span = 1 << (count - 1).bit_length()
    if span > ALIST_BLOCKS:
        return NULL
    lowest = -(-start // span)
    found = np.flatnonzero(_bitmap(vm).reshape(-1, span)[lowest:].all(axis=1))
    if not found.size:
        return NULL
    blk = (lowest + int(found[0])) * span
    _take(vm, blk, count)
    return blk


def alist_alloc_within(vm: Machine, count: int, low: int, high: int, alignment: int, boundary: int) -> int:
    """Allocate `count` blocks that a device can reach: the lowest range that meets every condition.

    low, high: byte addresses between which the range must be; a high of 0 means no limit.
    alignment: the address of its first byte is a multiple of this many bytes; 0 means any address.
    boundary:  it crosses no multiple of this many bytes; 0 means no boundary.

    Locks:   vm_contig_spin held by the caller.
    Blocks:  no.
    Returns: the first block, or NULL when there is no such range.
    Errors:  KKASSERT when count is 0.
    Source:  DESIGN, decision 4 (contig_rule strict)
    """
    if count <= 0:
        raise KernelPanic("KKASSERT", "alist_alloc", f"count is {count}, expected at least 1")
    lowest = -(-low // PAGE_SIZE)
    highest = min(ALIST_BLOCKS, high // PAGE_SIZE if high else ALIST_BLOCKS) - count
    if lowest > highest:
        return NULL
    before = np.concatenate(([0], np.cumsum(_bitmap(vm), dtype=np.int64)))
    begin = np.arange(lowest, highest + 1)
    fits = before[begin + count] - before[begin] == count
    if alignment > 1:
        fits &= begin * PAGE_SIZE % min(alignment, _BEYOND_ALL) == 0
    if 0 < boundary < _BEYOND_ALL:
        fits &= begin * PAGE_SIZE // boundary == ((begin + count) * PAGE_SIZE - 1) // boundary
    found = np.flatnonzero(fits)
    if not found.size:
        return NULL
    blk = lowest + int(found[0])
    _take(vm, blk, count)
    return blk


_BEYOND_ALL: Final = 1 << 62
"""An alignment or boundary above every block; larger ones do not fit into the vectors."""


def _take(vm: Machine, blk: int, count: int) -> None:
    for block in range(blk, blk + count):
        vm.alist.free[block] = 0
    vm.glob.bl_free[0] -= count


def alist_free(vm: Machine, blk: int, count: int) -> None:
    """Free `count` blocks, starting at `blk`.

    Locks:   vm_contig_spin held by the caller (not during boot).
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT beyond the last block; panic or KKASSERT when a block is already free, after the blocks
             before it have been freed.
    Source:  sys/kern/subr_alist.c alist_free
    """
    if blk + count > ALIST_BLOCKS:
        raise KernelPanic(
            "KKASSERT", "alist_free", f"blocks {blk} to {blk + count - 1} are not all below {ALIST_BLOCKS}"
        )
    twice = np.flatnonzero(_bitmap(vm)[blk : blk + count])
    beyond = blk + (int(twice[0]) if twice.size else count)
    for block in range(blk, beyond):
        vm.alist.free[block] = 1
    vm.glob.bl_free[0] += beyond - blk
    if twice.size:
        raise _freed_twice(blk, count, beyond)


def _freed_twice(blk: int, count: int, block: int) -> KernelPanic:
    """The panic for freeing `block` again: nodes freed as a whole assert, single bits panic."""
    condition = f"block {block} is already free"
    leaf = block // SPANS[-1] * SPANS[-1]
    if blk <= leaf and leaf + SPANS[-1] <= blk + count:
        return KernelPanic("KKASSERT", "alst_meta_free", condition)
    message = "alst_radix_free: freeing free block"
    return KernelPanic("panic", "alst_radix_free", condition, message=message)


def alist_free_info(vm: Machine) -> tuple[int, int, int]:
    """Count the free blocks, and find the last free chunk as the tree sees it.

    The search goes down from the root, each time into the last node that is not fully allocated. The chunk is
    the first node found to be fully free; in a leaf it is the last free block alone.

    Locks:   vm_contig_spin held by the caller (not during boot).
    Blocks:  no.
    Returns: (free blocks, first block of the chunk, blocks in it); the last is 0 when nothing is free.
    Errors:  none.
    Source:  sys/kern/subr_alist.c alist_free_info
    """
    free = _bitmap(vm)
    bfree = vm.glob.bl_free[0]
    start, beyond = 0, ALIST_BLOCKS
    for span in SPANS:
        nodes = free[start:beyond].reshape(-1, span).sum(axis=1)
        partial = np.flatnonzero(nodes)
        if not partial.size:
            return bfree, 0, 0
        last = int(partial[-1])
        start += last * span
        beyond = start + span
        if nodes[last] == span:
            return bfree, start, span
    return bfree, start + int(np.flatnonzero(free[start:beyond])[-1]), 1


def _bitmap(vm: Machine) -> Array:
    return vm.memory.vector("alist.free")
