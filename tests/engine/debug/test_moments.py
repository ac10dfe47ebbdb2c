"""Moments of a run: a step, the first arrival at a line, the end; and bad ones."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from engine.debug.moments import (
    FORMS,
    AtEnd,
    find_after,
    find_before,
    find_step,
    first_holding,
    read_moment,
    step_number,
)
from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.loader import Scenario, load_text


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


def run_of(script: str) -> History:
    """A run of one thread, `app`, at step 0."""
    thread = f'[[thread]]\nname = "app"\nscript = """\n{script}\n"""\n'
    return load_text(f'format = 1\ntitle = "t"\n[machine]\nmemory = "4 MiB"\n{thread}').start()


LOOP = "x = 0\n\nwhile x < 3:\n    x += 1\nfor i in range(2):\n    pass\ny = 9"


@pytest.fixture(scope="module")
def loop() -> History:
    """LOOP, played to its end at step 14."""
    history = run_of(LOOP)
    history.extend(1000)
    return history


def test_a_line_is_found_at_its_first_arrival(loop: History) -> None:
    found = {line: find_step(loop, f"app:{line}") for line in (1, 3, 4, 5, 6, 7)}
    assert found == {1: 0, 3: 1, 4: 2, 5: 8, 6: 9, 7: 13}


def test_after_a_line_is_when_the_thread_first_leaves_it(loop: History) -> None:
    assert [find_after(loop, f"app:{line}") for line in (1, 3, 4, 7)] == [1, 2, 3, 14]


def test_a_line_of_two_instructions_is_left_after_the_second() -> None:
    history = run_of("m = page[70]\nif vm_page_busy_try(m, 1) == 0:\n    x = 1\ny = 2")
    assert find_after(history, "app:2") == find_step(history, "app:3") > find_step(history, "app:2") + 1


def test_steps_and_the_end_are_moments(loop: History) -> None:
    assert [find_step(loop, at) for at in (0, "5", 14, "end")] == [0, 5, 14, 14]
    assert [find_before(loop, at) for at in (0, 5, "app:3")] == [0, 4, 1]
    assert find_after(loop, 5) == 5


def test_finding_a_moment_extends_the_run_but_does_not_move_the_cursor() -> None:
    history = run_of("x = 0\nwhile x < 3000:\n    x += 1\ny = 1")
    # A step for line 1, two for each turn, and one for the look that ends the loop.
    assert find_step(history, "app:4") == 1 + 2 * 3000 + 1
    assert (history.step, history.total >= 6002) == (0, True)
    history.seek(7)
    find_after(history, "app:2")
    assert history.step == 7


def test_a_run_is_extended_no_farther_than_its_limit() -> None:
    history = run_of("x = 0\nwhile x < 3000:\n    x += 1\ny = 1")
    with pytest.raises(BadInput, match="app never reaches line 4; the run has 50 steps"):
        find_step(history, "app:4", limit=50)
    with pytest.raises(BadInput, match="there is no step 51; the run has steps 0 to 50"):
        find_step(history, 51, limit=50)
    assert find_step(history, "end", limit=60) == 60


@pytest.mark.parametrize(
    ("at", "words"),
    sentences(
        ("a step too far", "15", "there is no step 15; the run has steps 0 to 14"),
        ("a line that runs nothing", "app:2", "line 2 of app has no code; the lines with code are: 1, 3, 4"),
        ("an unknown thread", "bob:1", "there is no thread 'bob'"),
        (
            "no moment",
            "soon",
            f"is not a moment; write {FORMS}",
        ),
        ("a number without end", "9" * 99, "is not a moment"),
    ),
)
def test_a_bad_moment_is_refused(loop: History, at: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        find_step(loop, at)
    assert words in str(caught.value)


def test_a_line_that_is_never_reached_is_a_message() -> None:
    history = run_of("x = 1\nif x == 2:\n    x = 3\ny = 1")
    with pytest.raises(BadInput, match="app never reaches line 3; the run has 3 steps"):
        find_step(history, "app:3")


def test_a_panic_ends_its_line() -> None:
    history = run_of("m = page[70]\nvm_page_wakeup(m)")
    assert find_after(history, "app:2") == history.total
    assert history.branch.outcome == "panic"


def test_a_line_that_is_never_left_is_a_message() -> None:
    history = run_of("m = page[70]\nb = vm_page_sbusy_try(m)\nvm_page_busy_wait(m, 1)")
    with pytest.raises(BadInput, match="app never completes line 3; the run has"):
        find_after(history, "app:3")
    assert history.branch.outcome == "blocked"


@pytest.mark.parametrize(
    ("moment", "number"),
    [(7, 7), ("7", 7), ("007", 7), ("end", None), ("app:7", None), ("-7", None), ("٣", None)],
)
def test_only_a_number_names_a_step_by_its_number(moment: str | int, number: int | None) -> None:
    assert step_number(moment) == number


def test_the_end_is_a_moment_only_where_it_is_allowed(loop: History) -> None:
    assert read_moment("end", loop.programs) == AtEnd()
    with pytest.raises(BadInput, match="'end' is not a moment"):
        read_moment("end", loop.programs, end=False)
    with pytest.raises(BadInput, match="'end' is not a moment"):
        find_after(loop, "end")


def test_spaces_around_a_moment_and_its_colon_are_allowed(loop: History) -> None:
    assert find_step(loop, " app : 3 ") == find_step(loop, "app:3")


def test_the_start_is_step_0(loop: History) -> None:
    assert [find(loop, "start") for find in (find_step, find_before, find_after)] == [0, 0, 0]


ANCHORS = "x = 0  #@zero\nwhile x < 3:\n    x += 1  #@more\ny = 9  #@last"


def test_an_anchor_is_the_first_arrival_at_its_line() -> None:
    history = run_of(ANCHORS)
    for anchor, line in (("zero", 1), ("more", 3), ("last", 4)):
        for find in (find_step, find_before, find_after):
            assert find(history, f"app:@{anchor}") == find(history, f"app:{line}")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (ANCHORS, "app has no anchor @ten; its anchors are: @zero, @more, @last"),
        ("x = 1", "app has no anchor @ten; it has none; end one of its lines with #@NAME"),
    ],
)
def test_an_unknown_anchor_is_refused_with_those_there_are(script: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        find_step(run_of(script), "app:@ten")
    assert str(caught.value) == words


def scenario_and_run(script: str) -> tuple[Scenario, History]:
    thread = f'[[thread]]\nname = "app"\nscript = """\n{script}\n"""\n'
    scenario = load_text(f'format = 1\ntitle = "t"\n[machine]\nmemory = "4 MiB"\n{thread}')
    return scenario, scenario.start()


@pytest.mark.parametrize(
    "expression", ["app.x == 2", "app.x", "page[app.m].pc >= 0", "count(FREE) < 9999", "app.x > 1"]
)
def test_when_is_the_first_step_after_which_an_expression_holds(expression: str) -> None:
    scenario, history = scenario_and_run(f"{LOOP}\nm = page[900]")
    walked, compiled = scenario.start(), scenario.expression(expression)
    while True:
        try:
            if compiled.holds(walked.vm):
                break
        except BadInput:
            pass  # m holds no page yet
        assert walked.forward()
    for find in (find_step, find_before, find_after):
        assert find(history, f"when {expression}", names=scenario.names) == walked.step
    assert history.step == 0


def test_a_step_after_which_it_never_holds_is_a_message() -> None:
    scenario, history = scenario_and_run("x = 1\ny = 2")
    with pytest.raises(BadInput, match=r"'app\.x == 7' never holds; the run has 2 steps"):
        find_step(history, "when app.x == 7", names=scenario.names)
    with pytest.raises(BadInput, match="app has no variable 'q'"):
        find_step(history, "when app.q", names=scenario.names)
    with pytest.raises(BadInput, match="is not a moment"):
        find_step(history, "when app.x == 7")


def test_a_step_that_was_found_costs_no_evaluation() -> None:
    scenario, history = scenario_and_run("x = 1\nx = 2\nx = 3")
    expression = scenario.expression("app.x == 2")
    history.extend(2)
    assert first_holding(history, expression) == 2
    history.extend(1)
    with patch("engine.debug.moments.work_out", side_effect=AssertionError):
        assert first_holding(history, expression) == 2


def test_first_holding_looks_at_the_recorded_steps_only() -> None:
    scenario, history = scenario_and_run("x = 1\nx = 2\nx = 3")
    expression = scenario.expression("app.x == 3")
    history.extend(2)
    assert first_holding(history, expression) is None
    history.extend(1)
    assert first_holding(history, expression) == 3
    history.forget(2)
    assert first_holding(history, expression) is None
