"""The swap pager: space, writing, reading, and what faults make of swapped pages (spec 23; 21, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJPC_SYNC,
    OBJPC_TRY_TO_CACHE,
    OBJT_DEFAULT,
    OBJT_SWAP,
    OBJT_VNODE,
    PAGE_SIZE,
    PBUSY_LOCKED,
    PBUSY_SWAPINPROG,
    PBUSY_WANTED,
    PG_RAM,
    PG_SWAPPED,
    PTE_M,
    SIGSEGV,
    VM_ALLOC_NORMAL,
    VM_PAGER_PEND,
    VM_PROT_READ,
    Obj,
)
from engine.kernel.age import vm_page_activate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.busy import vm_page_busy_wait, vm_page_io_start, vm_page_wakeup
from engine.kernel.object_life import vm_object_pip_add
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.pagers import swap_space
from engine.kernel.pagers.bio import pending_ios
from engine.kernel.pagers.swap_space import (
    block_number,
    swap_block,
    swp_pager_getswapspace,
    swp_pager_meta_free,
)
from engine.kernel.pagers.swap_write import swap_pager_putpages
from engine.kernel.pmap import vm_page_protect
from engine.kernel.sleep import CHAN_DAEMON_NEEDED, tsleep
from engine.kernel.valid_dirty import vm_page_dirty, vm_page_set_valid
from engine.machine.machine import Machine, Steps
from engine.script.process_verbs import read, write

BASE = 0x10000
Make = Callable[..., Any]


# --- space ------------------------------------------------------------------------------------------------


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


# --- writing ----------------------------------------------------------------------------------------------


def flush(vm: Machine, obj: int, first: int, count: int, flags: int, prot: int) -> Steps[int]:
    """What a flush does around the pager: soft-busy, protect, release, write; how many are under way."""
    yield "find the pages"
    pages = tuple(vm.find_page(obj, pindex) for pindex in range(first, first + count))
    for m in pages:
        yield from vm_page_busy_wait(vm, m, 1)
        yield from vm_page_io_start(vm, m)
        yield from vm_page_protect(vm, m, prot)
        yield from vm_page_wakeup(vm, m)
    yield from vm_object_pip_add(vm, Obj(obj), count)
    results = yield from swap_pager_putpages(vm, Obj(obj), pages, flags)
    return sum(result == VM_PAGER_PEND for result in results)


def dirty_pages(drive: Make, vm: Machine, obj: int, count: int) -> list[int]:
    """Complete, dirty, active pages at the first places of an object."""
    pages = []
    drive(vm, vm_object_hold, obj)
    for pindex in range(count):
        m = drive(vm, vm_page_alloc, obj, pindex, VM_ALLOC_NORMAL)
        drive(vm, vm_page_set_valid, m, 0, PAGE_SIZE)
        drive(vm, vm_page_dirty, m)
        drive(vm, vm_page_activate, m)
        drive(vm, vm_page_wakeup, m)
        pages.append(m)
    drive(vm, vm_object_drop, obj)
    return pages


def test_a_user_write_is_synchronous_and_the_page_is_clean_when_it_returns(
    processes: Make, drive: Make
) -> None:
    world = processes()
    obj = world.object(OBJT_DEFAULT)
    (m,) = dirty_pages(drive, world.vm, obj, 1)
    world.thread("app", NULL, (flush, obj, 0, 1, 0, 0, ">n"))
    world.start()
    vm = world.vm
    world.until("begin the write")
    assert vm.object.type[obj] == OBJT_SWAP
    assert (vm.page.busy_count[m], world.bits(m)) == (PBUSY_SWAPINPROG | 1, (0xFF, 0xFF))
    assert (swap_block(vm, obj, 0), vm.page.flags[m] & PG_SWAPPED) == (256, 0)
    assert (world.run(), world.result("app", "n")) == ("completed", 1)
    assert (vm.page.busy_count[m], world.bits(m)) == (0, (0xFF, 0))
    assert vm.page.flags[m] & PG_SWAPPED
    assert (world.queue(m), vm.object.paging_in_progress[obj]) == ("ACTIVE", 0)
    assert [world.counter(name) for name in ("v_swapout", "v_swappgsout")] == [1, 1]
    assert ("event", "tick") in world.log
    assert world.count("look for a finished I/O") == 0


def test_a_synchronous_write_with_try_to_cache_ends_on_the_cache_queue(processes: Make, drive: Make) -> None:
    world = processes()
    obj = world.object()
    (m,) = dirty_pages(drive, world.vm, obj, 1)
    world.thread("app", NULL, (flush, obj, 0, 1, OBJPC_SYNC | OBJPC_TRY_TO_CACHE, 0))
    world.run()
    assert (world.queue(m), world.bits(m)) == ("CACHE", (0xFF, 0))


def as_daemon(world: Any, *calls: tuple[Any, ...], cpu: int = 1) -> None:
    """Add a thread that counts as the pageout daemon, whose writes are asynchronous."""
    world.vm.pagethread = len(world.programs)
    world.thread("daemon", NULL, *calls, cpu=cpu)


def test_what_daemons_write_stays_on_its_queue_although_try_to_cache_was_asked(
    processes: Make, drive: Make
) -> None:
    world = processes()
    obj = world.object()
    pages = dirty_pages(drive, world.vm, obj, 3)
    as_daemon(world, (flush, obj, 0, 3, OBJPC_TRY_TO_CACHE, 0))
    world.thread("clock", NULL, (nap, 3))
    assert world.run() == "completed"
    assert [world.queue(m) for m in pages] == ["ACTIVE"] * 3
    assert [world.bits(m) for m in pages] == [(0xFF, 0)] * 3
    assert world.vm.glob.nsw_wcount_async[0] == 4
    assert world.vm.object.paging_in_progress[obj] == 0
    assert world.count("look for a finished I/O", "biodone") >= 1


def nap(vm: Machine, ticks: int) -> Steps[None]:
    """Sleep for some ticks."""
    yield from tsleep(vm, CHAN_DAEMON_NEEDED, False, "nap", ticks)


@pytest.mark.parametrize(
    ("pages", "free", "writes", "results"),
    [
        pytest.param(20, 192, [16, 4], 20, id="pages go in clusters of 16"),
        pytest.param(16, 12, [8, 4, 4], 12, id="without a run of 16, 8 and then 4 are tried"),
        pytest.param(8, 3, [], 0, id="clusters of four find nothing in three blocks"),
        pytest.param(1, 3, [1], 1, id="a single page finds a block among three"),
        pytest.param(2, 1, [], 0, id="a request of four or fewer is tried once"),
    ],
)  # fmt: skip
def test_clusters(
    processes: Make, drive: Make, pages: int, free: int, writes: list[int], results: int
) -> None:
    world = processes("16MiB:1x2x1")
    obj = world.object()
    dirty_pages(drive, world.vm, obj, pages)
    for _ in range(192 - free):
        swp_pager_getswapspace(world.vm, 1)
    world.thread("app", NULL, (flush, obj, 0, pages, 0, 0, ">n"))
    world.start()
    sizes = []
    while world.step():
        if world.log[-1][1] == "begin the write":
            sizes.append(world.vm.buf.count[0])
    begun = [size for size in sizes if size]
    assert (world.result("app", "n"), sum(begun)) == (results, results)
    assert world.counter("v_swappgsout") == results
    assert begun == [size for size in writes if size][: len(begun)]
    assert (world.vm.glob.swap_pager_full[0] == 2) == (results < pages)
    kept = [at for at in range(pages) if world.bits(world.page(obj, at))[1]]
    assert len(kept) == pages - results


def test_only_four_asynchronous_writes_are_under_way_at_a_time(processes: Make, drive: Make) -> None:
    world = processes("16MiB:1x2x1")
    obj = world.object(size=128)
    dirty_pages(drive, world.vm, obj, 80)
    as_daemon(world, (flush, obj, 0, 80, 0, 0))
    world.start()
    most = 0
    while world.step():
        most = max(most, len(pending_ios(world.vm)))
    assert (most, world.count("begin the write")) == (4, 5)


def test_a_failed_write_frees_the_block_and_activates_the_dirty_page(processes: Make, drive: Make) -> None:
    world = processes()
    obj = world.object()
    (m,) = dirty_pages(drive, world.vm, obj, 1)
    world.vm.object.io_fails[obj] = 1
    world.thread("app", NULL, (flush, obj, 0, 1, 0, 0))
    world.run()
    vm = world.vm
    assert (world.bits(m), world.queue(m), vm.page.flags[m] & PG_SWAPPED) == ((0xFF, 0xFF), "ACTIVE", 0)
    assert (swap_block(vm, obj, 0), vm.glob.vm_swap_size[0], vm.page.busy_count[m]) == (NULL, 192, 0)


def test_a_second_write_of_a_page_replaces_its_block(processes: Make, drive: Make) -> None:
    world = processes()
    obj = world.object()
    dirty_pages(drive, world.vm, obj, 1)
    again = (flush, obj, 0, 1, 0, 0)
    world.thread("app", NULL, again, again)
    world.run()
    assert (swap_block(world.vm, obj, 0), world.vm.glob.vm_swap_size[0]) == (257, 191)


# --- reading ----------------------------------------------------------------------------------------------


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
    world.until("carry dirtiness and swap over to the object")
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
    assert (world.counter("v_swapin"), world.count("F5 count the wait", "two") > 0) == (1, True)
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
    world.until("F15 count the fault")
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


def test_during_a_write_loads_go_on_and_a_store_waits_and_then_frees_the_block(
    processes: Make, drive: Make
) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.thread("app", p, (write, BASE), (read, BASE, ">load"), (write, BASE, ">store"))
    as_daemon(world, (flush, heap, 0, 1, 0, VM_PROT_READ))
    world.start("app:op, daemon:end, app:op, app:block")
    world.until("go to sleep", "app")
    m = world.page(heap, 0)
    assert world.count("load from the address") == 1
    assert world.vm.page.busy_count[m] & PBUSY_SWAPINPROG
    assert swap_block(world.vm, heap, 0) == 256
    assert world.run() == "completed"
    assert (world.bits(m), swap_block(world.vm, heap, 0)) == ((0xFF, 0xFF), NULL)
    assert not world.vm.page.flags[m] & PG_SWAPPED


# --- files ------------------------------------------------------------------------------------------------


def test_a_files_page_is_soft_busied_while_it_is_read(processes: Make) -> None:
    world = processes()
    file = world.object(OBJT_VNODE)
    p = world.process(file)
    world.thread("app", p, (read, BASE))
    world.start()
    world.until("go to sleep")
    m = world.page(file, 0)
    assert (world.vm.page.busy_count[m], world.bits(m)) == (1, (0, 0))
    assert world.run() == "completed"
    assert (world.vm.page.busy_count[m], world.bits(m)) == (0, (0xFF, 0))
    assert (world.vm.process.majflt[p], world.counter("v_vnodein")) == (1, 1)
    assert not world.vm.page.flags[m] & PG_SWAPPED


def test_a_file_that_cannot_be_read_is_a_segmentation_violation(processes: Make) -> None:
    world = processes()
    file = world.object(OBJT_VNODE)
    world.vm.object.io_fails[file] = 1
    world.thread("app", world.process(file), (read, BASE, ">s"))
    world.run()
    assert (world.result("app", "s"), world.page(file, 0)) == (SIGSEGV, NULL)
