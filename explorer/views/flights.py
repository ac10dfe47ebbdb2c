"""The pages that recent steps moved between queues, for animation on the map."""

from __future__ import annotations

from dataclasses import dataclass

from engine.constants import NULL
from engine.run.history import History
from explorer.views.labels import queue_type


@dataclass(frozen=True)
class PageMove:
    """A move of a page from one queue type to another; NONE counts as a type."""

    color: int
    source: str
    target: str
    page: int = NULL


def page_moves(history: History, first: int, last: int, most: int = 64) -> tuple[PageMove, ...]:
    """The moves of the steps first + 1 .. last, at most `most` of them."""
    vm, found = history.vm, []
    place = vm.memory.places["page.queue"]
    for step in range(max(first, 0) + 1, last + 1):
        for address, old, new in history.journal.writes_of(step):
            m = address - place.base
            if 0 <= m < vm.vm_page_array_size and queue_type(old) != queue_type(new):
                found.append(PageMove(vm.page.pc[m], queue_type(old), queue_type(new), m))
        if len(found) >= most:
            break
    return tuple(found[:most])
