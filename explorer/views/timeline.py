"""The timeline of the run: its density of writes, its marks, and the steps to jump to."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from engine.debug.event_steps import event_steps
from engine.debug.journal_search import Steps, steps_of_thread, writes_between
from engine.memory.block import EVENT
from engine.memory.distinct import distinct
from engine.run.endings import LEAK, UNLOCK_ORDER
from engine.run.history import History
from explorer.views.rows import TimelineRow

FINDING, FORK, MARK, BREAK, QUESTION = "◆", "⌥", "▲", "●", "?"

_EVENT_COLUMNS = (
    "page.queue", "page.flags", "page.busy_count", "page.wire_count", "page.hold_count", "page.valid",
    "page.dirty", "page.object", "alist.free", "thread.state",
)  # fmt: skip
"""The columns that make a step an event: the state of a page or a thread."""


def timeline_row(
    history: History,
    width: int,
    marks: Collection[int],
    questions: Collection[int] = (),
    breaks: Steps | None = None,
    *,
    lanes: bool = False,
) -> TimelineRow:
    """The timeline in `width` cells; where marks meet in a cell, the last one counts.

    marks: the steps that the user marked; questions: those at which a question is due.
    breaks: the steps at which a breakpoint stops, ascending; of each cell, the first is marked.
    lanes: whether to count the events of each cell too.
    """
    total, parts = history.total, _parts(history, max(width, 1))
    found = [] if breaks is None else [(step, BREAK) for step in _first_of_each(breaks, parts)]
    found += [(step, QUESTION) for step in questions]
    found += [(step, MARK) for step in sorted(marks) if step <= total]
    forks = {branch.fork_step for _, branch in history.kept() if branch.parent == history.current}
    found += [(step, FORK) for step in sorted(forks)]
    if is_finding(history.branch.outcome):
        found.append((total, FINDING))
    is_open = history.branch.outcome is None
    events = event_steps(history).items() if lanes else ()
    counts = tuple((kind, _counted(steps, parts)) for kind, steps in events)
    return TimelineRow(history.step, total, is_open, _density(history, parts), tuple(found), counts)


def is_finding(outcome: str | None) -> bool:
    """Whether an outcome is a finding about the modelled kernel."""
    return outcome in ("panic", "deadlock", "livelock", UNLOCK_ORDER, LEAK)


def _parts(history: History, width: int) -> Steps:
    """The last step before each of `width` equal parts of the run, and its last step."""
    return np.linspace(0, history.total, width + 1).round().astype(np.int64)


def _density(history: History, parts: Steps) -> tuple[int, ...]:
    if history.total == 0:
        return (0,) * (len(parts) - 1)
    return tuple(np.diff(history.journal.ends(parts)).tolist())


def _counted(steps: Steps, parts: Steps) -> tuple[int, ...]:
    """The number of the steps in each part."""
    return tuple(np.diff(steps.searchsorted(parts, side="right")).tolist())


def _first_of_each(steps: Steps, parts: Steps) -> list[int]:
    """The first of the steps in each part that has any; step 0 belongs to none, and comes first."""
    ends = steps.searchsorted(parts, side="right")
    begins = ends[:-1][ends[1:] > ends[:-1]]
    return [*([0] if len(steps) and not steps[0] else []), *steps[begins].tolist()]


def stops(history: History, marks: Collection[int]) -> list[int]:
    """The steps that a user jumps between: the start, marks, forks, and the end."""
    forks = {branch.fork_step for _, branch in history.kept() if branch.parent == history.current}
    if history.branch.parent is not None:
        forks.add(history.branch.fork_step)
    inside = {step for step in {*marks, *forks} if step <= history.total}
    return sorted(inside | {0, history.total})


_STRETCH = 65536


def next_event(history: History, after: int) -> int | None:
    """The first step after `after` at which a page or a thread changed state; None if not recorded."""
    for first in range(after, history.total, _STRETCH):
        steps = _event_steps(history, first, min(first + _STRETCH, history.total))
        if steps.size:
            return int(steps[0])
    return None


def previous_event(history: History, before: int) -> int | None:
    """The last step before `before` at which a page or a thread changed state."""
    for last in range(before - 1, 0, -_STRETCH):
        steps = _event_steps(history, max(last - _STRETCH, 0), last)
        if steps.size:
            return int(steps[-1])
    return None


def _event_steps(history: History, first: int, last: int) -> npt.NDArray[np.int64]:
    """The steps first + 1 .. last that are events, in order."""
    if last <= first:
        return np.zeros(0, np.int64)
    memory = history.vm.memory
    stretches = [memory.places[name].stretch for name in _EVENT_COLUMNS]
    written = history.journal.steps_of(writes_between(history, (), first, last, stretches))
    return distinct(np.concatenate([written, steps_of_thread(history, EVENT, first, last)]))
