"""A reader who reads on and answers what is asked comes to the mark `done` in every scenario."""

from __future__ import annotations

import pytest

from engine.scenario.library import OWN
from engine.scenario.loader import load
from explorer.session import lesson, question_stops, questions, running
from explorer.session.course_progress import CourseProgress
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from tests.explorer.cursor_motions import drive
from tests.tiers import only_fast

MOST = 1_000
"""Commands after which a lesson that does not end would be a bug of the test."""


def read_on(session: Session) -> None:
    """Answer the open question with its first choice; else turn the page; else run on."""
    asked = questions.asked_here(session)
    if asked is not None:
        drive(questions.reply(session, asked, 0))
    elif session.note.text == "this is the last page of the lesson":
        drive(question_stops.advance(session, lambda: running.run(session)))
    else:
        drive(lesson.turn(session, 1))


@pytest.mark.parametrize("name", only_fast(OWN.names, "life-of-a-page", "lost-wakeup"))
def test_a_reader_of_the_whole_lesson_is_done(name: str) -> None:
    scenario, log = load(name), ProgressLog()
    session = Session(scenario.start(), scenario)
    session.learning.on = session.reading.leads = True
    for _ in range(MOST):
        questions.follow(session)
        log.note(session)
        done = CourseProgress(OWN, log.progress()).done(name)
        if done.state == "done":
            break
        read_on(session)
    assert done.state == "done", done.words
    assert done.answered == len(scenario.questions)
    assert done.right == sum(given.right for given in session.score.given.values())
