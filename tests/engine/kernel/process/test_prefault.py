"""Mapping the neighbours of a faulted page (spec 21, section 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    PAGE_SIZE,
    PBUSY_LOCKED,
    PG_SWAPPED,
    PTE_A,
    PTE_RW,
    PTE_V,
    VM_ALLOC_NORMAL,
    VM_FAULT_DIRTY,
    VM_PROT_READ,
)
from engine.kernel.age import vm_page_activate, vm_page_cache
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.process.prefault import vm_prefault
from engine.kernel.valid_dirty import vm_page_set_valid
from engine.script.process_verbs import fork, read, write

BASE = 0x10000
MIDDLE = BASE + 8 * PAGE_SIZE
Make = Callable[..., Any]


def fill(drive: Make, vm: Any, obj: int, places: range | tuple[int, ...]) -> None:
    """Put fully valid active pages at indices of an object."""
    drive(vm, vm_object_hold, obj)
    for pindex in places:
        m = drive(vm, vm_page_alloc, obj, pindex, VM_ALLOC_NORMAL)
        drive(vm, vm_page_set_valid, m, 0, PAGE_SIZE)
        drive(vm, vm_page_activate, m)
        drive(vm, vm_page_wakeup, m)
    drive(vm, vm_object_drop, obj)


def mapped(world: Any, p: int = 0) -> list[int]:
    """Which pages of the first map have an entry."""
    return [vpn for vpn in range(16) if world.pte(p, vpn)]


TRIES = [
    pytest.param(range(16), 8, [4, 5, 6, 7, 8, 9, 10, 11, 12], id="eight tries, four each way"),
    pytest.param(range(16), 0, [0, 1, 2, 3, 4], id="the tries of a direction that has ended are lost"),
    pytest.param((7, 8, 9, 11), 8, [7, 8, 9], id="the first absent page ends it"),
    pytest.param((8, 10), 8, [8], id="an absent neighbour at once ends it"),
]


@pytest.mark.parametrize(("places", "at", "expected"), TRIES)
@pytest.mark.parametrize("use", [read, write])
def test_neighbours(
    processes: Make, drive: Make, places: Any, at: int, expected: list[int], use: Callable[..., Any]
) -> None:
    world = processes()
    heap = world.object()
    fill(drive, world.vm, heap, places)
    world.thread("app", world.process(heap), (use, BASE + at * PAGE_SIZE))
    world.run()
    assert mapped(world) == expected
    assert world.counter("v_vm_faults") == 1
    dirty = [vpn for vpn in expected if world.bits(world.page(heap, vpn))[1]]
    assert dirty == (expected if use is write else [])
    assert all(world.vm.page.busy_count[world.page(heap, vpn)] == 0 for vpn in expected)


def test_a_present_entry_ends_its_direction_alone(processes: Make, drive: Make) -> None:
    world = processes()
    heap = world.object()
    fill(drive, world.vm, heap, (8, 9, 10))
    world.thread("app", world.process(heap), (read, MIDDLE))
    world.run()
    # Upwards 9 and 10 are there, but the try for 7 between them meets an absent page.
    assert mapped(world) == [8, 9]


def test_a_read_only_map_soft_busies_its_neighbours(processes: Make, drive: Make) -> None:
    world = processes()
    heap = world.object()
    fill(drive, world.vm, heap, (8, 9))
    world.thread("app", world.process(heap, prot=VM_PROT_READ), (read, MIDDLE))
    world.start()
    world.until("compare-and-set the soft count + 1")
    assert world.vm.page.busy_count[world.page(heap, 9)] == 1
    world.run()
    assert world.pte(0, 9) == PTE_V | PTE_A


def test_a_cached_neighbour_is_deactivated_before_it_is_mapped(processes: Make, drive: Make) -> None:
    world = processes()
    heap = world.object()
    fill(drive, world.vm, heap, (8, 9))
    m = world.page(heap, 9)
    world.vm.page.busy_count[m] = PBUSY_LOCKED
    drive(world.vm, vm_page_cache, m)
    world.thread("app", world.process(heap), (read, MIDDLE))
    world.run()
    assert (world.queue(m), bool(world.pte(0, 9))) == ("INACTIVE", True)


def test_a_swapped_neighbour_ends_the_quick_prefault_of_a_write(processes: Make, drive: Make) -> None:
    world = processes()
    heap = world.object()
    fill(drive, world.vm, heap, (7, 8, 9))
    world.vm.page.flags[world.page(heap, 9)] |= PG_SWAPPED
    world.thread("app", world.process(heap), (write, MIDDLE))
    world.run()
    assert mapped(world) == [8]


def test_more_than_one_layer_is_left_to_the_full_prefault(processes: Make) -> None:
    world = processes()
    heap = world.object()
    parent, child = world.process(heap, pid=10), world.process(pid=20)
    calls = [(write, BASE + at * PAGE_SIZE) for at in (7, 8, 9)]
    world.thread("parent", parent, *calls, (fork, 20))
    world.thread("child", child, (write, MIDDLE), cpu=1)
    world.run("parent:end")
    assert mapped(world, child) == [8]


def test_the_full_prefault_fills_gaps_with_inactive_zeros_and_shares_deeper_pages(
    processes: Make, drive: Make
) -> None:

    world = processes()
    heap = world.object()
    p = world.process(heap)
    fill(drive, world.vm, heap, (7,))
    vm = world.vm
    entry = vm.process.first_entry[p]
    drive(vm, vm_object_hold, heap)
    drive(vm, vm_prefault, p, MIDDLE, entry, vm.map_entry.prot[entry], 0)
    drive(vm, vm_object_drop, heap)
    assert mapped(world) == [4, 5, 6, 7, 9, 10, 11, 12]
    assert world.queue(world.page(heap, 7)) == "ACTIVE"
    made = [world.page(heap, at) for at in (4, 5, 6, 9, 10, 11, 12)]
    assert {world.queue(m) for m in made} == {"INACTIVE"}
    assert {world.bits(m) for m in made} == {(0xFF, 0)}
    assert all(world.pte(p, vpn) & PTE_RW for vpn in mapped(world))
    assert world.counter("v_zfod") == 7


def test_after_a_store_the_full_prefault_makes_its_pages_of_zeros_dirty(processes: Make, drive: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    vm = world.vm
    entry = vm.process.first_entry[p]
    drive(vm, vm_object_hold, heap)
    drive(vm, vm_prefault, p, MIDDLE, entry, vm.map_entry.prot[entry], VM_FAULT_DIRTY)
    drive(vm, vm_object_drop, heap)
    made = [world.page(heap, at) for at in (4, 5, 6, 7, 9, 10, 11, 12)]
    assert {world.bits(m) for m in made} == {(0xFF, 0xFF)}


def test_the_full_prefault_makes_nothing_while_memory_is_short(processes: Make, drive: Make) -> None:

    world = processes(v_free_min=10**6)
    heap = world.object()
    p = world.process(heap)
    vm = world.vm
    entry = vm.process.first_entry[p]
    drive(vm, vm_object_hold, heap)
    drive(vm, vm_prefault, p, MIDDLE, entry, vm.map_entry.prot[entry], 0)
    drive(vm, vm_object_drop, heap)
    assert mapped(world) == []
