"""Exported scenarios: running one gives the same states as the original run."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from engine.errors import BadInput
from engine.kernel.pagers.bio import pending_ios
from engine.run.history import History
from engine.run.schedule import parse_schedule
from engine.saved.as_scenario import export_scenario, kernel_digest
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import setting
from engine.script.injected_call import compile_call
from tests.engine.scenario.some_pages import pages

pytestmark = pytest.mark.slow

TEXT = '''format = 1
title = "Sleepers \\" and quotes"
lesson = """
A \\\\ and a "quoted" word.
"""
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[process]]
name = "sh"
maps = [{ object = "heap", start = 4096, pages = 3 }]
[[thread]]
name = "app"
cpu = 0
process = "sh"
script = """
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_activate(m)
vm_page_wakeup(m)
"""
[[thread]]
name = "other"
cpu = 1
script = """
p = vm_page_lookup_busy_wait(heap, 0, 0)
if p != NULL:
    vm_page_sleep_busy(p, 0, "other")
"""
[[expect]]
at = "end"
that = "app.m.valid == 0"
'''


def digests(history: History) -> list[str]:
    """The kernel's state after each step, without the steps that start called threads."""
    found = []
    for step in range(history.total + 1):
        history.seek(step)
        if step == 0 or not history.journal.label(step).endswith(" starts"):
            found.append(kernel_digest(history.vm))
    return found


FAR: Final = 60_000
"""More steps than any of these runs takes, except those that loop forever in another order."""


@pytest.mark.parametrize("name", OWN.names)
def test_a_run_that_followed_its_scenario_is_exported_unchanged(name: str) -> None:
    scenario = load(name, schedule="random:3", rules="source")
    history = scenario.start()
    scenario.run(history, FAR)
    again = load_text(export_scenario(scenario, history), scenario.name)
    repeated = again.start()
    again.run(repeated, FAR)
    assert (again.rules, again.schedule) == (scenario.rules, scenario.schedule)
    assert (repeated.total, repeated.vm.memory.digest()) == (history.total, history.vm.memory.digest())
    assert len(again.questions) == len(scenario.questions)


def person(scenario: Scenario, seed: int) -> History:
    """A run with chosen steps, a branch, ticks and a call at the console."""
    chance, history = random.Random(seed), scenario.start()
    threads = len(history.programs)
    for _ in range(chance.randrange(60)):
        history.step_thread(chance.randrange(threads))
    history.seek(chance.randrange(history.total + 1))
    history.fork(parse_schedule("tick:3"))
    history.extend(5)
    text = "x += 2\nn = vm_page_alloc(heap, x, VM_ALLOC_NORMAL)\nvm_page_hold(n)\nvm_page_free(n)"
    program, _ = compile_call(text, scenario.names, cpu=chance.randrange(2))
    t = history.inject(program)
    for _ in range(200):
        history.step_thread(chance.randrange(t + 1))
    history.extend(chance.randrange(400))
    return history


@pytest.mark.parametrize("seed", range(20))
def test_the_kernels_state_is_the_same_after_every_step(seed: int) -> None:
    scenario = load_text(TEXT, "sleepers.toml")
    history = person(scenario, seed)
    again = load_text(export_scenario(scenario, history), "again.toml")
    repeated = again.start()
    wanted = digests(history)
    repeated.extend(len(wanted) - 1)
    assert digests(repeated) == wanted
    assert [program.name for program in again.programs] == ["app", "other", "biodone", "console"]


SETTINGS = [("life-of-a-page", 7), ("lost-wakeup", 3), ("swap-full", 7), ("pageout-scan-done-right", 50)]


@pytest.mark.parametrize(("name", "every"), SETTINGS)
def test_a_run_with_ticks_by_steps_is_the_same_from_step_0_on(name: str, every: int) -> None:
    chance = random.Random(every)
    scenario = load(name, settings=(setting("machine.steps_per_tick", every),))
    history = scenario.start()
    history.extend(30)
    history.seek(20)
    history.fork(parse_schedule("rr"))
    for _ in range(60):
        history.step_thread(chance.randrange(len(history.programs)))
    history.extend(40)
    again = load_text(export_scenario(scenario, history), "again.toml")
    assert again.config == scenario.config
    repeated = again.start()
    history.seek(0)
    assert kernel_digest(repeated.vm) == kernel_digest(history.vm)
    history.seek(history.total)
    repeated.extend(history.total)
    assert digests(repeated) == digests(history)
    ticked = [
        [run.journal.label(n) == "tick" for n in range(1, run.total + 1)] for run in (history, repeated)
    ]
    assert ticked[0] == ticked[1]
    assert any(ticked[0])


def test_a_run_with_completed_ios_is_exported_in_their_order() -> None:
    scenario = load("emergency-pager")
    history = scenario.start()
    pending = 0
    while history.outcome is None and history.total < 20_000:
        history.extend(1)
        pending = max(pending, len(pending_ios(history.vm)))
        if len(pending_ios(history.vm)) >= 2:
            break
    assert pending >= 2
    history.fork(parse_schedule("io:2,io"))
    history.extend(200)
    text = export_scenario(scenario, history)
    assert "io:2, io, " in text.replace("\n", " ")
    again = load_text(text, "again.toml")
    repeated = again.start()
    repeated.extend(history.total)
    assert digests(repeated) == digests(history)


def test_a_panic_is_the_expected_outcome_of_its_export() -> None:
    scenario = load_text(TEXT, "sleepers.toml")
    history = scenario.start()
    history.extend(1000)
    history.inject(compile_call("vm_page_wakeup(app.m)\n" * 2, scenario.names)[0])
    history.extend(1000)
    assert history.outcome == "panic"
    again = load_text(export_scenario(scenario, history), "again.toml")
    repeated = again.start()
    assert again.run(repeated) == again.outcome == "panic:vm_page_wakeup"


def test_the_machine_that_replaced_the_files_is_written() -> None:
    scenario = load("life-of-a-page", machine="two-socket", rules="source+find2_full=on")
    history = scenario.start()
    again = load_text(export_scenario(scenario, history), "again.toml").start()
    assert again.vm.memory.digest() == history.vm.memory.digest()
    assert again.vm.rules == history.vm.rules


def test_a_machine_that_a_scenario_cannot_name_is_refused() -> None:
    scenario = replace(load("life-of-a-page"), machine="host")
    history = scenario.start()
    with pytest.raises(BadInput, match="save it with lstopo"):
        export_scenario(scenario, history)


def test_an_hwloc_machine_is_written_by_its_path() -> None:
    xml = Path(__file__).resolve().parents[1] / "inputs" / "machines" / "two-sockets.xml"
    scenario = load("life-of-a-page", machine=str(xml))
    again = load_text(export_scenario(scenario, scenario.start()), "again.toml")
    assert again.config == scenario.config


def test_a_run_of_too_many_steps_is_refused() -> None:
    text = TEXT.replace(
        "p = vm_page_lookup_busy_wait(heap, 0, 0)\nif p", "p = NULL\nk = 0\nwhile True:\n    k += 1\nif p"
    )
    text = text.replace("m = vm", "x = 0\nwhile True:\n    x += 1\nm = vm")
    scenario = load_text(text, "endless.toml")
    history = scenario.start()
    history.step_thread(1)
    history.extend(200_000)
    with pytest.raises(BadInput, match="too long for a scenario"):
        export_scenario(scenario, history)


def test_a_run_that_begins_at_power_on_keeps_its_boot_and_the_schedule_begins_after_it() -> None:
    text = TEXT.replace('memory = "4 MiB"', 'memory = "4 MiB"\nboot = "stepped"')
    scenario = load_text(text)
    history = scenario.start()
    while history.booted is None:
        history.extend(1)
    history.extend(3)
    history.seek(history.booted + 1)
    assert history.step_thread(0)
    program, _ = compile_call("vm_page_alloc(NULL, 3, VM_ALLOC_NORMAL)", scenario.names, 1, "call", 40)
    history.inject(program)
    history.extend(10_000)
    exported = export_scenario(scenario, history)
    items = load_text(exported).schedule.text
    assert not {"boot", "tick"} & set(items.replace(",", ":").split(":"))
    again = load_text(exported).start()
    again.extend(10_000)
    assert again.booted == history.booted
    assert kernel_digest(again.vm) == kernel_digest(history.vm)
    assert again.outcome == history.outcome


# --- parameters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sets", "seed", "values"),
    [
        ((), None, {"n": (4, 6, 8), "colors": (16, 32)}),
        ((), 2026, {"n": (6, 4, 8), "colors": (16, 32)}),
        ((), 0, {"n": (6, 4, 8), "colors": (32, 16)}),
        (("n=7", "limits.steps=900"), 3, {"n": (7, 4, 6, 8), "colors": (16, 32)}),
    ],
    ids=["the defaults", "a seed", "a seed that changes both", "a value that the file does not have"],
)
def test_the_values_of_a_run_are_the_defaults_of_its_export(
    sets: tuple[str, ...], seed: int | None, values: dict[str, tuple[int, ...]]
) -> None:
    scenario = pages(*sets, seed=seed)
    history = scenario.start()
    scenario.run(history)
    again = load_text(export_scenario(scenario, history))
    assert {part.name: part.values for part in again.form.parameters} == values
    assert again.is_own
    assert dict(again.parameters) == dict(scenario.parameters)
    assert digests(again.start()) == digests(scenario.start())
    assert again.questions[0].ask == scenario.questions[0].ask


def test_the_export_of_chosen_steps_has_one_value_of_each_parameter() -> None:
    scenario = pages(seed=0)
    history = scenario.start()
    history.extend(10)
    program, names = compile_call("x = n + 1\nvm_page_wire(app.m)", scenario.names)
    assert names.parameters["n"] == 6
    history.inject(program)
    history.extend(20)
    again = load_text(export_scenario(scenario, history))
    assert [part.values for part in again.form.parameters] == [(6,), (32,)]
    assert kernel_digest(again.start().vm) == kernel_digest(scenario.start().vm)
