"""Turning pages: it moves in time, leaves out what the run does not reach, refuses what does not exist."""

from __future__ import annotations

from typing import Final

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load, load_text
from explorer.commands.lesson import asked_line
from explorer.session import lesson, question_stops, questions, stepping
from explorer.session.session import Session
from explorer.session.stops import add_break
from tests.explorer.asked_in_advance import TEXT
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
    assert session.note.text == "this run does not come to page 2; :lesson 2 reads it"
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


# --- questions on the way -----------------------------------------------------------------------------------

READ: Final = """
[[page]]
say = "A page is allocated."
[[page]]
at = "app:@activate"
say = "It is on no queue."
[[page]]
at = "app:@release"
say = "It is active."
[[page]]
at = "end"
say = "It is not busy."
"""


def read(pages: str = READ) -> Session:
    """A session whose reader sees page 1; questions 1 and 2 are asked there, 3 and 4 on later pages."""
    text = TEXT.replace("when object[heap].page[0] != NULL", "app:@activate")
    before, _, after = text.partition('[[page]]\nsay = "The end.')
    scenario = load_text(before + pages + after[after.index("[[question]]") :], "read.toml")
    session = Session(scenario.start(), scenario)
    session.learning.on = session.reading.leads = True
    questions.follow(session)
    return session


def reads_on(session: Session) -> tuple[int, str]:
    """Read on; the number of the page that the cursor is at, and what is shown of a question."""
    driven(lesson.turn(session, 1))
    questions.follow(session)
    return where(session)[0], questions.question_state(session)


def answers(session: Session, *choices: str) -> tuple[int, str]:
    for choice in choices:
        driven(questions.answer(session, choice))
    questions.follow(session)
    return where(session)[0], questions.question_state(session)


def test_reading_on_meets_each_question_after_its_page_and_comes_to_the_card_after_the_last() -> None:
    session = read()
    assert reads_on(session) == (1, "open")
    assert answers(session, "PQ_NONE", "PBUSY_LOCKED") == (2, "due")
    assert questions.cover(session), "the verdict is shown"
    assert reads_on(session) == (2, "due"), "the page under the verdict"
    assert reads_on(session) == (2, "open")
    assert answers(session, "PQ_ACTIVE") == (3, "due")
    assert reads_on(session) == (3, "due")
    assert reads_on(session) == (3, "open")
    assert answers(session, "0") == (4, "verdict"), "the run has ended"
    assert reads_on(session) == (4, "")
    assert reads_on(session) == (4, "card")
    assert reads_on(session) == (4, "")
    assert session.score.short == "4/4"
    driven(lesson.turn(session, 1))
    assert session.note.text == "this is the last page of the lesson"


def test_a_last_page_that_asks_for_something_comes_again_after_the_question_there() -> None:
    scenario = load("trylock-skips")
    session = Session(scenario.start(), scenario)
    session.learning.on = session.reading.leads = True
    last = len(session.reading.pages)
    driven(stepping.go_to(session, None))
    questions.follow(session)
    while where(session)[0] < last:
        reads_on(session)
    assert asked_line(session) == "explore"
    assert questions.open_due(session)
    assert answers(session, "yes") == (last, "verdict")
    assert reads_on(session) == (last, ""), "the page with what it asks for"
    assert reads_on(session) == (last, "card")


def test_reading_on_from_the_last_page_runs_to_the_end_and_opens_the_card() -> None:
    session = read(READ[: READ.rindex("[[page]]")])
    for _ in range(20):
        asked = questions.asked_here(session)
        if asked is not None:
            answers(session, str(asked.right + 1))
        elif reads_on(session)[1] == "card":
            break
    assert session.history.outcome == "completed"
    assert questions.question_state(session) == "card"
    assert session.score.short == "4/4"


def test_reading_on_leaves_an_open_question_due_before_it_goes_past() -> None:
    session = read()
    reads_on(session)
    assert reads_on(session) == (1, "due")
    assert session.note.text == "question 1 is still due; p asks it again"
    assert reads_on(session) == (1, "open"), "question 2, which was not asked yet"
    reads_on(session)
    assert reads_on(session) == (2, "due"), "the page comes before its question"


def test_pages_that_an_answer_passed_are_read_next() -> None:
    passed = '[[page]]\nat = "when object[heap].page[0] != NULL"\nsay = "It is in the object."\n'
    session = read(READ.replace("[[page]]\nat", passed + "[[page]]\nat", 1))
    reads_on(session)
    assert answers(session, "PQ_NONE", "PBUSY_LOCKED") == (3, "due")
    step = session.history.step
    assert reads_on(session)[0] == 2
    assert session.history.step < step
    assert reads_on(session)[0] == 3
    assert session.history.step == step


def test_a_closed_lesson_keeps_no_question_waiting() -> None:
    session = read()
    session.reading.open = False
    reads_on(session)
    session.reading.open = False
    answers(session, "PQ_NONE", "PBUSY_LOCKED")
    questions.close(session)
    driven(question_stops.advance(session, lambda: stepping.finish(session)))
    assert questions.question_state(session) == "open"
