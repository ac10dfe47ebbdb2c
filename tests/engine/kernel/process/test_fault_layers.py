"""Finding a faulted page in the layers of a map entry (spec 21, F4 to F10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    KERN_PROTECTION_FAILURE,
    NULL,
    OBJ_DEAD,
    OBJT_DEFAULT,
    OBJT_DEVICE,
    OBJT_PHYS,
    OBJT_SWAP,
    OBJT_VNODE,
    PAGE_SIZE,
    PBUSY_LOCKED,
    PBUSY_WANTED,
    SIGBUS,
    V_FREE_COUNT,
    VM_FAULT_WIRE,
    VM_PROT_READ,
    VMSTATS_SIZE,
    Obj,
)
from engine.kernel.age import vm_page_cache
from engine.kernel.object_life import vm_object_pip_add
from engine.kernel.objects import vm_object_hold
from engine.kernel.process.fault_layers import (
    AGAIN,
    BUSY,
    FAILED,
    FOUND,
    HARD,
    Fault,
    find_page,
    leave_object,
    place_in_layer,
)
from engine.kernel.process.map_entries import new_layer
from engine.kernel.tokens import EXCLUSIVE, SHARED
from engine.script.process_verbs import read, write

BASE = 0x10000
Make = Callable[..., Any]


def test_the_exclusive_mark_saves_the_next_cold_fault_an_attempt(processes: Make) -> None:
    world = processes()
    world.thread("app", world.process(world.object()), (write, BASE), (write, BASE + 8 * PAGE_SIZE))
    world.run()
    assert world.attempts() == 3


def test_a_hit_clears_the_exclusive_mark(processes: Make) -> None:
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


def test_a_rescue_from_the_cache_is_not_counted_and_wakes_no_thread(processes: Make) -> None:
    world = processes()
    heap = world.object()
    m = world.resident(heap, 0, vm_page_cache)
    assert world.queue(m) == "CACHE"
    world.thread("app", world.process(heap), (read, BASE))
    world.run()
    assert (world.queue(m), world.counter("v_reactivated")) == ("ACTIVE", 0)
    assert world.count("check whether the pageout daemon is needed") == 0


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


def test_a_partly_valid_page_is_deactivated_when_the_pager_needs_the_exclusive_token(processes: Make) -> None:
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


# --- one look, by itself ----------------------------------------------------------------------------------

AT = 3
"""The page of the map at which the fault is."""


class Chain:
    """A process that maps an empty object on top of another one of type `kind`, and a fault at page AT.

    The fault has the first object's token and its part of the paging in progress, as an attempt has at F4.
    """

    def __init__(self, processes: Make, drive: Make, kind: int = OBJT_DEFAULT, size: int = 64) -> None:
        self.world, self.drive = processes(), drive
        self.vm = self.world.vm
        self.below, self.top = Obj(self.world.object(kind, size)), Obj(self.world.object())
        self.p = self.world.process(self.below)
        self.entry = self.vm.process.first_entry[self.p]
        self.deeper = self.vm.map_entry.backing[self.entry]
        self.first = new_layer(self.vm, self.top, 0, self.deeper)
        self.vm.map_entry.backing[self.entry] = self.first

    def look(self, first_shared: int = 0, shared: int = 0, flags: int = 0, wired: int = 0) -> Any:
        """What find_page returns: (action, page or reason for the failure, layer, first layer's page)."""
        vm, va = self.vm, BASE + AT * PAGE_SIZE
        self.drive(vm, vm_object_hold, self.top, SHARED if first_shared else EXCLUSIVE)
        self.drive(vm, vm_object_pip_add, self.top, 1)
        fault = Fault(
            process=self.p,
            va=va,
            type=VM_PROT_READ,
            flags=flags,
            entry=self.entry,
            layer=self.first,
            object=self.top,
            pindex=AT,
            prot=VM_PROT_READ,
            wired=wired,
            first_shared=first_shared,
            shared=shared,
        )
        return self.drive(vm, find_page, fault)

    def held(self) -> tuple[int, int]:
        """How often the first object and the one below are held and paged."""
        paged, holds = self.vm.object.paging_in_progress, self.vm.object.hold_count
        assert (paged[self.top], paged[self.below]) == (holds[self.top], holds[self.below])
        return holds[self.top], holds[self.below]

    def busy(self, m: int) -> tuple[int, str]:
        """A page's busy word, and its queue."""
        return self.vm.page.busy_count[m], self.world.queue(m)


def test_the_place_in_a_layer_counts_from_the_start_of_the_entry_and_of_the_layer(
    processes: Make, drive: Make
) -> None:
    chain = Chain(processes, drive)
    chain.vm.backing.offset[chain.deeper] = 7
    va = BASE + AT * PAGE_SIZE + 123
    places = [place_in_layer(chain.vm, chain.entry, layer, va) for layer in (chain.first, chain.deeper)]
    assert places == [AT, AT + 7]


def test_leaving_an_object_releases_what_a_fault_holds_of_it(processes: Make, drive: Make) -> None:
    chain = Chain(processes, drive)
    drive(chain.vm, vm_object_hold, chain.top)
    drive(chain.vm, vm_object_pip_add, chain.top, 1)
    drive(chain.vm, leave_object, chain.top)
    assert (chain.held(), chain.vm.object.token_owner[chain.top]) == ((0, 0), 0)


def test_a_page_of_the_first_layer_is_found_at_once_off_its_queue(processes: Make, drive: Make) -> None:
    chain = Chain(processes, drive)
    m = chain.world.resident(chain.top, AT)
    chain.vm.backing.exclusive[chain.first] = 1
    assert chain.look(first_shared=1, shared=1) == (FOUND, m, chain.first, NULL)
    assert (chain.busy(m), chain.held()) == ((PBUSY_LOCKED, "NONE"), (1, 0))
    assert chain.vm.backing.exclusive[chain.first] == 0


def test_a_page_of_a_deeper_layer_comes_with_a_new_one_for_the_first(processes: Make, drive: Make) -> None:
    chain = Chain(processes, drive)
    m = chain.world.resident(chain.below, AT)
    action, value, layer, first_m = chain.look(shared=1)
    assert (action, value, layer) == (FOUND, m, chain.deeper)
    assert first_m == chain.world.page(chain.top, AT) != NULL
    assert (chain.busy(m), chain.busy(first_m)) == ((PBUSY_LOCKED, "NONE"),) * 2
    assert (chain.world.bits(first_m), chain.held()) == ((0, 0), (1, 1))
    assert chain.vm.object.token_shared[chain.below] == 1
    assert chain.vm.backing.exclusive[chain.first] == 1


def test_a_page_that_no_layer_has_is_zero_filled_in_the_first(processes: Make, drive: Make) -> None:
    chain = Chain(processes, drive)
    action, m, layer, first_m = chain.look()
    assert (action, layer, first_m, m) == (FOUND, chain.first, NULL, chain.world.page(chain.top, AT))
    assert (chain.world.bits(m), chain.world.counter("v_zfod")) == ((0xFF, 0), 1)
    assert (chain.held(), chain.vm.object.resident_page_count[chain.below]) == ((1, 0), 0)


def test_a_busy_page_of_a_deeper_layer_ends_the_search(processes: Make, drive: Make) -> None:
    chain = Chain(processes, drive)
    m = chain.world.resident(chain.below, AT)
    chain.vm.page.busy_count[m] = PBUSY_WANTED
    action, value, layer, first_m = chain.look()
    assert (action, value, layer, first_m != NULL) == (BUSY, m, chain.deeper, True)
    assert (chain.busy(m), chain.held()) == ((PBUSY_WANTED, "ACTIVE"), (1, 1))


def test_nothing_is_allocated_under_a_shared_token_but_the_layer_is_marked(
    processes: Make, drive: Make
) -> None:
    chain = Chain(processes, drive)
    assert chain.look(first_shared=1, shared=1) == (AGAIN, NULL, chain.first, NULL)
    assert chain.vm.backing.exclusive[chain.first] == 1
    assert chain.world.page(chain.top, AT) == NULL


@pytest.mark.parametrize("block", [False, True])
def test_a_deeper_layer_in_swap_is_asked_only_where_it_has_a_block(
    processes: Make, drive: Make, block: bool
) -> None:
    chain = Chain(processes, drive, OBJT_SWAP)
    if block:
        chain.world.swapped_out(chain.below, AT)
    action, _, layer, _ = chain.look(shared=1)
    assert (action, layer) == ((AGAIN, chain.deeper) if block else (FOUND, chain.first))
    assert chain.vm.backing.exclusive[chain.deeper] == int(block)
    assert chain.world.page(chain.below, AT) == NULL


def test_a_page_that_the_pager_has_filled_is_left_for_the_next_attempt(processes: Make, drive: Make) -> None:
    chain = Chain(processes, drive, OBJT_PHYS)
    action, _, layer, _ = chain.look()
    m = chain.world.page(chain.below, AT)
    assert (action, layer) == (HARD, chain.deeper)
    assert (chain.world.bits(m), chain.busy(m)) == ((0xFF, 0), (0, "ACTIVE"))


@pytest.mark.parametrize(("wired", "asked"), [(0, False), (1, True)])
def test_a_wiring_fault_asks_a_pager_only_for_an_entry_that_is_wired(
    processes: Make, drive: Make, wired: int, asked: bool
) -> None:
    chain = Chain(processes, drive, OBJT_PHYS)
    action, *_ = chain.look(flags=VM_FAULT_WIRE, wired=wired)
    assert action == (HARD if asked else FOUND)


def test_a_device_that_cannot_be_read_fails_the_fault_and_its_page_is_freed(
    processes: Make, drive: Make
) -> None:
    chain = Chain(processes, drive, OBJT_DEVICE)
    action, why, layer, first_m = chain.look()
    assert (action, why, layer) == (FAILED, KERN_PROTECTION_FAILURE, chain.deeper)
    assert chain.world.page(chain.below, AT) == NULL
    assert chain.busy(first_m) == (PBUSY_LOCKED, "NONE")


@pytest.mark.parametrize(("size", "action"), [(AT, FAILED), (AT + 1, HARD)])
def test_a_deeper_layer_that_is_too_short_fails_the_fault(
    processes: Make, drive: Make, size: int, action: int
) -> None:
    assert Chain(processes, drive, OBJT_PHYS, size).look()[0] == action
