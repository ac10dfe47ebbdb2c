"""The page queues: every page on the one queue it says, its links right both ways, the lengths right.

A page joins or leaves a list in one step together with its `queue`, the length and the counters, so all of
this holds at every step. A scan marker is on a list like a page and counts in no length.

The work is whole-array steps. Where each page's link is answered by its neighbour's, and every list's ends
by its first and last page, a page can only be missing from its list in a ring of its own: so one walk along
all lists together, which meets as many pages as say they are queued, proves that there is none. Lists whose
links are broken are not walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.cells import Array
from engine.constants import (
    NULL,
    PG_FICTITIOUS,
    PG_MARKER,
    PG_UNQUEUED,
    PQ_COUNT,
    PQ_FREE,
    PQ_L2_MASK,
    PQ_NONE,
)
from engine.invariants.violation import Mask, Violation, page_name, queue_cell, some
from engine.machine import Machine

FEW: Final = 64
"""With so many lists left a walk goes along each alone: a vector for each step costs more than its pages."""


@dataclass(frozen=True)
class Lists:
    """All the queues at once.

    queue, forth, back, flags: columns of the page table.
    pages: the pages that say they are queued; on: which queue each of them says.
    heads, tails: columns of the queue table.
    """

    vm: Machine
    queue: Array
    forth: Array
    back: Array
    flags: Array
    pages: Array
    on: Array
    heads: Array
    tails: Array


def lists_of(vm: Machine) -> Lists:
    """The queues as they stand; a page that names no queue there is counts as not queued."""
    vector = vm.memory.vector
    queue = vector("page.queue")
    pages = np.flatnonzero(queue)
    on = queue[pages]
    if on.size and int(on.max()) >= PQ_COUNT:
        pages = pages[on < PQ_COUNT]
        on = queue[pages]
    forth, back, flags = vector("page.next"), vector("page.prev"), vector("page.flags")
    return Lists(vm, queue, forth, back, flags, pages, on, vector("queue.head"), vector("queue.tail"))


def queue_violations(vm: Machine) -> Iterator[Violation]:
    """Every way in which pages and queues disagree."""
    lists = lists_of(vm)
    yield from _impossible_queues(lists)
    broken = [*_broken_links(lists), *_broken_ends(lists)]
    yield from broken
    if not broken:
        yield from _rings(lists)
    yield from _lengths(lists)
    yield from _misplaced(lists)
    yield from _last_searches(vm)


def _impossible_queues(lists: Lists) -> Iterator[Violation]:
    if lists.pages.size == np.count_nonzero(lists.queue):
        return
    for m in some(np.flatnonzero(lists.queue >= PQ_COUNT)):
        says = f"{page_name(lists.vm, m)}.queue is {lists.queue[m]}"
        yield Violation("a queue that is", m, says, f"the last queue is {PQ_COUNT - 1}")


# --- links ------------------------------------------------------------------------------------------------


def _broken_links(lists: Lists) -> Iterator[Violation]:
    forth, back, queue = lists.forth, lists.back, lists.queue
    forward, backward = forth[lists.pages], back[lists.pages]
    wild = _outside(lists, forward) | _outside(lists, backward)
    if wild.any():
        yield from _wild_links(lists, lists.pages[wild])
        return
    inner = forward != NULL
    here, there = lists.pages[inner], forward[inner]
    wrong = (back[there] != here) | (queue[there] != lists.on[inner])
    yield from _explain(lists, here[wrong], _unanswered("next", forth, "prev", back))
    # Each page that has a next one is somebody's previous one by now: more of those point at strangers.
    linked_back = backward != NULL
    if wrong.any() or np.count_nonzero(linked_back) != here.size:
        here, there = lists.pages[linked_back], backward[linked_back]
        wrong = (forth[there] != here) | (queue[there] != lists.on[linked_back])
        yield from _explain(lists, here[wrong], _unanswered("prev", back, "next", forth))
    yield from _stray_links(lists)


def _outside(lists: Lists, links: Array) -> Mask:
    outside: Mask = (links < NULL) | (links >= lists.queue.size)
    return outside


def _wild_links(lists: Lists, pages: Array) -> Iterator[Violation]:
    for m in some(pages):
        says = f"{page_name(lists.vm, m)} has next {lists.forth[m]} and prev {lists.back[m]}"
        yield Violation("a link to a page", m, says, f"the last page is {lists.queue.size - 1}")


def _unanswered(name: str, links: Array, answer: str, answers: Array) -> Callable[[Lists, int], Violation]:
    """Explains a page whose link is not answered by the page it leads to."""

    def explain(lists: Lists, m: int) -> Violation:
        vm, other = lists.vm, int(links[m])
        there = f"{page_name(vm, other)}.{answer} is {page_name(vm, int(answers[other]))}"
        if lists.queue[m] != lists.queue[other]:
            there = f"{page_name(vm, other)}.queue is {_queue_says(lists, other)}"
        says = f"{page_name(vm, m)}.{name} is {page_name(vm, other)} on {_queue_says(lists, m)}"
        return Violation("list links", m, says, there)

    return explain


def _queue_says(lists: Lists, m: int) -> str:
    q = int(lists.queue[m])
    return queue_cell(q) if q < PQ_COUNT else str(q)


def _explain(lists: Lists, rows: Array, explain: Callable[[Lists, int], Violation]) -> Iterator[Violation]:
    for row in some(rows):
        yield explain(lists, row)


def _stray_links(lists: Lists) -> Iterator[Violation]:
    """Pages on no queue have no neighbours."""
    for name, links in (("next", lists.forth), ("prev", lists.back)):
        if np.count_nonzero(links != NULL) == np.count_nonzero(links[lists.pages] != NULL):
            continue
        for m in some(np.flatnonzero((links != NULL) & (lists.queue == PQ_NONE))):
            page = page_name(lists.vm, m)
            link = f"{page}.{name} is {page_name(lists.vm, int(links[m]))}"
            yield Violation("list links", m, f"{page}.queue is NONE", link)


# --- ends -------------------------------------------------------------------------------------------------


def _broken_ends(lists: Lists) -> Iterator[Violation]:
    yield from _broken_end(lists, "head", lists.heads, "prev", lists.back)
    yield from _broken_end(lists, "tail", lists.tails, "next", lists.forth)


def _broken_end(lists: Lists, end: str, ends: Array, link: str, links: Array) -> Iterator[Violation]:
    """Each list's `end` is the one page of it whose `link` is NULL."""
    vm = lists.vm
    last = links[lists.pages] == NULL
    pages, queues = lists.pages[last], lists.on[last]
    wrong = ends[queues] != pages
    for m in some(pages[wrong]):
        q = int(lists.queue[m])
        says = f"{page_name(vm, m)}.{link} is NULL on {queue_cell(q)}"
        yield Violation(f"the {end} of a list", m, says, f"its {end} is {page_name(vm, int(ends[q]))}")
    # Every list with such a page has its end right by now: what is left are ends of lists that have none.
    if np.count_nonzero(ends != NULL) != pages.size - np.count_nonzero(wrong):
        with_end = np.zeros(ends.size, np.bool_)
        with_end[queues] = True
        for q in some(np.flatnonzero((ends != NULL) & ~with_end)):
            says = f"{queue_cell(q)}.{end} is {page_name(vm, int(ends[q]))}"
            yield Violation(f"the {end} of a list", NULL, says, f"no page of it has {link} NULL")


# --- rings ------------------------------------------------------------------------------------------------


def _rings(lists: Lists) -> Iterator[Violation]:
    """Pages whose links are right and which no walk from a head meets."""
    if _met(lists) == lists.pages.size:
        return
    reached = np.zeros(lists.queue.size, np.bool_)
    for head in lists.heads[lists.heads != NULL].tolist():
        m = head
        while m != NULL:
            reached[m] = True
            m = int(lists.forth[m])
    for m in some(lists.pages[~reached[lists.pages]]):
        says = f"{page_name(lists.vm, m)}.queue is {_queue_says(lists, m)}"
        yield Violation("a page on its list", m, says, "a walk from the queue's head does not meet it")


def _met(lists: Lists) -> int:
    """How many pages a walk from all heads meets. Right links lead to no page twice, so it ends."""
    met, forth = 0, lists.forth
    ahead = lists.heads[lists.heads != NULL]
    while ahead.size > FEW:
        met += ahead.size
        ahead = forth[ahead]
        ahead = ahead[ahead != NULL]
    following = forth.data
    for head in ahead.tolist():
        m = head
        while m != NULL:
            met += 1
            m = following[m]
    return met


# --- lengths, colours, flags ------------------------------------------------------------------------------


def _lengths(lists: Lists) -> Iterator[Violation]:
    counted = lists.on
    markers = lists.flags[lists.pages] & PG_MARKER != 0
    if markers.any():
        counted = counted[~markers]
    pages = np.bincount(counted, minlength=PQ_COUNT)
    lcnt = lists.vm.memory.vector("queue.lcnt")
    for q in some(np.flatnonzero(pages != lcnt)):
        says = f"{queue_cell(q)}.lcnt is {lcnt[q]}"
        yield Violation("the length of a list", NULL, says, f"{pages[q]} pages say they are on it")


def _misplaced(lists: Lists) -> Iterator[Violation]:
    """A page is on the queue of its own colour, and one that never is queued on none; a marker on any."""
    vm = lists.vm
    flags = lists.flags[lists.pages]
    color = vm.memory.vector("page.pc")[lists.pages]
    marker = flags & PG_MARKER != 0
    wrong = (lists.on - PQ_FREE & PQ_L2_MASK != color) & ~marker
    for m in some(lists.pages[wrong]):
        says = f"{page_name(vm, m)}.queue is {_queue_says(lists, m)}"
        yield Violation("the colour of a queued page", m, says, f"its pc is {vm.page.pc[m]}")
    never = (flags & (PG_FICTITIOUS | PG_UNQUEUED) != 0) & ~marker
    for m in some(lists.pages[never]):
        says = f"{page_name(vm, m)}.flags {vm.page.flags[m]:#x} have FICTITIOUS or UNQUEUED"
        yield Violation("never queued", m, says, f"its queue is {_queue_says(lists, m)}")


def _last_searches(vm: Machine) -> Iterator[Violation]:
    lastq = vm.memory.vector("queue.lastq")
    for q in some(np.flatnonzero((lastq < -1) | (lastq >= vm.colors))):
        says = f"{queue_cell(q)}.lastq is {lastq[q]}"
        yield Violation("where a far search ended", NULL, says, f"there are {vm.colors} colours")
