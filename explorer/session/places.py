"""Going to a moment as a user writes it, and to a step that a search finds."""

from __future__ import annotations

from collections.abc import Callable, Generator

from engine.debug.moments import AtEnd, Point, find_step, read_moment
from engine.errors import BadInput
from explorer.session import running
from explorer.session.session import Session
from explorer.session.stepping import SHORT_SLICE, SLICE, Motion, extend_at_end, go_to

Find = Callable[[int], int]
"""A search for a step in a run of at most that number of steps; BadInput if there is none."""


def go_to_place(session: Session, place: str) -> Motion:
    """Go to a moment: `app:3`, `app:@taken`, `when count(FREE) < 40`.

    Errors: BadInput if it is not a moment, or the run never reaches it.
    """
    if session.scenario is None:
        raise BadInput("this run has no scenario; write the number of a step")
    point = read_moment(place, session.history.programs, session.names)
    yield from go_to(session, (yield from step_of(session, point)))


def step_of(session: Session, point: Point) -> Generator[None, None, int]:
    """Find the step of a moment; run on as far as needed, to the limit of the scenario at most.

    Errors: BadInput if the run never reaches it; the cursor is then where it was.
    """
    history = session.history
    return _found(session, lambda most: find_step(history, point, most), isinstance(point, AtEnd))


def go_to_found(session: Session, find: Find, *, at_end: bool = False) -> Motion:
    """Go to the step that a search finds. at_end: search only when the run is over.

    Errors: BadInput as the search, if the run never reaches that step.
    """
    yield from go_to(session, (yield from _found(session, find, at_end)))


def _found(session: Session, find: Find, at_end: bool) -> Generator[None, None, int]:
    """Search for a step. What is recorded after it, or in vain, is dropped: the user has not seen it.

    Does not move the cursor.
    """
    cursor, recorded = session.history.step, session.history.total
    try:
        step = yield from _searched(session, find, at_end)
    except BadInput:
        _drop(session, cursor, recorded, cursor)
        raise
    _drop(session, step, recorded, cursor)
    return step


def _drop(session: Session, step: int, recorded: int, cursor: int) -> None:
    """Drop the steps after `step`, but not the first `recorded` ones; the cursor is then where it was."""
    session.history.seek(step)
    running.drop_unshown(session, recorded)
    session.history.seek(cursor)


def _searched(session: Session, find: Find, at_end: bool) -> Generator[None, None, int]:
    history, count = session.history, min(SHORT_SLICE, SLICE)
    most = session.scenario.steps if session.scenario else history.total
    while True:
        over = history.branch.outcome is not None or history.total >= most
        if over or not at_end:
            try:
                return find(history.total)
            except BadInput:
                if over:
                    raise
        extend_at_end(history, min(count, most - history.total))
        count = min(2 * count, SLICE)
        yield
