"""A machine that begins with given queue lengths: all pages are moved at once, after boot.

The kernel would move page after page, over days. What the lengths do not say, such as which object has a
page, is decided here; see `fill_queues`.

The pages of a colour are taken in the order in which boot left them on an ordinary machine, the highest page
number first, which is the order in which they would have been allocated.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import (
    ACT_INIT,
    NULL,
    PQ_ACTIVE,
    PQ_CACHE,
    PQ_COUNT,
    PQ_FREE,
    PQ_HOLD,
    PQ_INACTIVE,
    PQ_NONE,
    V_ACTIVE_COUNT,
    V_CACHE_COUNT,
    V_FREE_COUNT,
    V_INACTIVE_COUNT,
    V_WIRE_COUNT,
    VM_PAGE_BITS_ALL,
    VMSTATS_SIZE,
    Obj,
)
from engine.machine.counters import UNKNOWN, Counters
from engine.machine.machine import Machine
from engine.memory.cells import Array

_WIRED, _ACTIVE, _INACTIVE, _CACHE, _HELD, _FREE = range(6)
"""What becomes of a page; the pages of a colour are dealt out in this order."""

_BASES: Final = np.array((PQ_NONE, PQ_ACTIVE, PQ_INACTIVE, PQ_CACHE, PQ_HOLD, PQ_FREE), np.int64)
_COUNTERS: Final = {
    V_WIRE_COUNT: (_WIRED,),
    V_ACTIVE_COUNT: (_ACTIVE, _HELD),
    V_INACTIVE_COUNT: (_INACTIVE,),
    V_CACHE_COUNT: (_CACHE,),
}


@dataclass(frozen=True)
class _Dealt:
    """The free pages of a machine, colour after colour, each from the highest number down.

    pages, colors: of each page. kinds: what becomes of it. places: how many pages of its colour and kind come
    before it.
    """

    pages: Array
    colors: Array
    kinds: Array
    places: Array


def missing_pages(vm: Machine, counters: Counters) -> Array:
    """Return, for each colour, how many pages a booted machine has too few for these lengths; 0 if none."""
    missing: Array = np.array(counters.needed) - vm.memory.vector("queue.lcnt", PQ_FREE, vm.colors)
    return missing.clip(min=0)


def fill_queues(vm: Machine, counters: Counters, obj: Obj) -> None:
    """Give the queues of a booted machine their lengths.

    Active, inactive and cached pages are in `obj`, clean and valid; their pindexes count up along the queues,
    a round of the colours at a time: first the active pages, then the inactive, then the cached ones. Their
    act_count is that of an activation, or 0 where the page has left the active queue. A page on HOLD has one
    hold. The pages that are on no queue are wired once. Each inactive page has joined its queue's tail once.
    The counters are in the global and in each cpu's view; nothing is pending.

    counters: as many colours as the machine, and no more pages than it has (missing_pages).
    obj:      an object without pages.
    Errors:   CapacityError if the machine has no room for so many pages of objects.
    """
    dealt = _deal(vm, counters)
    _link(vm, dealt)
    _describe(vm, dealt)
    _place(vm, dealt, obj)
    _count(vm, dealt)


def _deal(vm: Machine, counters: Counters) -> _Dealt:
    queue = vm.memory.vector("page.queue")[: vm.page_entries]
    pages = np.flatnonzero((queue >= PQ_FREE) & (queue < PQ_FREE + vm.colors))[::-1]
    colors = vm.memory.vector("page.pc")[pages]
    order = np.argsort(colors.astype(np.uint16), kind="stable")
    pages, colors = pages[order], colors[order]
    have = np.bincount(colors, minlength=vm.colors)
    rank = np.arange(pages.size) - (np.cumsum(have) - have)[colors]
    parts = (_wired(counters, have), counters.active, counters.inactive, counters.cache, counters.hold)
    ends = np.cumsum(np.array(parts, np.int64), axis=0)
    kinds = np.zeros_like(rank)
    places = rank.copy()
    for end in ends:
        beyond = rank >= end[colors]
        kinds += beyond
        np.subtract(rank, end[colors], out=places, where=beyond)
    return _Dealt(pages, colors, kinds, places)


def _wired(counters: Counters, have: Array) -> Array:
    """How many pages of each colour are left when the queues have theirs; 0 where they stay free."""
    return np.where(np.array(counters.free) == UNKNOWN, 0, have - np.array(counters.needed))


def _link(vm: Machine, dealt: _Dealt) -> None:
    """Link each queue from its head, the page that was dealt to it first, to its tail."""
    pages, writing = dealt.pages, vm.memory.writing
    queues = np.where(dealt.kinds == _WIRED, PQ_NONE, _BASES[dealt.kinds] + dealt.colors)
    joined = (queues[1:] == queues[:-1]) & (queues[1:] != PQ_NONE)
    with writing("page.queue") as queue:
        queue[pages] = queues
    with writing("page.next") as following, writing("page.prev") as preceding:
        following[pages] = preceding[pages] = NULL
        following[pages[:-1][joined]] = pages[1:][joined]
        preceding[pages[1:][joined]] = pages[:-1][joined]
    queued = queues != PQ_NONE
    first, last = queued.copy(), queued
    first[1:] &= ~joined
    last[:-1] &= ~joined
    with writing("queue.head") as head, writing("queue.tail") as tail, writing("queue.lcnt") as lcnt:
        head[PQ_FREE : PQ_FREE + vm.colors] = tail[PQ_FREE : PQ_FREE + vm.colors] = NULL
        head[queues[first]], tail[queues[last]] = pages[first], pages[last]
        lcnt[:] = np.bincount(queues, minlength=PQ_COUNT)
        lcnt[PQ_NONE] = 0
    with writing("queue.adds") as adds:
        adds[PQ_INACTIVE : PQ_INACTIVE + vm.colors] += np.bincount(
            dealt.colors[dealt.kinds == _INACTIVE], minlength=vm.colors
        )


def _describe(vm: Machine, dealt: _Dealt) -> None:
    """Write what a page's fields hold on its queue."""
    pages, kinds = dealt.pages, dealt.kinds
    for column, chosen, value in (
        ("page.wire_count", kinds == _WIRED, 1),
        ("page.hold_count", kinds == _HELD, 1),
        ("page.act_count", kinds == _ACTIVE, ACT_INIT),
        ("page.valid", _is_placed(kinds), VM_PAGE_BITS_ALL),
    ):
        with vm.memory.writing(column) as cells:
            cells[pages[chosen]] = value


def _is_placed(kinds: Array) -> npt.NDArray[np.bool_]:
    placed: npt.NDArray[np.bool_] = (kinds >= _ACTIVE) & (kinds <= _CACHE)
    return placed


def _place(vm: Machine, dealt: _Dealt, obj: Obj) -> None:
    """Put the active, inactive and cached pages into the object."""
    chosen = np.flatnonzero(_is_placed(dealt.kinds))
    # The sort is stable: within a round, the colours stay in their order.
    pages = dealt.pages[chosen[np.lexsort((dealt.places[chosen], dealt.kinds[chosen]))]]
    number = int(pages.size)
    slot = vm.resident_slots.add(zip(repeat(int(obj)), range(number), strict=False), number)
    # These columns hold a number plus 1, so that an untouched cell is NULL.
    with vm.memory.writing("resident.page") as resident, vm.memory.writing("page.object") as owner:
        resident[slot : slot + number] = pages - NULL
        owner[pages] = obj - NULL
    with vm.memory.writing("page.pindex") as pindex:
        pindex[pages] = np.arange(number)
    vm.object.resident_page_count[obj] += number
    vm.object.generation[obj] += number
    vm.cpu.t_rm[vm.mycpu] += number


def _count(vm: Machine, dealt: _Dealt) -> None:
    numbers = np.bincount(dealt.kinds, minlength=_FREE + 1)
    count = vm.vmstats.count
    for counter, kinds in _COUNTERS.items():
        count[counter] += sum(int(numbers[kind]) for kind in kinds)
    count[V_FREE_COUNT] -= int(numbers[:_FREE].sum())
    with vm.memory.writing("gd_vmstats.view") as view:
        for counter in (*_COUNTERS, V_FREE_COUNT):
            view.reshape(vm.ncpus, VMSTATS_SIZE)[:, counter] = count[counter]
