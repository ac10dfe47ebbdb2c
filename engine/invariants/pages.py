"""What the kernel's rules for busying, wiring, holding and freeing leave in a page.

Only what holds at every step is checked. Much that looks like a rule does not:

- A free page may be busied: by an allocator before it has unlocked the page, by a waiter that comes too late,
  softly by a reader that got it from the page hash.
- It may be held: a hold that comes between the test of `hold_count` and the move to FREE is not seen.
- It may be dirty, if its last holder made it so on HOLD; and valid, if somebody wrote to it meanwhile.
- A page on HOLD may have `hold_count` 0 until the daemon comes by. A page on CACHE may be wired, held, dirty.
- A busied page has no owner. WANTED may be set with nobody asleep, or clear with the wakeup on its way.

What is left the kernel keeps because its callers do: they wire, map and mark a page only while they have it
busied and it is theirs. A script that does not can break these without a panic; see CALLERS_RULES.
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
"""No run is long enough for so many soft busies: a count above has been dropped once too often."""

_IN_USE: Final = PG_MAPPED | PG_WRITEABLE | PG_NEED_COMMIT


def busy_violations(vm: Machine) -> Iterator[Violation]:
    """Soft counts that ran below 0."""
    busy_count = vm.memory.vector("page.busy_count")
    busied = np.flatnonzero(busy_count)
    soft = busy_count[busied] & PBUSY_MASK
    for m in some(busied[soft > LARGEST_SOFT_COUNT]):
        says = f"{page_text(vm, m)}.busy_count is {vm.page.busy_count[m]:#010x}"
        yield Violation("soft busy", m, says, "a soft count never falls below 0")


def wire_violations(vm: Machine) -> Iterator[Violation]:
    """Wire counts that ran below 0, and free pages that are wired."""
    wire_count = vm.memory.vector("page.wire_count")
    wired = np.flatnonzero(wire_count)
    for m in some(wired[wire_count[wired] > LARGEST_WIRE_COUNT]):
        says = f"{page_text(vm, m)}.wire_count is {vm.page.wire_count[m] - (1 << 32)}"
        yield Violation("wiring", m, says, "a wire count never falls below 0")
    queue = vm.memory.vector("page.queue")
    for m in some(wired[_freed(queue[wired])]):
        says = f"{page_text(vm, m)}.wire_count is {vm.page.wire_count[m]}"
        yield Violation("a free page is not wired", m, says, _on(vm, m))


def hold_violations(vm: Machine) -> Iterator[Violation]:
    """Hold counts of pages and objects that ran below 0.

    An object's holds and tokens need not be equal at any step: a hold is counted before its token is taken
    and given up before it is released, an upgrade lets go of the token for a moment, and a token may be
    taken without a hold.
    """
    hold_count = vm.memory.vector("page.hold_count")
    for m in some(_below_zero(hold_count)):
        says = f"{page_text(vm, m)}.hold_count is {hold_count[m]}"
        yield Violation("holds of a page", m, says, "a hold count never falls below 0")
    hold_count = vm.memory.vector("object.hold_count")
    for obj in some(_below_zero(hold_count)):
        says = f"{object_text(vm, obj)}.hold_count is {hold_count[obj]}"
        yield Violation("holds of an object", NULL, says, "a hold count never falls below 0")


def unqueued_violations(vm: Machine) -> Iterator[Violation]:
    """Pages that are never queued and are; but for scan markers, which are FICTITIOUS and queued."""
    flags, queue = vm.memory.vector("page.flags"), vm.memory.vector("page.queue")
    never = np.flatnonzero(flags & (PG_FICTITIOUS | PG_UNQUEUED))
    for m in some(never[(queue[never] != PQ_NONE) & (flags[never] & PG_MARKER == 0)]):
        says = f"{page_text(vm, m)}.flags {vm.page.flags[m]:#x} have FICTITIOUS or UNQUEUED"
        yield Violation("never queued", m, says, _on(vm, m))


def free_violations(vm: Machine) -> Iterator[Violation]:
    """Pages on FREE or HOLD that an object still has, or that are mapped or to be committed."""
    vector = vm.memory.vector
    queue, owner, flags = vector("page.queue"), vector("page.object"), vector("page.flags")
    owned = np.flatnonzero(owner)
    for m in some(owned[_freed(queue[owned])]):
        says = f"{page_text(vm, m)}.object is {object_text(vm, vm.page.object[m])}"
        yield Violation("a free page is in no object", m, says, _on(vm, m))
    marked = np.flatnonzero(flags & _IN_USE)
    for m in some(marked[_freed(queue[marked])]):
        says = f"{page_text(vm, m)}.flags {vm.page.flags[m]:#x} have MAPPED, WRITEABLE or NEED_COMMIT"
        yield Violation("a free page is not in use", m, says, _on(vm, m))


def _freed(queues: Array) -> Mask:
    """Which of these queues are FREE or HOLD."""
    free: Mask = (queues >= PQ_FREE) & (queues < PQ_INACTIVE)
    held: Mask = (queues >= PQ_HOLD) & (queues < PQ_COUNT)
    return free | held


def _below_zero(counts: Array) -> Array:
    return np.flatnonzero(counts < 0) if counts.size and int(counts.min()) < 0 else counts[:0]


def _on(vm: Machine, m: int) -> str:
    q = vm.page.queue[m]
    return f"its queue is {queue_text(q) if q < PQ_COUNT else q}"
