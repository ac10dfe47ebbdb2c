"""A scenario's questions as a paper asks them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.language.expressions import same_value
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.question import compile_answer
from explorer.papers.exercise import exercises_of
from tests.explorer.asked_in_advance import TEXT
from tests.explorer.papers.small_lessons import LESSON
from tests.tiers import only_fast


def test_the_questions_of_a_file_need_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load_text(TEXT)
    monkeypatch.setattr(Scenario, "start", lambda _: pytest.fail("it was run"))
    paper = exercises_of(scenario)
    assert [one.id for one in paper.asked] == ["queue", "busy", "active", "released"]
    assert [one.answer for one in paper.asked] == ["PQ_NONE", "PBUSY_LOCKED", "PQ_ACTIVE", "0"]
    assert (paper.asked[0].asked, paper.left_out, paper.history) == (None, (), None)


def test_a_run_gives_the_same_questions_with_their_steps() -> None:
    scenario = load_text(TEXT)
    plain, run = exercises_of(scenario), exercises_of(scenario, run=True)
    assert [(one.id, one.choices, one.answer, one.why) for one in run.asked] == [
        (one.id, one.choices, one.answer, one.why) for one in plain.asked
    ]
    steps = [(one.asked, one.decided) for one in run.asked]
    assert all(asked is not None and decided is not None and asked < decided for asked, decided in steps)
    assert run.history is not None


def test_the_steps_alone_leave_the_questions_as_the_file_has_them() -> None:
    scenario = load_text(TEXT)
    plain, paper = exercises_of(scenario), exercises_of(scenario, steps=True)
    assert [replace(one, asked=None) for one in paper.asked] == [*plain.asked]
    assert paper.asked[0].asked == 0
    assert paper.asked[2].asked == exercises_of(scenario, run=True).asked[2].asked
    assert paper.history is None


def test_a_moment_that_does_not_come_has_no_step() -> None:
    scenario = load_text(TEXT.replace("when object[heap].page[0] != NULL", "when count(FREE) == 0"))
    asked = exercises_of(scenario, steps=True).asked
    assert (asked[2].id, asked[2].asked) == ("active", None)


def test_the_step_that_decides_a_question_is_recorded() -> None:
    text = TEXT[: TEXT.index('[[question]]\nid = "busy"')]
    paper = exercises_of(load_text(text), run=True)
    assert paper.history is not None
    assert paper.asked[0].decided is not None
    assert paper.history.total >= paper.asked[0].decided


def test_another_value_of_a_parameter_gives_other_choices_and_another_answer() -> None:
    two, three = (exercises_of(load_text(LESSON, seed=seed)).asked[0] for seed in (None, 1))
    assert (two.choices, two.answer) == (("1", "2", "3"), "2")
    assert (three.choices, three.answer) == (("2", "3", "4"), "3")


def test_a_question_without_a_right_choice_is_left_out_with_the_reason() -> None:
    text = TEXT.replace('choices = ["0", "PBUSY_LOCKED"]', 'choices = ["PBUSY_LOCKED", "1"]').replace(
        'answer = "0"', 'answer = "1"'
    )
    paper = exercises_of(load_text(text, "mine", machine="8MiB:1x1x1"))
    assert [one.number for one in paper.asked] == [1, 2, 3]
    assert paper.left_out == ("mine: question 4 is left out: in this run, no choice is right",)


def test_of_choices_with_the_same_value_in_the_run_one_is_left() -> None:
    text = TEXT.replace('"PQ_FREE", "PQ_NONE"', '"app.m.queue", "PQ_FREE", "PQ_NONE"')
    paper = exercises_of(load_text(text), run=True)
    assert paper.asked[0].choices == ("PQ_FREE", "PQ_NONE", "PQ_ACTIVE")


@pytest.mark.parametrize("name", only_fast(OWN.names, "life-of-a-page", "lost-wakeup"))
@pytest.mark.parametrize("rules", [None, "source"])
def test_every_answer_is_right_by_the_model(name: str, rules: str | None) -> None:
    paper = exercises_of(load(name, rules=rules), run=True)
    assert paper.history is not None or not paper.scenario.questions
    for exercise in paper.asked:
        assert paper.history is not None
        assert exercise.decided is not None
        question, vm = paper.scenario.questions[exercise.number - 1], paper.history.vm
        paper.history.seek(exercise.decided)
        value = question.value.show(vm)
        options = {one: compile_answer(one, paper.scenario.names).show(vm) for one in exercise.choices}
        right = [one for one, option in options.items() if same_value(option, value)]
        assert right == [exercise.answer], f"{name} {exercise.id}"
    assert rules is not None or len(paper.asked) == len(paper.scenario.questions)
