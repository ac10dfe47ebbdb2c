"""Page faults without I/O: zero-fill, hits, the bypass, copy-on-write, failures, waiting (spec 21)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJ_MIGHTBEDIRTY,
    OBJ_WRITEABLE,
    OBJT_DEFAULT,
    P_LOWMEMKILL,
    PAGE_SIZE,
    PBUSY_LOCKED,
    PG_MAPPED,
    PG_MAPPEDMULTI,
    PG_NOSYNC,
    PG_REFERENCED,
    PG_WRITEABLE,
    PTE_A,
    PTE_M,
    PTE_RW,
    PTE_V,
    SIGBUS,
    SIGSEGV,
    VM_PROT_READ,
)
from engine.kernel.age import vm_page_deactivate
from engine.kernel.busy import vm_page_busy_wait, vm_page_wakeup
from engine.script.process_verbs import fork, mlock, munlock, read, write

BASE = 0x10000
MAPPED_PAGE = PG_MAPPED | PG_WRITEABLE | PG_REFERENCED

Make = Callable[..., Any]


# --- zero-fill --------------------------------------------------------------------------------------------


def test_a_cold_write_takes_two_attempts_and_changes_the_page_in_the_kernels_order(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.thread("app", p, (write, BASE, ">s"))
    world.start()
    world.until("mark the layer for the exclusive token")
    assert world.page(heap, 0) == NULL
    world.until("insert the page into the object")
    m = world.page(heap, 0)
    vm = world.vm
    assert (vm.page.busy_count[m], world.queue(m), world.bits(m)) == (PBUSY_LOCKED, "NONE", (0, 0))
    world.until("count the zero fill and set valid")
    assert (world.bits(m), vm.page.flags[m], vm.page.act_count[m]) == ((0xFF, 0), 0, 0)
    world.until("join the queue")
    assert (world.queue(m), vm.page.act_count[m]) == ("ACTIVE", 5)
    world.until("set dirty")
    assert (world.bits(m), vm.page.flags[m]) == ((0xFF, 0xFF), 0)
    world.until("set PG_REFERENCED")
    assert vm.page.flags[m] == PG_REFERENCED
    world.until("set the page's mapping flags")
    assert (vm.page.flags[m], world.pte(p, 0)) == (MAPPED_PAGE, 0)
    world.until("swap the page table entry")
    assert world.pte(p, 0) == PTE_V | PTE_RW | PTE_A
    world.until("compare-and-clear LOCKED and WANTED")
    assert vm.page.busy_count[m] == 0
    assert world.run() == "completed"
    assert (world.attempts(), world.result("app", "s")) == (2, 0)
    assert world.pte(p, 0) == PTE_V | PTE_RW | PTE_A | PTE_M
    assert [world.counter(name) for name in ("v_zfod", "v_vm_faults")] == [1, 1]
    assert (vm.process.minflt[p], vm.process.majflt[p], vm.process.resident[p]) == (1, 0, 1)


def test_a_read_installs_a_writable_entry_and_a_later_store_sets_only_m(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.thread("app", p, (read, BASE), (write, BASE))
    world.run()
    m = world.page(heap, 0)
    assert (world.bits(m), world.vm.page.pmap_modified[m]) == ((0xFF, 0), 1)
    assert world.counter("v_vm_faults") == 1


def test_a_nosync_mapping_marks_a_clean_page_and_any_other_unmarks_it(processes: Make) -> None:
    world = processes()
    heap = world.object()
    nosync, plain = world.process(heap), world.process(heap)
    world.vm.map_entry.nosync[world.vm.process.first_entry[nosync]] = 1
    world.thread("app", nosync, (read, BASE))
    world.thread("other", plain, (read, BASE))
    world.start("app:end")
    world.until("count the fault")
    m = world.page(heap, 0)
    assert world.vm.page.flags[m] & PG_NOSYNC
    world.run()
    assert not world.vm.page.flags[m] & PG_NOSYNC


# --- hits and the bypass ----------------------------------------------------------------------------------


def test_a_hit_takes_one_attempt_and_leaves_the_queue_on_the_way(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    m = world.resident(heap, 0, vm_page_deactivate)
    world.thread("app", p, (read, BASE))
    world.start()
    world.until("leave the queue")
    assert world.queue(m) == "NONE"
    world.run()
    assert (world.attempts(), world.queue(m), world.vm.page.act_count[m]) == (1, "ACTIVE", 5)


def test_the_third_mapping_of_a_dirty_page_goes_by_the_hash_alone(processes: Make) -> None:
    world = processes()
    heap = world.object()
    names = ("one", "two", "three", "four")
    for name in names:
        world.thread(name, world.process(heap), (write, BASE))
    world.run(", ".join(f"{name}:end" for name in names))
    m = world.page(heap, 0)
    # The second mapping makes the page eligible, the lookup of the third enters it, the fourth finds it.
    assert [world.count("hold the object", name) for name in names] == [2, 1, 1, 0]
    assert [world.count("write the element's ticks", name) for name in names] == [0, 0, 1, 0]
    assert all(world.pte(p, 0) & PTE_RW for p in range(4))
    assert (world.vm.page.busy_count[m], world.vm.page.pmap_referenced[m]) == (0, 4)
    both = OBJ_WRITEABLE | OBJ_MIGHTBEDIRTY
    assert world.vm.object.flags[heap] & both == both


def test_the_bypass_leaves_a_clean_page_of_a_writable_mapping_alone(processes: Make) -> None:
    world = processes()
    heap = world.object()
    names = ("one", "two", "three", "four")
    for name in names:
        world.thread(name, world.process(heap), (read, BASE))
    world.run(", ".join(f"{name}:end" for name in names))
    assert world.count("hold the object", "four") == 1
    assert world.vm.page.busy_count[world.page(heap, 0)] == 0


# --- copy-on-write ----------------------------------------------------------------------------------------


def family(world: Any, *calls: tuple[Any, ...]) -> tuple[int, int, int]:
    """A parent that wrote a page and forked; the child makes `calls` on its own cpu."""
    heap = world.object()
    parent, child = world.process(heap, pid=10), world.process(pid=20)
    world.thread("parent", parent, (write, BASE), (fork, 20))
    world.thread("child", child, *calls, cpu=1)
    return heap, parent, child


AFTER_FORK = "parent:end, "


def test_a_fork_leaves_both_sides_with_read_only_entries(processes: Make) -> None:
    world = processes()
    heap, parent, child = family(world, (read, BASE))
    world.run(AFTER_FORK + "child:end")
    m = world.page(heap, 0)
    assert not world.pte(parent, 0) & PTE_RW
    assert not world.pte(child, 0) & PTE_RW
    assert world.vm.page.flags[m] & PG_MAPPEDMULTI
    assert world.vm.object.ref_count[heap] == 2


def test_copy_on_write_deactivates_the_original_and_leaves_it_mapped(processes: Make) -> None:
    world = processes()
    heap, parent, child = family(world, (read, BASE), (write, BASE))
    world.run(AFTER_FORK + "child:end")
    vm, original = world.vm, world.page(heap, 0)
    shadow = next(obj for obj in range(vm.vm_token) if vm.object.address[obj] and obj != heap)
    copy = world.page(shadow, 0)
    assert (world.queue(original), vm.page.busy_count[original]) == ("INACTIVE", 0)
    assert (world.queue(copy), world.bits(copy)) == ("ACTIVE", (0xFF, 0xFF))
    assert world.pte(parent, 0) & PTE_V
    assert world.pte(child, 0) & PTE_RW
    assert world.counter("v_cow_faults") == 1
    assert vm.object.type[shadow] == OBJT_DEFAULT


def test_a_read_through_a_shadow_maps_the_deeper_page_read_only_and_frees_its_own(processes: Make) -> None:
    world = processes()
    heap = world.object()
    parent, child = world.process(heap, pid=10), world.process(pid=20)
    far = BASE + 12 * PAGE_SIZE
    world.thread("parent", parent, (write, BASE), (write, far), (fork, 20))
    world.thread("child", child, (write, BASE), (read, far), cpu=1)
    world.run(AFTER_FORK + "child:end")
    vm = world.vm
    shadow = next(obj for obj in range(vm.vm_token) if vm.object.address[obj] and obj != heap)
    assert (world.page(shadow, 0) != NULL, world.page(shadow, 12)) == (True, NULL)
    assert world.pte(child, 12) & (PTE_V | PTE_RW) == PTE_V
    assert world.queue(world.page(heap, 12)) == "ACTIVE"
    assert vm.object.paging_in_progress[heap] == vm.object.paging_in_progress[shadow] == 0


# --- failures ---------------------------------------------------------------------------------------------


def test_an_unmapped_address_is_a_segmentation_violation(processes: Make) -> None:
    world = processes()
    world.thread("app", world.process(world.object()), (read, 0x5000, ">s"))
    assert (world.run(), world.result("app", "s")) == ("completed", SIGSEGV)


def test_a_store_to_a_read_only_mapping_is_a_bus_error(processes: Make) -> None:
    world = processes()
    world.thread("app", world.process(world.object(), prot=VM_PROT_READ), (write, BASE, ">s"))
    world.run()
    assert world.result("app", "s") == SIGBUS


# --- busy pages and short memory --------------------------------------------------------------------------


def test_a_fault_on_a_busy_page_holds_nothing_while_it_sleeps(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    m = world.resident(heap, 0)
    world.thread("owner", NULL, (vm_page_busy_wait, m, 0), (vm_page_wakeup, m), cpu=1)
    world.thread("app", p, (read, BASE))
    world.start("owner:op, app:block, owner:end")
    world.until("go to sleep", "app")
    vm = world.vm
    assert vm.object.hold_count[heap] == vm.object.token_shared[heap] == vm.process.map_readers[p] == 0
    assert vm.page.flags[m] & PG_REFERENCED
    assert world.run() == "completed"
    assert (world.attempts(), world.counter("v_intrans")) == (2, 1)


def test_a_fault_of_a_process_being_killed_fails_after_one_sleep(processes: Make) -> None:
    world = processes(v_free_severe=10**6, v_free_min=10**6, v_free_target=10**6)
    heap = world.object()
    world.thread("app", world.process(heap), (write, BASE, ">s"))
    world.start()
    world.vm.thread.p_flags[0] |= P_LOWMEMKILL
    assert (world.run(), world.result("app", "s"), world.page(heap, 0)) == ("completed", SIGBUS, NULL)


# --- the order of steps -----------------------------------------------------------------------------------

HASH = ["compute the page's hash set", *["compare the element's object and pindex"] * 4]
TAKE_OFF = [
    "take the page's spinlock",
    "read the page's queue",
    "take the queue's spinlock",
    "leave the queue",
    "release the queue's spinlock",
    "release the page's spinlock",
]
ACTIVATE = [
    "look at the queue, unlocked",
    "take the page's spinlock",
    "look at the queue again, locked",
    "read the page's queue",
    "leave the queue",
    "raise act_count to at least ACT_INIT",
    "take the queue's spinlock",
    "join the queue",
    "release the queue's spinlock",
    "release the page's spinlock",
]
UNBUSY = ["check that the page is hard-busied", "read busy_count", "compare-and-clear LOCKED and WANTED"]
HIT = [
    "store to the address",
    "share the map's lock",
    "look the address up in the map",
    "find the page's index in the first object",
    *HASH,
    "check whether the layer is marked for the exclusive token",
    "hold the object",
    "share the object token",
    "add to paging_in_progress",
    "check that the object is not dead",
    "search the object's pages",
    "read busy_count",
    "compare-and-set LOCKED",
    "check whether the page belongs in the hash",
    *TAKE_OFF,
    "check whether the page was cached and is fully valid",
    *ACTIVATE,
    "mark the object writeable and possibly dirty",
    "set or clear PG_NOSYNC",
    "set dirty",
    "check whether the page has a swap block",
    "check whether the page is fully valid",
    "set PG_REFERENCED",
    "compare the page table entry",
    "set the page's mapping flags",
    "swap the page table entry",
    "look at the queue, unlocked",
    *UNBUSY,
    "check whether the entry has a single layer",
    "choose the next neighbour",
    "search the object's pages",
    "subtract from paging_in_progress",
    "drop the object",
    "release the object token",
    "stop sharing the map's lock",
    "count the fault",
    "store to the address",
]


def test_the_order_of_the_steps_of_a_hit(processes: Make) -> None:
    world = processes()
    heap = world.object()
    world.resident(heap, 0)
    world.thread("app", world.process(heap), (write, BASE))
    world.run()
    assert [action for _, action in world.log] == HIT


# --- wiring -----------------------------------------------------------------------------------------------


def test_wiring_by_a_fault_counts_and_unwiring_activates(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.thread("app", p, (mlock, BASE, 2, ">s"), (munlock, BASE, 2))
    world.start("app:op")
    while world.history.step == 0 or world.vm.thread.pc[0] == 0:
        assert world.step()
    pages = [world.page(heap, at) for at in range(2)]
    assert [world.vm.page.wire_count[m] for m in pages] == [1, 1]
    assert world.run() == "completed"
    assert [world.vm.page.wire_count[m] for m in pages] == [0, 0]
    assert [world.queue(m) for m in pages] == ["ACTIVE", "ACTIVE"]
    assert world.result("app", "s") == 0


# --- the run as such --------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ["rr", "random:7"])
def test_every_step_of_faults_can_be_reached_again_and_repeated(processes: Make, schedule: str) -> None:
    world = processes()
    _, _, child = family(world, (read, BASE), (write, BASE), (read, 0x5000))
    world.run(AFTER_FORK + "child:end" if schedule == "rr" else schedule, limit=3000)
    history, digests = world.history, {}
    for step in range(0, history.total + 1, 7):
        history.seek(step)
        digests[step] = world.vm.memory.digest()
    for step in sorted(digests, key=lambda step: step * 7919 % 1009):
        history.seek(step)
        history.go_live()
        assert world.vm.memory.digest() == digests[step]
    assert child == 1
