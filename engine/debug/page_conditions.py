"""What a kernel function demands of a page: conditions on cells, each with the cell that decides it.

The functions are vm_page_free_toq, vm_page_try_to_cache with vm_page_cache, the pageout scan of an inactive
page, vm_page_alloc and vm_page_wire. All needed conditions of a function are met exactly if it does what it
is for, called at this moment; one that is not needed says where the page goes. It may still have to wait for
a lock, which is not a condition, except where the kernel only tries a lock. The order is that of the kernel's
tests, so the first one that is not met is the one that refuses. What depends on a cpu's view of the counters
is seen by the machine's current cpu.
Source: spec 04, vm_page_free_toq; spec 05, Wire; spec 22, section C.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.constants import (
    MAXSCAN_DIVIDER,
    NULL,
    OBJ_DEAD,
    OBJT_VNODE,
    PBUSY_LOCKED,
    PBUSY_MASK,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_NEED_COMMIT,
    PG_REFERENCED,
    PG_UNQUEUED,
    PG_WINATCFLS,
    PG_WRITEABLE,
    PQ_CACHE,
    PQ_FREE,
    PQ_INACTIVE,
    PQ_NONE,
    VM_PAGE_BITS_ALL,
    Page,
)
from engine.kernel.memory_pressure import vm_page_count_min
from engine.kernel.pageout.page import ANONYMOUS
from engine.machine.machine import Machine

Test = Callable[[Any], Any]
"""Whether a value meets a condition; of an array of values, the array of answers."""


BUSIED: Final = "it is hard-busied"
"""The condition that a caller of most functions has to establish first."""


TO_HOLD: Final = "it is not held, or it goes to HOLD until hold_count is 0"
"""The condition on which vm_page_free_toq puts a page on FREE, and not on HOLD."""


@dataclass(frozen=True)
class Condition:
    """A condition: what has to be true, whether it is, and the cell that decides.

    address: the cell; test: whether a value of the cell, as its column reads it, meets the condition.
    needed:  whether the function demands it; else it only decides to which queue the page goes.
    """

    text: str
    met: bool
    address: int
    test: Test
    needed: bool = True


class Cells:
    """Makes conditions about one page."""

    def __init__(self, vm: Machine, m: Page) -> None:
        self.vm, self.m = vm, m
        self.flags, self.busy = vm.page.flags[m], vm.page.busy_count[m]
        self.obj = vm.page.object[m]

    def page(self, text: str, field: str, test: Test) -> Condition:
        """A condition on a field of the page."""
        return self.on("page", field, self.m, text, test)

    def on(self, table: str, field: str, row: int, text: str, test: Test) -> Condition:
        """A condition on a field of a row of any table."""
        value = getattr(self.vm.memory.tables[table], field)[row]
        return Condition(text, bool(test(value)), self.vm.memory.address(f"{table}.{field}", row), test)

    def lacks(self, mask: int, text: str) -> Condition:
        """The condition that none of these flags is set."""
        return self.page(text, "flags", lambda flags: flags & mask == 0)

    def zero(self, field: str, text: str) -> Condition:
        """The condition that a field is 0."""
        return self.page(text, field, lambda value: value == 0)

    def is_on(self, base: int, text: str) -> Condition:
        """The condition that the page is on a queue of a type."""
        q = base + self.vm.page.pc[self.m]
        return self.page(text, "queue", lambda queue: queue == q)

    def is_not_on(self, base: int, text: str) -> Condition:
        """The condition that the page is not on a queue of a type."""
        q = base + self.vm.page.pc[self.m]
        return self.page(text, "queue", lambda queue: queue != q)

    @property
    def counted(self) -> bool:
        """Whether mappings are counted."""
        return self.vm.rules.pmap_model == "counted"

    # --- what several functions ask -----------------------------------------------------------------------

    def locked(self) -> Condition:
        """The caller has the page hard-busied."""
        return self.page(BUSIED, "busy_count", lambda busy: busy & PBUSY_LOCKED != 0)

    def unlocked(self) -> Condition:
        """No thread has the page hard-busied."""
        return self.page("it is not hard-busied", "busy_count", lambda busy: busy & PBUSY_LOCKED == 0)

    def not_soft(self) -> Condition:
        """No thread has the page soft-busied."""
        return self.page("it is not soft-busied", "busy_count", lambda busy: busy & PBUSY_MASK == 0)

    def unwired(self) -> Condition:
        """The page is not wired."""
        return self.zero("wire_count", "it is not wired")

    def unheld(self) -> Condition:
        """The page is not held."""
        return self.zero("hold_count", "it is not held")

    def stays_clean(self) -> Condition:
        """No mapping hands over a modified bit when the page is tested or unmapped."""
        text = "no mapping of it was modified"
        if self._modified_bit_counts():
            return self.zero("pmap_modified", text)
        return self.page(text, "pmap_modified", lambda modified: modified >= 0)

    def _modified_bit_counts(self) -> bool:
        if self.flags & PG_WRITEABLE and not self.flags & PG_FICTITIOUS:
            return True
        stale = self.counted and self.vm.page.pmap_count[self.m] == 0
        return bool(self.flags & PG_MAPPED) and not stale


def free_conditions(vm: Machine, m: Page) -> Iterator[Condition]:
    """Yield what vm_page_free_toq demands."""
    cells = Cells(vm, m)
    stale = cells.counted and vm.page.pmap_count[m] == 0
    if cells.counted and (stale or cells.flags & PG_MAPPED):
        yield cells.zero("pmap_count", "it is not mapped")
    else:
        yield cells.lacks(PG_MAPPED, "it is not mapped")
    yield cells.locked()
    yield cells.is_not_on(PQ_FREE, "it is not free already")
    yield cells.not_soft()
    if cells.flags & PG_FICTITIOUS:
        yield cells.page("it is on no queue, being fictitious", "queue", lambda queue: queue == PQ_NONE)
        return
    yield cells.unwired()
    if cells.counted:
        yield cells.zero("writeable_count", "no mapping of it is writable")
    else:
        yield cells.lacks(PG_WRITEABLE, "no mapping of it is writable")
    yield replace(cells.zero("hold_count", TO_HOLD), needed=False)


def cache_conditions(vm: Machine, m: Page) -> Iterator[Condition]:
    """Yield what vm_page_try_to_cache and vm_page_cache demand to put the page on CACHE."""
    cells = Cells(vm, m)
    yield cells.locked()
    yield cells.zero("dirty", "it is clean")
    yield cells.unheld()
    yield cells.unwired()
    yield cells.is_not_on(PQ_CACHE, "it is not cached already")
    yield cells.lacks(PG_UNQUEUED | PG_FICTITIOUS, "it is a page that may be on a queue")
    yield cells.lacks(PG_NEED_COMMIT, "it is not marked PG_NEED_COMMIT")
    yield cells.stays_clean()
    yield cells.not_soft()


def wire_conditions(vm: Machine, m: Page) -> Iterator[Condition]:
    """Yield what vm_page_wire demands to count a wiring."""
    cells = Cells(vm, m)
    yield cells.locked()
    yield cells.lacks(PG_FICTITIOUS, "it is not fictitious, which is never wired again")
    yield cells.page("one more wiring can be counted", "wire_count", lambda wired: wired != _MOST_WIRINGS)


_MOST_WIRINGS: Final = 0xFFFFFFFF


# --- the pageout scan ---------------------------------------------------------------------------------------


def pageout_conditions(vm: Machine, m: Page) -> Iterator[Condition]:
    """Yield what the scan of inactive pages demands to free, cache or write the page at its next visit.

    The level of the pass is that of the primary daemon.
    """
    cells = Cells(vm, m)
    yield cells.is_on(PQ_INACTIVE, "it is inactive")
    yield cells.unlocked()
    yield cells.not_soft()
    yield cells.unwired()
    yield cells.unheld()
    yield from _unused(cells)
    yield from _reclaimable(cells)


def _unused(cells: Cells) -> Iterator[Condition]:
    """Nothing refers to the page, or to its object: then references to the page do not count."""
    text = "its object is in no use, so that uses of the page do not count"
    if cells.obj == NULL:
        yield cells.page("it has no object, so that uses of the page do not count", "object", _is_null)
    elif cells.vm.object.ref_count[cells.obj] == 0:
        yield cells.on("object", "ref_count", cells.obj, text, lambda count: count == 0)
    else:
        yield cells.lacks(PG_REFERENCED, "it was not referenced")
        if not cells.flags & PG_FICTITIOUS:
            yield cells.zero("pmap_referenced", "no mapping of it was used")


def _is_null(obj: Any) -> Any:
    return obj == NULL


def _is_not_null(obj: Any) -> Any:
    return obj != NULL


def _reclaimable(cells: Cells) -> Iterator[Condition]:
    """The page is invalid or clean, or it may be written."""
    vm, m = cells.vm, cells.m
    commit = cells.flags & PG_NEED_COMMIT
    modified = cells.flags & PG_WRITEABLE and not cells.flags & PG_FICTITIOUS and vm.page.pmap_modified[m]
    if not commit and not vm.page.valid[m]:
        yield cells.zero("valid", "it is invalid, clean, or may be written")
        if not cells.counted and not cells.flags & PG_MAPPED:
            # Unmapping leaves an unmapped page's flags, and the free then panics.
            yield cells.lacks(PG_WRITEABLE, "it has no stale PG_WRITEABLE, which unmapping leaves")
    elif not commit and not vm.page.dirty[m] and not modified:
        yield cells.zero("dirty", "it is invalid, clean, or may be written")
        yield cells.lacks(PG_UNQUEUED | PG_FICTITIOUS, "it is a page that may be on a queue")
        yield cells.stays_clean()
    else:
        yield _second_lap(cells, "flags" if commit else "dirty" if vm.page.dirty[m] else "pmap_modified")
        yield from _writable(cells)


def _second_lap(cells: Cells, unclean: str) -> Condition:
    """At level 0, a page that is not clean is only written at the second visit."""
    vm, text = cells.vm, "it is clean, or was met dirty before (PG_WINATCFLS)"
    memuse = vm.glob.vm_pageout_memuse_mode[0]
    if cells.flags & PG_WINATCFLS:
        return cells.page(text, "flags", lambda flags: flags & PG_WINATCFLS != 0)
    if memuse >= 3:
        return cells.on("global", "vm_pageout_memuse_mode", 0, text, lambda mode: mode >= 3)
    if vm.daemon.passes[0] >= MAXSCAN_DIVIDER:
        text = "it is clean, or the pass is urgent enough to write it at once"
        return cells.on("daemon", "passes", 0, text, lambda passes: passes >= MAXSCAN_DIVIDER)
    if unclean == "flags":
        return cells.page(
            text, "flags", lambda flags: flags & (PG_WINATCFLS | PG_NEED_COMMIT) == PG_WINATCFLS
        )
    return cells.zero(unclean, text)


def _writable(cells: Cells) -> Iterator[Condition]:
    """The page's object permits a write, and every part of the page is valid."""
    vm, obj = cells.vm, cells.obj
    yield cells.lacks(PG_UNQUEUED, "it is a page that may be on a queue")
    yield cells.page("it has an object to be written to", "object", _is_not_null)
    if obj != NULL:
        yield cells.on("object", "flags", obj, "its object is not dead", lambda flags: flags & OBJ_DEAD == 0)
        if vm.object.type[obj] in ANONYMOUS:
            yield from _swap_permitted(cells)
        if vm.object.type[obj] == OBJT_VNODE:
            text = "the lock of its vnode can be had"
            yield cells.on("object", "vget_fails", obj, text, lambda fails: fails == 0)
    yield cells.page("every part of it is valid", "valid", lambda valid: valid == VM_PAGE_BITS_ALL)


def _swap_permitted(cells: Cells) -> Iterator[Condition]:
    yield cells.on(
        "global", "disable_swap_pageouts", 0, "writes to swap are enabled", lambda value: value == 0
    )
    if not vm_page_count_min(cells.vm, 0):
        text = "writes to swap are not deferred"
        yield cells.on("global", "defer_swap_pageouts", 0, text, lambda value: value == 0)
