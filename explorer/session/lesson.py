"""Turning the pages of the lesson: it moves in time."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final

from engine.errors import BadInput
from explorer.session import places, question_stops, questions, stepping
from explorer.session.session import Session
from explorer.session.stepping import Motion
from explorer.session.typed_number import number_of

WAYS: Final = {"next": 1, "previous": -1}
"""Words for a turn of the page, and its direction."""


def turn(session: Session, by: int) -> Motion | None:
    """Turn to the next page, or with -1 the previous one, and go to its moment; run on as far as needed.

    What covers the page is closed first. Pages whose moment this run does not reach are left out, with a
    message. Reading on stops at the questions on the way in learn mode, and at no breakpoint.
    """
    covered, asked = questions.cover(session), questions.asked_here(session)
    if covered:
        questions.close(session)
    if asked is not None and by > 0:
        return None
    first = _next_unread(session, covered=covered) if by > 0 else _open_number(session) - 1
    return _turn_from(session, first, by)


def _open_number(session: Session) -> int:
    return session.reading.page(session.history)


def _next_unread(session: Session, *, covered: bool) -> int:
    """Return the number of the page to read next.

    covered: whether something covered the open page: what led here may have passed pages that were not read.
             The last page comes again if it asks for something: the question that covered it came first.
    """
    reading, now = session.reading, _open_number(session)
    if not covered or reading.last is None or not reading.open:
        return now + 1
    if now + 1 == len(reading.pages) and reading.pages[now].do and not reading.done:
        return now
    return reading.last + 1 if reading.last < now or not reading.is_unseen(session.history) else now


def _turn_from(session: Session, first: int, by: int) -> Motion | None:
    """Turn to page `first`, or the nearest one in that direction that this run reaches."""
    reading, count = session.reading, len(session.reading.pages)
    if first >= count and questions.card_is_ahead(session):
        return _to_card(session)
    if not 0 <= first < count:
        said = f"this is the {'last' if by > 0 else 'first'} page of the lesson"
        session.say(said if count else "this scenario has no lesson")
        return None
    step = reading.steps(session.history)[first]
    if reading.has_moment(session.history, first) or (step is not None and step <= session.history.step):
        return _turn(session, first, by)
    return question_stops.advance(session, lambda: _turn(session, first, by))


def _to_card(session: Session) -> Motion | None:
    """Run to the end, and show the card there; a question on the way stops it."""
    if questions.open_card(session) or session.history.outcome is not None:
        return None
    return question_stops.advance(session, lambda: _run_to_card(session))


def _run_to_card(session: Session) -> Motion:
    yield from stepping.go_to(session, None)
    questions.open_card(session)


def _turn(session: Session, first: int, by: int) -> Motion:
    reading = session.reading
    pages = range(first, len(reading.pages) if by > 0 else -1, by)
    for number in pages:
        # A page before this one that has not come yet does not come at all.
        step = (yield from _reached(session, number)) if by > 0 else reading.steps(session.history)[number]
        if step is not None:
            yield from _open(session, number, step)
            _tell(session, range(first, number, by))
            return
    if not (by > 0 and questions.open_card(session)):
        reads = f"{first + 1} reads it" if len(pages) == 1 else "N reads one of them"
        session.say(f"this run does not come to {_pages(pages)}; :lesson {reads}")


def go_to_page(session: Session, text: str) -> Motion:
    """Go to the page that is given by its number, and to its moment.

    A page whose moment this run does not reach is opened where the run is.
    Errors: BadInput if there is no such page.
    """
    reading = session.reading
    number, count = number_of(text, "a page of the lesson"), len(reading.pages)
    if not 1 <= number <= count:
        there = f"it has pages 1 to {count}" if count else "this scenario has no lesson"
        raise BadInput(f"there is no page {number}; {there}")
    step = yield from _reached(session, number - 1)
    if step is None:
        reading.hold(session.history, number - 1)
        session.say(f"this run does not come to the moment of page {number}")
        return
    yield from _open(session, number - 1, step)
    _tell(session, ())


def _open(session: Session, number: int, step: int) -> Motion:
    """Open a page, and go to its step unless the open page belongs to the same moment."""
    reading, history = session.reading, session.history
    if reading.steps(history)[reading.page(history)] != step:
        yield from stepping.go_to(session, step)
    reading.turn_to(number)
    reading.open = True


def _reached(session: Session, number: int) -> Generator[None, None, int | None]:
    """Find the step of a page; run on as far as needed. None if the run does not come there."""
    step = session.reading.steps(session.history)[number]
    if step is not None:
        return step
    session.learning.looking = True
    try:
        step = yield from places.step_of(session, session.reading.moment(number))
    except BadInput:
        pass
    finally:
        session.learning.looking = False
    return step


def _tell(session: Session, missed: Sequence[int]) -> None:
    """Say which page is open now, and which ones were left out."""
    reading, history = session.reading, session.history
    place = f"page {reading.page(history) + 1} of {len(reading.pages)}, step {history.step:,}"
    session.say(f"this run does not come to {_pages(missed)}; {place}" if missed else place)


def _pages(numbers: Sequence[int]) -> str:
    first, last = min(numbers) + 1, max(numbers) + 1
    return f"page {first}" if first == last else f"pages {first} to {last}"
