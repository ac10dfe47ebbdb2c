"""Clusters and the flush: spec 22, section D."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJPC_ALLOW_ACTIVE,
    OBJPC_TRY_TO_CACHE,
    PBUSY_WANTED,
    PG_MAPPED,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PG_WINATCFLS,
    PG_WRITEABLE,
)
from engine.errors import CapacityError, KernelPanic
from engine.kernel.busy import vm_page_busy_try, vm_page_sbusy_try, vm_page_wakeup
from engine.kernel.hold import vm_page_hold
from engine.kernel.objects import vm_object_drop, vm_object_hold, vm_page_remove
from engine.kernel.pageout.flush import vm_pageout_clean_helper, vm_pageout_flush
from engine.kernel.wire import vm_page_wire
from engine.machine.tables import SLEEPING

Machine = Callable[..., Any]
ANON = 0
OK, BAD, FAIL, PEND, ERROR, AGAIN = range(6)


def dirty_pages(machine: Any, *pindexes: int, queue: str = "INACTIVE", **fields: int) -> dict[int, int]:
    """Dirty pages of object 0 by their index."""
    return {n: machine.page(queue, n, dirty=0xFF, **fields) for n in pindexes}


def cluster(machine: Any, pages: dict[int, int], pindex: int, flags: int = 0) -> list[int]:
    """Write the page at `pindex` and return the indices of all that were written with it."""
    machine.effects("put_pages")
    machine.do(vm_pageout_clean_helper, machine.busied(pages[pindex]), flags, check=len(pages) < 9)
    return [machine.vm.page.pindex[m] for _, _, written in machine.effects("put_pages") for m in written]


# --- the cluster ------------------------------------------------------------------------------------------


def test_dirty_neighbours_are_written_along_in_the_order_of_their_indices(paging: Machine) -> None:
    machine = paging()
    assert cluster(machine, dirty_pages(machine, 7, 5, 6, 4), 5) == [4, 5, 6, 7]


def test_a_cluster_has_no_gaps(paging: Machine) -> None:
    machine = paging()
    assert cluster(machine, dirty_pages(machine, 1, 3, 4, 5, 7), 4) == [3, 4, 5]


def test_a_cluster_is_within_an_aligned_window_of_64_indices(paging: Machine) -> None:
    machine = paging()
    pages = dirty_pages(machine, *range(60, 132))
    assert cluster(machine, pages, 70) == list(range(64, 128))


def test_a_cluster_ends_with_the_object(paging: Machine) -> None:
    machine = paging()
    machine.vm.object.size[ANON] = 6
    assert cluster(machine, dirty_pages(machine, 4, 5, 6), 4) == [4, 5]


def stop_at(machine: Any, m: int, why: str) -> None:
    """Make a neighbour a page at which a cluster stops."""
    vm = machine.vm
    if why == "hard-busy":
        machine.do(vm_page_busy_try, m, 0)
    elif why == "soft-busy":
        machine.do(vm_page_sbusy_try, m)
    elif why == "wanted by a thread":
        vm.page.busy_count[m] = PBUSY_WANTED
    elif why == "wired":
        machine.do(vm_page_wire, machine.busied(m))
        machine.do(vm_page_wakeup, m)
    elif why == "held":
        machine.do(vm_page_hold, m)
    elif why == "clean":
        vm.page.dirty[m] = 0
    elif why == "dirty only where it is invalid":
        vm.page.valid[m], vm.page.dirty[m] = 0x0F, 0xF0


STOPS = (
    "hard-busy",
    "soft-busy",
    "wanted by a thread",
    "wired",
    "held",
    "clean",
    "dirty only where it is invalid",
)


@pytest.mark.parametrize("why", STOPS)
def test_a_cluster_stops_at_a_neighbour_that_is(paging: Machine, why: str) -> None:
    machine = paging()
    pages = dirty_pages(machine, 4, 5, 6, 7)
    stop_at(machine, pages[6], why)
    before = machine.vm.page.busy_count[pages[6]]
    assert cluster(machine, pages, 5) == [4, 5]
    assert machine.vm.page.busy_count[pages[6]] == before


@pytest.mark.parametrize(
    ("queue", "flags", "together"),
    [
        ("ACTIVE", 0, False),
        ("ACTIVE", OBJPC_ALLOW_ACTIVE, True),
        ("NONE", OBJPC_ALLOW_ACTIVE, False),
        ("INACTIVE", 0, True),
    ],
)
def test_active_neighbours_are_written_along_if_that_is_allowed(
    paging: Machine, queue: str, flags: int, together: bool
) -> None:
    machine = paging()
    pages = dirty_pages(machine, 5) | dirty_pages(machine, 6, queue=queue)
    assert cluster(machine, pages, 5, flags) == ([5, 6] if together else [5])


def test_a_cached_neighbour_ends_the_cluster(paging: Machine) -> None:
    machine = paging()
    pages = dirty_pages(machine, 5, 7) | {6: machine.page("CACHE", 6)}
    assert cluster(machine, pages, 5) == [5]
    assert machine.queue_of(pages[6]) == "CACHE"


def test_the_modified_bits_of_a_neighbours_mappings_are_read(paging: Machine) -> None:
    machine = paging()
    flags = PG_MAPPED | PG_WRITEABLE
    pages = dirty_pages(machine, 5) | {6: machine.page("INACTIVE", 6, flags=flags, pmap_modified=1)}
    assert cluster(machine, pages, 5) == [5, 6]


def test_a_clean_neighbour_that_needs_a_commit_is_written_along(paging: Machine) -> None:
    machine = paging()
    pages = dirty_pages(machine, 5) | {6: machine.page("INACTIVE", 6, flags=PG_NEED_COMMIT)}
    assert cluster(machine, pages, 5) == [5, 6]


@pytest.mark.parametrize("mark", [PG_WINATCFLS, 0], ids=["set", "cleared"])
def test_neighbours_take_over_the_age_of_the_page(paging: Machine, mark: int) -> None:
    machine = paging()
    pages = dirty_pages(machine, 5, act_count=7, flags=mark)
    pages |= dirty_pages(machine, 4, 6, act_count=2, flags=PG_WINATCFLS ^ mark)
    cluster(machine, pages, 5)
    for m in pages.values():
        assert (machine.vm.page.flags[m], machine.vm.page.act_count[m]) == (mark, 7)


@pytest.mark.parametrize("why", ["held", "unqueued"])
def test_a_page_that_is_special_is_only_released(paging: Machine, why: str) -> None:
    machine = paging()
    m = machine.busied(machine.page("NONE", 5, dirty=0xFF))
    if why == "held":
        machine.do(vm_page_hold, m)
    else:
        machine.vm.page.flags[m] |= PG_UNQUEUED
    assert machine.do(vm_pageout_clean_helper, m, 0) == 0
    assert machine.vm.page.busy_count[m] == 0
    assert machine.effects("put_pages") == []


# --- the flush --------------------------------------------------------------------------------------------


def flush(machine: Any, result: int, flags: int = 0, **fields: int) -> tuple[int, int]:
    """Write one dirty page with a pager that answers `result`: the page and what counts as written."""
    m = machine.page("INACTIVE", 5, dirty=0xFF, **fields)
    machine.vm.object.put_result[ANON] = result
    return m, machine.do(vm_pageout_flush, (machine.busied(m),), flags)


@pytest.mark.parametrize(
    ("result", "counts", "dirty"),
    [(OK, 1, 0), (BAD, 0, 0), (FAIL, 0, 0xFF), (PEND, 1, 0xFF), (ERROR, 0, 0xFF), (AGAIN, 0, 0xFF)],
)
def test_what_counts_as_written_and_what_stays_dirty(
    paging: Machine, result: int, counts: int, dirty: int
) -> None:
    machine = paging()
    m, count = flush(machine, result)
    vm = machine.vm
    assert (count, vm.page.dirty[m]) == (counts, dirty)
    under_way = int(result == PEND)
    assert (vm.page.busy_count[m], vm.object.paging_in_progress[ANON]) == (under_way, under_way)
    assert machine.queue_of(m) == "INACTIVE"


def test_a_pending_page_is_remembered_with_its_flags(paging: Machine) -> None:
    machine = paging()
    m, _ = flush(machine, PEND, OBJPC_TRY_TO_CACHE)
    io = machine.vm.io
    assert (io.object[0], io.page[0], io.flags[0]) == (ANON, m, OBJPC_TRY_TO_CACHE)
    assert io.page[1] == NULL


def test_more_writes_than_the_capacity_are_a_clear_message(paging: Machine) -> None:
    machine = paging()
    machine.vm.memory.vector("io.page")[:] = 6
    with pytest.raises(CapacityError, match="are being written"):
        flush(machine, PEND)


def test_a_bad_page_loses_what_its_mappings_modified(paging: Machine) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 5, dirty=0xFF, flags=PG_MAPPED, pmap_modified=1)
    machine.vm.object.put_result[ANON] = BAD
    machine.do(vm_pageout_flush, (machine.busied(m),), 0)
    assert (machine.vm.page.pmap_modified[m], machine.vm.page.dirty[m]) == (0, 0)


@pytest.mark.parametrize(
    ("flags", "left"), [(0, PG_MAPPED), (OBJPC_TRY_TO_CACHE, 0)], ids=["read-only", "not mapped"]
)
def test_a_page_being_written_is_mapped(paging: Machine, flags: int, left: int) -> None:
    machine = paging()
    m = machine.page("INACTIVE", 5, dirty=0xFF, flags=PG_MAPPED | PG_WRITEABLE)
    machine.vm.object.put_result[ANON] = PEND
    machine.do(vm_pageout_flush, (machine.busied(m),), flags)
    assert machine.vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE) == left


def test_a_written_page_is_cached_if_that_is_wanted(paging: Machine) -> None:
    machine = paging()
    m, _ = flush(machine, OK, OBJPC_TRY_TO_CACHE)
    assert machine.queue_of(m) == "CACHE"


@pytest.mark.parametrize(("severe", "queue"), [(True, "INACTIVE"), (False, "ACTIVE")])
def test_a_written_active_page_is_deactivated_only_when_memory_is_severely_short(
    paging: Machine, severe: bool, queue: str
) -> None:
    machine = paging()
    if severe:
        machine.view(v_free_severe=100_000)
    m = machine.page("ACTIVE", 5, dirty=0xFF)
    machine.do(vm_pageout_flush, (machine.busied(m),), 0)
    assert machine.queue_of(m) == queue


def test_pages_are_all_soft_busied_before_the_first_is_protected(paging: Machine) -> None:
    machine = paging()
    pages = tuple(machine.busied(machine.page("INACTIVE", n, dirty=0xFF)) for n in (4, 5))
    actions = list(machine.steps(vm_pageout_flush, pages, 0))
    assert actions[:11] == [
        "check that the page is fully valid",
        "increment the soft count",
        "check that the page is fully valid",
        "increment the soft count",
        "check that the page is hard-busied",
        "check that the page is hard-busied",
        "read busy_count",
        "compare-and-clear LOCKED and WANTED",
        "check that the page is hard-busied",
        "check that the page is hard-busied",
        "read busy_count",
    ]
    assert actions[12:17] == [
        "find the object of the pages",
        "add to paging_in_progress",
        "hand the pages to the object's pager",
        "write a page",
        "write a page",
    ]


def test_each_page_is_cleaned_up_before_the_next_ones_result_is_looked_at(paging: Machine) -> None:
    machine = paging()
    pages = tuple(machine.busied(machine.page("INACTIVE", n, dirty=0xFF)) for n in (4, 5))
    machine.vm.object.put_result[ANON] = BAD
    actions = list(machine.steps(vm_pageout_flush, pages, 0))
    cleaned = [a for a in actions if a in ("clear dirty", "subtract from paging_in_progress")]
    assert cleaned == ["clear dirty", "subtract from paging_in_progress"] * 2


def test_a_partly_valid_page_is_a_panic_with_those_before_it_soft_busied(paging: Machine) -> None:
    machine = paging()
    first, second = (machine.busied(machine.page("INACTIVE", n, dirty=0xFF)) for n in (4, 5))
    machine.vm.page.valid[second] = 0x7F
    with pytest.raises(KernelPanic) as found:
        machine.do(vm_pageout_flush, (first, second), 0)
    assert (found.value.message, found.value.page) == ("vm_pageout_flush page ", second)
    assert machine.vm.page.busy_count[first] & 1


def test_a_page_without_an_object_is_a_null_dereference(paging: Machine) -> None:
    for function, given in ((vm_pageout_flush, lambda m: (m,)), (vm_pageout_clean_helper, lambda m: m)):
        machine = paging()
        m = machine.busied(machine.page("INACTIVE", 5, dirty=0xFF))
        machine.do(vm_object_hold, ANON)
        machine.do(vm_page_remove, m)
        machine.do(vm_object_drop, ANON)
        with pytest.raises(KernelPanic) as found:
            machine.do(function, given(m), 0)
        assert (found.value.kind, found.value.page) == ("fault", m)


def test_the_flush_waits_for_a_page_that_was_busied_meanwhile(paging: Machine) -> None:
    machine = paging()
    m = machine.busied(machine.page("INACTIVE", 5, dirty=0xFF))
    for action in machine.steps(vm_pageout_flush, (m,), 0, check=False):
        if action == "write a page":
            machine.do(vm_page_busy_try, m, 0)
        if machine.vm.thread.state[0] == SLEEPING:
            break
    ((_, wmesg, timo),) = machine.effects("sleep")
    assert (wmesg, timo) == ("pgouw", 0)
