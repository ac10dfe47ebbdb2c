"""Page tables and maps: a mapped page has its flags set, belongs to a map, and is counted.

A page table entry is added after the page's flags are set and removed before they are cleared. So an entry
implies the flags at every step, but the flags may be set without an entry. The page's modified bit and its
count of used mappings may exceed those of the entries, because all mappings of a page are removed in one step
and their bits are collected in the steps after it. They are never less.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from engine.constants import NULL, PAGE_SHIFT, PG_MAPPED, PG_WRITEABLE, PTE_A, PTE_M, PTE_RW, PTE_V
from engine.invariants.violation import Violation, some
from engine.kernel.process.map_entries import beyond, entries_of, layers_of
from engine.language.naming import page_text
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.words import plural


def mapping_violations(vm: Machine) -> Iterator[Violation]:
    """Find every disagreement between page tables, pages and maps."""
    if not vm.processes:
        return
    keys, ptes = _entries(vm)
    pages = (ptes >> PAGE_SHIFT) - vm.first_page
    fake = pages + vm.first_page < 0
    pages[fake] = vm.fake_base - 1 - (ptes[fake] >> PAGE_SHIFT)
    yield from _flags(vm, ptes, pages)
    yield from _bits(vm, ptes, pages)
    yield from _shown(vm, keys, pages)
    yield from _resident(vm, keys[:, 0])
    for p in range(vm.processes):
        yield from _map(vm, p)


def _entries(vm: Machine) -> tuple[Array, Array]:
    """Return the key (process, page of its address space) and the value of each used page table entry."""
    book = vm.pte_slots.slots
    cells = vm.memory.vector("pte.entry")[: len(book)]
    filled = np.flatnonzero(cells)
    keys = np.fromiter(chain.from_iterable(book), np.int64, 2 * len(book)).reshape(-1, 2)
    return keys[filled], cells[filled]


def _flags(vm: Machine, ptes: Array, pages: Array) -> Iterator[Violation]:
    flags = vm.memory.vector("page.flags")[pages]
    wrong = (ptes & PTE_V == 0) | (flags & PG_MAPPED == 0)
    wrong |= (ptes & PTE_RW != 0) & (flags & PG_WRITEABLE == 0)
    for at in some(np.flatnonzero(wrong)):
        m = int(pages[at])
        says = f"a page table entry is {int(ptes[at]):#x}"
        flags_text = f"{page_text(vm, m)}.flags is {vm.page.flags[m]:#x}"
        yield Violation("flags of a mapped page", m, says, flags_text)


def _bits(vm: Machine, ptes: Array, pages: Array) -> Iterator[Violation]:
    used = np.bincount(pages[ptes & PTE_A != 0], minlength=1)
    counted = vm.memory.vector("page.pmap_referenced")[: used.size]
    for m in some(np.flatnonzero(counted < used)):
        says = f"{page_text(vm, m)}.pmap_referenced is {counted[m]}"
        entries = plural(used[m], "used entry", "used entries")
        yield Violation("used mappings", int(m), says, f"page tables have {entries}")
    modified = pages[ptes & PTE_M != 0]
    for m in some(modified[vm.memory.vector("page.pmap_modified")[modified] == 0]):
        says = f"{page_text(vm, m)}.pmap_modified is 0"
        yield Violation("modified mappings", int(m), says, "a page table entry is modified")


def _shown(vm: Machine, keys: Array, pages: Array) -> Iterator[Violation]:
    """Find entries whose page is not in the process's map at that address."""
    objects = vm.memory.vector("page.object")[pages] + NULL
    places = vm.memory.vector("page.pindex")[pages]
    shown = objects == NULL
    for p in range(vm.processes):
        for entry in entries_of(vm, p):
            at = keys[:, 1] - vm.map_entry.start[entry]
            here = (keys[:, 0] == p) & (at >= 0) & (at < vm.map_entry.pages[entry])
            for layer in layers_of(vm, entry):
                fits = (objects == vm.backing.object[layer]) & (places == vm.backing.offset[layer] + at)
                shown |= here & fits
    for n in some(np.flatnonzero(~shown)):
        pid, m = vm.process.pid[int(keys[n, 0])], int(pages[n])
        says = f"process {pid} maps {page_text(vm, m)} at {int(keys[n, 1]) << PAGE_SHIFT:#x}"
        yield Violation("pages of a map", m, says, "its map does not contain that page there")


def _resident(vm: Machine, owners: Array) -> Iterator[Violation]:
    counted = vm.memory.vector("process.resident")
    held = np.bincount(owners, minlength=counted.size)
    for p in some(np.flatnonzero(held != counted)):
        says = f"resident of process {vm.process.pid[p]} is {counted[p]}"
        found = plural(held[p], "entry", "entries")
        yield Violation("resident pages of a process", NULL, says, f"its page table has {found}")


def _map(vm: Machine, p: int) -> Iterator[Violation]:
    end = 0
    for entry in entries_of(vm, p):
        start, used = vm.map_entry.start[entry], vm.map_entry.used[entry]
        if not used or start < end:
            yield Violation(
                "a map", NULL, f"map_entry[{entry}] starts at {start}", f"the previous entry ends at {end}"
            )
        end = beyond(vm, entry)
        for layer in layers_of(vm, entry):
            obj = vm.backing.object[layer]
            if obj == NULL or vm.object.ref_count[obj] <= 0:
                yield Violation(
                    "a layer", NULL, f"backing[{layer}] is object {obj}", "that object has no reference"
                )
