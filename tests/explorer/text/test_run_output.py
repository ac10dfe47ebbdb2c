"""The output of `pageq run` for a step and an end: JSON with the contract's keys, and lines of text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.errors import KernelPanic
from engine.reports.lock_stats import LockUse
from engine.run.suspended import Frame
from engine.run.threads import Deadlock
from engine.scenario.checks import Answered, Checked
from engine.scenario.loader import Scenario, load
from explorer.session.first_stop import Hit
from explorer.text.run_output import End, JsonPrinter, Step, TextPrinter

STEP = Step(
    7, "app", 0, "vm_page_alloc", 2, "choose the colour",
    [("page[0xc03].queue", 1, 0), ("thread[app].var.m", None, 0xC03)],
    [[["page", 3], ["pager", "other"], True], [["vmwait"], []]],
)  # fmt: skip
EVENT = Step(8, None, None, None, None, "a tick", [], [])
PANIC = KernelPanic("panic", "vm_page_wakeup", "LOCKED is not set", message="page not busy!!!\n")
STACK = (Frame("_call", 1, False), Frame("vm_page_free", 2, True), Frame("vm_page_wakeup", 3, True))
END = End("completed", 9, "abc", None, {}, True, [], [])


@pytest.fixture
def as_json(life_scenario: Scenario) -> JsonPrinter:
    return JsonPrinter(life_scenario)


@pytest.fixture
def as_text(life_scenario: Scenario) -> TextPrinter:
    return TextPrinter(life_scenario)


def entries(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was printed, an object a line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


# --- JSON -------------------------------------------------------------------------------------------------


def test_the_first_line_names_the_run_and_its_step_if_it_is_not_0(
    as_json: JsonPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    as_json.start("abc", 0)
    as_json.start("abc", 12)
    first, opened = entries(capsys)
    schedule = as_json.scenario.schedule.text
    assert first == {
        "format": 1, "type": "start", "scenario": "life-of-a-page", "rules": "document",
        "schedule": schedule, "digest": "abc",
    }  # fmt: skip
    assert opened == first | {"step": 12}


@pytest.mark.parametrize(
    ("rules", "name"),
    [("document", "document+trylock=off"), ("document+F11", "document+F11,trylock=off")],
)
def test_the_rules_name_the_switches_that_are_off(
    rules: str, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = load("life-of-a-page")
    switches = replace(scenario.config.switches, trylock=False)
    scenario = replace(scenario, config=replace(scenario.config, switches=switches))
    monkeypatch.setattr(Scenario, "rules", rules)
    JsonPrinter(scenario).start("abc", 0)
    TextPrinter(scenario).start("abc", 0)
    first, text, _ = capsys.readouterr().out.splitlines()
    assert json.loads(first)["rules"] == name
    assert f"; rules {name}, schedule " in text


def test_a_step_has_every_key_even_an_event(as_json: JsonPrinter, capsys: pytest.CaptureFixture[str]) -> None:
    as_json.step(STEP)
    as_json.step(EVENT)
    step, event = entries(capsys)
    assert step == {
        "type": "step", "step": 7, "thread": "app", "cpu": 0, "function": "vm_page_alloc", "line": 2,
        "action": "choose the colour",
        "changes": [["page[0xc03].queue", 1, 0], ["thread[app].var.m", None, 0xC03]],
        "wakeups": [[["page", 3], ["pager", "other"], True], [["vmwait"], []]],
    }  # fmt: skip
    assert event.keys() == step.keys()
    assert [event[key] for key in ("thread", "cpu", "function", "line")] == [None] * 4


def test_an_end_has_the_expectations_and_the_stop(
    as_json: JsonPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    checked, answered = [Checked("end", "1 == 1", True)], [Answered(False, "yes", 3, 5)]
    as_json.end(replace(END, checked=checked, answered=answered))
    as_json.end(replace(END, outcome="panic:vm_page_wakeup", asked=True))
    as_json.end(replace(END, asked=True, hit=Hit(4, "break panic")))
    plain, unhit, hit = entries(capsys)
    assert plain == {
        "type": "end", "outcome": "completed", "step": 9, "digest": "abc", "panic": None,
        "expect": [{"at": "end", "that": "1 == 1", "ok": True}],
        "questions": [{"ok": False, "answer": "yes"}],
    }  # fmt: skip
    assert (unhit["outcome"], unhit["stop"]) == ("panic", None)
    assert hit["stop"] == {"step": 4, "text": "break panic"}


def test_a_panic_has_its_function_and_the_kernels_calls(
    as_json: JsonPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    as_json.end(replace(END, finding=PANIC, stacks={"now": STACK}))
    as_json.end(replace(END, finding=Deadlock("app and pager wait for each other", (0, 1))))
    panic, deadlock = (entry["panic"] for entry in entries(capsys))
    assert panic == {
        "kind": "panic", "function": "vm_page_wakeup", "condition": "LOCKED is not set",
        "message": "page not busy!!!\n", "stacks": {"now": ["vm_page_free", "vm_page_wakeup"]},
    }  # fmt: skip
    assert deadlock == {"kind": "deadlock", "condition": "app and pager wait for each other"}


def test_a_state_string_and_the_locks_are_separate_lines(
    as_json: JsonPrinter, as_text: TextPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    uses = [LockUse(17, "token of heap", 4, 1, 12)]
    as_json.token("pq1-abc")
    as_json.locks(uses)
    lock = {"name": "token of heap", "acquisitions": 4, "contended": 1, "waited": 12}
    assert entries(capsys) == [{"type": "token", "token": "pq1-abc"}, {"type": "locks", "locks": [lock]}]
    as_text.token("pq1-abc")
    as_text.locks(uses)
    token, head, row = capsys.readouterr().out.splitlines()
    assert token == "pq1-abc"
    assert head.split() == ["lock", "taken", "contended", "steps", "waited"]
    assert row.split() == ["token", "of", "heap", "4", "1", "12"]
    assert len(head) == len(row)


# --- text -------------------------------------------------------------------------------------------------


def test_a_run_starts_with_its_title_and_digest(
    as_text: TextPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    as_text.start("abc", 3)
    title, digest = capsys.readouterr().out.splitlines()
    assert title.startswith("life-of-a-page: The life of a page; rules document, schedule app:line,")
    assert digest == "step 3, digest abc"


def test_a_step_is_a_line_that_ends_with_the_woken_threads(
    as_text: TextPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    as_text.step(STEP)
    as_text.step(EVENT)
    step, event = capsys.readouterr().out.splitlines()
    where, effects = step.split("  | ")
    assert where.split() == ["7", "app:2", "vm_page_alloc", "choose", "the", "colour"]
    assert effects == "page[0xc03].queue 1→0; thread[app].var.m NULL→3075; woke pager, other"
    assert event.split() == ["8", "(event)", "-", "a", "tick"]


def test_an_end_has_the_results_of_expectations_and_questions(
    as_text: TextPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    as_text.end(
        End(
            "panic:vm_page_wakeup", 9, "abc", PANIC, {"held": STACK, "now": STACK[:2]}, False,
            [Checked("end", "x == 1", True), Checked("app:2", "x == 2", False, "x is 3")],
            [Answered(True, "yes", 1, 4), Answered(False, "yes", None, 5),
             Answered(False, "no", 1, -1, "never asked"), Answered(None, None, 9, 4, "not a choice")],
            asked=True, hit=Hit(9, "break panic"),
        )
    )  # fmt: skip
    assert capsys.readouterr().out.splitlines() == [
        "panic:vm_page_wakeup after step 9, digest abc",
        "at step 9: break panic",
        "vm_page_wakeup: LOCKED is not set",
        "calls that took the held lock: vm_page_free > vm_page_wakeup",
        "current calls: vm_page_free",
        "expected outcome: completed",
        "holds at end: x == 1",
        "FAILS at app:2: x == 2 (x is 3)",
        "question 1: yes",
        "question 2: yes, but it is NULL",
        "question 3: no, but never asked",
        "question 4: not asked under these settings: not a choice",
    ]


def test_a_run_reports_that_no_breakpoint_was_hit_only_if_one_was_set(
    as_text: TextPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    as_text.end(replace(END, asked=True))
    as_text.end(END)
    line = "completed after step 9, digest abc"
    assert capsys.readouterr().out.splitlines() == [line, "no breakpoint was hit", line]
