"""What opens by itself at a panic, a deadlock, a livelock or a blocked end: the why of its condition.

It opens once each time the end is reached. It closes with Esc or another lens; going back from the end closes
it too, and the lens from before it is shown again.
"""

from __future__ import annotations

from engine.debug.end_condition import UNWANTED, end_condition, end_page
from engine.debug.failed_check import Decided
from explorer.session.session import Opened, Session


def follow_end(session: Session) -> bool:
    """Open the why of the end that the cursor has reached, or close it when the cursor has left that end.

    Returns: whether it was opened now.
    """
    history = session.history
    place = (history.current, history.step) if history.outcome in UNWANTED else None
    if session.opened is not None and session.opened.place != place:
        session.close_reason()
        session.opened = None
    if place is None or session.opened is not None:
        return False
    session.opened = Opened(place, session.lens, session.asked, session.bits)
    found = end_condition(history)
    if found is None and history.outcome == "panic":
        session.opened.shown = False
        return False
    if found is None:
        session.lens = "waits"
    else:
        session.lens, session.asked, session.bits = "why", found.cell, found.bits
    return True


def condition_asked(session: Session) -> Decided | None:
    """Return what `why` without a cell is about at the end of a run: the condition of that end.

    Returns: None elsewhere, if the user has chosen a field or another page, or if no cell decided it.
    """
    chosen = session.field or session.pinned not in (None, end_page(session.history))
    return None if chosen else end_condition(session.history)
