"""From a file to a run: what replaces a part of it, where it starts, and its end."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.machine.rules import Rules
from engine.scenario.loader import load_text, read_rules
from tests.engine.scenario.small_scenarios import SETUP, THREAD, scenario_of, sentences

# --- what replaces a part of the file ---------------------------------------------------------------------


def test_the_machine_the_rules_and_the_schedule_can_be_replaced(tmp_path: Path) -> None:
    schedule = tmp_path / "s.txt"
    schedule.write_text("app:2,  # two steps\napp:end\n")
    text = 'format = 1\ntitle = "t"\n[machine]\nmemory = "4 MiB"\nfind2_full = true\n' + THREAD.format(
        "x = 1"
    )
    scenario = load_text(text, machine="64MiB:2x4x2", rules="source", schedule=f"@{schedule}")
    assert scenario.config.hardware.topology.ncpus == 16
    assert scenario.rules == "source"  # rules that are given replace the file's options too
    assert scenario.schedule.text == "app:2,app:end"


@pytest.mark.parametrize(
    ("options", "words"),
    sentences(
        ("an unknown machine", {"machine": "toaster"}, "there is no machine 'toaster'"),
        ("unknown rules", {"rules": "mine"}, "document and source"),
        ("an unknown option", {"rules": "document+find3=on"}, "there is no rule 'find3'"),
        ("an option without value", {"rules": "document+find2_full"}, "OPTION=VALUE"),
        ("a bad schedule", {"schedule": "app:sideways"}, "schedule item"),
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


# --- the run ----------------------------------------------------------------------------------------------


def test_a_run_that_reaches_its_limit_is_bound() -> None:
    scenario = scenario_of(rest=f"[limits]\nsteps = 50\n{THREAD.format('while 1:' + chr(10) + '    pass')}")
    history = scenario.start()
    assert (scenario.run(history), history.total) == ("bound", 50)
    assert [row.ok for row in scenario.check_expectations(history)] == [False]


def test_a_run_with_a_step_limit_is_stopped() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3"))
    history = scenario.start()
    assert (scenario.run(history, steps=2), history.step) == ("stopped", 2)
    assert scenario.run(history, steps=9) == "completed"
