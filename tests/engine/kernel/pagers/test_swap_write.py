"""The swap pager, writing: clusters, completion, and a page's state meanwhile (spec 23, section 3)."""

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
    PAGE_SIZE,
    PBUSY_SWAPINPROG,
    PG_SWAPPED,
    VM_ALLOC_NORMAL,
    VM_PAGER_PEND,
    VM_PROT_READ,
    Obj,
)
from engine.kernel.age import vm_page_activate, vm_page_deactivate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.busy import vm_page_busy_wait, vm_page_io_start, vm_page_wakeup
from engine.kernel.object_life import vm_object_pip_add
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.pagers.bio import pending_ios
from engine.kernel.pagers.swap_space import swap_block, swp_pager_getswapspace
from engine.kernel.pagers.swap_write import swap_pager_putpages
from engine.kernel.pmap import vm_page_protect
from engine.kernel.sleep import CHAN_DAEMON_NEEDED, tsleep
from engine.kernel.valid_dirty import vm_page_dirty, vm_page_set_valid
from engine.machine.machine import Machine, Steps
from engine.script.process_verbs import read, write

BASE = 0x10000
Make = Callable[..., Any]


def flush(vm: Machine, obj: int, first: int, count: int, flags: int, prot: int) -> Steps[int]:
    """A flush: soft-busy, protect, release and write the pages; return how many are under way."""
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
    """Fully valid, dirty, active pages at the first indices of an object."""
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


def test_a_page_written_by_a_daemon_stays_on_its_queue_despite_try_to_cache(
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


@pytest.mark.slow
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
    drive(world.vm, vm_page_deactivate, m)
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


def test_during_a_write_loads_continue_and_a_store_waits_and_then_frees_the_block(
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
