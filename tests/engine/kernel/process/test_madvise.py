"""Advice about pages (spec 25, section 1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    KERN_INVALID_ADDRESS,
    KERN_SUCCESS,
    MADV_DONTNEED,
    MADV_FREE,
    MADV_NOSYNC,
    MADV_RANDOM,
    MADV_SEQUENTIAL,
    MADV_WILLNEED,
    NULL,
    OBJ_ONEMAPPING,
    OBJT_SWAP,
    PAGE_SIZE,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PG_SWAPPED,
    PTE_M,
    PTE_RW,
    PTE_V,
)
from engine.kernel.pagers.swap_space import swap_block
from engine.kernel.process.map_entries import entries_of
from engine.script.process_verbs import madvise, read, write

BASE = 0x10000
Make = Callable[..., Any]


def advised(world: Any, advice: int, *before: tuple[Any, ...], pages: int = 1, kind: int = 0) -> int:
    """Run `before`, then the advice about the first pages; return the object."""
    heap = world.object(kind)
    world.thread("app", world.process(heap), *before, (madvise, BASE, pages * PAGE_SIZE, advice, ">r"))
    world.run()
    return int(heap)


def test_dontneed_moves_a_clean_page_to_the_head_and_keeps_it_mapped(processes: Make) -> None:
    world = processes()
    world.vm.glob.dontneed_weight[0] = 15
    heap = advised(world, MADV_DONTNEED, (read, BASE))
    m = world.page(heap, 0)
    assert (world.queue(m), bool(world.pte(0, 0))) == ("INACTIVE", True)
    assert not world.vm.page.flags[m] & PG_REFERENCED
    assert world.vm.page.pmap_referenced[m] == 0
    assert world.result("app", "r") == KERN_SUCCESS


def test_dontneed_keeps_a_dirty_pages_data(processes: Make) -> None:
    world = processes()
    world.vm.glob.dontneed_weight[0] = 15
    tails = int(world.vm.memory.vector("queue.adds").sum())
    heap = advised(world, MADV_DONTNEED, (write, BASE))
    m = world.page(heap, 0)
    assert (world.queue(m), world.bits(m)) == ("INACTIVE", (0xFF, 0xFF))
    assert int(world.vm.memory.vector("queue.adds").sum()) == tails + 1


@pytest.mark.slow
def test_of_twenty_clean_pages_five_go_to_the_head_and_fifteen_lose_a_point(processes: Make) -> None:
    world = processes(colors=1)
    heap = world.object()
    reads = [(read, BASE + at * PAGE_SIZE) for at in range(20)]
    world.thread("app", world.process(heap, pages=20), *reads, (madvise, BASE, 20 * PAGE_SIZE, MADV_DONTNEED))
    world.run()
    pages = [world.page(heap, at) for at in range(20)]
    assert [world.queue(m) for m in pages] == ["ACTIVE"] * 15 + ["INACTIVE"] * 5
    assert [world.vm.page.act_count[m] for m in pages[:15]] == [4] * 15
    head = world.vm.queue.head[world.vm.page.queue[pages[19]]]
    assert head == pages[19]


def test_willneed_activates_and_maps_what_is_resident(processes: Make) -> None:
    world = processes()
    heap = world.object()
    one, two = world.process(heap), world.process(heap)
    world.vm.glob.dontneed_weight[0] = 15
    world.thread("one", one, (read, BASE), (madvise, BASE, PAGE_SIZE, MADV_DONTNEED))
    world.thread("two", two, (madvise, BASE, 4 * PAGE_SIZE, MADV_WILLNEED))
    world.run("one:end, two:end")
    m = world.page(heap, 0)
    assert world.queue(m) == "ACTIVE"
    assert world.pte(two, 0) & (PTE_V | PTE_RW) == PTE_V
    assert not world.pte(two, 1)
    assert world.vm.process.minflt[two] == 0


def test_free_makes_the_page_clean_and_frees_its_block_but_leaves_the_flag(processes: Make) -> None:
    world = processes()
    world.vm.glob.dontneed_weight[0] = 15
    heap = world.object()
    p = world.process(heap)
    world.swapped_out(heap, 0)
    world.swapped_out(heap, 5)
    world.thread("app", p, (read, BASE), (write, BASE), (madvise, BASE, 8 * PAGE_SIZE, MADV_FREE))
    world.run()
    m = world.page(heap, 0)
    assert (world.bits(m), world.pte(p, 0) & PTE_M, world.vm.page.pmap_modified[m]) == ((0xFF, 0), 0, 0)
    assert (world.queue(m), world.vm.page.act_count[m]) == ("INACTIVE", 0)
    assert [swap_block(world.vm, heap, at) for at in (0, 5)] == [NULL, NULL]
    assert world.vm.page.flags[m] & PG_SWAPPED
    assert world.pte(p, 0) & PTE_V


def test_free_leaves_an_object_with_several_mappings_alone(processes: Make) -> None:
    world = processes()
    heap = world.object(OBJT_SWAP)
    one, _ = world.process(heap), world.process(heap)
    assert not world.vm.object.flags[heap] & OBJ_ONEMAPPING
    world.thread("app", one, (write, BASE), (madvise, BASE, PAGE_SIZE, MADV_FREE))
    world.run()
    assert world.bits(world.page(heap, 0)) == (0xFF, 0xFF)


@pytest.mark.parametrize("how", ["wired", "to be committed", "incomplete"])
def test_some_pages_are_passed_over(processes: Make, how: str) -> None:
    world = processes()
    world.vm.glob.dontneed_weight[0] = 15
    heap = world.object()
    world.thread("app", world.process(heap), (read, BASE), (madvise, BASE, PAGE_SIZE, MADV_DONTNEED))
    world.start()
    world.until("count the fault")
    vm, m = world.vm, world.page(heap, 0)
    if how == "wired":
        vm.page.wire_count[m] += 1
        vm.gd_vmstats.adj[11] += 1
    elif how == "to be committed":
        vm.page.flags[m] |= PG_NEED_COMMIT
    else:
        vm.page.valid[m] = 1
    world.run()
    assert (world.queue(m), vm.glob.dontneed_weight[0]) == ("ACTIVE", 15)


def test_advice_sleeps_at_a_busy_page_and_leaves_a_reference(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.thread("app", p, (read, BASE), (madvise, BASE, PAGE_SIZE, MADV_WILLNEED))
    world.start("app:op")
    while world.vm.thread.pc[0] == 0:
        assert world.step()
    m = world.page(heap, 0)
    world.vm.page.busy_count[m] = 0x80000000
    world.until("go to sleep")
    assert world.vm.page.flags[m] & PG_REFERENCED
    assert world.run() == "blocked"


@pytest.mark.parametrize("advice", [MADV_RANDOM, MADV_SEQUENTIAL])
def test_advice_about_access_marks_just_that_range(processes: Make, advice: int) -> None:
    world = processes()
    p = world.process(world.object())
    world.thread("app", p, (madvise, BASE + 4 * PAGE_SIZE, 4 * PAGE_SIZE, advice))
    world.run()
    vm = world.vm
    marks = [(vm.map_entry.pages[e], vm.map_entry.advice[e]) for e in entries_of(vm, p)]
    assert marks == [(4, 0), (4, advice), (8, 0)]
    assert vm.object.ref_count[0] == 3


def test_nosync_and_unknown_advice(processes: Make) -> None:
    world = processes()
    p = world.process(world.object())
    whole = 16 * PAGE_SIZE
    world.thread("app", p, (madvise, BASE, whole, MADV_NOSYNC), (madvise, BASE, whole, 99, ">r"))
    world.run()
    assert world.vm.map_entry.nosync[world.vm.process.first_entry[p]] == 1
    assert world.result("app", "r") == KERN_INVALID_ADDRESS
