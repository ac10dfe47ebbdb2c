"""Looking for a faulted page down the layers of an entry (spec 21, F4 to F10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.constants import (
    NULL,
    OBJ_DEAD,
    OBJT_VNODE,
    PAGE_SIZE,
    SIGBUS,
    V_FREE_COUNT,
    VMSTATS_SIZE,
)
from engine.kernel.age import vm_page_cache
from engine.script.process_verbs import read, write

BASE = 0x10000
Make = Callable[..., Any]


def test_the_exclusive_mark_saves_the_next_cold_fault_an_attempt(processes: Make) -> None:
    world = processes()
    world.thread("app", world.process(world.object()), (write, BASE), (write, BASE + 8 * PAGE_SIZE))
    world.run()
    assert world.attempts() == 3


def test_a_hit_takes_the_exclusive_mark_away(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.resident(heap, 9)
    far = BASE + 4 * PAGE_SIZE
    world.thread("app", p, (write, BASE), (read, BASE + 9 * PAGE_SIZE), (write, far))
    world.run()
    assert world.attempts() == 2 + 1 + 2


def test_a_page_beyond_the_object_is_a_bus_error(processes: Make) -> None:
    world = processes()
    world.thread("app", world.process(world.object(size=2)), (read, BASE + 2 * PAGE_SIZE, ">s"))
    world.run()
    assert world.result("app", "s") == SIGBUS


def test_a_dead_object_is_a_bus_error(processes: Make) -> None:
    world = processes()
    heap = world.object()
    world.thread("app", world.process(heap), (read, BASE, ">s"))
    world.vm.object.flags[heap] |= OBJ_DEAD
    world.run()
    assert world.result("app", "s") == SIGBUS
    assert world.vm.object.paging_in_progress[heap] == 0


def test_a_fault_takes_no_page_while_memory_is_severely_short(processes: Make) -> None:
    world = processes()
    vm = world.vm
    heap = world.object()
    world.thread("app", world.process(heap), (write, BASE))
    severe = 10**6
    world.set_view("v_free_severe", severe)
    world.set_view("v_free_min", severe)
    world.set_view("v_free_target", severe)
    vm.glob.vm_pages_waiting[0] = 0
    world.start("app:block")
    while world.step() and not vm.glob.vm_pages_waiting[0]:
        pass
    assert (world.page(heap, 0), vm.object.hold_count[heap]) == (NULL, 0)
    assert vm.gd_vmstats.view[V_FREE_COUNT] > 0
    assert vm.gd_vmstats.view[VMSTATS_SIZE + V_FREE_COUNT] > 0
    # After a second's nap the clock has brought the true limits back.
    assert world.run() == "completed"
    assert world.page(heap, 0) != NULL


def test_a_rescue_from_the_cache_is_not_counted_and_wakes_nobody(processes: Make) -> None:
    world = processes()
    heap = world.object()
    m = world.resident(heap, 0, vm_page_cache)
    assert world.queue(m) == "CACHE"
    world.thread("app", world.process(heap), (read, BASE))
    world.run()
    assert (world.queue(m), world.counter("v_reactivated")) == ("ACTIVE", 0)
    assert world.count("see whether the pageout daemon is needed") == 0


def test_a_rescue_from_the_cache_waits_while_memory_is_severely_short(processes: Make) -> None:
    world = processes(v_free_severe=10**6, v_free_min=10**6, v_free_target=10**6)
    heap = world.object()
    # The page was cached before memory became short.
    world.set_view("v_free_reserved", 0)
    m = world.resident(heap, 0, vm_page_cache)
    world.thread("app", world.process(heap), (read, BASE))
    world.start("app:block")
    world.until("register as waiting for memory")
    assert (world.queue(m), world.vm.page.busy_count[m]) == ("ACTIVE", 0)
    assert world.vm.process.map_readers[0] == 0


def test_an_incomplete_page_is_deactivated_when_the_pager_needs_the_exclusive_token(processes: Make) -> None:
    world = processes()
    file = world.object(OBJT_VNODE)
    m = world.resident(file, 0)
    world.vm.page.valid[m] = 1
    world.thread("app", world.process(file), (read, BASE))
    world.start()
    world.until("stop sharing the map's lock")
    assert (world.queue(m), world.vm.page.busy_count[m]) == ("INACTIVE", 0)
    world.run()
    assert (world.attempts(), world.bits(m), world.queue(m)) == (3, (0xFF, 0), "ACTIVE")
