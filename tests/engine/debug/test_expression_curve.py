"""The values of an expression over a run: the same as visiting every step, in any slices, in a branch too."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from engine.debug.expression_curve import EVALUATIONS, expression_curve, work_out
from engine.errors import BadInput
from engine.language.expressions import Expression, compile_expression
from engine.run.history import History
from engine.scenario.loader import Scenario, load
from tests.engine.scenario.small_scenarios import counting

TEXTS = ("queue_of(app.m)", "count(FREE) - vmstats.v_free_count", "app.m.busy_count != 0", "17", "app.m")


@pytest.fixture(scope="module", params=["document", "source"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return load("life-of-a-page", rules=request.param)


@pytest.fixture
def history(scenario: Scenario) -> History:
    history = scenario.start()
    history.extend(120)
    return history


def walked(history: History, expression: Expression) -> list[int | None]:
    cursor, found = history.step, list[int | None]()
    for step in range(history.total + 1):
        history.seek(step)
        try:
            found.append(expression.show(history.vm))
        except BadInput:
            found.append(None)
    history.seek(cursor)
    return found


def values_of(history: History, expression: Expression) -> list[int | None]:
    curve, covered = expression_curve(history, expression)
    assert covered == history.total
    return [curve.at(step) for step in range(history.total + 1)]


@pytest.mark.parametrize("text", TEXTS)
def test_each_step_has_its_value(scenario: Scenario, history: History, text: str) -> None:
    expression = compile_expression(text, scenario.names)
    for _ in work_out(history, expression):
        pass
    expected = walked(history, expression)
    assert values_of(history, expression) == expected
    known = [value for value in expected if value is not None]
    extreme = expression_curve(history, expression)[0].extreme(most=True)
    assert extreme == (max(known), expected.index(max(known)))


@pytest.mark.parametrize("text", TEXTS)
def test_it_continues_where_it_stopped_and_leaves_the_cursor(
    scenario: Scenario, history: History, text: str
) -> None:
    expression = compile_expression(text, scenario.names)
    history.seek(33)
    assert expression_curve(history, expression)[1] == -1
    before = -1
    while expression_curve(history, expression)[1] < history.total:
        for _ in work_out(history, expression, most=2):
            assert history.step == 33
        covered = expression_curve(history, expression)[1]
        assert covered > before
        before = covered
    assert values_of(history, expression) == walked(history, expression)


@pytest.mark.parametrize("text", TEXTS)
def test_new_steps_and_another_branch_are_worked_out_too(
    scenario: Scenario, history: History, text: str
) -> None:
    expression = compile_expression(text, scenario.names)

    def checked() -> None:
        for _ in work_out(history, expression):
            pass
        assert values_of(history, expression) == walked(history, expression)

    checked()
    history.extend(10)
    checked()
    history.forget(70)
    checked()
    history.seek(31)
    history.fork()
    checked()
    history.extend(20)
    checked()
    history.switch(0)
    checked()


def test_an_interrupted_evaluation_leaves_the_cursor(scenario: Scenario, history: History) -> None:
    expression = compile_expression("count(FREE)", scenario.names)
    history.seek(9)
    motion = work_out(history, expression)
    next(motion, None)
    assert history.step == 9


def test_the_memory_is_observed_once_for_many_evaluations() -> None:
    scenario = counting(1_500)
    history = scenario.start()
    history.extend(4_000)
    expression = scenario.expression("app.i == 3")
    with patch.object(history.vm.memory, "observed", wraps=history.vm.memory.observed) as observed:
        for _ in work_out(history, expression):
            pass
    assert len(expression_curve(history, expression)[0].steps) > 1_400
    assert observed.call_count <= 1 + 1_500 // EVALUATIONS + 1
    assert expression_curve(history, expression)[0].first_holding() == 7
