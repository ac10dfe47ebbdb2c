"""Expectations and questions: bad ones, and their results in a run."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.scenario.checks import accepts, check_outcome, outcome_of
from tests.engine.scenario.small_scenarios import THREAD, scenario_of, sentences


def expecting(expect: str, script: str = "m = page[70]\nvm_page_wakeup(m)") -> list[tuple[str, bool | None]]:
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


ALL = """[[expect]]
every = "end"
that = "app.x == 1"
[[expect]]
some = "end"
outcome = "blocked"
[[expect]]
always = "app.x < 2"
"""


def test_a_run_does_not_check_what_is_about_all_schedules() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1") + ALL)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    rows = [(row.at, row.that, row.ok) for row in scenario.check_expectations(history)]
    assert rows == [
        ("every end", "app.x == 1", None),
        ("some end", "outcome == blocked", None),
        ("always", "app.x < 2", None),
        ("end", "outcome == completed", True),
    ]


def test_a_file_that_is_only_about_all_schedules_expects_its_own_run_to_complete() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1\nm = page[70]\nvm_page_spin_lock(m)") + ALL)
    assert (scenario.outcome, scenario.expects("completed")) == ("completed", True)
    assert not scenario.expects("blocked")
    assert not scenario.expects("leak"), "only a file that says completed accepts a leak"


def test_the_sha256_of_a_run_does_not_depend_on_what_is_said_of_all_schedules() -> None:
    plain, said = (scenario_of(rest=THREAD.format("x = 1") + more) for more in ("", ALL))
    assert plain.sha256 == said.sha256


@pytest.mark.parametrize(
    ("expect", "line", "words"),
    sentences(
        ("an unknown thread of always", 'always = "other.x == 1"', 12, "'other' is not a variable, object or kernel constant"),
        ("an unknown variable of every", 'every = "end"\nthat = "app.y == 1"', 13, "app has no variable 'y'"),
        ("no EXPR of some", 'some = "end"\nthat = "app.x =="', 13, "cannot read this"),
        ("an empty always", 'always = ""', 12, "cannot read this"),
    ),
)  # fmt: skip
def test_what_is_said_of_all_schedules_is_compiled_with_the_file(expect: str, line: int, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        scenario_of(rest=f"{THREAD.format('x = 1')}[[expect]]\n{expect}\n")
    assert str(caught.value).startswith(f"scenario:{line}: ")
    assert words in caught.value.message


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
