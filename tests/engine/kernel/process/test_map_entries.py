"""Map entries and their layers: their place, splitting one, and capacity (spec 21, section 1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    KERN_NO_SPACE,
    KERN_SUCCESS,
    MADV_RANDOM,
    NULL,
    OBJ_ONEMAPPING,
    VM_PROT_READ,
    Obj,
)
from engine.errors import CapacityError
from engine.invariants import validate_machine
from engine.kernel.process.map_entries import (
    beyond,
    clip,
    copy_entry,
    entries_of,
    entry_at,
    layers_of,
    link_entry,
    make_entry,
    new_layer,
    top_object,
    unlink_entry,
)
from engine.machine.machine import Machine

Make = Callable[..., Any]
START, PAGES, OFFSET = 16, 16, 5


def mapped(processes: Make) -> tuple[Machine, int, Obj]:
    """A process that maps pages 5 to 20 of an object at pages 16 to 31 of its address space."""
    world = processes()
    obj, p = Obj(world.object()), world.process()
    assert make_entry(world.vm, p, obj, OFFSET, START, PAGES, VM_PROT_READ, 0) == KERN_SUCCESS
    return world.vm, p, obj


def ranges(vm: Machine, p: int) -> list[tuple[int, int]]:
    """Where a process's entries begin and end."""
    return [(vm.map_entry.start[entry], beyond(vm, entry)) for entry in entries_of(vm, p)]


@pytest.mark.parametrize(
    ("start", "pages", "result"),
    [
        pytest.param(32, 4, KERN_SUCCESS, id="right after"),
        pytest.param(31, 1, KERN_NO_SPACE, id="the last page"),
        pytest.param(12, 4, KERN_SUCCESS, id="right before"),
        pytest.param(12, 5, KERN_NO_SPACE, id="the first page"),
        pytest.param(20, 2, KERN_NO_SPACE, id="inside"),
        pytest.param(0, 64, KERN_NO_SPACE, id="around"),
    ],
)
def test_an_entry_is_made_where_nothing_is_mapped(
    processes: Make, start: int, pages: int, result: int
) -> None:
    vm, p, obj = mapped(processes)
    refs = vm.object.ref_count[obj]
    assert make_entry(vm, p, obj, 0, start, pages, VM_PROT_READ, 0) == result
    made = result == KERN_SUCCESS
    assert ranges(vm, p) == sorted([(16, 32), *[(start, start + pages)] * made])
    assert vm.object.ref_count[obj] == refs + made


@pytest.mark.parametrize("private", [0, 1, 7])
def test_a_private_entry_is_copied_at_its_first_write(processes: Make, private: int) -> None:
    vm, p, obj = mapped(processes)
    make_entry(vm, p, obj, 0, 100, 1, VM_PROT_READ, private)
    assert vm.map_entry.needs_copy[entry_at(vm, p, 100)] == int(private != 0)


def test_the_entry_of_a_page_is_found_from_its_first_to_its_last(processes: Make) -> None:
    vm, p, obj = mapped(processes)
    entry = vm.process.first_entry[p]
    assert [entry_at(vm, p, vpn) for vpn in (15, 16, 31, 32)] == [NULL, entry, entry, NULL]
    assert top_object(vm, entry) == obj
    assert entry_at(vm, vm.process.length - 1, 16) == NULL


def test_entries_are_listed_by_address_in_whatever_order_they_were_made(processes: Make) -> None:
    vm, p, obj = mapped(processes)
    for start in (64, 0, 40):
        make_entry(vm, p, obj, 0, start, 4, VM_PROT_READ, 0)
    assert ranges(vm, p) == [(0, 4), (16, 32), (40, 44), (64, 68)]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_entry_is_unlinked_from_any_place(processes: Make, at: int) -> None:
    vm, p, obj = mapped(processes)
    for start in (32, 48):
        make_entry(vm, p, obj, 0, start, 16, VM_PROT_READ, 0)
    entries = list(entries_of(vm, p))
    gone = entries.pop(at)
    unlink_entry(vm, p, gone)
    assert (list(entries_of(vm, p)), vm.map_entry.next[gone]) == (entries, NULL)
    link_entry(vm, p, gone)
    assert ranges(vm, p) == [(16, 32), (32, 48), (48, 64)]


def test_a_new_layer_is_on_top_of_the_one_below(processes: Make) -> None:
    vm, p, obj = mapped(processes)
    entry = vm.process.first_entry[p]
    (bottom,) = layers_of(vm, entry)
    top = new_layer(vm, Obj(obj + 1), 3, bottom)
    vm.map_entry.backing[entry] = top
    assert list(layers_of(vm, entry)) == [top, bottom]
    assert (top_object(vm, entry), vm.backing.offset[top], vm.backing.exclusive[top]) == (obj + 1, 3, 0)


# --- copying and clipping ---------------------------------------------------------------------------------


@pytest.mark.parametrize("vpn", [0, 15, 16, 32, 1000])
def test_clipping_at_an_end_or_outside_changes_nothing(processes: Make, vpn: int) -> None:
    vm, p, _ = mapped(processes)
    before = vm.memory.digest()
    clip(vm, p, vpn)
    assert vm.memory.digest() == before


def test_clipping_splits_an_entry_and_each_part_still_shows_its_own_pages(processes: Make) -> None:
    vm, p, obj = mapped(processes)
    first = vm.process.first_entry[p]
    for name, value in (("advice", MADV_RANDOM), ("nosync", 1), ("needs_copy", 1), ("wired", 2)):
        getattr(vm.map_entry, name)[first] = value
    refs, one_mapping = vm.object.ref_count[obj], vm.object.flags[obj] & OBJ_ONEMAPPING
    assert one_mapping, "its creator gave the object to this map"
    clip(vm, p, 20)
    assert ranges(vm, p) == [(16, 20), (20, 32)]
    second = entry_at(vm, p, 20)
    table, offset = vm.map_entry, vm.backing.offset
    assert (offset[table.backing[first]], offset[table.backing[second]]) == (OFFSET, OFFSET + 4)
    for name in ("advice", "nosync", "needs_copy", "wired", "prot"):
        column = getattr(table, name)
        assert column[first] == column[second], name
    assert vm.object.ref_count[obj] == refs + 1
    assert vm.object.flags[obj] & OBJ_ONEMAPPING, "each page is still mapped once"
    validate_machine(vm)


def test_a_copy_refers_to_every_object_and_is_neither_wired_nor_linked(processes: Make) -> None:
    vm, p, obj = mapped(processes)
    entry = vm.process.first_entry[p]
    vm.map_entry.wired[entry] = 1
    vm.map_entry.backing[entry] = new_layer(vm, Obj(obj + 1), 2, vm.map_entry.backing[entry])
    refs = [vm.object.ref_count[o] for o in (obj, obj + 1)]
    copy = copy_entry(vm, entry, skipped=6)
    table = vm.map_entry
    assert (table.start[copy], table.pages[copy], table.wired[copy]) == (22, 10, 0)
    layers = [(vm.backing.object[layer], vm.backing.offset[layer]) for layer in layers_of(vm, copy)]
    assert layers == [(obj + 1, 8), (obj, OFFSET + 6)]
    assert not set(layers_of(vm, copy)) & set(layers_of(vm, entry))
    assert [vm.object.ref_count[o] for o in (obj, obj + 1)] == [count + 1 for count in refs]
    assert list(entries_of(vm, p)) == [entry]


# --- room -------------------------------------------------------------------------------------------------


def test_an_entry_too_many_is_a_message(processes: Make) -> None:
    vm, p, obj = mapped(processes)
    vm.memory.vector("map_entry.used")[:] = 1
    with pytest.raises(CapacityError, match="there are 256 map entries; this machine has no room for more"):
        make_entry(vm, p, obj, 0, 100, 1, VM_PROT_READ, 0)


def test_a_layer_too_many_is_a_message(processes: Make) -> None:
    vm, _, obj = mapped(processes)
    for layer in range(vm.backing.length):
        vm.backing.object[layer] = obj
    with pytest.raises(CapacityError, match="map entries have 1024 layers; this machine has"):
        new_layer(vm, obj, 0, NULL)
