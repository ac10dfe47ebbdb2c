"""The allocator of contiguous pages: lowest aligned range, trailing chunk, and misuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.constants import ALIST_BLOCKS, NULL
from engine.errors import KernelPanic
from engine.kernel.alist import alist_alloc, alist_alloc_within, alist_free, alist_free_info
from engine.kernel.boot.sequence import load_kernel
from engine.kernel.contig import vm_contig_avail_pages
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import Hardware, Topology


def allocator(*free: tuple[int, int]) -> Machine:
    """A machine whose allocator has the ranges (first block, blocks)."""
    vm = load_kernel(MachineConfig(Hardware("dma", Topology.grid(1, 1, 1), ((0, 1 << 20),))))
    for blk, count in free:
        alist_free(vm, blk, count)
    return vm


@pytest.mark.parametrize(
    ("claim", "free", "start", "count", "blk"),
    [
        ("the lowest stretch is taken", ((96, 32), (16, 32)), 0, 16, 16),
        ("a stretch is aligned to its size", ((20, 60),), 0, 16, 32),
        ("an odd count is aligned to the next power of two", ((20, 60),), 0, 17, 32),
        ("the search begins at start", ((0, 256),), 65, 32, 96),
        ("a hole ends a stretch", ((0, 15), (16, 16)), 0, 16, 16),
        ("nothing fits", ((20, 24),), 0, 32, NULL),
        ("the whole list is one stretch", ((0, ALIST_BLOCKS),), 0, ALIST_BLOCKS, 0),
        ("more than there are blocks is refused", ((0, ALIST_BLOCKS),), 0, ALIST_BLOCKS + 1, NULL),
        ("a start past the end finds nothing", ((0, ALIST_BLOCKS),), ALIST_BLOCKS, 1, NULL),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_alloc(claim: str, free: tuple[tuple[int, int], ...], start: int, count: int, blk: int) -> None:
    del claim
    assert alist_alloc(allocator(*free), start, count) == blk


def test_what_an_odd_count_leaves_over_stays_free() -> None:
    vm = allocator((0, 32))
    assert alist_alloc(vm, 0, 17) == 0
    assert np.flatnonzero(vm.memory.vector("alist.free")).tolist() == list(range(17, 32))
    assert vm_contig_avail_pages(vm) == 15


@pytest.mark.parametrize(
    ("claim", "free", "chunk"),
    [
        ("nothing is free", (), (0, 0)),
        ("the last whole node of 8,192 blocks", ((100, 1), (8192, 16384)), (16384, 8192)),
        ("a partial last node is entered", ((0, 8192), (8192, 1024)), (8704, 512)),
        ("a whole leaf of 32 blocks", ((0, 512), (1024, 64)), (1056, 32)),
        ("in a partial leaf the last block alone", ((0, 512), (1024, 48)), (1071, 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_trailing_chunk(claim: str, free: tuple[tuple[int, int], ...], chunk: tuple[int, int]) -> None:
    del claim
    vm = allocator(*free)
    assert alist_free_info(vm) == (sum(count for _, count in free), *chunk)


def misuse(vm: Machine, name: str, blk: int, count: int) -> tuple[str, str, str]:
    with pytest.raises(KernelPanic) as caught:
        (alist_alloc if name == "alloc" else alist_free)(vm, blk, count)
    return caught.value.kind, caught.value.function, caught.value.message


@pytest.mark.parametrize(
    ("claim", "name", "blk", "count", "panic"),
    [
        ("allocating nothing asserts", "alloc", 0, 0, ("KKASSERT", "alist_alloc", "")),
        ("freeing beyond the end asserts", "free", ALIST_BLOCKS - 1, 2, ("KKASSERT", "alist_free", "")),
        (
            "freeing a block twice panics",
            "free",
            40,
            1,
            ("panic", "alst_radix_free", "alst_radix_free: freeing free block"),
        ),
        ("freeing a whole node twice asserts", "free", 32, 32, ("KKASSERT", "alst_meta_free", "")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_misuse(claim: str, name: str, blk: int, count: int, panic: tuple[str, str, str]) -> None:
    del claim
    assert misuse(allocator((32, 32)), name, blk, count) == panic


def test_blocks_before_the_one_freed_twice_are_freed() -> None:
    vm = allocator((10, 1))
    misuse(vm, "free", 8, 4)
    assert np.flatnonzero(vm.memory.vector("alist.free")).tolist() == [8, 9, 10]
    assert vm_contig_avail_pages(vm) == 3


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 70), st.integers(0, 60)), max_size=40))
def test_allocations_never_overlap_and_the_count_is_right(requests: list[tuple[int, int]]) -> None:
    vm = allocator((0, 256))
    held: dict[int, int] = {}
    for count, start in requests:
        blk = alist_alloc(vm, start, count)
        if blk == NULL and held:
            alist_free(vm, *held.popitem())
        elif blk != NULL:
            held[blk] = count
        taken = {block for first, blocks in held.items() for block in range(first, first + blocks)}
        assert len(taken) == sum(held.values()) == 256 - vm_contig_avail_pages(vm)
        assert not vm.memory.vector("alist.free")[sorted(taken)].any()


LIMITS = [
    ("no condition takes the lowest blocks", (0, 0, 0, 0), 3),
    ("a lower limit is kept, rounded up to a page", (5 * 4096 + 1, 0, 0, 0), 6),
    ("an upper limit is kept, and counts the last byte", (0, 5 * 4096, 0, 0), 3),
    ("an upper limit that is too low finds nothing", (0, 5 * 4096 - 1, 0, 0), NULL),
    ("an alignment is kept", (0, 0, 4 * 4096, 0), 4),
    ("a boundary is not crossed", (0, 0, 0, 4 * 4096), 4),
    (
        "an alignment beyond the reserve leaves address 0 alone, which is taken",
        (0, 0, (1 << 64) - 1, 0),
        NULL,
    ),
    ("a boundary beyond the reserve has no effect", (0, 0, 0, (1 << 64) - 1), 3),
    ("limits beyond the reserve find nothing", ((1 << 63), (1 << 64) - 1, 0, 0), NULL),
]


@pytest.mark.parametrize(("limits", "blk"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_a_range_within_limits_is_the_lowest_that_meets_them(limits: tuple[int, ...], blk: int) -> None:
    vm = allocator((3, 40))
    assert alist_alloc_within(vm, 2, *limits) == blk
    assert vm.glob.bl_free[0] == 40 - 2 * (blk != NULL)
