"""Expectations and questions: bad ones, and their results in a run."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.language.symbols import Names
from engine.scenario.checks import accepts, check_outcome, compile_answer, outcome_of
from engine.scenario.settings import parse_setting
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
            "a sleep that never ends",
            "m = page[70]\nb = vm_page_sbusy_try(m)\nvm_page_busy_wait(m, 1)",
            "blocked",
        ),
        ("a lock that is kept", "m = page[70]\nvm_page_spin_lock(m)", "leak"),
        (
            "a page's spinlock released too early",
            "m = page[70]\nvm_page_queues_spin_lock(1)\ng = vm_page_spin_trylock(m)\nvm_page_spin_unlock(m)",
            "unlock_order",
        ),
        ("a call that spins", "m = page[70]\nvm_page_spin_lock(m)\nvm_page_spin_lock(m)", "deadlock"),
    ),
)
def test_outcome(script: str, outcome: str) -> None:
    assert expecting(f'outcome = "{outcome}"', script) == [(f"outcome == {outcome}", True)]


@pytest.mark.parametrize(
    ("wanted", "found", "written", "ok"),
    sentences(
        ("the same outcome", "leak", "leak", True, True),
        ("completed by default, and a leak", "completed", "leak", False, False),
        ("completed in the file, and a leak", "completed", "leak", True, True),
        ("completed in the file, and a wrong order", "completed", "unlock_order", True, False),
        ("a leak expected, and none", "leak", "completed", True, False),
        ("blocked expected, and a leak", "blocked", "leak", True, False),
    ),
)
def test_a_written_completed_accepts_a_leak(wanted: str, found: str, written: bool, ok: bool) -> None:
    assert accepts(wanted, found, written=written) is ok


def test_a_file_that_says_completed_accepts_a_leak_and_one_that_says_nothing_does_not() -> None:
    script = "m = page[70]\nvm_page_spin_lock(m)"
    assert expecting('outcome = "completed"', script) == [("outcome == completed", True)]
    assert expecting('that = "1"', script) == [("1", True), ("outcome == completed", False)]


def test_an_expectation_about_a_missing_page_fails_with_the_step() -> None:
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


COLOUR = """[[question]]
{moment}
ask = "Which colour?"
{choices}
answer = "900"
value = "app.m.pc"
why = "."
"""
CHOICES = 'choices = ["900", "4", "1 + 1"]'


@pytest.mark.parametrize(
    ("choices", "setting", "expected"),
    [
        (CHOICES, "", (True, "900")),
        (CHOICES, "machine.colors=8", (True, "1 + 1")),
        (CHOICES, "machine.colors=2", (None, None)),
        (CHOICES, "machine.steps_per_tick=0", (True, "900")),
        ("", "machine.colors=2", (True, "1")),
        ("", "", (True, "900")),
    ],
)
def test_under_other_settings_the_right_answer_is_the_value(
    choices: str, setting: str, expected: tuple[bool | None, str | None]
) -> None:
    rest = THREAD.format("m = page[900]\nx = 1") + COLOUR.format(moment='before = "app:2"', choices=choices)
    scenario = scenario_of(rest=rest, settings=(parse_setting(setting),) if setting else ())
    history = scenario.start()
    (row,) = scenario.answers(history)
    assert (row.ok, row.answer) == expected
    history.seek(row.step)
    assert scenario.questions[0].is_due(history) == (expected[0] is True)


def test_a_wrong_answer_is_wrong_only_under_the_scenarios_own_settings() -> None:
    question = COLOUR.format(moment='before = "app:2"', choices=CHOICES)
    rest = THREAD.format("m = page[901]\nx = 1") + question
    own, other = scenario_of(rest=rest), scenario_of(rest=rest, rules="source")
    assert [row.ok for row in own.answers(own.start())] == [False]
    assert [row.ok for row in other.answers(other.start())] == [None]
    same = scenario_of(rest=rest, rules="document")
    assert [row.ok for row in same.answers(same.start())] == [False]


@pytest.mark.parametrize("moment", ["after = 9000", "before = 1"])
def test_a_question_that_other_settings_do_not_reach_is_not_asked(moment: str) -> None:
    rest = THREAD.format("m = page[900]\nx = 1") + COLOUR.format(moment=moment, choices=CHOICES)
    scenario = scenario_of(rest=rest, rules="source")
    assert [(row.ok, row.answer) for row in scenario.answers(scenario.start())] == [(None, None)]


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


def test_a_bad_answer_is_a_message() -> None:
    script = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_activate(m)"
    scenario = scenario_of(rest=THREAD.format(script) + QUESTION.format(moment='before = "app:2"'))
    with pytest.raises(BadInput):
        scenario.right(scenario.questions[0], "on the free list", scenario.start())


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("a question at an empty line", '"app:2"', '"app:9"', 16, "line 9 of app has no code"),
        ("a question to an unknown thread", '"app:2"', '"bob:2"', 16, "there is no thread 'bob'"),
        ("an answer that is not a value", '"PQ_NONE"', '"on a queue"', 18, "cannot read this"),
        ("a bad value", '"queue_of(app.m)"', '"queue_of(app.q)"', 19, "app has no variable 'q'"),
        ("an answer beside the choices", 'answer = "PQ_NONE"', 'choices = ["PQ_FREE"]\nanswer = "PQ_NONE"', 19, "'PQ_NONE' is not one of the choices; add it"),
        ("a choice that is not a value", 'answer = "PQ_NONE"', 'choices = [\n"PQ_NONE",\n"on a"]\nanswer = "PQ_NONE"', 20, "cannot read this"),
        ("a question at the end", '"app:2"', '"end"', 16, "'end' is not a moment"),
        ("an expectation at a line that runs nothing", '"end"', '"app:9"', 21, "line 9 of app has no code"),
        ("a bad expectation", "app.m != NULL", "app.m is NULL", 22, "is not a comparison"),
    ),
)  # fmt: skip
def test_a_bad_question_or_expectation_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", 1), (" No ", 0), ("YES", 1), ("0x10", 16), ("PQ_NONE", 0), ("2 + 3", 5), ("1 < 0", 0)],
)
def test_an_answer_is_yes_or_no_or_an_expression(text: str, value: int) -> None:
    assert compile_answer(text, Names()).show(scenario_of().start().vm) == value


def test_an_answer_that_cannot_be_read_is_refused_with_its_place() -> None:
    with pytest.raises(BadInput) as caught:
        compile_answer("not sure", Names(), "f.toml", 7)
    assert str(caught.value).startswith("f.toml:7: ")


def test_an_outcome_is_checked_when_the_run_has_ended() -> None:
    history = scenario_of(rest=THREAD.format("x = 1\nx = 2")).start()
    assert outcome_of(history) == "bound"
    history.extend(1)
    history.seek(0)
    assert outcome_of(history) == "bound"
    checked = check_outcome("completed", history, 10)
    assert (checked.at, checked.that, checked.ok, checked.found) == ("end", "outcome == completed", True, "")
    assert (history.step, history.total, outcome_of(history)) == (0, 2, "completed")
    checked = check_outcome("blocked", history, 10)
    assert (checked.ok, checked.found) == (False, "completed")


def test_checking_a_run_does_not_move_the_cursor() -> None:
    rest = THREAD.format("m = page[5]\nm = page[6]\nm = page[7]") + QUESTION.format(moment="after = 1")
    scenario = scenario_of(rest=rest + '[[expect]]\nat = 2\nthat = "app.m == 6"\n')
    history = scenario.start()
    history.extend(3)
    history.seek(2)
    (expected, _), (answered,) = scenario.check_expectations(history), scenario.answers(history)
    assert (expected.ok, answered.step, history.step) == (True, 1, 2)


DUE = [
    ("before = 2", 1),
    ("after = 2", 2),
    ("before = 0", 0),
    ('after = "app:1"', 1),
    ('before = "app:3"', 2),
]


@pytest.mark.parametrize(("moment", "step"), DUE, ids=[row[0] for row in DUE])
def test_a_question_is_due_at_its_step(moment: str, step: int) -> None:
    question = QUESTION.format(moment=moment).replace("queue_of(app.m)", "0")
    scenario = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3") + question)
    history = scenario.start()
    history.extend(3)
    due = []
    for at in range(4):
        history.seek(at)
        if scenario.questions[0].is_due(history):
            due.append(at)
    assert due == [step]


def test_a_numbered_question_is_due_before_its_step_is_recorded() -> None:
    question = QUESTION.format(moment="before = 3").replace("queue_of(app.m)", "0")
    scenario = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3") + question)
    history = scenario.start()
    history.extend(2)
    assert scenario.questions[0].is_due(history)
    assert history.total == 2


@pytest.mark.parametrize("value", ["1", "app.m.queue"], ids=["another value", "no value"])
def test_a_question_whose_answer_is_wrong_here_is_not_due(value: str) -> None:
    question = QUESTION.format(moment="after = 1").replace("queue_of(app.m)", value)
    scenario = scenario_of(rest=THREAD.format("x = 1\nm = NULL") + question)
    history = scenario.start()
    history.extend(1)
    assert not scenario.questions[0].is_due(history)
