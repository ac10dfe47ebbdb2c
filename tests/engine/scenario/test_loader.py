"""From a file to a run: what replaces a part of it, where it starts, the moments of the run and its end."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.debug.moments import find_after, find_before, find_step
from engine.errors import BadInput
from engine.machine.rules import Rules
from engine.scenario.loader import load_text, read_rules
from tests.engine.scenario.small_scenarios import SETUP, THREAD, played, scenario_of, sentences

# --- what replaces a part of the file ---------------------------------------------------------------------


def test_the_machine_the_rules_and_the_schedule_can_be_replaced(tmp_path: Path) -> None:
    schedule = tmp_path / "s.txt"
    schedule.write_text("app:2,  # two steps\napp:end\n")
    text = 'format = 1\ntitle = "t"\n[machine]\nmemory = "4 MiB"\nfind2_full = true\n' + THREAD.format(
        "x = 1"
    )
    scenario = load_text(text, machine="64MiB:2x4x2", rules="source", schedule=f"@{schedule}")
    assert scenario.config.hardware.topology.ncpus == 16
    assert scenario.rules == "source+find2_full=True"
    assert scenario.schedule.text == "app:2,app:end"


@pytest.mark.parametrize(
    ("options", "words"),
    sentences(
        ("a machine that is none", {"machine": "toaster"}, "there is no machine 'toaster'"),
        ("rules that are none", {"rules": "mine"}, "document and source"),
        ("an option that is none", {"rules": "document+find3=on"}, "no rule is called 'find3'"),
        ("an option without value", {"rules": "document+find2_full"}, "OPTION=VALUE"),
        ("a schedule that is none", {"schedule": "app:sideways"}, "schedule item"),
        ("a schedule of a stranger", {"schedule": "app,eve:2"}, "there is no thread eve; there are: app"),
        ("a schedule file that is not there", {"schedule": "@/no/such/file"}, "cannot be read"),
        ("a machine with too few cpus", {"machine": "tiny"}, "this machine has cpus 0 to 0"),
    ),
)
def test_a_bad_replacement_is_a_message(options: dict[str, Any], words: str) -> None:
    thread = '[[thread]]\nname = "app"\ncpu = 1\nscript = "pass"\n'
    with pytest.raises(BadInput) as caught:
        load_text(f'format = 1\ntitle = "t"\n[machine]\ntopology = "1x2x1"\n{thread}', **options)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules.named("source"),
        Rules.named("document").with_options({"find2_full": False, "nice_rule": "none"}),
        Rules.named("source").with_options({"finalize_offset_fix": True, "thresholds": "newer"}),
    ],
    ids=Rules.name,
)
def test_the_name_of_rules_reads_back(rules: Rules) -> None:
    assert read_rules(rules.name()) == rules


# --- the start --------------------------------------------------------------------------------------------


def test_a_thread_has_the_nice_value_of_its_process() -> None:
    process = '[[process]]\nname = "sh"\npid = 7\nnice = -5\nmaps = [{object = "o", start = 0x1000, pages = 4, prot = "r"}]\n'
    thread = '[[thread]]\nname = "app"\nprocess = "sh"\nscript = "pass"\n'
    scenario = scenario_of(rest=f'[[object]]\nname = "o"\n{process}{thread}')
    assert scenario.expression("thread[app].nice").show(scenario.start().vm) == -5
    assert scenario.form.processes[0].maps[0].start == 0x1000


def test_a_start_is_the_same_each_time() -> None:
    scenario = scenario_of(rest=f'[[object]]\nname = "heap"\n{SETUP}{THREAD.format("pass")}')
    assert scenario.start().vm.memory.digest() == scenario.start().vm.memory.digest()


# --- moments ----------------------------------------------------------------------------------------------

LOOP = "x = 0\n\nwhile x < 3:\n    x += 1\nfor i in range(2):\n    pass\ny = 9"


def test_a_line_is_found_where_it_is_first_come_to() -> None:
    _, history = played(LOOP)
    found = {line: find_step(history, f"app:{line}") for line in (1, 3, 4, 5, 6, 7)}
    assert found == {1: 0, 3: 1, 4: 2, 5: 8, 6: 9, 7: 13}


def test_after_a_line_is_when_the_thread_first_leaves_it() -> None:
    _, history = played(LOOP)
    assert [find_after(history, f"app:{line}") for line in (1, 3, 4, 7)] == [1, 2, 3, 14]


def test_steps_and_the_end_are_moments() -> None:
    _, history = played(LOOP)
    assert [find_step(history, at) for at in (0, "5", 14, "end")] == [0, 5, 14, 14]
    assert [find_before(history, at) for at in (0, 5, "app:3")] == [0, 4, 1]
    assert find_after(history, 5) == 5


def test_looking_for_a_moment_extends_the_run_and_leaves_the_cursor() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 0\nwhile x < 20000:\n    x += 1\ny = 1"))
    history = scenario.start()
    assert scenario.find_step(history, "app:4") == 40002
    assert (history.step, history.total >= 40002) == (0, True)


@pytest.mark.parametrize(
    ("at", "words"),
    sentences(
        ("a step too far", "15", "there is no step 15; the run has steps 0 to 14"),
        ("a line that runs nothing", "app:2", "line 2 of app runs nothing; the lines that do are: 1, 3, 4"),
        ("nobody", "bob:1", "there is no thread 'bob'"),
        ("no moment", "soon", "is no moment; write a step, THREAD:LINE, or end"),
        ("a number without end", "9" * 99, "is no moment"),
    ),
)
def test_no_such_moment(at: str, words: str) -> None:
    _, history = played(LOOP)
    with pytest.raises(BadInput) as caught:
        find_step(history, at)
    assert words in str(caught.value)


def test_a_line_that_is_never_come_to_is_a_message() -> None:
    scenario, history = played("x = 1\nif x == 2:\n    x = 3\ny = 1")
    with pytest.raises(BadInput, match="app never comes to line 3; the run has 3 steps"):
        scenario.find_step(history, "app:3")


def test_a_panic_ends_its_line() -> None:
    _, history = played("m = page[70]\nvm_page_wakeup(m)")
    assert history.outcome == "panic"
    assert find_after(history, "app:2") == history.total


# --- the run ----------------------------------------------------------------------------------------------


def test_a_run_that_reaches_its_limit_is_bound() -> None:
    scenario = scenario_of(rest=f"[limits]\nsteps = 50\n{THREAD.format('while 1:' + chr(10) + '    pass')}")
    history = scenario.start()
    assert (scenario.run(history), history.total) == ("bound", 50)
    assert [row.ok for row in scenario.check_expectations(history)] == [False]


def test_a_run_that_is_told_to_stop_is_stopped() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3"))
    history = scenario.start()
    assert (scenario.run(history, steps=2), history.step) == ("stopped", 2)
    assert scenario.run(history, steps=9) == "completed"
