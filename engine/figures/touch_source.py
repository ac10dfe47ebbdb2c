"""What a source of touches gives: the touches of a run, and the pages that they touched.

A touch is an access of a process to its memory that was done: a load or a store that the page table permitted
in the end, with or without a fault before. One that ended in a signal is not a touch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.debug.journal_search import Steps
from engine.memory.cells import Array
from engine.run.history import History


@dataclass(frozen=True)
class Touches:
    """The touches of a run, by the step that did them; int64, (n,) each, in the order of the steps.

    threads: the thread of each step; counts: the touches that the step did; hits: those of them that needed
    no fault.
    """

    steps: Steps
    threads: Array
    counts: Array
    hits: Array


@dataclass(frozen=True)
class Touched:
    """The page that each touch found, and the thread that touched it; int64, (touches,) each."""

    threads: Array
    pages: Array


@dataclass(frozen=True)
class TouchSource:
    """A kind of threads that touch memory.

    touches: returns their touches up to the end of the current branch.
    touched: returns the pages of those touches, in the same order; the cursor is where it was.
    """

    touches: Callable[[History], Touches]
    touched: Callable[[History], Touched]
