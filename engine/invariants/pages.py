"""Page invariants that follow from the kernel's rules for busying, wiring, holding and freeing.

Only what holds at every step is checked. Many apparent rules do not hold:

- A free page may be busied: by an allocator that has not unlocked the page yet, by a waiter that comes too
late, or
  softly by a reader that got it from the page hash.
- A free page may be held: a hold between the test of `hold_count` and the move to FREE is not noticed.
- A free page may be dirty if its last holder dirtied it on HOLD, and valid if a thread wrote to it meanwhile.
- A page on HOLD may have `hold_count` 0 until the daemon scans it. A page on CACHE may be wired, held or
dirty.
- A busied page has no owner. WANTED may be set while no thread sleeps, or clear while the wakeup is still to
come.

The other rules hold because callers follow them: they wire, map and mark a page only while they have it
busied. A script that does not can break these rules without a panic; see CALLERS_RULES.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from engine.constants import (
    NULL,
    PBUSY_MASK,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_MARKER,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PG_WRITEABLE,
    PQ_COUNT,
    PQ_FREE,
    PQ_HOLD,
    PQ_INACTIVE,
    PQ_NONE,
)
from engine.invariants.counters import LARGEST_WIRE_COUNT
from engine.invariants.violation import Mask, Violation, some
from engine.language.naming import object_text, page_text, queue_text
from engine.machine.machine import Machine
from engine.memory.cells import Array

LARGEST_SOFT_COUNT: Final = PBUSY_MASK >> 1
"""No run is long enough for more soft busies: a larger count has wrapped below 0."""

_IN_USE: Final = PG_MAPPED | PG_WRITEABLE | PG_NEED_COMMIT


def busy_violations(vm: Machine) -> Iterator[Violation]:
    """Find soft-busy counts below 0."""
    busy_count = vm.memory.vector("page.busy_count")
    busied = np.flatnonzero(busy_count)
    soft = busy_count[busied] & PBUSY_MASK
    for m in some(busied[soft > LARGEST_SOFT_COUNT]):
        says = f"{page_text(vm, m)}.busy_count is {vm.page.busy_count[m]:#010x}"
        yield Violation("soft busy", m, says, "a soft-busy count is never below 0")


def wire_violations(vm: Machine) -> Iterator[Violation]:
    """Find wire counts below 0, and free pages that are wired."""
    wire_count = vm.memory.vector("page.wire_count")
    wired = np.flatnonzero(wire_count)
    for m in some(wired[wire_count[wired] > LARGEST_WIRE_COUNT]):
        says = f"{page_text(vm, m)}.wire_count is {vm.page.wire_count[m] - (1 << 32)}"
        yield Violation("wiring", m, says, "a wire count is never below 0")
    queue = vm.memory.vector("page.queue")
    for m in some(wired[_freed(queue[wired])]):
        says = f"{page_text(vm, m)}.wire_count is {vm.page.wire_count[m]}"
        yield Violation("a free page is not wired", m, says, _on(vm, m))


def hold_violations(vm: Machine) -> Iterator[Violation]:
    """Find hold counts of pages and objects below 0.

    An object's number of holds and its tokens may differ at any step: a hold is counted before its token is
    taken and dropped before the token is released, an upgrade releases the token for a moment, and a token
    may be taken without a hold.
    """
    hold_count = vm.memory.vector("page.hold_count")
    for m in some(_below_zero(hold_count)):
        says = f"{page_text(vm, m)}.hold_count is {hold_count[m]}"
        yield Violation("holds of a page", m, says, "a hold count is never below 0")
    hold_count = vm.memory.vector("object.hold_count")
    for obj in some(_below_zero(hold_count)):
        says = f"{object_text(vm, obj)}.hold_count is {hold_count[obj]}"
        yield Violation("holds of an object", NULL, says, "a hold count is never below 0")


def unqueued_violations(vm: Machine) -> Iterator[Violation]:
    """Find FICTITIOUS and UNQUEUED pages on a queue; scan markers, which are FICTITIOUS, may be queued."""
    flags, queue = vm.memory.vector("page.flags"), vm.memory.vector("page.queue")
    never = np.flatnonzero(flags & (PG_FICTITIOUS | PG_UNQUEUED))
    for m in some(never[(queue[never] != PQ_NONE) & (flags[never] & PG_MARKER == 0)]):
        says = f"{page_text(vm, m)}.flags {vm.page.flags[m]:#x} contain FICTITIOUS or UNQUEUED"
        yield Violation("never queued", m, says, _on(vm, m))


def free_violations(vm: Machine) -> Iterator[Violation]:
    """Find pages on FREE or HOLD that are in an object, mapped, or waiting to be committed."""
    vector = vm.memory.vector
    queue, owner, flags = vector("page.queue"), vector("page.object"), vector("page.flags")
    owned = np.flatnonzero(owner)
    for m in some(owned[_freed(queue[owned])]):
        says = f"{page_text(vm, m)}.object is {object_text(vm, vm.page.object[m])}"
        yield Violation("a free page is in no object", m, says, _on(vm, m))
    marked = np.flatnonzero(flags & _IN_USE)
    for m in some(marked[_freed(queue[marked])]):
        says = f"{page_text(vm, m)}.flags {vm.page.flags[m]:#x} contain MAPPED, WRITEABLE or NEED_COMMIT"
        yield Violation("a free page is not in use", m, says, _on(vm, m))


def _freed(queues: Array) -> Mask:
    """Return a mask of the queues that are FREE or HOLD."""
    free: Mask = (queues >= PQ_FREE) & (queues < PQ_INACTIVE)
    held: Mask = (queues >= PQ_HOLD) & (queues < PQ_COUNT)
    return free | held


def _below_zero(counts: Array) -> Array:
    return np.flatnonzero(counts < 0) if counts.size and int(counts.min()) < 0 else counts[:0]


def _on(vm: Machine, m: int) -> str:
    q = vm.page.queue[m]
    return f"its queue is {queue_text(q) if q < PQ_COUNT else q}"
