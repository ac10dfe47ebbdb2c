"""The ways in which the modelled kernel can stop: spec 12 as a table, in the order of its rows.

A panic that matches no row is a fault of the model. `fair` rows can be reached by callers that keep every
rule, through faults of the kernel's own: a grab that forgets that it has no page, a place that is filled
while a grab has let go of the object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.errors import KernelPanic


@dataclass(frozen=True)
class Row:
    """A function, its condition, and the kind of stop; text is the message up to its first `%`."""

    function: str
    fails_when: str
    kind: str
    text: str = ""
    fair: bool = False

    @property
    def name(self) -> str:
        """The row in a line of a report."""
        return f"{self.function}: {self.fails_when}"

    def matches(self, panic: KernelPanic) -> bool:
        """Whether this is the row of a panic, among those of its function and kind."""
        return (panic.function, panic.kind, panic.message) == (self.function, self.kind, self.text)


_A, _P, _C = "KKASSERT", "panic", "fault"

ROWS: Final = (
    Row("alist_alloc", "nothing is asked for", _A),
    Row("alist_free", "the range leaves the reserve's blocks", _A),
    Row("alst_radix_free", "a block is already free", _P, "alst_radix_free: freeing free block"),
    Row("alst_meta_free", "blocks are already free, freed with their whole node", _A),
    Row("vm_page_queue_lock", "the page changed queues while its lock was waited for", _A),
    Row("vm_page_add_queue", "the page is on a queue, or never on any", _A),
    Row("vm_page_list_find", "a listed page names another queue", _A),
    Row("vm_page_list_find2", "a listed page names another queue", _A),
    Row("vm_page_alloc", "no class, or a page that is queued, wired or soft-busied", _A),
    Row("vm_page_alloc", "the cached page is dirty", _P, "Found dirty cache page "),
    Row("vm_page_alloc", "the new page is dirty", _P, "vm_page_alloc: free/cache page "),
    Row("vm_page_alloc", "the place is taken", _P, "PAGE RACE ", fair=True),
    Row("vm_page_select_free", "the free page is marked or wired", _A),
    Row("vm_page_select_free", "the free page is held", _P, "m->hold_count is not zero pg "),
    Row("vm_page_select_free_or_cache", "the free page is marked or wired, the cached one UNQUEUED", _A),
    Row("vm_page_select_free_or_cache", "the free page is held", _P, "m->hold_count is not zero pg "),
    Row("vm_page_select_cache", "the cached page is UNQUEUED", _A),
    Row("vm_page_alloc_contig", "a page of the reserve is not FICTITIOUS", _A),
    Row("vm_page_free_contig", "not as it was taken, or a range that leaves the reserve", _A),
    Row("vm_page_free_contig", "the range leaves memory", _C),
    Row("vm_page_grab", "no class", _A),
    Row("vm_page_grab", "the page was busy and RETRY is not set", _C, fair=True),
    Row("vm_page_insert", "the token is not held exclusively", _A),
    Row("vm_page_insert", "the page has an object", _P, "vm_page_insert: already inserted"),
    Row("vm_page_remove", "the page is not busied", _P, "vm_page_remove: page not busy"),
    Row("vm_page_rename", "the page is not busied, or a token not held exclusively", _A),
    Row("vm_page_rename", "the place is taken", _P, "vm_page_rename: target exists ("),
    Row("vm_page_lookup", "the token is not held", _A),
    Row("vm_page_lookup_busy_wait", "the token is not held", _A),
    Row("vm_page_lookup_busy_try", "the token is not held", _A),
    Row("vm_page_lookup_sbusy_try", "the token is not held", _A),
    Row("vm_page_free_toq", "mapped, not busied, or FICTITIOUS and queued", _A),
    Row("vm_page_free_toq", "already free", _P, "vm_page_free: freeing free page"),
    Row("vm_page_free_toq", "soft-busied", _P, "vm_page_free: freeing busy page"),
    Row("vm_page_free_toq", "wired more than once", _P, "vm_page_free: invalid wire count ("),
    Row("vm_page_free_toq", "wired", _P, "vm_page_free: freeing wired page"),
    Row("vm_page_free_toq", "still mapped", _P, "vm_page_free: page "),
    Row("vm_page_cache", "cached and mapped", _A),
    Row("vm_page_wakeup", "not busied", _P, "vm_page_wakeup: page not busy!!!"),
    Row("vm_page_wire", "not busied", _A),
    Row("vm_page_wire", "the count wrapped", _P, "vm_page_wire: wire_count overflow m="),
    Row("vm_page_unwire", "not busied", _A),
    Row("vm_page_unwire", "not wired", _P, "vm_page_unwire: invalid wire count: "),
    Row("vm_page_wire_quick", "not wired", _P, "vm_page_wire_quick: wire_count was 0"),
    Row("vm_page_unwire_quick", "not wired", _A),
    Row("vm_page_hold", "the page is free", _A),
    Row("vm_page_unhold", "not held, or free", _P, "vm_page_unhold: pg "),
    Row("vm_page_io_start", "not busied", _A),
    Row("vm_page_io_finish", "no soft busy", _A),
    Row("vm_page_protect", "not busied", _A),
    Row("vm_page_bits", "the range leaves the page", _P, "vm_page_bits: illegal base/size "),
    Row("vm_page_dirty", "cached or free", _P, "vm_page_dirty: page in free/cache queue!"),
    Row("vm_page_set_invalid", "no object", _C),
    Row("vm_page_need_commit", "no object", _C),
    Row("vm_object_hold", "no object", _A),
    Row("vm_object_drop", "the object is not held", _A),
    Row("tsleep", "nothing to sleep on", _A),
    Row("tsleep", "a spinlock is held", _P, "tsleep: spinlocks held"),
)

LIVELOCKS: Final = {
    "vm_page_alloc": "the counters promise pages that are on no queue, or whose locks are held",
    "vm_page_grab": "with RETRY, busy_count is WANTED or SWAPINPROG alone",
    "vm_wait_pfault": "severely short, but not below the target",
    "vm_wait_nominal": "below the minimum, but not below the target",
}
"""The calls that may loop forever: the rows of kind S that loop."""


def row_of(panic: KernelPanic) -> Row | None:
    """The row of a panic, or None when the kernel does not stop in this way."""
    return next((row for row in ROWS if row.matches(panic)), None)


def livelock_of(stack: tuple[str, ...]) -> str | None:
    """The call of a stack, innermost first, that may loop forever, or None."""
    return next((name for name in reversed(stack) if name in LIVELOCKS), None)
