"""What was done in a scenario, how two records of it are combined, and when it is done."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations

import pytest

from engine.scenario.outline import Outline
from explorer.session.progress import (
    OWN_COURSE,
    CourseKey,
    FirstAnswer,
    Progress,
    Work,
    done_of,
    record,
)
from explorer.views.ascii_twins import in_ascii

FOUR = Outline(2, ("a", "b"))

A = FirstAnswer("a", "PQ_NONE", True, None, 100)
B = FirstAnswer("b", "PQ_FREE", False, None, 110)


def works(*pages: int, ended: bool = False, answers: tuple[FirstAnswer, ...] = ()) -> Work:
    return Work(frozenset(pages), ended, answers)


@pytest.mark.parametrize(
    ("work", "outline", "state"),
    [
        pytest.param(works(), FOUR, "", id="nothing was done"),
        pytest.param(works(1), FOUR, "begun", id="one page was read"),
        pytest.param(works(1, 2), FOUR, "begun", id="all pages were read, no question answered"),
        pytest.param(works(answers=(A, B)), FOUR, "begun", id="all questions were answered, no page read"),
        pytest.param(works(1, 2, answers=(A, B)), FOUR, "done", id="all of both, the end not seen"),
        pytest.param(works(1, 2, ended=True, answers=(A,)), FOUR, "begun", id="a question is missing"),
        pytest.param(works(1, 2), Outline(2), "done", id="there is no question"),
        pytest.param(works(answers=(A,)), Outline(0, ("a",)), "begun", id="no lesson, before the end"),
        pytest.param(works(ended=True, answers=(A,)), Outline(0, ("a",)), "done", id="no lesson, at the end"),
        pytest.param(works(ended=True), Outline(), "done", id="neither a lesson nor a question, at the end"),
        pytest.param(works(), Outline(), "", id="neither a lesson nor a question, before the end"),
        pytest.param(works(8, 9), FOUR, "", id="only pages that the lesson no longer has"),
    ],
)  # fmt: skip
def test_a_scenario_is_done_when_its_pages_are_read_and_its_questions_answered(
    work: Work, outline: Outline, state: str
) -> None:
    assert done_of(work, outline).state == state


def test_questions_and_pages_that_the_scenario_no_longer_has_do_not_count() -> None:
    gone = FirstAnswer("gone", "PQ_NONE", True, None, 90)
    done = done_of(works(1, 7, answers=(gone, A)), FOUR)
    assert (done.read, done.answered, done.right) == (1, 1, 1)


def test_the_first_answer_counts_whatever_the_seed() -> None:
    later = replace(B, right=True, seed=7, time=500)
    assert done_of(works(answers=(B, later)), FOUR).right == 0
    assert done_of(works(answers=(B, later)), FOUR).answered == 1


def test_what_was_done_is_said_in_words() -> None:
    assert done_of(works(1, ended=True, answers=(A, B)), FOUR).words == (
        "1 of 2 pages, 2 of 2 questions, 1 right, end reached"
    )
    assert done_of(works(ended=True), Outline()).words == "end reached"
    assert done_of(works(), FOUR).words == ""


def test_the_marks_differ_in_ascii_too() -> None:
    marks = [done_of(work, Outline(2)).mark for work in (works(), works(1), works(1, 2))]
    assert marks == [" ", "•", "✓"]
    assert len({in_ascii(mark) for mark in marks}) == 3


def test_of_two_answers_to_a_question_the_older_one_is_kept() -> None:
    newer = replace(A, answer="PQ_FREE", right=False, time=200)
    assert (works(answers=(newer,)) | works(answers=(A,))).answers == (A,)
    assert (works(answers=(A,)) | works(answers=(newer,))).answers == (A,)


def test_of_two_answers_in_the_same_second_the_recorded_one_is_kept() -> None:
    other = replace(A, answer="PQ_FREE", right=False)
    assert (works(answers=(A,)) | works(answers=(other,))).answers == (A,)


def test_an_answer_under_another_seed_is_an_answer_of_its_own() -> None:
    seeded = replace(A, seed=7, time=200)
    assert (works(answers=(seeded,)) | works(answers=(A,))).answers == (A, seeded)


def test_records_are_combined_in_any_order_and_any_number_of_times() -> None:
    rng = random.Random(17)
    other = CourseKey("/home/me/course", "Mine")
    parts = [
        record(
            rng.choice([OWN_COURSE, other]),
            rng.choice(["x", "y"]),
            works(
                rng.randrange(1, 5),
                ended=rng.random() < 0.3,
                answers=(FirstAnswer(rng.choice("ab"), f"{n}", bool(n % 2), rng.choice([None, 1]), n),),
            ),
        )
        for n in range(5)
    ]
    found = set()
    for order in permutations(parts):
        whole = Progress()
        for part in (*order, order[0]):
            whole |= part
        rows = [(key, name, work) for key, names in whole.courses.items() for name, work in names.items()]
        found.add(repr(sorted((key, name, sorted(work.pages), work.answers) for key, name, work in rows)))
    assert len(found) == 1


def test_one_course_is_taken_out_and_the_others_stay() -> None:
    other = CourseKey("/home/me/course", "Mine")
    both = record(OWN_COURSE, "x", works(1)) | record(other, "x", works(2))
    assert both.without(OWN_COURSE) == record(other, "x", works(2))
    assert both.of(other)["x"].pages == {2}
    assert both.without(OWN_COURSE).of(OWN_COURSE) == {}
