"""Turning pages: it moves in time, leaves out what the run does not reach, refuses what does not exist."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session import lesson
from explorer.session.session import Session
from explorer.session.stops import add_break
from tests.explorer.lesson_pages import driven, lesson_session


@pytest.fixture
def paged() -> Session:
    return lesson_session()


def where(session: Session) -> tuple[int, int]:
    """The number of the open page, from 1, and the step."""
    return session.reading.page(session.history) + 1, session.history.step


def test_the_next_page_runs_to_its_moment_and_stops_at_no_breakpoint(paged: Session) -> None:
    add_break(paged, "vm_page_insert")
    driven(lesson.turn(paged, 1))
    number, step = where(paged)
    assert (number, paged.history.total) == (2, step), "steps after it are not recorded"
    assert paged.note.text == f"page 2 of 5, step {step}"
    driven(lesson.turn(paged, -1))
    assert where(paged) == (1, 0)


def test_a_page_of_the_same_moment_does_not_move_time(paged: Session) -> None:
    driven(lesson.turn(paged, 1))
    paged.history.extend(2)
    later = paged.history.step
    driven(lesson.turn(paged, 1))
    assert where(paged) == (3, later)


def test_a_page_that_the_run_does_not_reach_is_left_out_with_a_message(paged: Session) -> None:
    driven(lesson.go_to_page(paged, "3"))
    driven(lesson.turn(paged, 1))
    number, step = where(paged)
    assert (number, step) == (5, paged.history.total)
    assert paged.note.text == f"this run does not come to page 4; page 5 of 5, step {step}"
    driven(lesson.turn(paged, -1))
    assert where(paged)[0] == 3


def test_at_the_ends_it_says_so_and_stays(paged: Session) -> None:
    driven(lesson.turn(paged, -1))
    assert paged.note.text == "this is the first page of the lesson"
    driven(lesson.go_to_page(paged, "5"))
    driven(lesson.turn(paged, 1))
    assert paged.note.text == "this is the last page of the lesson"
    assert where(paged)[0] == 5


def test_no_page_left_that_the_run_reaches() -> None:
    pages = '[[page]]\nsay = "One."\n[[page]]\nat = "when queue_of(app.m) == PQ_HOLD"\nsay = "Two."\n'
    session = lesson_session(pages)
    session.history.extend(3)
    session.history.seek(2)
    driven(lesson.turn(session, 1))
    assert session.note.text == "this run does not come to page 2; :lesson N reads one of them"
    assert where(session) == (1, 2)
    driven(lesson.go_to_page(session, "2"))
    assert session.note.text == "this run does not come to the moment of page 2"
    assert where(session) == (2, 2)
    assert not session.reading.reaches(session.history)
    driven(lesson.turn(session, -1))
    assert where(session) == (1, 0)


def test_going_to_a_page_opens_the_lesson(paged: Session) -> None:
    paged.reading.open = False
    driven(lesson.go_to_page(paged, "2"))
    assert paged.reading.open


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0", "there is no page 0; it has pages 1 to 5"),
        ("6", "there is no page 6; it has pages 1 to 5"),
        ("two", "'two' is not a page of the lesson"),
    ],
)
def test_a_page_that_does_not_exist_is_refused(paged: Session, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        driven(lesson.go_to_page(paged, text))


def test_a_scenario_without_a_lesson_says_so() -> None:
    session = lesson_session("")
    driven(lesson.turn(session, 1))
    assert session.note.text == "this scenario has no lesson"
    with pytest.raises(BadInput, match="this scenario has no lesson"):
        driven(lesson.go_to_page(session, "1"))


def test_the_page_of_a_saved_moment_follows_from_its_step(paged: Session) -> None:
    driven(lesson.go_to_page(paged, "5"))
    again = Session(paged.history, paged.scenario)
    assert where(again) == where(paged)
