"""The swap pager, reading, and faults on swapped pages (spec 23, sections 4 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJT_SWAP,
    PBUSY_LOCKED,
    PBUSY_SWAPINPROG,
    PBUSY_WANTED,
    PG_RAM,
    PG_SWAPPED,
    PTE_M,
    SIGSEGV,
)
from engine.kernel.pagers.swap_space import swap_block, swp_pager_getswapspace
from engine.script.process_verbs import read, write

BASE = 0x10000
Make = Callable[..., Any]


@pytest.mark.parametrize(("mark", "attempts"), [(0, 3), (1, 2)])
def test_a_cold_swap_in_takes_three_attempts_or_two_with_the_mark(
    processes: Make, mark: int, attempts: int
) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    block = world.swapped_out(heap, 0)
    vm = world.vm
    vm.backing.exclusive[vm.map_entry.backing[vm.process.first_entry[p]]] = mark
    world.thread("app", p, (read, BASE, ">s"))
    assert (world.run(), world.result("app", "s")) == ("completed", 0)
    m = world.page(heap, 0)
    assert world.attempts() == attempts
    assert (world.bits(m), swap_block(vm, heap, 0)) == ((0xFF, 0), block)
    assert vm.page.flags[m] & PG_SWAPPED
    assert (vm.process.majflt[p], vm.process.minflt[p]) == (1, 0)
    assert [world.counter(name) for name in ("v_swapin", "v_swappgsin", "v_intrans")] == [1, 1, 1]


def test_the_attempt_that_reads_maps_nothing(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.swapped_out(heap, 0)
    world.thread("app", p, (read, BASE))
    world.start()
    world.until("update the object's flags and PG_SWAPPED")
    m = world.page(heap, 0)
    assert (world.vm.page.flags[m] & PG_SWAPPED, world.bits(m)) == (PG_SWAPPED, (0, 0))
    world.until("go to sleep")
    assert world.vm.page.busy_count[m] == PBUSY_LOCKED | PBUSY_WANTED | PBUSY_SWAPINPROG
    world.until("clear SWAPINPROG")
    assert (world.vm.page.busy_count[m], world.bits(m)) == (PBUSY_LOCKED | PBUSY_WANTED, (0xFF, 0))
    world.until("stop sharing the map's lock")
    assert (world.queue(m), world.vm.page.busy_count[m], world.pte(p, 0)) == ("ACTIVE", 0, 0)


def test_two_faults_on_one_swapped_page_read_it_once(processes: Make) -> None:
    world = processes()
    heap = world.object()
    world.swapped_out(heap, 0)
    one, two = world.process(heap), world.process(heap)
    world.thread("one", one, (read, BASE))
    world.thread("two", two, (read, BASE), cpu=1)
    world.start("one:block, two:block")
    assert world.run() == "completed"
    assert (world.counter("v_swapin"), world.count("count the wait for the page", "two") > 0) == (1, True)
    assert world.pte(one, 0)
    assert world.pte(two, 0)
    assert world.vm.page.busy_count[world.page(heap, 0)] == 0


def test_a_failed_read_keeps_the_block_and_frees_the_page(processes: Make) -> None:
    world = processes()
    heap = world.object()
    block = world.swapped_out(heap, 0)
    world.vm.object.io_fails[heap] = 1
    world.thread("app", world.process(heap), (read, BASE, ">s"))
    world.run()
    assert (world.result("app", "s"), world.page(heap, 0)) == (SIGSEGV, NULL)
    assert swap_block(world.vm, heap, 0) == block


def test_a_place_without_a_block_is_filled_with_zeros(processes: Make) -> None:
    world = processes()
    heap = world.object(OBJT_SWAP)
    world.thread("app", world.process(heap), (read, BASE))
    world.run()
    assert (world.bits(world.page(heap, 0)), world.counter("v_swapin")) == ((0xFF, 0), 0)
    assert world.counter("v_zfod") == 1


def test_a_burst_reads_consecutive_blocks_and_marks_the_last_page(processes: Make) -> None:
    world = processes()
    heap = world.object()
    for pindex in (0, 1, 2):
        world.swapped_out(heap, pindex)
    swp_pager_getswapspace(world.vm, 1)
    world.swapped_out(heap, 3)  # its block does not follow the others
    world.vm.glob.swap_burst_read[0] = 16
    world.thread("app", world.process(heap), (read, BASE))
    world.run()
    vm, pages = world.vm, [world.page(heap, at) for at in range(4)]
    assert pages[3] == NULL
    assert [world.counter(name) for name in ("v_swapin", "v_swappgsin")] == [1, 3]
    assert [world.bits(m) for m in pages[:3]] == [(0xFF, 0)] * 3
    assert [bool(vm.page.flags[m] & PG_RAM) for m in pages[:3]] == [False, False, True]
    assert [vm.page.busy_count[m] for m in pages[:3]] == [0, 0, 0]
    assert world.queue(pages[1]) == "INACTIVE"


@pytest.mark.parametrize(
    ("mark", "majflt"),
    [
        pytest.param(1, 1, id="with the mark the pager is asked, at once says OK, and the fault was hard"),
        pytest.param(0, 0, id="a shared token loses the read-ahead mark before the pager is asked"),
    ],
)
def test_a_complete_page_with_a_read_ahead_mark(processes: Make, mark: int, majflt: int) -> None:
    world = processes()
    heap = world.object()
    one, two = world.process(heap), world.process(heap)
    world.swapped_out(heap, 0)
    world.thread("one", one, (read, BASE))
    world.thread("two", two, (read, BASE))
    world.start("one:block, io, biodone:block, one:end")
    world.until("count the fault")
    vm, m = world.vm, world.page(heap, 0)
    vm.page.flags[m] |= PG_RAM
    vm.backing.exclusive[vm.map_entry.backing[vm.process.first_entry[two]]] = mark
    world.run()
    assert (vm.process.majflt[two], world.counter("v_swapin")) == (majflt, 1)
    assert (vm.page.flags[m] & PG_RAM, world.attempts("two")) == (0, 2)


# --- after swap-in ----------------------------------------------------------------------------------------


def test_a_write_fault_on_a_swapped_page_frees_its_block_under_the_exclusive_token(processes: Make) -> None:
    world = processes()
    heap = world.object()
    reader, writer = world.process(heap), world.process(heap)
    world.swapped_out(heap, 0)
    world.thread("reader", reader, (read, BASE))
    world.thread("writer", writer, (write, BASE), cpu=1)
    world.run("reader:block")
    m = world.page(heap, 0)
    assert (world.bits(m), world.vm.page.flags[m] & PG_SWAPPED) == ((0xFF, 0xFF), 0)
    assert (swap_block(world.vm, heap, 0), world.vm.glob.vm_swap_size[0]) == (NULL, 192)


def test_a_store_through_a_writable_entry_leaves_the_stale_block(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    block = world.swapped_out(heap, 0)
    world.thread("app", p, (read, BASE), (write, BASE))
    world.run()
    m = world.page(heap, 0)
    assert (world.bits(m), world.pte(p, 0) & PTE_M) == ((0xFF, 0), PTE_M)
    assert (swap_block(world.vm, heap, 0), world.vm.page.flags[m] & PG_SWAPPED) == (block, PG_SWAPPED)


# --- files ------------------------------------------------------------------------------------------------
