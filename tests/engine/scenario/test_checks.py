"""Expectations and questions: what is refused in them, and what a run says to them."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from tests.engine.scenario.small_scenarios import THREAD, refused, scenario_of, sentences


def expecting(expect: str, script: str = "m = page[70]\nvm_page_wakeup(m)") -> list[tuple[str, bool]]:
    scenario = scenario_of(rest=f"{THREAD.format(script)}[[expect]]\n{expect}\n")
    return [(row.that, row.ok) for row in scenario.check_expectations(scenario.start())]


@pytest.mark.parametrize(
    ("expect", "rows"),
    sentences(
        ("the panic that comes", 'outcome = "panic:vm_page_wakeup"', [("outcome == panic:vm_page_wakeup", True)]),
        ("another panic", 'outcome = "panic:vm_page_free"', [("outcome == panic:vm_page_free", False)]),
        ("no outcome named", 'at = "end"\nthat = "1"', [("1", True), ("outcome == completed", False)]),
        ("a moment that never comes", 'at = 99\nthat = "1"', [("1", False), ("outcome == completed", False)]),
        ("what does not hold", 'at = "app:2"\nthat = "app.m.valid"', [("app.m.valid", False), ("outcome == completed", False)]),
    ),
)  # fmt: skip
def test_expectation(expect: str, rows: list[tuple[str, bool]]) -> None:
    assert expecting(expect) == rows


@pytest.mark.parametrize(
    ("script", "outcome"),
    sentences(
        ("to its end", "x = 1", "completed"),
        (
            "a sleep that nobody ends",
            "m = page[70]\nb = vm_page_sbusy_try(m)\nvm_page_busy_wait(m, 1)",
            "blocked",
        ),
        ("a call that spins", "m = page[70]\nvm_page_spin_lock(m)\nvm_page_spin_lock(m)", "deadlock"),
    ),
)
def test_outcome(script: str, outcome: str) -> None:
    assert expecting(f'outcome = "{outcome}"', script) == [(f"outcome == {outcome}", True)]


def test_an_expectation_of_a_page_that_is_not_there_does_not_hold_and_says_where() -> None:
    rest = '[[expect]]\nat = 0\nthat = "app.m.valid == 0"\n' + THREAD.format("m = page[5]")
    scenario = scenario_of(rest=rest)
    (row, _) = scenario.check_expectations(scenario.start())
    assert not row.ok
    assert row.found.startswith("at step 0 app.m is NULL here")


QUESTION = """[[question]]
{moment}
ask = "?"
choices = ["PQ_NONE", "PQ_ACTIVE", "0x7"]
answer = "PQ_NONE"
value = "queue_of(app.m)"
why = "."
"""


@pytest.mark.parametrize(
    ("moment", "ok"),
    sentences(
        ("before the line", 'before = "app:2"', True),
        ("after the line before it", 'after = "app:1"', True),
        ("after the line", 'after = "app:2"', False),
    ),
)
def test_question(moment: str, ok: bool) -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment=moment))
    assert [row.ok for row in scenario.answers(scenario.start())] == [ok]


@pytest.mark.parametrize(
    ("moment", "found"),
    [("before = 1", "app.m is NULL here"), ("after = 9000", "there is no step 9000")],
)
def test_a_question_that_cannot_be_asked_has_no_right_answer(moment: str, found: str) -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment=moment))
    (row,) = scenario.answers(scenario.start())
    assert (row.ok, row.value) == (False, None)
    assert row.found.startswith(found)


@pytest.mark.parametrize(("moment", "ok"), [("before = 2", True), ("after = 1", True), ("after = 2", False)])
def test_question_at_a_step(moment: str, ok: bool) -> None:
    script = "m = page[5]\nm = page[900]\nm = page[5]"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment=moment))
    assert [row.ok for row in scenario.answers(scenario.start())] == [ok]


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("PQ_NONE", True),
        ("0", True),
        ("0x0", True),
        ("no", True),
        ("PQ_ACTIVE", False),
        ("yes", False),
        ("1 - 1", True),
    ],
)
def test_an_answer_counts_by_its_value(given: str, right: bool) -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment='before = "app:2"'))
    assert scenario.right(scenario.questions[0], given, scenario.start()) is right


def test_an_answer_that_is_none_is_a_message() -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment='before = "app:2"'))
    with pytest.raises(BadInput):
        scenario.right(scenario.questions[0], "on the free list", scenario.start())


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("a question at an empty line", '"app:2"', '"app:9"', 16, "line 9 of app runs nothing"),
        ("a question to nobody", '"app:2"', '"bob:2"', 16, "there is no thread 'bob'"),
        ("an answer that is no value", '"PQ_NONE"', '"on a queue"', 18, "cannot read this"),
        ("a value that is none", '"queue_of(app.m)"', '"queue_of(app.q)"', 19, "app has no variable 'q'"),
        ("an expectation that is none", "app.m != NULL", "app.m is NULL", 22, "is no comparison"),
    ),
)  # fmt: skip
def test_what_cannot_be_asked_or_expected_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)
