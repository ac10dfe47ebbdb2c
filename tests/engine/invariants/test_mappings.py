"""Page tables that disagree with the pages, the maps and the counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.constants import PG_MAPPED, PG_WRITEABLE, PTE_V
from engine.invariants import CHECKS, violations
from engine.machine.machine import Machine
from engine.scenario.loader import load_text

VILLAGE = '''
format = 1
title = "Two processes and an object that both map"
[machine]
memory = "2 MiB"
topology = "1x2x1"
colors = 4
[[object]]
name = "heap"
type = "swap"
size = 16
[[process]]
name = "A"
maps = [{object = "heap", start = 0x10000, pages = 8}]
[[process]]
name = "B"
maps = [{object = "heap", start = 0x40000, pages = 8}]
[[thread]]
name = "a"
cpu = 0
process = "A"
script = """
write(0x10000)
write(0x11000)
read(0x12000)
"""
[[thread]]
name = "b"
cpu = 1
process = "B"
script = """
read(0x41000)
"""
'''


@pytest.fixture
def village() -> Machine:
    """A maps heap[0..2] from 0x10, B heap[1] at 0x41; A has written pages 0 and 1."""
    history = load_text(VILLAGE, "village").start()
    history.extend(10_000)
    assert history.outcome == "completed"
    return history.vm


def page(vm: Machine, pindex: int) -> int:
    return vm.find_page(0, pindex)


def name(vm: Machine, pindex: int) -> str:
    return f"page[{vm.page_number(page(vm, pindex)):#x}]"


def cell(vm: Machine, p: int, vpn: int) -> int:
    return vm.pte_slots.slots[p, vpn]


def test_the_village_is_in_order(village: Machine) -> None:
    assert violations(village) == []
    assert all((0, vpn) in village.pte_slots.slots for vpn in (0x10, 0x11, 0x12))
    assert village.pte.entry[cell(village, 1, 0x41)] & PTE_V


def unmapped_flag(vm: Machine) -> str:
    vm.page.flags[page(vm, 2)] &= ~(PG_MAPPED | PG_WRITEABLE)
    entry = vm.pte.entry[cell(vm, 0, 0x12)]
    flags = vm.page.flags[page(vm, 2)]
    return f"flags of a mapped page: a page table entry is {entry:#x}, but {name(vm, 2)}.flags is {flags:#x}"


def unwriteable_flag(vm: Machine) -> str:
    vm.page.flags[page(vm, 0)] &= ~PG_WRITEABLE
    return "flags of a mapped page: a page table entry is"


def invalid_entry(vm: Machine) -> str:
    vm.pte.entry[cell(vm, 0, 0x12)] &= ~PTE_V
    return "flags of a mapped page: a page table entry is"


def uncounted_use(vm: Machine) -> str:
    vm.page.pmap_referenced[page(vm, 1)] -= 1
    return f"used mappings: {name(vm, 1)}.pmap_referenced is 1, but page tables have 2 used entries"


def uncollected_modification(vm: Machine) -> str:
    vm.page.pmap_modified[page(vm, 0)] = 0
    return f"modified mappings: {name(vm, 0)}.pmap_modified is 0, but a page table entry is modified"


def map_that_shows_another_place(vm: Machine) -> str:
    entry = vm.process.first_entry[1]
    vm.backing.offset[vm.map_entry.backing[entry]] = 3
    says = f"process {vm.process.pid[1]} maps {name(vm, 1)} at 0x41000"
    return f"pages of a map: {says}, but its map does not contain that page there"


def map_that_ends_before(vm: Machine) -> str:
    vm.map_entry.pages[vm.process.first_entry[0]] = 2
    says = f"process {vm.process.pid[0]} maps {name(vm, 2)} at 0x12000"
    return f"pages of a map: {says}, but its map does not contain that page there"


def wrong_resident_count(vm: Machine) -> str:
    vm.process.resident[0] += 1
    says = f"resident of process {vm.process.pid[0]} is 4"
    return f"resident pages of a process: {says}, but its page table has 3 entries"


def unreferred_layer(vm: Machine) -> str:
    vm.object.ref_count[0] = 0
    return "a layer: backing["


def overlapping_entries(vm: Machine) -> str:
    entry = vm.process.first_entry[0]
    vm.map_entry.used[entry] = 0
    return f"a map: map_entry[{entry}] starts at 16, but the previous entry ends at 0"


DAMAGES = (
    unmapped_flag,
    unwriteable_flag,
    invalid_entry,
    uncounted_use,
    uncollected_modification,
    map_that_shows_another_place,
    map_that_ends_before,
    wrong_resident_count,
    unreferred_layer,
    overlapping_entries,
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_mapping_is_found(village: Machine, damage: Callable[[Machine], str]) -> None:
    says = damage(village)
    found = [str(violation) for violation in CHECKS["mappings"](village)]
    assert any(says in line for line in found), found
