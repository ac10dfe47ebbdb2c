"""The spellings that a quiz accepts: of numbers, constants, bits, pages, yes and no."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load_text
from explorer.papers.accepted_answers import accepted_answers
from explorer.papers.exercise import exercises_of
from tests.explorer.papers.small_lessons import LESSON


def accepted(value: str, answer: str) -> list[str]:
    """The spellings of an answer to the question without choices, when it asks for another value."""
    old = 'answer = "PBUSY_LOCKED"\nvalue = "app.m.busy_count"'
    assert old in LESSON
    text = LESSON.replace(old, f'answer = "{answer}"\nvalue = "{value}"')
    scenario = load_text(text)
    paper = exercises_of(scenario, run=True)
    exercise = paper.asked[1]
    assert paper.history is not None
    assert exercise.decided is not None
    paper.history.seek(exercise.decided)
    return accepted_answers(scenario, scenario.questions[1], exercise.answer, paper.history)


@pytest.mark.parametrize(
    ("value", "answer", "spellings"),
    [
        ("app.m.busy_count", "PBUSY_LOCKED", {"PBUSY_LOCKED", "LOCKED", "0x80000000", "2147483648"}),
        ("app.m.busy_count | PBUSY_WANTED", "PBUSY_LOCKED | PBUSY_WANTED", {"LOCKED|WANTED", "0xc0000000"}),
        ("queue_of(app.m)", "PQ_ACTIVE", {"PQ_ACTIVE", "ACTIVE"}),
        ("app.m.pindex * 1000", "2000", {"2000", "2,000", "0x7d0"}),
        ("app.m.pindex == 2", "yes", {"yes", "true", "1"}),
        ("app.m.valid", "0", {"0", "00", "0x0", "no"}),
    ],
)
def test_the_spellings_of_the_screen_are_accepted(value: str, answer: str, spellings: set[str]) -> None:
    found = accepted(value, answer)
    assert found[0] == answer
    assert spellings - {*found} == set()


def test_a_wrong_answer_is_never_accepted() -> None:
    assert {"PBUSY_WANTED", "0", "1"} & {*accepted("app.m.busy_count", "PBUSY_LOCKED")} == set()
