"""The touches of a run, by all threads that touch memory."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.debug.per_history import Remembered
from engine.figures.script_touches import SCRIPTS
from engine.figures.string_touches import STRINGS
from engine.figures.touch_source import Touched, Touches, TouchSource
from engine.run.history import History

SOURCES: Final[tuple[TouchSource, ...]] = (SCRIPTS, STRINGS)
"""Each kind of threads that touch memory."""

_TOUCHES: Final[Remembered[int, Touches]] = Remembered(4)


def touches_of(history: History) -> Touches:
    """Return all touches up to the end of the current branch; does not move the cursor."""
    return _TOUCHES.get(history, history.total, lambda: {history.total: _all_touches(history)})


def _all_touches(history: History) -> Touches:
    found = [source.touches(history) for source in SOURCES]
    steps, threads, counts, hits = (
        np.concatenate([getattr(one, column) for one in found])
        for column in ("steps", "threads", "counts", "hits")
    )
    order = np.argsort(steps, kind="stable")
    return Touches(steps[order], threads[order], counts[order], hits[order])


def touched_by(history: History) -> Touched:
    """Return the page of every touch up to the end of the current branch; the cursor is where it was."""
    found = [source.touched(history) for source in SOURCES]
    return Touched(
        np.concatenate([one.threads for one in found]), np.concatenate([one.pages for one in found])
    )


def touches_by_thread(history: History) -> list[int]:
    """Return the touches of each thread, by its number."""
    touches = touches_of(history)
    counts = np.bincount(touches.threads, touches.counts, len(history.programs))
    return [int(count) for count in counts]
