"""Mappings as far as the page layer sees them: a modified bit, a reference count, and the page's flags.

Source: spec 01, pmap model; spec 05, vm_page_protect.
"""

from __future__ import annotations

from typing import Final

from engine.constants import (
    PBUSY_LOCKED,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_MAPPEDMULTI,
    PG_REFERENCED,
    PG_WRITEABLE,
    PTE_A,
    PTE_M,
    VM_PROT_NONE,
    VM_PROT_READ,
)
from engine.errors import kkassert
from engine.kernel.bits import vm_page_dirty
from engine.kernel.mappings import (
    clear_bits_of_mappings,
    drop_every_mapping,
    write_protect_every_mapping,
)
from engine.machine import Machine, Steps

MOST_REFERENCES: Final = 5
"""pmap_ts_referenced looks no further after as many used mappings."""

_EVERY: Final = 1 << 30


def vm_page_protect(vm: Machine, m: int, prot: int) -> Steps[None]:
    """Restrict every mapping of page `m`: none at all (VM_PROT_NONE) or reading only (VM_PROT_READ).

    Locks:   the page hard-busied.
    Blocks:  yes, in the kernel, while other cpus drop their translations.
    Returns: nothing.
    Errors:  KKASSERT when the page is not hard-busied; those of vm_page_dirty.
    Source:  sys/vm/vm_page.c vm_page_protect
    """
    yield "see that the page is hard-busied"
    kkassert(bool(vm.page.busy_count[m] & PBUSY_LOCKED), "vm_page_protect", "a hard-busied page", m)
    if prot == VM_PROT_NONE and vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE):
        yield from _remove_all(vm, m)
    elif prot == VM_PROT_READ and vm.page.flags[m] & PG_WRITEABLE:
        yield from _write_protect(vm, m)


def _collect_modified(vm: Machine, m: int) -> Steps[None]:
    yield "collect the modified bit"
    if vm.page.pmap_modified[m]:
        vm.page.pmap_modified[m] = 0
        yield from vm_page_dirty(vm, m)


def _remove_all(vm: Machine, m: int) -> Steps[None]:
    yield "remove every mapping"
    # The page table holds no entry unless MAPPED says so, even when a stale WRITEABLE is left.
    if not vm.page.flags[m] & PG_MAPPED:
        return
    # From here on nobody can store to the page, so that its modified bit is collected for good.
    drop_every_mapping(vm, m)
    yield from _collect_modified(vm, m)
    yield "collect references and clear the mapping flags"
    if vm.page.pmap_referenced[m]:
        vm.page.pmap_referenced[m] = 0
        vm.page.flags[m] |= PG_REFERENCED
    vm.page.flags[m] &= ~(PG_MAPPED | PG_MAPPEDMULTI | PG_WRITEABLE)


def _write_protect(vm: Machine, m: int) -> Steps[None]:
    yield "make every mapping read-only"
    write_protect_every_mapping(vm, m)
    yield from _collect_modified(vm, m)
    yield "clear PG_WRITEABLE"
    vm.page.flags[m] &= ~PG_WRITEABLE


def pmap_clear_reference(vm: Machine, m: int) -> Steps[None]:
    """Forget that the page's mappings were used.

    Locks:   the page busied.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  spec 01, pmap model
    """
    yield "clear the mappings' accessed bits"
    if vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE):
        vm.page.pmap_referenced[m] = 0
        clear_bits_of_mappings(vm, m, PTE_A, _EVERY)


def pmap_clear_modify(vm: Machine, m: int) -> Steps[None]:
    """Forget that the page was written to through its mappings.

    Locks:   the page hard-busied.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  spec 01, pmap model
    """
    yield "clear the mappings' modified bits"
    if vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE):
        vm.page.pmap_modified[m] = 0
        clear_bits_of_mappings(vm, m, PTE_M, _EVERY)


def pmap_ts_referenced(vm: Machine, m: int) -> Steps[int]:
    """Take the accessed bits of the page's mappings, a few at most: how much it was used lately.

    Locks:   the page busied.
    Blocks:  no.
    Returns: how many mappings were used, at most MOST_REFERENCES; the rest is left for the next call.
    Errors:  none.
    Source:  spec 01, pmap model
    """
    yield "take the mappings' accessed bits"
    if vm.page.flags[m] & PG_FICTITIOUS:
        return 0
    taken = min(vm.page.pmap_referenced[m], MOST_REFERENCES)
    vm.page.pmap_referenced[m] -= taken
    clear_bits_of_mappings(vm, m, PTE_A, taken)
    return taken


def pmap_page_set_memattr(vm: Machine, m: int, memattr: int) -> Steps[None]:
    """Set how the processor caches the page's memory.

    Locks:   the page belongs to the caller.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  spec 01, pat_mode
    """
    yield "set the memory attribute"
    vm.page.pat_mode[m] = memattr
    vm.effects.append(("memattr", m, memattr))
