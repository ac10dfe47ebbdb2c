"""The timeline in sentences: how often each kind of event happened, where next, and the marks of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.debug.event_steps import event_steps
from engine.debug.journal_search import Steps
from engine.words import plural
from explorer.session.session import Session
from explorer.session.timeline import break_steps, timeline_of
from explorer.views.timeline import FINDING, FORK, MARK, QUESTION

MOST: Final = 20
"""Maximum number of steps listed for a kind of mark."""

_EVENTS: Final = {
    "moves": "a page changed its queue", "sleeps": "a thread went to sleep", "wakeups": "a thread was woken",
    "faults": "a page fault began", "ticks": "the clock ticked",
}  # fmt: skip

_MARKS: Final = {
    QUESTION: "Questions are due at", MARK: "Marked:", FORK: "Branches start at",
    FINDING: "The finding is at",
}  # fmt: skip


def timeline_sentences(session: Session) -> list[str]:
    """The events with their steps around the cursor, then breakpoints, questions, marks and findings."""
    history = session.history
    lines = [f"Steps 0 to {history.total:,}; the cursor is at step {history.step:,}."]
    lines += [_event_words(kind, steps, history.step) for kind, steps in event_steps(history).items()]
    stops = break_steps(session).tolist()
    lines += [f"Breakpoints stop at {_listed(stops)}."] if stops else []
    marks = timeline_of(session, 1).marks
    for glyph, words in _MARKS.items():
        steps = sorted({step for step, one in marks if one == glyph})
        lines += [f"{words} {_listed(steps)}."] if steps else []
    return lines


def _event_words(kind: str, steps: Steps, at: int) -> str:
    passed = int(steps.searchsorted(at, side="right"))
    said = f"In {plural(len(steps), 'step')} {_EVENTS[kind]}"
    last = f"; {passed:,} of them up to the cursor, the last at step {steps[passed - 1]:,}" if passed else ""
    coming = f"; the next at step {steps[passed]:,}" if passed < len(steps) else ""
    return f"{said}{last}{coming}."


def _listed(steps: Sequence[int]) -> str:
    left = len(steps) - MOST
    more = f", and {left:,} more" if left > 0 else ""
    return f"step{'s' * (len(steps) > 1)} {', '.join(f'{step:,}' for step in steps[:MOST])}{more}"
