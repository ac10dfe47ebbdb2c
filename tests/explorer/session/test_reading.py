"""The open page of a lesson: time turns it, and a page that was turned to by hand stays until time moves."""

from __future__ import annotations

import pytest

from engine.debug.moments import AtEnd, AtStep
from explorer.session.reading import Reading
from explorer.session.session import Session
from explorer.views.lit import NOTHING
from tests.explorer.lesson_pages import lesson_session


@pytest.fixture
def paged() -> Session:
    session = lesson_session()
    session.history.extend(1_000)
    session.history.seek(0)
    return session


def pages_at(session: Session, *steps: int) -> list[int]:
    """The number of the page at each step, in this order."""
    found = []
    for step in steps:
        session.history.seek(step)
        found.append(session.reading.page(session.history))
    return found


def test_the_open_page_is_that_of_the_latest_moment(paged: Session) -> None:
    total = paged.history.total
    start, activate, same, never, end = paged.reading.steps(paged.history)
    assert (start, never, end) == (0, None, total)
    assert activate is not None
    assert same == activate
    steps = 0, activate - 1, activate, total - 1, total, activate, 0
    assert pages_at(paged, *steps) == [0, 0, 1, 1, 4, 1, 0]


def test_nothing_is_known_of_steps_that_are_not_recorded() -> None:
    session = lesson_session()
    assert session.reading.steps(session.history) == (0, None, None, None, None)
    assert session.reading.page(session.history) == 0


def test_a_page_of_the_same_moment_stays_until_the_next_moment(paged: Session) -> None:
    at = paged.reading.steps(paged.history)[1]
    assert at is not None
    pages_at(paged, at)
    paged.reading.turn_to(2)
    assert pages_at(paged, at, at + 1, at - 1, at) == [2, 2, 0, 1]


def test_a_page_without_its_moment_closes_when_time_moves(paged: Session) -> None:
    paged.reading.hold(paged.history, 3)
    assert pages_at(paged, 0) == [3]
    assert not paged.reading.reaches(paged.history)
    assert pages_at(paged, 1, 0) == [0, 0]
    assert paged.reading.reaches(paged.history)


def test_what_was_carried_out_turns_to_a_page_of_the_same_moment(paged: Session) -> None:
    at = paged.reading.steps(paged.history)[1]
    assert at is not None
    pages_at(paged, at)
    paged.reading.carry_out(paged.history, 1)
    assert (paged.reading.page(paged.history), paged.reading.done) == (2, False)


def test_where_the_next_page_is_later_the_page_stays_and_is_done(paged: Session) -> None:
    paged.reading.carry_out(paged.history, 0)
    assert (paged.reading.page(paged.history), paged.reading.done) == (0, True)
    at = paged.reading.steps(paged.history)[1]
    assert at is not None
    pages_at(paged, at, 0)
    assert not paged.reading.done
    paged.reading.carry_out(paged.history, 1)  # another page: time has turned it already
    assert (paged.reading.page(paged.history), paged.reading.done) == (0, False)


def test_each_page_has_the_moment_of_the_one_before_it(paged: Session) -> None:
    reading = paged.reading
    assert reading.moment(0) == AtStep(0)
    assert reading.moment(1) == reading.moment(2) != reading.moment(3)
    assert reading.moment(4) == AtEnd()


def test_a_lesson_without_pages_has_no_moment(session: Session) -> None:
    reading = Reading()
    assert reading.page(session.history) == 0
    assert reading.steps(session.history) == ()
    assert reading.reaches(session.history)


def test_every_branch_has_its_own_steps(paged: Session) -> None:
    history = paged.history
    history.seek(2)
    history.go_live()
    history.fork()
    assert paged.reading.steps(history) == (0, None, None, None, None)
    assert paged.reading.page(history) == 0


def test_a_printed_page_has_no_panel_and_is_lit(paged: Session) -> None:
    paged.reading.printed = True
    paged.reading.hold(paged.history, 1)
    lit = paged.lit
    paged.reading.printed = False
    assert (paged.reading.has_panel, paged.lit) == (True, lit)
    paged.reading.printed = True
    assert paged.reading.open
    assert not paged.reading.has_panel
    assert lit != NOTHING
