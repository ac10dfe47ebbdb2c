"""The drivers' reserve: the bitmap of free blocks against its count and against the pages of the blocks.

The bits and `bl_free` change in the same step. A free block is a page of the reserve: below
vm_low_phys_reserved, FICTITIOUS and UNQUEUED, wired once, on no queue and in no object. Pages that a driver
has allocated are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from engine.constants import (
    ALIST_BLOCKS,
    NULL,
    PAGE_SHIFT,
    PG_FICTITIOUS,
    PG_UNQUEUED,
    PQ_NONE,
)
from engine.invariants.violation import Violation, some
from engine.language.naming import page_text
from engine.machine.machine import Machine
from engine.memory.cells import Array

_RESERVED: Final = PG_FICTITIOUS | PG_UNQUEUED


def alist_violations(vm: Machine) -> Iterator[Violation]:
    """Find every disagreement between the bitmap of the reserve, its count and its pages."""
    free = vm.memory.vector("alist.free")
    number = int(np.count_nonzero(free))
    bl_free = vm.glob.bl_free[0]
    if number != bl_free:
        yield Violation("free blocks", NULL, f"global.bl_free is {bl_free}", f"{number} blocks are free")
    first = min(vm.first_page, ALIST_BLOCKS)
    # Boot's first limit may be inside a page: a page that starts below it belongs to the reserve.
    reserved = -(-vm.glob.vm_low_phys_reserved[0] >> PAGE_SHIFT)
    beyond = max(first, min(first + vm.page_entries, reserved, ALIST_BLOCKS))
    blocks = first + np.flatnonzero(free[first:beyond])
    if blocks.size != number:
        yield from _outside(vm, free, first, beyond)
    yield from _ordinary_pages(vm, blocks - vm.first_page)


def _outside(vm: Machine, free: Array, first: int, beyond: int) -> Iterator[Violation]:
    blocks = np.flatnonzero(free)
    for block in some(blocks[(blocks < first) | (blocks >= beyond)]):
        says = f"alist[{block:#x}].free is {free[block]}"
        yield Violation("blocks of the reserve", NULL, says, f"the reserve is {first:#x} to {beyond - 1:#x}")


def _ordinary_pages(vm: Machine, pages: Array) -> Iterator[Violation]:
    vector = vm.memory.vector
    fine = (vector("page.flags")[pages] & _RESERVED == _RESERVED) & (vector("page.wire_count")[pages] == 1)
    fine &= (vector("page.queue")[pages] == PQ_NONE) & (vector("page.object")[pages] == 0)
    for m in some(pages[~fine]):
        yield Violation(
            "pages of the reserve",
            m,
            f"alist[{vm.page_number(m):#x}].free is 1",
            f"{page_text(vm, m)} has flags {vm.page.flags[m]:#x}, wire_count {vm.page.wire_count[m]}, "
            f"queue {vm.page.queue[m]}, object {vm.page.object[m]}; "
            "a free block is FICTITIOUS|UNQUEUED, wired once, on no queue and in no object",
        )
