"""The output of `pageq run` for a step and an end: JSON with the contract's keys, and lines of text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.constants import NULL
from engine.errors import KernelPanic
from engine.reports.lock_stats import LockUse
from engine.run.suspended import Frame
from engine.run.threads import Deadlock
from engine.scenario.checks import Checked
from engine.scenario.loader import Scenario, load
from engine.scenario.question import Answered
from explorer.session.first_stop import Hit
from explorer.text.cells import Cells
from explorer.text.run_output import MOST, End, JsonPrinter, Step, TextPrinter

EVENT = Step(8, None, None, None, None, "a tick", [], [], [])
STACK = (Frame("_call", 1, False), Frame("vm_page_free", 2, True), Frame("vm_page_wakeup", 3, True))
END = End("completed", 9, "abc", None, {}, True, [], [])


@pytest.fixture
def cells(life_scenario: Scenario) -> Cells:
    return Cells(life_scenario.start(), life_scenario.names)


@pytest.fixture
def panic(cells: Cells) -> KernelPanic:
    m = cells.history.vm.page_index(0xC03)
    return KernelPanic("panic", "vm_page_wakeup", "LOCKED is not set", message="page not busy!!!\n", page=m)


@pytest.fixture
def step(cells: Cells) -> Step:
    """A step that takes a page off its queue, wakes two threads, prints a line and zeroes the page."""
    memory, vm = cells.history.vm.memory, cells.history.vm
    m, slot = vm.page_index(0xC03), cells.names.variables["app"]["m"].slot
    queue, variable = memory.address("page.queue", m), memory.address("variable.value", slot)
    return Step(
        7, "app", 0, "vm_page_alloc", 2, "choose the colour",
        [(queue, 1, 5), (queue, 5, 0), (variable, NULL, m)],
        [[["page", 3], ["pager", "other"], "wakeup"], [["vmwait"], [], "wakeup"]],
        [("kprintf", "out of swap space\n", ""), ("zero_page", m), ("nice_limit", 10, 118, 117)],
    )  # fmt: skip


@pytest.fixture
def as_json(life_scenario: Scenario, cells: Cells) -> JsonPrinter:
    return JsonPrinter(life_scenario, cells)


@pytest.fixture
def as_text(life_scenario: Scenario, cells: Cells) -> TextPrinter:
    return TextPrinter(life_scenario, cells)


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
        "schedule": schedule, "digest": "abc", "machine": "16 MiB, 1x2x1",
        "console": ["DMA space used: 0k, remaining available: 1024k"],
    }  # fmt: skip
    assert opened == {key: value for key, value in first.items() if key != "console"} | {"step": 12}


@pytest.mark.parametrize(
    ("rules", "name"),
    [("document", "document+trylock=off"), ("document+F11", "document+F11,trylock=off")],
)
def test_the_rules_name_the_switches_that_are_off(
    rules: str, name: str, cells: Cells, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = load("life-of-a-page")
    switches = replace(scenario.config.switches, trylock=False)
    scenario = replace(scenario, config=replace(scenario.config, switches=switches))
    monkeypatch.setattr(Scenario, "rules", rules)
    JsonPrinter(scenario, cells).start("abc", 0)
    TextPrinter(scenario, cells).start("abc", 0)
    first, text, *_ = capsys.readouterr().out.splitlines()
    assert json.loads(first)["rules"] == name
    assert f", rules {name}, schedule " in text


def test_a_step_has_every_key_even_an_event(
    as_json: JsonPrinter, step: Step, capsys: pytest.CaptureFixture[str]
) -> None:
    as_json.step(step)
    as_json.step(EVENT)
    entry, event = entries(capsys)
    said = ["console", "zeroed", "limits"]
    assert entry == {
        "type": "step", "step": 7, "thread": "app", "cpu": 0, "function": "vm_page_alloc", "line": 2,
        "action": "choose the colour",
        "changes": [
            ["page[0xc03].queue", 1, 5], ["page[0xc03].queue", 5, 0], ["thread[app].var.m", None, 0xC03],
        ],
        "wakeups": [[["page", 3], ["pager", "other"], "wakeup"], [["vmwait"], [], "wakeup"]],
        "console": ["out of swap space"], "zeroed": [[0xC03, 0, 4096]], "limits": [[10, 118, 117]],
    }  # fmt: skip
    assert list(entry)[-3:] == said
    assert [*event, *said] == list(entry)
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
        "questions": [{"ok": False, "answer": "yes", "id": "after-alloc", "asked": "app:@alloc"}],
    }  # fmt: skip
    assert (unhit["outcome"], unhit["stop"]) == ("panic", None)
    assert hit["stop"] == {"step": 4, "text": "break panic"}


def test_a_panic_has_its_function_its_page_and_the_kernels_calls(
    as_json: JsonPrinter, panic: KernelPanic, capsys: pytest.CaptureFixture[str]
) -> None:
    as_json.end(replace(END, finding=panic, stacks={"now": STACK}))
    as_json.end(replace(END, finding=Deadlock("app and pager wait for each other", (0, 1))))
    panicked, deadlock = (entry["panic"] for entry in entries(capsys))
    assert panicked == {
        "kind": "panic", "function": "vm_page_wakeup", "condition": "LOCKED is not set",
        "message": "page not busy!!!\n", "stacks": {"now": ["vm_page_free", "vm_page_wakeup"]},
        "page": 0xC03,
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
    machine = "machine 16 MiB, 1x2x1, rules document, schedule app:line,"
    assert title.startswith(f"life-of-a-page: The life of a page; {machine}")
    assert digest == "step 3, digest abc"
    as_text.start("abc", 0)
    *_, console = capsys.readouterr().out.splitlines()
    assert console.split("  ")[-1] == "DMA space used: 0k, remaining available: 1024k"


def test_a_step_is_a_line_with_its_net_changes_in_words_and_a_line_for_the_console(
    as_text: TextPrinter, step: Step, capsys: pytest.CaptureFixture[str]
) -> None:
    as_text.step(step)
    as_text.step(EVENT)
    first, console, event = capsys.readouterr().out.splitlines()
    where, effects = first.split("  | ")
    assert where.split() == ["7", "app:2", "vm_page_alloc", "choose", "the", "colour"]
    assert effects == (
        "page[0xc03].queue 1 (FREE[0]) -> 0 (NONE); thread[app].var.m NULL -> page 0xc03; "
        "woke pager, other; zeroes page 0xc03; "
        "compares 117 free and cached pages with 118, the limit for nice value 10"
    )
    assert console.split() == ["7", "(console)", "out", "of", "swap", "space"]
    assert event.split() == ["8", "(event)", "-", "a", "tick"]


def test_the_line_of_a_step_that_changes_many_cells_counts_the_rest(
    as_text: TextPrinter, step: Step, capsys: pytest.CaptureFixture[str]
) -> None:
    first = as_text.cells.history.vm.memory.address("page.act_count", 0)
    as_text.step(replace(step, writes=[(first + n, 0, 1) for n in range(MOST + 1234)], effects=[]))
    line = capsys.readouterr().out
    assert line.count(" -> ") == MOST
    assert "; 1,234 more cells; woke pager, other" in line


def test_a_quiet_run_prints_only_how_it_ended(
    life_scenario: Scenario, cells: Cells, step: Step, capsys: pytest.CaptureFixture[str]
) -> None:
    for printer in (
        TextPrinter(life_scenario, cells, quiet=True),
        JsonPrinter(life_scenario, cells, quiet=True),
    ):
        printer.start("abc", 0)
        printer.step(step)
        printer.end(END)
    text, start, end = capsys.readouterr().out.splitlines()
    assert text == "completed after step 9, digest abc"
    assert [json.loads(line)["type"] for line in (start, end)] == ["start", "end"]


def test_an_end_has_the_results_of_expectations_and_the_answers_only_if_asked_for(
    as_text: TextPrinter, panic: KernelPanic, capsys: pytest.CaptureFixture[str]
) -> None:
    answered = [Answered(True, "yes", 1, 4), Answered(False, "yes", None, 5)]
    as_text.end(replace(END, answered=answered))
    assert capsys.readouterr().out.splitlines()[1:] == ["question 2: the answer is WRONG here"]
    as_text.answers = True
    as_text.end(
        End(
            "panic:vm_page_wakeup", 9, "abc", panic, {"held": STACK, "now": STACK[:2]}, False,
            [Checked("end", "x == 1", True), Checked("app:2", "x == 2", False, "x is 3"),
             Checked("always", "x < 9", None, "it takes a search")],
            [Answered(True, "yes", 1, 4), Answered(False, "yes", None, 5),
             Answered(False, "no", 1, -1, "never asked"), Answered(None, None, 9, 4, "not a choice")],
            asked=True, hit=Hit(9, "break panic"),
        )
    )  # fmt: skip
    assert capsys.readouterr().out.splitlines() == [
        "panic:vm_page_wakeup after step 9, digest abc",
        "at step 9: break panic",
        "panic: page not busy!!!",
        "vm_page_wakeup, page 0xc03: LOCKED is not set",
        "calls that took the held lock: vm_page_free > vm_page_wakeup",
        "current calls: vm_page_free",
        "expected outcome: completed",
        "holds at end: x == 1",
        "FAILS at app:2: x == 2 (x is 3)",
        "not checked, always: x < 9 (it takes a search)",
        "question 1: yes",
        "question 2: yes, but it is NULL",
        "question 3: no, but never asked",
        "question 4: not asked in this run: not a choice",
    ]


def test_a_run_reports_that_no_breakpoint_was_hit_only_if_one_was_set(
    as_text: TextPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    as_text.end(replace(END, asked=True))
    as_text.end(END)
    line = "completed after step 9, digest abc"
    assert capsys.readouterr().out.splitlines() == [line, "no breakpoint was hit", line]
