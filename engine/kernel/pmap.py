"""Mappings as the page layer sees them: a modified bit, a reference count, and the page's flags.

Page tables are in process/page_table.py. A page's mappings are tracked in one of two ways (pmap_model):

- advanced, the shipped kernel: PG_MAPPED, PG_MAPPEDMULTI and PG_WRITEABLE are all there is. A page that was
  mapped more than once keeps them until every mapping is removed at once, since it is unknown which mapping
  was the last.
- counted: the page counts its mappings and its writable mappings. The flags can still be stale, since only a
  thread that has the page hard-busied may clear them, but pmap_mapped_sync() detects that.

Of a page's mappings this module keeps one modified bit and the number of used ones, not which is which.
Removing one mapping therefore transfers the modified bit to the page from any mapping, and removes a used
mapping before an unused one; under counted it removes a read-only mapping if there is one.
Source: spec 01, pmap model; spec 05, Other (protect).
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
    Page,
)
from engine.errors import kkassert
from engine.kernel.arguments import AnyProtection, Bool, Count, Memattr
from engine.kernel.process.page_table import (
    clear_bits_of_mappings,
    drop_every_mapping,
    write_protect_every_mapping,
)
from engine.kernel.valid_dirty import vm_page_dirty
from engine.machine.machine import Machine, Steps

MOST_REFERENCES: Final = 5
"""The most used mappings that one call of pmap_ts_referenced counts."""

_EVERY: Final = 1 << 30

MAPPING_FLAGS: Final = PG_MAPPED | PG_MAPPEDMULTI | PG_WRITEABLE


def _counted(vm: Machine) -> bool:
    return vm.rules.pmap_model == "counted"


def _mapped(vm: Machine, m: Page) -> bool:
    """Whether the page is mapped: MAPPED says so, even where a stale WRITEABLE is left."""
    return vm.page.pmap_count[m] != 0 if _counted(vm) else bool(vm.page.flags[m] & PG_MAPPED)


def _mapped_once(vm: Machine, m: Page) -> bool:
    """Whether a mapped page is known to have no other mapping."""
    return vm.page.pmap_count[m] == 1 if _counted(vm) else not vm.page.flags[m] & PG_MAPPEDMULTI


def freeable(vm: Machine, m: Page) -> bool:
    """Whether no mapping prevents page `m` from being freed."""
    if _counted(vm):
        return vm.page.pmap_count[m] == 0 and vm.page.writeable_count[m] == 0
    return not vm.page.flags[m] & (PG_MAPPED | PG_WRITEABLE)


def pmap_mapped_sync(vm: Machine, m: Page) -> Steps[int]:
    """Update the page's mapping flags from its mappings, as far as those are known.

    Locks:   the page hard-busied, so that no new mapping is made.
    Blocks:  no.
    Returns: the page's flags.
    Errors:  none.
    Differs: under pmap_model counted an unmapped page loses the flags; the shipped kernel has no count and
             only reads them.
    Source:  spec 01, pmap model
    """
    yield "read the mapping flags"
    if _counted(vm) and vm.page.flags[m] & MAPPING_FLAGS and vm.page.pmap_count[m] == 0:
        yield "clear the stale mapping flags"
        vm.page.flags[m] &= ~MAPPING_FLAGS
    return vm.page.flags[m]


def pmap_enter(vm: Machine, m: Page, writeable: Bool) -> Steps[None]:
    """Map page `m` once more, writable if asked, and use the mapping.

    Locks:   the page soft- or hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  spec 01, pmap model
    """
    yield "set the mapping flags"
    more = PG_MAPPEDMULTI if vm.page.flags[m] & PG_MAPPED else 0
    vm.page.flags[m] |= PG_MAPPED | more | (PG_WRITEABLE if writeable else 0)
    if _counted(vm):
        yield "count the mapping"
        vm.page.pmap_count[m] += 1
        if writeable:
            yield "count it as a writable mapping"
            vm.page.writeable_count[m] += 1
    yield "use the mapping"
    vm.page.pmap_referenced[m] += 1


def pmap_remove(vm: Machine, m: Page) -> Steps[None]:
    """Remove one mapping of page `m`; an unmapped page does not change.

    The mapping's bits go to the page: it is dirty if the mapping was modified, referenced if it was used.

    Locks:   the page hard-busied, by convention.
    Blocks:  no.
    Returns: nothing.
    Errors:  those of vm_page_dirty.
    Differs: under pmap_model advanced PG_MAPPED and PG_WRITEABLE go with the mapping unless PG_MAPPEDMULTI
             says that there may be others; under counted they stay until pmap_mapped_sync.
    Source:  spec 01, pmap model
    """
    yield "check whether the page is mapped"
    if not _mapped(vm, m):
        return
    yield from _collect_modified(vm, m)
    yield "collect the mapping's accessed bit"
    if vm.page.pmap_referenced[m]:
        vm.page.pmap_referenced[m] = 0 if _mapped_once(vm, m) else vm.page.pmap_referenced[m] - 1
        vm.page.flags[m] |= PG_REFERENCED
    yield "drop the mapping"
    if _counted(vm):
        vm.page.pmap_count[m] -= 1
        if vm.page.writeable_count[m] > vm.page.pmap_count[m]:
            yield "drop it from the writable mappings"
            vm.page.writeable_count[m] -= 1
    elif _mapped_once(vm, m):
        vm.page.flags[m] &= ~(PG_MAPPED | PG_WRITEABLE)


def pmap_modify(vm: Machine, m: Page) -> Steps[None]:
    """Store to page `m` through a mapping, even if no mapping is writable.

    Locks:   none: the processor takes no lock.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  spec 01, pmap model
    """
    yield "set the modified bit"
    vm.page.pmap_modified[m] = 1


def pmap_reference(vm: Machine, m: Page, count: Count) -> Steps[None]:
    """Set the accessed bits of `count` mappings of page `m`, and clear all others.

    Locks:   none: the processor takes no lock.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  spec 01, pmap model
    """
    yield "set the accessed bits"
    vm.page.pmap_referenced[m] = count


def vm_page_protect(vm: Machine, m: Page, prot: AnyProtection) -> Steps[None]:
    """Restrict every mapping of page `m`: remove it (VM_PROT_NONE) or make it read-only (VM_PROT_READ).

    Locks:   the page hard-busied.
    Blocks:  yes, in the kernel, while other cpus drop their translations.
    Returns: nothing.
    Errors:  KKASSERT when the page is not hard-busied; those of vm_page_dirty.
    Source:  sys/vm/vm_page.c vm_page_protect
    """
    yield "check that the page is hard-busied"
    kkassert(bool(vm.page.busy_count[m] & PBUSY_LOCKED), "vm_page_protect", "a hard-busied page", m)
    if prot == VM_PROT_NONE:
        flags = yield from pmap_mapped_sync(vm, m)
        if flags & (PG_MAPPED | PG_WRITEABLE):
            yield from _remove_all(vm, m)
    elif prot == VM_PROT_READ and vm.page.flags[m] & PG_WRITEABLE:
        yield from _write_protect(vm, m)


def _collect_modified(vm: Machine, m: Page) -> Steps[None]:
    yield "collect the modified bit"
    if vm.page.pmap_modified[m]:
        vm.page.pmap_modified[m] = 0
        yield from vm_page_dirty(vm, m)


def _remove_all(vm: Machine, m: Page) -> Steps[None]:
    yield "remove every mapping"
    if not _mapped(vm, m):
        return
    # No thread can store to the page from here on, so its modified bit is final.
    drop_every_mapping(vm, m)
    yield from _collect_modified(vm, m)
    yield "collect references and clear the mapping flags"
    if vm.page.pmap_referenced[m]:
        vm.page.pmap_referenced[m] = 0
        vm.page.flags[m] |= PG_REFERENCED
    vm.page.pmap_count[m] = 0
    vm.page.writeable_count[m] = 0
    vm.page.flags[m] &= ~MAPPING_FLAGS


def _write_protect(vm: Machine, m: Page) -> Steps[None]:
    yield "make every mapping read-only"
    write_protect_every_mapping(vm, m)
    yield from _collect_modified(vm, m)
    yield "clear PG_WRITEABLE"
    vm.page.writeable_count[m] = 0
    vm.page.flags[m] &= ~PG_WRITEABLE


def pmap_clear_reference(vm: Machine, m: Page) -> Steps[None]:
    """Clear the accessed bits of the page's mappings.

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


def pmap_clear_modify(vm: Machine, m: Page) -> Steps[None]:
    """Clear the modified bits of the page's mappings.

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


def pmap_ts_referenced(vm: Machine, m: Page) -> Steps[int]:
    """Collect the accessed bits of the page's mappings, up to a maximum: how much it was used lately.

    Locks:   the page busied.
    Blocks:  no.
    Returns: how many mappings were used, at most MOST_REFERENCES; the rest remains for the next call.
    Errors:  none.
    Source:  spec 01, pmap model
    """
    yield "collect the mappings' accessed bits"
    if vm.page.flags[m] & PG_FICTITIOUS:
        return 0
    taken = min(vm.page.pmap_referenced[m], MOST_REFERENCES)
    vm.page.pmap_referenced[m] -= taken
    clear_bits_of_mappings(vm, m, PTE_A, taken)
    return taken


def pmap_page_set_memattr(vm: Machine, m: Page, memattr: Memattr) -> Steps[None]:
    """Set the page's memory attribute: how the processor caches it.

    Locks:   the page belongs to the caller.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Source:  spec 01, struct vm_page (pat_mode)
    """
    yield "set the memory attribute"
    vm.page.pat_mode[m] = memattr
    vm.effects.append(("memattr", m, memattr))
