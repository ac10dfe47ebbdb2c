"""Swap space: free blocks, the order of allocation, and when swap is full (spec 23, sections 1 and 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.constants import NULL, OBJT_SWAP
from engine.kernel.pagers import swap_space
from engine.kernel.pagers.swap_space import (
    block_number,
    swap_block,
    swp_pager_getswapspace,
    swp_pager_meta_free,
)

Make = Callable[..., Any]


def test_the_first_block_handed_out_is_256_and_stripes_are_every_fourth(processes: Make) -> None:
    vm = processes(swap=64 * 4).vm
    assert vm.glob.vm_swap_size[0] == vm.glob.vm_swap_max[0] == 192
    assert [block_number(at) for at in (0, 63, 64, 128)] == [256, 319, 512, 768]
    assert [swp_pager_getswapspace(vm, 16) for _ in range(4)] == [256, 272, 288, 304]
    assert swp_pager_getswapspace(vm, 1) == 512


def test_a_run_never_crosses_a_stripe(processes: Make) -> None:
    vm = processes(swap=64 * 3).vm
    assert [swp_pager_getswapspace(vm, 10) for _ in range(7)] == [256, 266, 276, 286, 296, 306, 512]
    assert swp_pager_getswapspace(vm, 4) == 316


def test_space_is_found_first_fit(processes: Make) -> None:
    vm = processes().vm
    first, second = swp_pager_getswapspace(vm, 8), swp_pager_getswapspace(vm, 8)
    swap_space.swp_pager_freeswapspace(vm, first, 4)
    assert swp_pager_getswapspace(vm, 4) == first
    assert swp_pager_getswapspace(vm, 4) == second + 8


def test_full_and_almost_full_come_and_go_at_their_water_marks(processes: Make) -> None:
    vm = processes(swap=64 + 100).vm  # 4 % and 6 % of 100 blocks
    vm.glob.ticks[0] = 77
    blocks = [swp_pager_getswapspace(vm, 4) for _ in range(24)]
    assert (vm.glob.vm_swap_size[0], vm.glob.swap_pager_almost_full[0]) == (4, 0)
    assert (swp_pager_getswapspace(vm, 8), vm.glob.swap_pager_full[0]) == (NULL, 2)
    assert (vm.glob.swap_pager_almost_full[0], vm.glob.swap_fail_ticks[0]) == (1, 77)
    assert swp_pager_getswapspace(vm, 2) != NULL
    assert vm.glob.swap_pager_full[0] == 2  # 2 free blocks are below the low water mark
    swap_space.swp_pager_freeswapspace(vm, blocks[0], 2)
    assert (vm.glob.swap_pager_full[0], vm.glob.swap_pager_almost_full[0]) == (0, 1)
    swap_space.swp_pager_freeswapspace(vm, blocks[1], 2)
    assert vm.glob.swap_pager_almost_full[0] == 1  # 6 are not above the high water mark
    swap_space.swp_pager_freeswapspace(vm, blocks[1] + 2, 1)
    assert vm.glob.swap_pager_almost_full[0] == 0


def test_without_swap_every_request_fails_and_full_is_set(processes: Make) -> None:
    vm = processes(swap=0).vm
    assert swp_pager_getswapspace(vm, 1) == NULL
    assert (vm.glob.swap_pager_full[0], vm.glob.swap_pager_almost_full[0]) == (2, 1)


def test_a_device_of_one_stripe_leaves_nothing_and_says_so(processes: Make) -> None:
    vm = processes(swap=64).vm
    assert vm.glob.vm_swap_size[0] == 0
    assert any("the first 64 blocks are never used" in warning for warning in vm.warnings)


def test_an_object_counts_its_metadata_nodes_of_32_places(processes: Make) -> None:
    world = processes()
    obj = world.object(OBJT_SWAP, 128)
    for pindex in (0, 31, 32, 100):
        world.swapped_out(obj, pindex)
    assert world.vm.object.swblock_count[obj] == 3
    swp_pager_meta_free(world.vm, obj, 31)
    assert world.vm.object.swblock_count[obj] == 3
    swp_pager_meta_free(world.vm, obj, 0)
    assert world.vm.object.swblock_count[obj] == 2


def test_the_water_marks_are_shares_of_the_device_or_fixed_without_one(processes: Make) -> None:
    assert swap_space.water_marks(processes(swap=64 + 1000).vm) == (40, 60)
    assert swap_space.water_marks(processes(swap=0).vm) == (128, 512)


def test_a_place_that_gets_another_block_gives_the_first_one_back(processes: Make) -> None:
    world = processes()
    vm, obj = world.vm, world.object(OBJT_SWAP)
    assert [world.swapped_out(obj, 5), world.swapped_out(obj, 5)] == [256, 257]
    assert (swap_block(vm, obj, 5), vm.object.swblock_count[obj]) == (257, 1)
    assert vm.glob.vm_swap_size[0] == 192 - 1
    assert swp_pager_getswapspace(vm, 1) == 256


def test_freeing_what_a_place_does_not_have_changes_nothing(processes: Make) -> None:
    world = processes()
    obj = world.object(OBJT_SWAP)
    world.swapped_out(obj, 5)
    before = world.vm.memory.digest()
    swp_pager_meta_free(world.vm, obj, 6)
    assert world.vm.memory.digest() == before


def test_freeing_every_block_of_an_object_leaves_the_other_objects_theirs(processes: Make) -> None:
    world = processes()
    vm, mine, other = world.vm, world.object(OBJT_SWAP, 128), world.object(OBJT_SWAP)
    for obj, pindex in ((mine, 0), (other, 0), (mine, 100)):
        world.swapped_out(obj, pindex)
    swap_space.free_every_block(vm, mine)
    assert [swap_block(vm, obj, pindex) for obj, pindex in ((mine, 0), (mine, 100), (other, 0))] == [
        NULL,
        NULL,
        257,
    ]
    assert [vm.object.swblock_count[obj] for obj in (mine, other)] == [0, 1]
    assert vm.glob.vm_swap_size[0] == 192 - 1
