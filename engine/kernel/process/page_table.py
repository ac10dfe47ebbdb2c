"""Page tables: which process maps which page at which address, with accessed and modified bits.

An entry is one cell. To find every mapping of a page, follow the kernel's way: from the page's object to the
map entries that show it, and from those to their page tables. The page itself has what the page layer reads:
`pmap_modified` is whether any entry has its modified bit, `pmap_referenced` how many have their accessed bit.
Both change in the same step as the entry. A machine without processes has no entries, only the page's own
cells.
Source: spec 21, section 4; spec 01, pmap model.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.constants import (
    NULL,
    PAGE_SHIFT,
    PG_MAPPED,
    PG_MAPPEDMULTI,
    PG_REFERENCED,
    PG_WRITEABLE,
    PTE_A,
    PTE_M,
    PTE_RW,
    PTE_V,
    PTE_W,
    VM_PROT_WRITE,
    Obj,
    Page,
)
from engine.kernel.valid_dirty import vm_page_dirty
from engine.machine.machine import Machine, Steps

Mapping = tuple[int, int]
"""A process, and the cell of its page table's entry."""


def pte_at(vm: Machine, p: int, vpn: int) -> int:
    """The page table's entry of process `p` at page `vpn` of its address space, 0 when there is none."""
    slot = vm.pte_slots.slots.get((p, vpn))
    return 0 if slot is None else vm.pte.entry[slot]


def page_of_pte(vm: Machine, pte: int) -> Page:
    """The page that an entry maps."""
    return vm.page_index(pte >> PAGE_SHIFT)


def mappings_of(vm: Machine, m: Page) -> Iterator[Mapping]:
    """Every mapping of page `m`, process by process."""
    if not vm.processes:
        return
    number, obj, pindex = vm.page_number(m), vm.page.object[m], vm.page.pindex[m]
    # A page that has left its object is not found through it; only a faulty script maps such a page.
    places = _all_places(vm) if obj == NULL else _places_showing(vm, obj, pindex)
    for p, slot in places:
        pte = vm.pte.entry[slot]
        if pte & PTE_V and pte >> PAGE_SHIFT == number:
            yield p, slot


def _all_places(vm: Machine) -> Iterator[Mapping]:
    return ((p, slot) for (p, _), slot in vm.pte_slots.slots.items())


def _places_showing(vm: Machine, obj: Obj, pindex: int) -> Iterator[Mapping]:
    """The entries that could map page `pindex` of an object: one for each layer that shows it."""
    slots, backing = vm.pte_slots.slots, vm.backing
    for p in range(vm.processes):
        entry = vm.process.first_entry[p]
        while entry != NULL:
            layer = vm.map_entry.backing[entry]
            while layer != NULL:
                at = pindex - backing.offset[layer]
                if backing.object[layer] == obj and 0 <= at < vm.map_entry.pages[entry]:
                    slot = slots.get((p, vm.map_entry.start[entry] + at))
                    if slot is not None:
                        yield p, slot
                layer = backing.next[layer]
            entry = vm.map_entry.next[entry]


# --- what the processor does ------------------------------------------------------------------------------


def translate(vm: Machine, p: int, va: int, write: bool) -> bool:
    """Access address `va` as the processor: set the accessed bit, and for a store the modified bit.

    Returns: whether the page table permits it; if not, nothing changes and a fault must be handled.
    """
    slot = vm.pte_slots.slots.get((p, va >> PAGE_SHIFT))
    if slot is None:
        return False
    pte = vm.pte.entry[slot]
    if not pte & PTE_V or (write and not pte & PTE_RW):
        return False
    used = pte | PTE_A | (PTE_M if write else 0)
    if used != pte:
        m = page_of_pte(vm, pte)
        vm.pte.entry[slot] = used
        vm.page.pmap_referenced[m] += not pte & PTE_A
        if write:
            vm.page.pmap_modified[m] = 1
    return True


# --- one mapping ------------------------------------------------------------------------------------------


def pmap_enter_at(vm: Machine, p: int, va: int, m: Page, prot: int, wired: int = 0) -> Steps[None]:
    """Map page `m` at address `va` of process `p`, in place of any page that was mapped there.

    The new entry has its accessed bit set. An entry that differs only in accessed and modified bits stays.

    Locks:   page `m` soft- or hard-busied.
    Blocks:  no.
    Returns: nothing.
    Errors:  those of vm_page_dirty.
    Source:  spec 21, section 4 (pmap_enter)
    """
    yield "compare the page table entry"
    rights = (PTE_RW if prot & VM_PROT_WRITE else 0) | (PTE_W if wired else 0)
    pte = vm.page_number(m) << PAGE_SHIFT | PTE_V | PTE_A | rights
    if vm.pte.entry[vm.pte_slots.slot((p, va >> PAGE_SHIFT))] | PTE_A | PTE_M == pte | PTE_M:
        return
    yield "set the page's mapping flags"
    more = PG_MAPPEDMULTI if vm.page.flags[m] & PG_MAPPED else 0
    vm.page.flags[m] |= PG_MAPPED | more | (PG_WRITEABLE if rights & PTE_RW else 0)
    yield "swap the page table entry"
    old = _swap(vm, p, vm.pte_slots.slot((p, va >> PAGE_SHIFT)), pte)
    if old & PTE_V and old >> PAGE_SHIFT != pte >> PAGE_SHIFT:
        yield from _hand_over(vm, old)


def _swap(vm: Machine, p: int, slot: int, pte: int) -> int:
    """Store an entry, update the pages' own cells, and return the old entry."""
    old = vm.pte.entry[slot]
    if old and old >> PAGE_SHIFT == pte >> PAGE_SHIFT:
        pte |= old & (PTE_A | PTE_M)
    vm.pte.entry[slot] = pte
    vm.process.resident[p] += bool(pte) - bool(old)
    if pte & PTE_A:
        vm.page.pmap_referenced[page_of_pte(vm, pte)] += 1
    _count(vm, pte, 1)
    _count(vm, old, -1)
    if old:
        m = page_of_pte(vm, old)
        vm.page.pmap_referenced[m] -= bool(old & PTE_A)
        if old & PTE_M and not _any_modified(vm, m):
            vm.page.pmap_modified[m] = 0
    return old


def _count(vm: Machine, pte: int, by: int) -> None:
    """Under pmap_model counted, count a mapping of its page in or out."""
    if pte and vm.rules.pmap_model == "counted":
        m = page_of_pte(vm, pte)
        vm.page.pmap_count[m] += by
        vm.page.writeable_count[m] += by * bool(pte & PTE_RW)


def _any_modified(vm: Machine, m: Page) -> bool:
    return any(vm.pte.entry[slot] & PTE_M for _, slot in mappings_of(vm, m))


def _hand_over(vm: Machine, old: int) -> Steps[None]:
    """Transfer the bits of the mapping `old` to its page; without other mappings the page is unmapped."""
    if old & PTE_M:
        yield from vm_page_dirty(vm, page_of_pte(vm, old))
    yield "transfer the mapping's bits to the page"
    m = page_of_pte(vm, old)
    if old & PTE_A:
        vm.page.flags[m] |= PG_REFERENCED
    if not vm.page.flags[m] & PG_MAPPEDMULTI and vm.rules.pmap_model != "counted":
        vm.page.flags[m] &= ~(PG_MAPPED | PG_WRITEABLE)


def pmap_remove_range(vm: Machine, p: int, first: int, last: int) -> Steps[None]:
    """Remove what process `p` maps at pages `first` .. `last` - 1 of its address space.

    Locks:   none: no page is busied.
    Blocks:  no.
    Returns: nothing.
    Errors:  those of vm_page_dirty.
    Source:  spec 21, section 4 (removal of an entry)
    """
    while True:
        yield "remove the next page table entry"
        first = _next_mapped(vm, p, first, last)
        if first == last:
            return
        old = _swap(vm, p, vm.pte_slots.slots[p, first], 0)
        yield from _hand_over(vm, old)


def _next_mapped(vm: Machine, p: int, first: int, last: int) -> int:
    if last - first <= len(vm.pte_slots.slots):
        return next((vpn for vpn in range(first, last) if pte_at(vm, p, vpn)), last)
    places = vm.pte_slots.slots.items()
    mapped = (vpn for (q, vpn), at in places if q == p and first <= vpn < last and vm.pte.entry[at])
    return min(mapped, default=last)


def pmap_protect_range(vm: Machine, p: int, first: int, last: int) -> Steps[None]:
    """Make what process `p` maps at pages `first` .. `last` - 1 of its address space read-only.

    Locks:   none: no page is busied. PG_WRITEABLE stays.
    Blocks:  no.
    Returns: nothing.
    Errors:  those of vm_page_dirty.
    Source:  spec 21, section 4 (protect to read, of one address space)
    """
    while True:
        yield "write-protect the next page table entry"
        first = _next_mapped(vm, p, first, last)
        if first == last:
            return
        slot = vm.pte_slots.slots[p, first]
        old = vm.pte.entry[slot]
        vm.pte.entry[slot] = old & ~(PTE_RW | PTE_M)
        m = page_of_pte(vm, old)
        if old & PTE_RW and vm.rules.pmap_model == "counted":
            vm.page.writeable_count[m] -= 1
        if old & PTE_M:
            vm.page.pmap_modified[m] = int(_any_modified(vm, m))
            yield from vm_page_dirty(vm, m)
        first += 1


# --- every mapping of a page: parts of the steps that the page layer's functions take ---------------------


def drop_every_mapping(vm: Machine, m: Page) -> None:
    """Remove page `m` from every page table; the page's own cells stay, to be collected."""
    for p, slot in dict.fromkeys(mappings_of(vm, m)):
        vm.pte.entry[slot] = 0
        vm.process.resident[p] -= 1


def write_protect_every_mapping(vm: Machine, m: Page) -> None:
    """Make every mapping of page `m` read-only; the page's own modified bit stays, to be collected."""
    for _, slot in mappings_of(vm, m):
        vm.pte.entry[slot] &= ~(PTE_RW | PTE_M)


def clear_bits_of_mappings(vm: Machine, m: Page, bit: int, most: int) -> None:
    """Clear an accessed or modified bit in up to `most` of the page's mappings that have it."""
    for _, slot in mappings_of(vm, m):
        if vm.pte.entry[slot] & bit and most > 0:
            vm.pte.entry[slot] &= ~bit
            most -= 1
