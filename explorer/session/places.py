"""Going to a moment as a user writes it, and to a step that a search finds."""

from __future__ import annotations

from collections.abc import Callable

from engine.debug.moments import find_step, read_moment
from engine.errors import BadInput
from explorer.session.session import Session
from explorer.session.stepping import SLICE, Motion, extend_at_end, go_to


def go_to_place(session: Session, place: str) -> Motion:
    """Go to a moment: `app:3`, `app:@taken`, `when count(FREE) < 40`.

    Errors: BadInput if it is not a moment, or the run never reaches it.
    """
    if session.scenario is None:
        raise BadInput("this run has no scenario; write the number of a step")
    history, point = session.history, read_moment(place, session.history.programs, session.names)
    yield from go_to_found(session, lambda limit: find_step(history, point, limit))


def go_to_found(session: Session, find: Callable[[int], int]) -> Motion:
    """Go to the step that a search finds; it takes the number of steps that it may search.

    Errors: BadInput as the search, if the run never reaches that step.
    """
    history, cursor = session.history, session.history.step
    most = history.total if session.scenario is None else session.scenario.steps
    while True:
        try:
            step = find(history.total)
            break
        except BadInput:
            if history.branch.outcome is not None or history.total >= most:
                history.seek(min(cursor, history.total))
                raise
        extend_at_end(history, min(SLICE, most - history.total))
        yield
    yield from go_to(session, step)
