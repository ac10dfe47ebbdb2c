"""What vm_page_alloc demands of a page to take it: conditions on the page, and its place in the search.

The request is a VM_ALLOC_NORMAL one for the page's own colour, which finds the page earlier than a request
for any other colour. A cached page counts as taken when it is chosen; the kernel frees it first.
Source: spec 03, vm_page_alloc; spec 03, Two-queue search.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.constants import (
    NULL,
    PBUSY_LOCKED,
    PBUSY_MASK,
    PG_MARKER,
    PG_NEED_COMMIT,
    PG_UNQUEUED,
    PQ_CACHE,
    PQ_FREE,
    V_FREE_COUNT,
    V_FREE_RESERVED,
    VMSTATS_SIZE,
    Page,
)
from engine.debug.page_conditions import Cells, Condition
from engine.kernel.queues import base_queue
from engine.kernel.search import _cache_turn, _exhausted, _usable_cache_page, _wider
from engine.machine.machine import Machine


def alloc_conditions(vm: Machine, m: Page) -> Iterator[Condition]:
    """Yield what vm_page_alloc demands to take the page first for a request of its colour."""
    cells = Cells(vm, m)
    base = base_queue(vm, m)
    on_either = (PQ_FREE + vm.page.pc[m], PQ_CACHE + vm.page.pc[m])
    yield cells.page(
        "it is free or cached", "queue", lambda queue: (queue == on_either[0]) | (queue == on_either[1])
    )
    if vm.switches.trylock:
        yield cells.zero("spin", "its spinlock is free, since it is only tried")
    yield cells.unlocked()
    yield cells.not_soft()
    yield cells.zero("dirty", "it is clean")
    yield cells.unheld()
    yield cells.unwired()
    yield cells.lacks(PG_NEED_COMMIT, "it is not marked PG_NEED_COMMIT")
    yield cells.lacks(PG_UNQUEUED, "it is a page that may be on a queue")
    if base == PQ_FREE:
        yield _enough_free(cells)
        yield _first_of(cells, [PQ_FREE + vm.page.pc[m]])
    elif base == PQ_CACHE:
        yield from _token_free(cells)
        asked = _order(vm, vm.page.pc[m]) if _enough_free(cells).met else [PQ_CACHE + vm.page.pc[m]]
        yield _first_of(cells, asked)


def _token_free(cells: Cells) -> Iterator[Condition]:
    if cells.obj != NULL:
        field = "token_owner" if cells.vm.object.token_owner[cells.obj] else "token_shared"
        text = "the token of its object is free, since it is only tried"
        yield cells.on("object", field, cells.obj, text, lambda held: held == 0)


def _enough_free(cells: Cells) -> Condition:
    """The current cpu sees enough free pages for a request of the class NORMAL."""
    at = cells.vm.mycpu * VMSTATS_SIZE
    least = cells.vm.gd_vmstats.view[at + V_FREE_RESERVED]
    text = f"its cpu sees at least the {least:,} reserved pages free"
    return cells.on("gd_vmstats", "view", at + V_FREE_COUNT, text, lambda free: free >= least)


def _first_of(cells: Cells, queues: Iterator[int] | list[int]) -> Condition:
    """The search meets no other page before this one that it would take."""
    vm, m = cells.vm, cells.m
    text = "the search for its colour meets no other page first"
    for q in queues:
        found = _taken_from(vm, q, m)
        if found != NULL:
            return _head(cells, q, text, met=found == m)
    return _head(cells, vm.page.queue[m], text, met=False)


def _head(cells: Cells, q: int, text: str, *, met: bool) -> Condition:
    """Return a condition that is so because of the page at the head of a queue."""
    now = cells.vm.queue.head[q]
    return cells.on("queue", "head", q, text, lambda head: (head == now) == met)


def _taken_from(vm: Machine, q: int, m: Page) -> Page:
    """The first page on a queue that a search would take, or `m` if that comes first; NULL if neither."""
    at = vm.queue.head[q]
    while at not in (NULL, m) and not _would_be_taken(vm, at, q):
        at = vm.page.next[at]
    return at


def _would_be_taken(vm: Machine, m: Page, q: int) -> bool:
    busy = vm.page.busy_count[m] & (PBUSY_LOCKED | PBUSY_MASK)
    skipped = vm.switches.trylock and vm.page.spin[m]
    if vm.page.flags[m] & PG_MARKER or skipped or busy:
        return False
    return q < PQ_CACHE or _usable_cache_page(vm, m)


def _order(vm: Machine, color: int) -> Iterator[int]:
    """Yield the queues in the order in which _vm_page_list_find2 looks at FREE and CACHE for a colour."""
    yield PQ_FREE + color
    last = vm.queue.lastq[PQ_FREE + color]
    start = last if last >= 0 else color
    mask = mask2 = -1
    while True:
        if mask < vm.color_mask:
            seen, mask = mask, _wider(vm, mask)
            yield from (PQ_FREE + at for at in _window(start, mask, seen))
        if mask2 < vm.color_mask and _cache_turn(vm, mask):
            seen, mask2 = mask2, _wider(vm, mask2)
            yield from (PQ_CACHE + at for at in _window(start, mask2, seen))
        if _exhausted(vm, mask, mask2):
            return


def _window(start: int, mask: int, seen: int) -> Iterator[int]:
    """Yield the colours of the window of `mask` + 1 around `start`, except those of the window before it."""
    low = start & ~mask
    for n in range(mask + 1):
        at = low | ((start + n) & mask)
        if seen < 0 or at & ~seen != start & ~seen:
            yield at
