"""The page queues: every page is on the queue that its cell names; links and lengths are consistent.

A page joins or leaves a list in the same step as its `queue`, the length and the counters change, so these
invariants hold at every step. A scan marker is on a list like a page but is not counted in its length.

Pages are checked in large blocks. If the links of neighbours agree, and the head and tail of each list are
its first and last page, then a page can be missing from its list only if it is in a separate ring. So if one
walk along all lists meets as many pages as claim to be queued, there is no ring. Lists with broken links are
not walked; a ring is reported and never causes an endless loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from engine.constants import NULL, PG_MARKER, PQ_COUNT, PQ_FREE, PQ_L2_MASK, PQ_NONE
from engine.invariants.violation import Violation, some
from engine.language.naming import page_text, queue_text
from engine.machine.machine import Machine
from engine.memory.cells import Array
from engine.words import plural

STRETCH: Final = 1 << 15
"""Pages checked together: their vectors fit in a processor's cache."""

FEW: Final = 64
"""With this number of lists left, each is walked alone: a vector operation per step would be slower."""


class Queues:
    """The columns that hold the lists, and the results of the blocks checked so far.

    queued:        number of pages whose `queue` is not NONE.
    counted:       by queue, the number of those pages that count in its length.
    forward:       number of pages with a next page; backward: with a previous page.
    firsts, lasts: number of pages without a previous or next page.
    broken:        whether a link or an end is wrong, so that a walk may not terminate.
    unread:        whether there are links out of range; those pages are not counted.
    """

    def __init__(self, vm: Machine) -> None:
        vector = vm.memory.vector
        self.vm = vm
        self.queue, self.forth, self.back = vector("page.queue"), vector("page.next"), vector("page.prev")
        self.flags, self.color = vector("page.flags"), vector("page.pc")
        self.heads, self.tails = vector("queue.head"), vector("queue.tail")
        self.counted = np.zeros(PQ_COUNT, np.int64)
        self.queued = self.forward = self.backward = self.firsts = self.lasts = 0
        self.broken = self.unread = False

    def page(self, m: int) -> str:
        """Return the name of a page."""
        return page_text(self.vm, m)

    def on(self, m: int) -> str:
        """Return the name of the queue in page `m`'s cell."""
        q = int(self.queue[m])
        return queue_text(q) if q < PQ_COUNT else str(q)


def queue_violations(vm: Machine) -> Iterator[Violation]:
    """Find every disagreement between pages and queues."""
    queues = Queues(vm)
    for first in range(0, queues.queue.size, STRETCH):
        for found in _links(queues, first, min(first + STRETCH, queues.queue.size)):
            queues.broken = True
            yield found
    for check in (_backward_links, _empty_lists, _rings):
        if not queues.broken:
            yield from check(queues)
    if not queues.unread:
        yield from _lengths(queues)
    yield from _last_searches(vm)


# --- links ------------------------------------------------------------------------------------------------


def _links(queues: Queues, first: int, beyond: int) -> Iterator[Violation]:
    """Check the pages [first, beyond): each is on an existing queue with agreeing neighbours, or on none."""
    queue = queues.queue[first:beyond]
    pages = np.flatnonzero(queue)
    rows: slice | Array = slice(None) if pages.size == queue.size else pages
    on = queue[rows]
    forward, backward = queues.forth[first:beyond], queues.back[first:beyond]
    if pages.size < queue.size:
        yield from _unqueued(queues, first, queue, forward, backward)
    if not pages.size:
        return
    pages = pages + first
    forward, backward, flags = forward[rows], backward[rows], queues.flags[first:beyond][rows]
    number = queues.queue.size
    if _wild(on, 0, PQ_COUNT) or _wild(forward, NULL, number) or _wild(backward, NULL, number):
        queues.unread = True
        yield from _wild_cells(queues, pages)
        return
    _count(queues, on, flags)
    yield from _colors(queues, pages, on, queues.color[first:beyond][rows], flags)
    inner = forward != NULL
    yield from _neighbours(queues, pages[inner], forward[inner], on[inner])
    yield from _ends(queues, pages, on, forward, backward)


def _wild(numbers: Array, least: int, beyond: int) -> bool:
    return bool(numbers.min() < least or numbers.max() >= beyond)


def _wild_cells(queues: Queues, pages: Array) -> Iterator[Violation]:
    for name, column, beyond, what in (
        ("queue", queues.queue, PQ_COUNT, "queue"),
        ("next", queues.forth, queues.queue.size, "page"),
        ("prev", queues.back, queues.queue.size, "page"),
    ):
        values = column[pages]
        for m in some(pages[(values < NULL) | (values >= beyond)]):
            says = f"{queues.page(m)}.{name} is {column[m]}"
            yield Violation("list links", m, says, f"the last {what} is {beyond - 1}")


def _unqueued(queues: Queues, first: int, queue: Array, forth: Array, back: Array) -> Iterator[Violation]:
    """Find pages that are on no queue but have links."""
    none = queue == PQ_NONE
    for name, links in (("next", forth), ("prev", back)):
        for row in some(np.flatnonzero((links != NULL) & none)):
            page = queues.page(first + row)
            link = f"{page}.{name} is {queues.page(int(links[row]))}"
            yield Violation("list links", first + row, f"{page} is on no queue", link)


def _neighbours(queues: Queues, here: Array, there: Array, on: Array) -> Iterator[Violation]:
    """Find pages whose next page is on another queue or does not link back."""
    queues.forward += here.size
    wrong = (queues.back[there] != here) | (queues.queue[there] != on)
    for m in some(here[wrong]) if wrong.any() else ():
        yield _unanswered(queues, m, "next", int(queues.forth[m]), "prev", queues.back)


def _unanswered(queues: Queues, m: int, link: str, other: int, answer: str, answers: Array) -> Violation:
    says = f"{queues.page(m)}.{link} on {queues.on(m)} is {queues.page(other)}"
    there = f"{queues.page(other)}.{answer} is {queues.page(int(answers[other]))}"
    if answers[other] == m:
        there = f"{queues.page(other)}.queue is {queues.on(other)}"
    return Violation("list links", m, says, there)


def _backward_links(queues: Queues) -> Iterator[Violation]:
    """Find `prev` links without the matching `next`; there are none if the numbers of both are equal."""
    if queues.forward == queues.backward:
        return
    queues.broken = True
    pages = np.flatnonzero((queues.queue != PQ_NONE) & (queues.back != NULL))
    before = queues.back[pages]
    for m in some(pages[queues.forth[before] != pages]):
        yield _unanswered(queues, m, "prev", int(queues.back[m]), "next", queues.forth)


# --- ends -------------------------------------------------------------------------------------------------


def _ends(queues: Queues, pages: Array, on: Array, forward: Array, backward: Array) -> Iterator[Violation]:
    """Check that a page without a previous page is its list's head, and one without a next page its tail."""
    first, last = backward == NULL, forward == NULL
    firsts, lasts = pages[first], pages[last]
    queues.firsts += firsts.size
    queues.lasts += lasts.size
    queues.backward += pages.size - firsts.size
    yield from _end(queues, firsts, on[first], "head", queues.heads, "prev")
    yield from _end(queues, lasts, on[last], "tail", queues.tails, "next")


def _end(queues: Queues, pages: Array, on: Array, end: str, ends: Array, link: str) -> Iterator[Violation]:
    wrong = ends[on] != pages
    for m in some(pages[wrong]) if wrong.any() else ():
        says = f"{queues.page(m)}.{link} on {queues.on(m)} is NULL"
        there = f"{queues.on(m)}.{end} is {queues.page(int(ends[queues.queue[m]]))}"
        yield Violation("list ends", m, says, there)


def _empty_lists(queues: Queues) -> Iterator[Violation]:
    """Find heads and tails of lists that have no first or last page."""
    for end, ends, links, known in (
        ("head", queues.heads, queues.back, queues.firsts),
        ("tail", queues.tails, queues.forth, queues.lasts),
    ):
        filled = np.flatnonzero(ends != NULL)
        if filled.size == known:
            continue
        queues.broken = True
        with_end = queues.queue[(queues.queue != PQ_NONE) & (links == NULL)]
        for q in some(np.setdiff1d(filled, with_end)):
            says = f"{queue_text(q)}.{end} is {queues.page(int(ends[q]))}"
            yield Violation("list ends", NULL, says, f"no page of this queue is at its {end}")


# --- rings ------------------------------------------------------------------------------------------------


def _rings(queues: Queues) -> Iterator[Violation]:
    """Find pages with consistent links that no walk from a head reaches."""
    if _met(queues) == queues.queued:
        return
    reached = np.zeros(queues.queue.size, np.bool_)
    for head in queues.heads[queues.heads != NULL].tolist():
        m = head
        while m != NULL:
            reached[m] = True
            m = int(queues.forth[m])
    for m in some(np.flatnonzero((queues.queue != PQ_NONE) & ~reached)):
        says = f"{queues.page(m)}.queue is {queues.on(m)}"
        yield Violation("list rings", m, says, "a walk from the queue's head does not reach the page")


def _met(queues: Queues) -> int:
    """Count the pages that a walk from all heads reaches; it terminates, because the links are consistent."""
    met, forth = 0, queues.forth
    ahead = queues.heads[queues.heads != NULL]
    while ahead.size > FEW:
        met += ahead.size
        ahead = forth.take(ahead)
        if ahead.min() == NULL:
            ahead = ahead[ahead != NULL]
    following = forth.data
    for head in ahead.tolist():
        m = head
        while m != NULL:
            met += 1
            m = following[m]
    return met


# --- lengths and colours ----------------------------------------------------------------------------------


def _count(queues: Queues, on: Array, flags: Array) -> None:
    queues.queued += on.size
    markers = flags & PG_MARKER
    queues.counted += np.bincount(on[markers == 0] if markers.any() else on, minlength=PQ_COUNT)


def _lengths(queues: Queues) -> Iterator[Violation]:
    lcnt = queues.vm.memory.vector("queue.lcnt")
    wrong = queues.counted != lcnt
    for q in some(np.flatnonzero(wrong)) if wrong.any() else ():
        says = f"{queue_text(q)}.lcnt is {lcnt[q]}"
        yield Violation("list lengths", NULL, says, f"it has {plural(queues.counted[q], 'page')}")


def _colors(queues: Queues, pages: Array, on: Array, colors: Array, flags: Array) -> Iterator[Violation]:
    """Find pages on a queue of another colour; a marker may be on any queue."""
    wrong = on - PQ_FREE & PQ_L2_MASK != colors
    if not wrong.any():
        return
    for m in some(pages[wrong & (flags & PG_MARKER == 0)]):
        says = f"{queues.page(m)}.queue is {queues.on(m)}"
        yield Violation("queue colours", m, says, f"its pc is {queues.color[m]}")


def _last_searches(vm: Machine) -> Iterator[Violation]:
    lastq = vm.memory.vector("queue.lastq")
    if lastq.min() < -1 or lastq.max() >= vm.colors:
        for q in some(np.flatnonzero((lastq < -1) | (lastq >= vm.colors))):
            says = f"{queue_text(q)}.lastq is {lastq[q]}"
            yield Violation("last far search", NULL, says, f"the machine has {plural(vm.colors, 'colour')}")
