"""Unwiring the pages that a fault has wired (spec 21, F13; spec 25, section 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.constants import NULL, PAGE_SHIFT, PAGE_SIZE, PTE_W
from engine.kernel.busy import vm_page_busy_wait, vm_page_wakeup
from engine.kernel.process.fault_unwire import vm_fault_unwire
from engine.script.process_verbs import mlock, read

Make = Callable[..., Any]
BASE = 0x10000
FIRST = BASE >> PAGE_SHIFT


def locked(processes: Make) -> tuple[Any, int, list[int]]:
    """A world whose process has wired pages 0 to 2 of its map, and read page 3 without wiring it."""
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.thread("app", p, (mlock, BASE, 3), (read, BASE + 3 * PAGE_SIZE))
    assert world.run() == "completed"
    return world, p, [world.page(heap, at) for at in range(4)]


def test_just_the_wired_pages_of_the_range_are_unwired_and_activated(processes: Make, drive: Make) -> None:
    world, p, pages = locked(processes)
    vm = world.vm
    assert [vm.page.wire_count[m] for m in pages] == [1, 1, 1, 0]
    drive(vm, vm_fault_unwire, p, FIRST + 1, FIRST + 16)
    assert [vm.page.wire_count[m] for m in pages] == [1, 0, 0, 0]
    assert [bool(world.pte(p, at) & PTE_W) for at in range(4)] == [True, False, False, False]
    assert all(world.pte(p, at) for at in range(4)), "they stay mapped"
    assert [world.queue(m) for m in pages[1:]] == ["ACTIVE"] * 3
    assert [vm.page.busy_count[m] for m in pages] == [0] * 4


def test_unwiring_twice_unwires_once(processes: Make, drive: Make) -> None:
    world, p, pages = locked(processes)
    for _ in range(2):
        drive(world.vm, vm_fault_unwire, p, FIRST, FIRST + 16)
    assert [world.vm.page.wire_count[m] for m in pages] == [0, 0, 0, 0]


def test_an_empty_range_takes_one_step_and_changes_nothing(processes: Make) -> None:
    world, p, _ = locked(processes)
    before = world.vm.memory.digest()
    assert list(vm_fault_unwire(world.vm, p, FIRST, FIRST)) == ["start at the first address"]
    assert world.vm.memory.digest() == before


def test_a_busy_page_is_waited_for(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p, m = world.process(heap), world.resident(heap, 0)
    world.thread("app", p, (mlock, BASE, 1), (vm_fault_unwire, p, FIRST, FIRST + 1))
    world.thread("other", NULL, (vm_page_busy_wait, m, 0), (vm_page_wakeup, m), cpu=1)
    world.start("app:op, other:op, app:block, other:end")
    world.until("go to sleep", "app")
    assert (world.vm.page.wire_count[m], world.pte(p, 0) & PTE_W) == (1, PTE_W)
    assert world.run() == "completed"
    assert (world.vm.page.wire_count[m], world.pte(p, 0) & PTE_W, world.queue(m)) == (0, 0, "ACTIVE")
