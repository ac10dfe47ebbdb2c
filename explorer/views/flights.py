"""The moves of pages between queue types: those of recent steps, to animate, and the next one, for play."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import NULL, PQ_NONE
from engine.debug.journal_search import Steps, steps_writing
from engine.debug.per_history import Growing, Rows
from engine.memory.block import EVENT
from engine.run.history import History
from explorer.views.instructions import instructions_of
from explorer.views.labels import queue_type

FEW: Final = 8
"""Up to this number of steps are looked at one by one."""


@dataclass(frozen=True)
class PageMove:
    """A move of a page from one queue type to another; NONE counts as a type."""

    color: int
    source: str
    target: str
    page: int = NULL


def page_moves(history: History, first: int, last: int, most: int = 64) -> tuple[PageMove, ...]:
    """The moves of the steps first + 1 .. last, at most `most` of them; each half of a move is one.

    A boot that is stepped fills the queues: its pages do not move.
    """
    vm, found = history.vm, []
    booted = history.total if history.booted is None else history.booted
    for step in range(max(first, booted) + 1, last + 1):
        for m, old, new in _queue_writes(history, step):
            if queue_type(old) != queue_type(new):
                found.append(PageMove(vm.page.pc[m], queue_type(old), queue_type(new), m))
        if len(found) >= most:
            break
    return tuple(found[:most])


def next_move(history: History, first: int, last: int) -> int | None:
    """The first step of first + 1 .. last that completes the move of a page to another queue type, or None.

    A page that leaves a queue and joins another within an instruction moves once, when it joins. If it joins
    none, it moves to NONE when the instruction ends. An event counts as an instruction. Whether a step
    completes a move depends only on the steps up to it.
    """
    few = last - first <= FEW
    candidates = _writers(history, first, last) if few else _candidates(history, first, last)
    return next((step for step in candidates if _completes(history, step)), None)


def _writers(history: History, first: int, last: int) -> list[int]:
    """The steps of first + 1 .. last that write a page's queue or end an instruction, for a few steps."""
    places, journal = history.vm.memory.places, history.journal
    low, beyond = places["page.queue"].stretch
    start, end = places["thread.op_start"].stretch
    return [
        step
        for step in range(first + 1, last + 1)
        if any(low <= at < beyond or start <= at < end for at, _, _ in journal.writes_of(step))
    ]


def _candidates(history: History, first: int, last: int) -> list[int]:
    """The steps of first + 1 .. last that may complete a move."""
    queued = _QUEUED.of(history).between(first, last)[0]
    found: list[int] = np.union1d(queued, _ends(history, first, last)).tolist()
    return found


def _note_queued(found: Rows, history: History, first: int, last: int) -> None:
    stretch = history.vm.memory.places["page.queue"].stretch
    found.extend(steps_writing(history, (), first, last, (stretch,)))


_QUEUED: Final = Growing(lambda _: Rows(), _note_queued, Rows.until)
"""The steps that wrote the queue of a page."""


def _ends(history: History, first: int, last: int) -> Steps:
    """The steps of first + 1 .. last that end an instruction in which some page's queue was written."""
    queued, instructions = _QUEUED.of(history).columns[0], instructions_of(history)
    found = [np.zeros(0, np.int64)]
    for t, rows in instructions.ended.items():
        ends = rows.between(first, last)[0]
        before = np.searchsorted(queued, instructions.begun(t, ends), side="right")
        found.append(ends[np.searchsorted(queued, ends, side="right") > before])
    return np.concatenate(found)


def _queue_writes(history: History, step: int) -> Iterator[tuple[int, int, int]]:
    """Yield each page whose queue a step wrote, with the old and the new queue; marker pages are left out."""
    base, pages = history.vm.memory.places["page.queue"].base, history.vm.vm_page_array_size
    for address, old, new in history.journal.writes_of(step):
        if 0 <= address - base < pages:
            yield address - base, old, new


def _completes(history: History, step: int) -> bool:
    t = history.journal.thread(step)
    if t == EVENT:
        return any(queue_type(old) != queue_type(new) for _, old, new in _queue_writes(history, step))
    begun = int(instructions_of(history).begun(t, np.array([step]))[0])
    if any(
        _joins(history, step, begun, m, old) for m, old, new in _queue_writes(history, step) if new != PQ_NONE
    ):
        return True
    op_start = history.vm.memory.address("thread.op_start", t)
    ends = any(address == op_start for address, _, _ in history.journal.writes_of(step))
    return ends and _leaves_a_page(history, t, begun, step)


def _joins(history: History, step: int, begun: int, m: int, old: int) -> bool:
    """Whether page `m`, found on queue `old`, comes to another type than its instruction took it from."""
    journal = history.journal
    new = next(new for page, _, new in reversed([*_queue_writes(history, step)]) if page == m)
    left = history.writer(history.vm.memory.address("page.queue", m), step - 1) if old == PQ_NONE else None
    if left is not None and left > begun and journal.thread(left) == journal.thread(step):
        old = next(old for page, old, _ in _queue_writes(history, left) if page == m)
    return queue_type(old) != queue_type(new)


def _leaves_a_page(history: History, t: int, begun: int, step: int) -> bool:
    """Whether the instruction of thread `t` that ends with `step` took a page off and left it on no queue."""
    left: dict[int, int] = {}
    for at in map(int, _QUEUED.of(history).between(begun, step)[0]):
        for m, _, new in _queue_writes(history, at):
            left.pop(m, None)
            if new == PQ_NONE and history.journal.thread(at) == t:
                left[m] = at
    return bool(left)
