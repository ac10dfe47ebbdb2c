"""The search path of the last allocation: the queues that it visited, and its outcome.

It is read from the journal: a search announces each queue that it looks at. No call is repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from engine.constants import NULL, PQ_NONE, QUEUE_BASES, type_and_color
from engine.debug.journal_search import announced, steps_of_thread
from engine.kernel import search
from engine.kernel.alloc import CHOOSE_COLOR, CLEAR_FIELDS, COUNT_DEFICIT
from engine.kernel.queues import LEAVE_QUEUE
from engine.run.history import History

LOOK, RESUME, REMEMBER, LEAVE, END = range(5)
"""The meaning of a step for the reader of a search."""

_TEXTS: Final = {
    search.START: RESUME,
    search.REMEMBER: REMEMBER,
    LEAVE_QUEUE: LEAVE,
    CLEAR_FIELDS: END,
    COUNT_DEFICIT: END,
}

_Meaning = tuple[int, str, int, bool]
"""LOOK with type, colour, and whether that colour was requested; or one of the others."""


@cache
def _meaning(label: str) -> _Meaning | None:
    if label in search.LOOKS:
        q, asked = search.LOOKS[label]
        return LOOK, *type_and_color(q), asked
    return (_TEXTS[label], "", 0, False) if label in _TEXTS else None


@dataclass(frozen=True)
class Visit:
    """A visit to a queue: the step, its type and colour, and the width of the window (1: requested colour).

    page: the page that was removed from the queue, or NULL.
    """

    step: int
    base: str
    color: int
    window: int
    page: int = NULL


@dataclass(frozen=True)
class SearchPath:
    """The search of the last allocation up to the cursor.

    step:    its first step; 0 if no page was allocated yet. thread: the allocating thread.
    asked:   the requested colour; NULL before its queue is visited.
    began:   the start of the wide search: the requested colour, or the one in lastq; NULL before the search.
    visits:  the queues visited, in order.
    found, found_at: the last page taken and its (type, colour), else NULL and None.
    put_aside: pages taken earlier and not used: busy pages, and cached pages that were freed.
    over:    whether it got a page or gave up. remembered: the colour stored in lastq, or NULL.
    """

    step: int = 0
    thread: int = NULL
    asked: int = NULL
    began: int = NULL
    visits: tuple[Visit, ...] = ()
    found: int = NULL
    found_at: tuple[str, int] | None = None
    put_aside: tuple[int, ...] = ()
    over: bool = False
    remembered: int = NULL

    @property
    def looked(self) -> int:
        """The number of queues visited; a wide search visits the requested one a second time."""
        return len(set(self.colors))

    @property
    def window(self) -> int:
        """The width of the widest window, in colours."""
        return max((visit.window for visit in self.visits), default=0)

    @property
    def colors(self) -> tuple[tuple[str, int], ...]:
        """The (type, colour) of each visited queue, in order."""
        return tuple((visit.base, visit.color) for visit in self.visits)


_BEGUN: Final = announced(CHOOSE_COLOR.__eq__)


def search_path(history: History) -> SearchPath:
    """The search of the last allocation that started up to the cursor, up to the cursor."""
    (begun,) = _BEGUN.of(history).between(0, history.step)
    if not begun.size:
        return SearchPath()
    step = int(begun[-1])
    t = history.journal.thread(step)
    return _Reader(history, step, t).read()


class _Reader:
    """Reads the steps of the allocating thread and collects the search path."""

    def __init__(self, history: History, step: int, t: int) -> None:
        self.history, self.step, self.t = history, step, t
        self.queue = history.vm.memory.places["page.queue"]
        self.asked = self.began = self.found = self.remembered = NULL
        self.found_at: tuple[str, int] | None = None
        self.visits: list[Visit] = []
        self.aside: list[int] = []
        self.resumed = self.over = False

    def read(self) -> SearchPath:
        """Read until the allocation ends or the cursor is reached."""
        last, first, stretch = self.history.step, self.step - 1, 256
        while first < last and not self.over:
            self._read(first, min(first + stretch, last))
            first, stretch = first + stretch, stretch * 4
        return SearchPath(
            self.step, self.t, self.asked, self.began, tuple(self.visits), self.found, self.found_at,
            tuple(self.aside), self.over, self.remembered,
        )  # fmt: skip

    def _read(self, first: int, last: int) -> None:
        """Read the thread's steps first + 1 .. last, up to the end of the allocation."""
        journal = self.history.journal
        steps = steps_of_thread(self.history, self.t, first, last)
        labels = journal.label_numbers_at(steps)
        for at, label in zip(steps.tolist(), labels.tolist(), strict=True):
            meaning = _meaning(journal.names[label])
            if meaning is not None:
                self._take(at, meaning)
            if self.over:
                return

    def _take(self, at: int, meaning: _Meaning) -> None:
        what, base, color, asked = meaning
        if what == LOOK:
            self._look(at, base, color, asked=asked)
        elif what == RESUME:
            self.resumed = True
        elif what == REMEMBER and self.visits:
            self.remembered = self.visits[-1].color
        elif what == LEAVE and self.visits:
            self._see_found(at)
        self.over = what == END

    def _look(self, at: int, base: str, color: int, *, asked: bool) -> None:
        if self.found != NULL:
            # The search continues, so the page found before was not usable.
            self.aside.append(self.found)
            self.found, self.found_at, self.remembered = NULL, None, NULL
        if asked:
            self.asked, self.began, self.resumed = color, color, False
        elif self.resumed:
            self.began, self.resumed = color, False
        self.visits.append(Visit(at, base, color, 1 if asked else self._window(color)))

    def _window(self, color: int) -> int:
        """The width of the narrowest window around the starting colour that contains this colour."""
        vm = self.history.vm
        mask = min(vm.glob.set_assoc_mask[0], vm.color_mask)
        while (color ^ self.began) & ~mask:
            mask = mask * 2 + 1
        return mask + 1

    def _see_found(self, at: int) -> None:
        """Record the page that leaves the last visited queue as found there."""
        last = self.visits[-1]
        for address, old, new in self.history.journal.writes_of(at):
            m = address - self.queue.base
            gone = 0 <= m < self.queue.length and new == PQ_NONE
            if gone and old == QUEUE_BASES[last.base] + last.color and self.found == NULL:
                self.found, self.found_at = m, (last.base, last.color)
                self.visits[-1] = replace(last, page=m)
