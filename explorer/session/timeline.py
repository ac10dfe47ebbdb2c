"""The timeline with what only a session knows: its marks, its breakpoints, and the questions that are due."""

from __future__ import annotations

import numpy as np

from engine.debug.journal_search import Steps
from engine.debug.stop_steps import stop_steps
from engine.memory.distinct import distinct
from explorer.session.session import Session
from explorer.views.rows import TimelineRow
from explorer.views.timeline import timeline_row


def timeline_of(session: Session, width: int, *, lanes: bool = False) -> TimelineRow:
    """The timeline in `width` cells; lanes: with a lane for each kind of event."""
    history = session.history
    questions = session.due.of(history)
    return timeline_row(history, width, session.marks, questions, break_steps(session), lanes=lanes)


def break_steps(session: Session) -> Steps:
    """The recorded steps at which a breakpoint or watchpoint stops, ascending.

    Of those that must visit steps to know, only the steps at which they have stopped.
    """
    if not session.stops:
        return np.zeros(0, np.int64)
    history, texts = session.history, {stop.text for stop in session.stops if stop.enabled}
    quick = stop_steps(history, session.stops)
    hits = [
        step
        for branch, step, text in session.hits
        if branch == history.current and text in texts and step <= history.total
    ]
    return distinct(np.append(quick, hits).astype(np.int64)) if hits else quick
