"""Touches by threads that take a reference string: each reference is one.

The step that ends a reference, or a run of hits, moves the position in the string by what it took. If it is
the first step of its instruction, there was no fault.
"""

from __future__ import annotations

import numpy as np

from engine.constants import NULL, PAGE_SHIFT
from engine.debug.journal_search import own_step_before, writes_between
from engine.figures.touch_source import Touched, Touches, TouchSource
from engine.kernel.process.page_table import page_of_pte, pte_at
from engine.memory.cells import Array
from engine.run.history import History
from engine.run.reference_string import ReferenceString


def string_touches(history: History) -> Touches:
    """Return the touches by strings up to the end of the current branch."""
    found = [_of_thread(history, t, string) for t, string in _strings(history)]
    columns = zip(*found, strict=True) if found else ((),) * 4
    return Touches(*(np.concatenate([np.zeros(0, np.int64), *parts]) for parts in columns))


def _strings(history: History) -> list[tuple[int, ReferenceString]]:
    return [(t, one.string) for t, one in enumerate(history.programs) if one.string is not None]


def _of_thread(history: History, t: int, string: ReferenceString) -> tuple[Array, Array, Array, Array]:
    """The columns of Touches for one thread."""
    journal, memory = history.journal, history.vm.memory
    moved = writes_between(history, (memory.address("variable.value", string.slot),), 0, history.total)
    steps = journal.steps_of(moved)
    counts = journal.new.at(moved) - journal.old.at(moved)
    # Each of these steps also ends its instruction: op_start had the step before the instruction's first.
    ended = writes_between(history, (memory.address("thread.op_start", t),), 0, history.total)
    place = np.searchsorted(journal.steps_of(ended), steps)
    at_once = own_step_before(history, steps) <= journal.old.at(ended[place])
    return steps, np.full(len(steps), t, np.int64), counts, np.where(at_once, counts, 0)


def string_touched(history: History) -> Touched:
    """Return the page that each touch found; views each step, and then the cursor's."""
    touches, cursor = string_touches(history), history.step
    strings, pages = dict(_strings(history)), [np.zeros(0, np.int64)]
    try:
        for step, t, count in zip(*(part.tolist() for part in _three(touches)), strict=True):
            history.seek(step)
            pages.append(_pages(history, t, strings[t], count))
    finally:
        history.seek(cursor)
    return Touched(np.repeat(touches.threads, touches.counts), np.concatenate(pages))


def _three(touches: Touches) -> tuple[Array, Array, Array]:
    return touches.steps, touches.threads, touches.counts


def _pages(history: History, t: int, string: ReferenceString, count: int) -> Array:
    """The pages of the last `count` references that thread `t` has taken; they are mapped after it did."""
    vm = history.vm
    beyond, p = string.position(vm), vm.thread.process[t]
    indices, places = np.unique(string.indices[beyond - count : beyond], return_inverse=True)
    entries = [pte_at(vm, p, int(string.places[index])) for index in indices.tolist()]
    pages = [page_of_pte(vm, pte) if pte >> PAGE_SHIFT else NULL for pte in entries]
    return np.array(pages, np.int64)[places]


STRINGS = TouchSource(string_touches, string_touched)
"""The figures' source for reference strings."""
