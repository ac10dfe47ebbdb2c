"""Page tables: permissions, the processor's bits, and their transfer to the page (spec 21, section 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    PAGE_SHIFT,
    PAGE_SIZE,
    PG_MAPPED,
    PG_MAPPEDMULTI,
    PG_REFERENCED,
    PG_WRITEABLE,
    PTE_A,
    PTE_M,
    PTE_RW,
    PTE_V,
    PTE_W,
    VM_PROT_READ,
    VM_PROT_WRITE,
    Page,
)
from engine.kernel.process.page_table import (
    clear_bits_of_mappings,
    drop_every_mapping,
    mappings_of,
    page_of_pte,
    pmap_enter_at,
    pmap_protect_range,
    pmap_remove_range,
    pte_at,
    translate,
    write_protect_every_mapping,
)

Make = Callable[..., Any]
BASE = 0x10000
FIRST = BASE >> PAGE_SHIFT
READ_WRITE = VM_PROT_READ | VM_PROT_WRITE


class Village:
    """Two processes that map one object from BASE on, with two unmapped pages."""

    def __init__(self, processes: Make, drive: Make) -> None:
        self.world = processes()
        self.vm, self.drive = self.world.vm, drive
        heap = self.world.object()
        self.one, self.two = self.world.process(heap), self.world.process(heap)
        self.m, self.other = (Page(self.world.resident(heap, pindex)) for pindex in (0, 1))

    def enter(
        self, p: int, m: int, prot: int = READ_WRITE, at: int | None = None, wired: int = 0, bits: int = 0
    ) -> None:
        """Map a page where its process's map shows it, or at page `at` of the map; then set more bits."""
        place = self.vm.page.pindex[m] if at is None else at
        self.drive(self.vm, pmap_enter_at, p, BASE + place * PAGE_SIZE, m, prot, wired)
        if bits & PTE_M:
            assert translate(self.vm, p, BASE + place * PAGE_SIZE, True)

    def bits(self, p: int, at: int = 0) -> int:
        """The bits of an entry."""
        return pte_at(self.vm, p, FIRST + at) & PAGE_SIZE - 1

    def flags(self, m: int) -> int:
        """A page's flags about mappings."""
        return int(self.vm.page.flags[m] & (PG_MAPPED | PG_MAPPEDMULTI | PG_WRITEABLE | PG_REFERENCED))


@pytest.fixture
def village(processes: Make, drive: Make) -> Village:
    return Village(processes, drive)


# --- entering ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prot", "wired", "bits", "flags"),
    [
        (VM_PROT_READ, 0, 0, PG_MAPPED),
        (READ_WRITE, 0, PTE_RW, PG_MAPPED | PG_WRITEABLE),
        (VM_PROT_READ, 1, PTE_W, PG_MAPPED),
    ],
    ids=["to read", "to write", "wired"],
)
def test_an_entry_is_accessed_from_the_start_and_its_page_says_that_it_is_mapped(
    village: Village, prot: int, wired: int, bits: int, flags: int
) -> None:
    village.enter(village.one, village.m, prot, wired=wired)
    vm = village.vm
    assert (village.bits(village.one), village.flags(village.m)) == (PTE_V | PTE_A | bits, flags)
    assert page_of_pte(vm, pte_at(vm, village.one, FIRST)) == village.m
    assert (vm.page.pmap_referenced[village.m], vm.process.resident[village.one]) == (1, 1)
    assert pte_at(vm, village.two, FIRST) == 0


def test_the_same_entry_again_changes_nothing_and_keeps_the_modified_bit(village: Village) -> None:
    village.enter(village.one, village.m, bits=PTE_M)
    clear_bits_of_mappings(village.vm, village.m, PTE_A, 1)
    before = village.vm.memory.digest()
    village.enter(village.one, village.m)
    assert village.vm.memory.digest() == before


def test_a_second_mapping_makes_the_page_one_that_may_be_mapped_more_than_once(village: Village) -> None:
    village.enter(village.one, village.m)
    assert not village.flags(village.m) & PG_MAPPEDMULTI
    village.enter(village.two, village.m)
    assert village.flags(village.m) & PG_MAPPEDMULTI
    assert village.vm.page.pmap_referenced[village.m] == 2
    assert [p for p, _ in mappings_of(village.vm, village.m)] == [village.one, village.two]


def test_an_entry_of_the_same_page_with_other_rights_keeps_what_the_processor_has_set(
    village: Village,
) -> None:
    village.enter(village.one, village.m, bits=PTE_M)
    village.enter(village.one, village.m, VM_PROT_READ)
    assert village.bits(village.one) == PTE_V | PTE_A | PTE_M
    vm = village.vm
    assert (vm.page.pmap_modified[village.m], vm.page.pmap_referenced[village.m]) == (1, 1)
    assert vm.process.resident[village.one] == 1


@pytest.mark.parametrize("multi", [False, True])
def test_a_page_that_another_one_replaces_gets_the_bits_of_its_mapping(village: Village, multi: bool) -> None:
    vm, m = village.vm, village.m
    village.enter(village.one, m, bits=PTE_M)
    if multi:
        village.enter(village.two, m)
    village.enter(village.one, village.other, at=0)
    assert page_of_pte(vm, pte_at(vm, village.one, FIRST)) == village.other
    assert (vm.page.dirty[m], vm.page.pmap_modified[m], vm.page.pmap_referenced[m]) == (0xFF, 0, int(multi))
    assert [p for p, _ in mappings_of(vm, m)] == [village.two] * multi
    left = PG_MAPPED | PG_WRITEABLE | PG_MAPPEDMULTI if multi else 0
    assert village.flags(m) == PG_REFERENCED | left
    assert vm.process.resident[village.one] == 1


# --- the processor ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prot", "write", "allowed", "bits"),
    [
        (None, False, False, 0),
        (VM_PROT_READ, False, True, PTE_V | PTE_A),
        (VM_PROT_READ, True, False, PTE_V),
        (READ_WRITE, False, True, PTE_V | PTE_RW | PTE_A),
        (READ_WRITE, True, True, PTE_V | PTE_RW | PTE_A | PTE_M),
    ],
    ids=["no entry", "load", "store to a read-only page", "load where stores are allowed", "store"],
)
def test_what_a_load_or_a_store_does(
    village: Village, prot: int | None, write: bool, allowed: bool, bits: int
) -> None:
    vm, m = village.vm, village.m
    if prot is not None:
        village.enter(village.one, m, prot)
        clear_bits_of_mappings(vm, m, PTE_A, 1)
        vm.page.pmap_referenced[m] = 0
    assert translate(vm, village.one, BASE + 123, write) is allowed
    assert village.bits(village.one) == bits
    assert (vm.page.pmap_referenced[m], vm.page.pmap_modified[m]) == (int(allowed), int(allowed and write))
    assert vm.page.dirty[m] == 0, "the page itself does not know yet"


# --- a range of an address space --------------------------------------------------------------------------


def test_removing_a_range_removes_only_that_and_updates_the_pages(village: Village) -> None:
    vm = village.vm
    village.enter(village.one, village.m, bits=PTE_M)
    village.enter(village.one, village.other)
    village.enter(village.two, village.m)
    village.drive(vm, pmap_remove_range, village.one, FIRST, FIRST + 1)
    assert (village.bits(village.one), village.bits(village.one, 1) != 0) == (0, True)
    assert village.bits(village.two) != 0
    assert (vm.process.resident[village.one], vm.process.resident[village.two]) == (1, 1)
    assert (vm.page.dirty[village.m], vm.page.pmap_modified[village.m]) == (0xFF, 0)
    assert village.flags(village.m) & PG_REFERENCED


def test_a_whole_address_space_is_removed_whatever_its_size(village: Village) -> None:
    for m in (village.m, village.other):
        village.enter(village.one, m)
        village.enter(village.two, m)
    village.drive(village.vm, pmap_remove_range, village.one, 0, 1 << 52)
    assert (village.bits(village.one), village.bits(village.one, 1)) == (0, 0)
    assert [village.vm.process.resident[p] for p in (village.one, village.two)] == [0, 2]


def test_protecting_a_range_makes_it_read_only_and_modified_pages_dirty(village: Village) -> None:
    vm = village.vm
    village.enter(village.one, village.m, bits=PTE_M)
    village.enter(village.one, village.other)
    village.enter(village.two, village.m)
    village.drive(vm, pmap_protect_range, village.one, FIRST, FIRST + 2)
    assert [village.bits(village.one, at) for at in (0, 1)] == [PTE_V | PTE_A] * 2
    assert village.bits(village.two) & PTE_RW
    assert [vm.page.dirty[m] for m in (village.m, village.other)] == [0xFF, 0]
    assert vm.page.pmap_modified[village.m] == 0
    assert village.flags(village.m) & PG_WRITEABLE, "stays set, as in the kernel"


def test_a_page_that_another_process_modified_too_stays_modified(village: Village) -> None:
    for p in (village.one, village.two):
        village.enter(p, village.m, bits=PTE_M)
    village.drive(village.vm, pmap_protect_range, village.one, FIRST, FIRST + 1)
    assert village.vm.page.pmap_modified[village.m] == 1


# --- every mapping of a page ------------------------------------------------------------------------------


def test_a_page_is_dropped_from_every_page_table_and_keeps_its_own_cells(village: Village) -> None:
    vm, m = village.vm, village.m
    for p in (village.one, village.two):
        village.enter(p, m, bits=PTE_M)
    village.enter(village.one, village.other)
    drop_every_mapping(vm, m)
    assert (village.bits(village.one), village.bits(village.two)) == (0, 0)
    assert list(mappings_of(vm, m)) == []
    assert [vm.process.resident[p] for p in (village.one, village.two)] == [1, 0]
    assert (vm.page.pmap_modified[m], vm.page.pmap_referenced[m]) == (1, 2)


def test_a_page_is_write_protected_in_every_page_table(village: Village) -> None:
    vm, m = village.vm, village.m
    for p in (village.one, village.two):
        village.enter(p, m, bits=PTE_M)
    write_protect_every_mapping(vm, m)
    assert [village.bits(p) for p in (village.one, village.two)] == [PTE_V | PTE_A] * 2
    assert vm.page.pmap_modified[m] == 1


@pytest.mark.parametrize(("most", "cleared"), [(0, 0), (1, 1), (2, 2), (5, 2)])
def test_a_bit_is_cleared_in_so_many_mappings_at_most(village: Village, most: int, cleared: int) -> None:
    for p in (village.one, village.two):
        village.enter(p, village.m)
    clear_bits_of_mappings(village.vm, village.m, PTE_A, most)
    accessed = [bool(village.bits(p) & PTE_A) for p in (village.one, village.two)]
    assert accessed == [False] * cleared + [True] * (2 - cleared)


def test_mappings_of_a_page_that_left_its_object_are_still_found(village: Village) -> None:
    village.enter(village.two, village.m)
    village.vm.page.object[village.m] = NULL
    assert [p for p, _ in mappings_of(village.vm, village.m)] == [village.two]
    assert list(mappings_of(village.vm, village.other)) == []
