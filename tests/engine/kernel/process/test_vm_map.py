"""A process's map: its lock, lookup, change, fork and destruction (spec 21, sections 1 and 2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    KERN_INVALID_ADDRESS,
    KERN_NO_SPACE,
    KERN_PROTECTION_FAILURE,
    KERN_SUCCESS,
    NULL,
    OBJ_DEAD,
    OBJ_ONEMAPPING,
    OBJT_DEFAULT,
    OBJT_SWAP,
    OBJT_VNODE,
    PAGE_SHIFT,
    PAGE_SIZE,
    PG_REFERENCED,
    PTE_RW,
    VM_PROT_READ,
    VM_PROT_WRITE,
)
from engine.kernel.process.map_entries import entries_of, layers_of, top_object
from engine.kernel.process.page_table import pmap_enter_at
from engine.kernel.process.process import make_process
from engine.kernel.process.vm_map import (
    vm_map_entry_shadow,
    vm_map_insert,
    vm_map_lock,
    vm_map_lock_read,
    vm_map_lookup,
    vm_map_remove,
    vm_map_unlock,
    vm_map_unlock_read,
    vmspace_exit,
    vmspace_fork,
)
from engine.kernel.sleep import CHAN_MAP
from engine.script.process_verbs import map_, mlock, munmap, read, write
from tests.engine.kernel.checked_crew import ASLEEP, DONE, Crew

BASE = 0x10000
FIRST = BASE >> PAGE_SHIFT
READ_WRITE = VM_PROT_READ | VM_PROT_WRITE
Make = Callable[..., Any]


# --- the map's lock ---------------------------------------------------------------------------------------


def crew_of_one_process() -> tuple[Crew, int]:
    """A crew, and the row of a process without a map."""
    crew = Crew()
    return crew, make_process(crew.vm, 100, 0)


def test_readers_share_the_lock_and_a_writer_waits_until_the_last_is_gone() -> None:
    crew, p = crew_of_one_process()
    process = crew.vm.process
    for t in (0, 1):
        crew.call(vm_map_lock_read, p, t=t)
    assert (process.map_readers[p], process.map_writer[p]) == (2, 0)
    assert crew.start(2, vm_map_lock, p) == ASLEEP
    assert (crew.vm.thread.chan[2], process.map_wanted[p]) == (CHAN_MAP + p, 1)
    crew.call(vm_map_unlock_read, p)
    assert crew.stands(2) == ASLEEP
    crew.call(vm_map_unlock_read, p, t=1)
    assert crew.play(2) == DONE
    assert (process.map_readers[p], process.map_writer[p], process.map_wanted[p]) == (0, 2 + 1, 0)


@pytest.mark.parametrize("function", [vm_map_lock, vm_map_lock_read])
def test_a_thread_that_takes_the_lock_waits_for_its_writer(function: Any) -> None:
    crew, p = crew_of_one_process()
    crew.call(vm_map_lock, p)
    assert crew.start(1, function, p) == ASLEEP
    crew.call(vm_map_unlock, p)
    assert crew.play(1) == DONE
    alone = function is vm_map_lock
    assert (crew.vm.process.map_writer[p], crew.vm.process.map_readers[p]) == ((2, 0) if alone else (0, 1))


@pytest.mark.parametrize("before", range(5))
@pytest.mark.parametrize(
    ("lock", "unlock"), [(vm_map_lock, vm_map_unlock), (vm_map_lock_read, vm_map_unlock_read)]
)
def test_no_wakeup_is_lost_wherever_the_lock_is_released(lock: Any, unlock: Any, before: int) -> None:
    crew, p = crew_of_one_process()
    crew.call(lock, p)
    crew.begin(1, vm_map_lock, p)
    for _ in range(before):
        if crew.stands(1) is None:
            crew.step(1)
    crew.call(unlock, p)
    assert crew.play(1) == DONE


def test_a_release_that_nothing_waits_for_wakes_nothing() -> None:
    crew, p = crew_of_one_process()
    for lock, unlock in ((vm_map_lock, vm_map_unlock), (vm_map_lock_read, vm_map_unlock_read)):
        crew.call(lock, p)
        crew.effects.clear()
        crew.call(unlock, p)
        assert crew.effects == []


# --- looking up -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("addr", "prot", "access", "result"),
    [
        pytest.param(BASE - 1, READ_WRITE, VM_PROT_READ, KERN_INVALID_ADDRESS, id="before the entry"),
        pytest.param(BASE + 16 * PAGE_SIZE, READ_WRITE, VM_PROT_READ, KERN_INVALID_ADDRESS, id="after it"),
        pytest.param(BASE, VM_PROT_READ, VM_PROT_WRITE, KERN_PROTECTION_FAILURE, id="a write of read-only"),
        pytest.param(BASE, READ_WRITE, 0, KERN_PROTECTION_FAILURE, id="no access at all"),
    ],
)
def test_a_lookup_that_fails_releases_the_lock(
    processes: Make, drive: Make, addr: int, prot: int, access: int, result: int
) -> None:
    world = processes()
    p = world.process(world.object(), prot=prot)
    assert drive(world.vm, vm_map_lookup, p, addr, access) == (result, NULL, NULL, 0, 0)
    assert world.vm.process.map_readers[p] == 0


def test_a_lookup_finds_the_entry_its_top_layer_and_the_whole_permission_and_keeps_the_lock(
    processes: Make, drive: Make
) -> None:
    world = processes()
    vm, p = world.vm, world.process(world.object())
    entry = vm.process.first_entry[p]
    vm.map_entry.wired[entry] = 2
    found = drive(vm, vm_map_lookup, p, BASE + 15 * PAGE_SIZE + 7, VM_PROT_READ)
    assert found == (KERN_SUCCESS, entry, vm.map_entry.backing[entry], READ_WRITE, 1)
    assert vm.process.map_readers[p] == 1


@pytest.mark.parametrize(
    ("access", "wired", "shadowed"),
    [(VM_PROT_READ, 0, False), (VM_PROT_WRITE, 0, True), (VM_PROT_READ, 1, True)],
    ids=["a read", "a write", "a read of wired pages, which are copied at once"],
)
def test_a_write_to_a_needs_copy_entry_puts_a_new_object_on_top(
    processes: Make, drive: Make, access: int, wired: int, shadowed: bool
) -> None:
    world = processes()
    vm, heap = world.vm, world.object()
    p = world.process(heap)
    entry = vm.process.first_entry[p]
    vm.map_entry.needs_copy[entry], vm.map_entry.wired[entry] = 1, wired
    (bottom,) = layers_of(vm, entry)
    _, _, layer, prot, _ = drive(vm, vm_map_lookup, p, BASE, access)
    assert layer == vm.map_entry.backing[entry]
    assert vm.map_entry.needs_copy[entry] == int(not shadowed)
    assert prot == (READ_WRITE if shadowed else VM_PROT_READ)
    assert list(layers_of(vm, entry)) == [layer, bottom][not shadowed :]
    assert (vm.process.map_readers[p], vm.process.map_writer[p]) == (1, 0)


def test_a_shadow_is_an_empty_object_as_long_as_its_entry(processes: Make, drive: Make) -> None:
    world = processes()
    vm = world.vm
    p = world.process(world.object(), pages=7)
    entry = vm.process.first_entry[p]
    vm.map_entry.needs_copy[entry] = 1
    drive(vm, vm_map_entry_shadow, entry)
    top = vm.map_entry.backing[entry]
    obj = vm.backing.object[top]
    assert (vm.object.type[obj], vm.object.size[obj], vm.object.ref_count[obj]) == (OBJT_DEFAULT, 7, 1)
    assert vm.object.resident_page_count[obj] == 0
    assert vm.object.flags[obj] & OBJ_ONEMAPPING
    assert (vm.backing.offset[top], vm.map_entry.needs_copy[entry]) == (0, 0)


# --- changing a map ---------------------------------------------------------------------------------------


def test_mapping_and_unmapping_a_part(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    calls = [(write, BASE + at * PAGE_SIZE) for at in range(3)]
    fresh = 0x400000
    world.thread(
        "app",
        p,
        *calls,
        (munmap, BASE + PAGE_SIZE, 1),
        (read, BASE + PAGE_SIZE, ">gone"),
        (map_, NULL, fresh, 4, 3, ">mapped"),
        (write, fresh, ">used"),
        (map_, NULL, fresh, 4, 3, ">again"),
        (munmap, fresh, 4),
    )
    world.run()
    vm, m = world.vm, world.page(heap, 1)
    assert [vm.map_entry.pages[e] for e in entries_of(vm, p)] == [1, 14]
    assert [world.result("app", name) for name in ("gone", "mapped", "used", "again")] == [11, 0, 0, 3]
    # The page stays in its object, with the bits of its mapping.
    assert world.bits(m) == (0xFF, 0xFF)
    assert vm.page.flags[m] & PG_REFERENCED
    assert world.counter("v_pfree") == 1


@pytest.mark.parametrize(("start", "result"), [(32, KERN_SUCCESS), (31, KERN_NO_SPACE)])
def test_inserting_takes_and_releases_the_lock(processes: Make, drive: Make, start: int, result: int) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    assert drive(world.vm, vm_map_insert, p, heap, 0, start, 4, READ_WRITE, 0) == result
    assert len(list(entries_of(world.vm, p))) == 1 + (result == KERN_SUCCESS)
    assert (world.vm.process.map_writer[p], world.vm.process.map_readers[p]) == (0, 0)


def test_removing_a_wired_range_unwires_its_pages_and_leaves_the_rest(processes: Make, drive: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.thread("app", p, (mlock, BASE, 3))
    assert world.run() == "completed"
    vm, pages = world.vm, [world.page(heap, at) for at in range(3)]
    drive(vm, vm_map_remove, p, FIRST + 1, FIRST + 8)
    assert [vm.page.wire_count[m] for m in pages] == [1, 0, 0]
    assert [bool(world.pte(p, at)) for at in range(3)] == [True, False, False]
    assert [(vm.map_entry.start[e], vm.map_entry.pages[e]) for e in entries_of(vm, p)] == [
        (FIRST, 1),
        (FIRST + 8, 8),
    ]
    assert [world.page(heap, at) for at in range(3)] == pages, "the object is still mapped"


@pytest.mark.parametrize(("kind", "ends"), [(OBJT_DEFAULT, True), (OBJT_VNODE, False)])
def test_anonymous_memory_ends_with_its_last_mapping_and_a_file_stays(
    processes: Make, drive: Make, kind: int, ends: bool
) -> None:
    world = processes()
    vm, obj = world.vm, world.object(kind)
    one, two = world.process(obj), world.process(obj)
    m = world.resident(obj, 0)
    drive(vm, vmspace_exit, one)
    assert (world.page(obj, 0), vm.object.ref_count[obj]) == (m, 1)
    drive(vm, vmspace_exit, two)
    assert list(entries_of(vm, one)) == list(entries_of(vm, two)) == []
    assert bool(vm.object.flags[obj] & OBJ_DEAD) is ends
    assert (world.page(obj, 0) == NULL, vm.object.ref_count[obj]) == (ends, 0)
    assert not vm.memory.vector("map_entry.used").any()


# --- forking ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "private", "copied"),
    [(OBJT_DEFAULT, 0, True), (OBJT_SWAP, 0, True), (OBJT_VNODE, 1, True), (OBJT_VNODE, 0, False)],
    ids=["anonymous memory", "what is in swap too", "a private file", "a shared file"],
)
def test_what_is_private_is_copied_on_write_on_both_sides_and_read_only_at_once(
    processes: Make, drive: Make, kind: int, private: int, copied: bool
) -> None:
    world = processes()
    vm, obj = world.vm, world.object(kind)
    parent, child = world.process(obj), world.process()
    (entry,) = entries_of(vm, parent)
    vm.map_entry.needs_copy[entry] = private
    m = world.resident(obj, 0)
    drive(vm, pmap_enter_at, parent, BASE, m, READ_WRITE)
    drive(vm, vmspace_fork, parent, child)
    (copy,) = entries_of(vm, child)
    assert [vm.map_entry.needs_copy[e] for e in (entry, copy)] == [int(copied)] * 2
    assert bool(world.pte(parent, 0) & PTE_RW) is not copied
    assert (world.pte(child, 0), vm.process.resident[child]) == (0, 0)
    assert (vm.map_entry.start[copy], vm.map_entry.pages[copy]) == (FIRST, 16)
    assert [vm.backing.object[layer] for layer in layers_of(vm, copy)] == [obj]
    assert vm.object.ref_count[obj] == 2
    assert vm.process.map_writer[parent] == 0


def test_every_entry_is_copied_in_its_place(processes: Make, drive: Make) -> None:
    world = processes()
    vm = world.vm
    parent, child = world.process(*(world.object() for _ in range(3))), world.process()
    drive(vm, vmspace_fork, parent, child)
    old, new = (
        [(vm.map_entry.start[e], top_object(vm, e)) for e in entries_of(vm, p)] for p in (parent, child)
    )
    assert len(old) == 3
    assert old == new


def test_a_fork_waits_while_memory_is_severely_short(processes: Make) -> None:
    world = processes()
    parent, child = world.process(world.object()), world.process()
    world.thread("app", parent, (vmspace_fork, parent, child))
    for name in ("v_free_severe", "v_free_min", "v_free_target"):
        world.set_view(name, 10**6)
    world.start()
    world.until("go to sleep", "app")
    assert world.vm.process.map_writer[parent] == 0
    assert list(entries_of(world.vm, child)) == []
    # After a second's nap the clock has brought the true limits back.
    assert world.run() == "completed"
    assert len(list(entries_of(world.vm, child))) == 1
