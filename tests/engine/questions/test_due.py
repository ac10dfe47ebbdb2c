"""A question is due at the step that the checks of the scenario use, as soon as that step is recorded."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.questions.due import DueSteps
from engine.run.history import History
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load
from engine.scenario.question import Question


def checked(history: History, questions: tuple[Question, ...]) -> tuple[int, ...]:
    """The steps as the checks find them in the recorded steps."""
    found = set()
    for question in questions:
        try:
            found.add(question.asked_step(history, history.total))
        except BadInput:
            continue
    return tuple(sorted(found))


SHORT = (
    "life-of-a-page",
    "tour",
    "lost-wakeup",
    "held-while-freed",
    "four-ways-to-wait",
    "hard-and-soft-busy",
)


@pytest.fixture(scope="module", params=SHORT)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return load(request.param)


def test_a_whole_run_has_each_question_where_it_is_asked(scenario: Scenario) -> None:
    history = scenario.start()
    scenario.run(history)
    due = DueSteps(scenario.questions)
    assert due.of(history) == checked(history, scenario.questions)
    assert len(due.of(history)) > 1


def test_step_by_step_a_question_appears_when_its_step_is_recorded(scenario: Scenario) -> None:
    history, due = scenario.start(), DueSteps(scenario.questions)
    for _ in range(80):
        assert due.of(history) == checked(history, scenario.questions)
        if not history.forward():
            break


def test_a_branch_has_its_own(scenario: Scenario) -> None:
    history, due = scenario.start(), DueSteps(scenario.questions)
    history.extend(60)
    main = due.of(history)
    history.seek(min(20, history.total))
    history.fork()
    assert due.of(history) == checked(history, scenario.questions)
    history.extend(30)
    history.forget(25)
    assert due.of(history) == checked(history, scenario.questions)
    history.switch(0)
    assert due.of(history) == main


def test_a_run_without_questions_has_none_due(scenario: Scenario) -> None:
    assert DueSteps(()).of(scenario.start()) == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names)
def test_the_whole_library(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    assert DueSteps(scenario.questions).of(history) == checked(history, scenario.questions)
