"""Damage to the drivers' reserve."""

from __future__ import annotations

from typing import Any

from engine.constants import PG_UNQUEUED


def test_a_wrong_count_of_free_blocks(town: Any, finds: Any) -> None:
    free = town.vm.glob.bl_free[0]
    town.vm.glob.bl_free[0] += 1
    finds("alist", f"free blocks: global.bl_free is {free + 1}, but {free} blocks are free")


def test_a_free_block_above_the_reserve(town: Any, finds: Any) -> None:
    town.vm.alist.free[0x300] = 1
    town.vm.glob.bl_free[0] += 1
    finds("alist", "blocks of the reserve: alist[0x300].free is 1, but the reserve is 0x0 to 0x3f")


def test_a_free_block_whose_page_is_ordinary(town: Any, finds: Any) -> None:
    town.vm.page.flags[town.vm.page_index(0x20)] = PG_UNQUEUED
    ends = (
        "pages of the reserve: alist[0x20].free is 1, "
        "but page[0x20] has flags 0x800, wire_count 1, queue 0, object -1; "
        "a free block is FICTITIOUS|UNQUEUED, wired once, on no queue and in no object"
    )
    finds("alist", ends)
