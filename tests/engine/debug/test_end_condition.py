"""The cell that the end of a run is about: of a failed check, a lock, or a page that a thread sleeps on."""

from __future__ import annotations

import pytest

from engine.constants import NULL, PBUSY_LOCKED, PBUSY_WANTED
from engine.debug.end_condition import UNWANTED, end_condition, end_page
from engine.debug.failed_check import Decided, checked_cells
from engine.debug.journal_search import last_change
from engine.language.naming import name_of
from engine.run.history import History
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load, load_text

TEXT = """
format = 1
title = "A run that ends badly"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[object]]
name = "stack"
[[thread]]
name = "a"
cpu = 0
script = '''
{a}
'''
[[thread]]
name = "b"
cpu = 1
script = '''
{b}
'''
"""


def run_of(a: str, b: str = "x = 1") -> tuple[Scenario, History]:
    scenario = load_text(TEXT.format(a=a, b=b))
    history = scenario.start()
    scenario.run(history)
    return scenario, history


def name_of_end(scenario: Scenario, history: History) -> str:
    found = end_condition(history)
    return "" if found is None else name_of(history.vm, found.cell, scenario.names)


BUSY_TWICE = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\nvm_page_busy_wait(m, 0)"


def test_a_panic_is_about_the_field_that_the_check_read() -> None:
    scenario, history = run_of(
        "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\nvm_page_wire(m)\nvm_page_free(m)"
    )
    assert history.outcome == "panic"
    page = f"page[{history.vm.page_number(end_page(history)):#x}]"
    assert name_of_end(scenario, history) == f"{page}.wire_count"
    cells = [name_of(history.vm, cell) for cell in checked_cells(history, end_page(history))]
    assert cells[0] == f"{page}.wire_count"
    assert len(set(cells)) == len(cells)


def test_a_blocked_end_is_about_the_page_that_a_thread_sleeps_on() -> None:
    scenario, history = run_of(BUSY_TWICE)
    assert history.outcome == "blocked"
    m = history.vm.variable.value[scenario.names.variables["a"]["m"].slot]
    assert end_page(history) == m
    assert end_condition(history) == Decided(history.vm.memory.address("page.busy_count", m), PBUSY_LOCKED)
    assert name_of_end(scenario, history) == f"page[{history.vm.page_number(m):#x}].busy_count"


def test_a_lost_wakeup_is_about_the_bit_that_was_cleared() -> None:
    scenario = load("lost-wakeup")
    history = scenario.start()
    scenario.run(history)
    found = end_condition(history)
    assert found is not None
    assert found.bits == PBUSY_WANTED
    assert last_change(history, found.cell, history.step, found.bits) == 8


def test_a_deadlock_is_about_the_lock_that_its_first_thread_waits_for() -> None:
    takes = "vm_object_hold({0})\nvm_object_hold({1})"
    scenario, history = run_of(takes.format("heap", "stack"), takes.format("stack", "heap"))
    assert history.outcome == "deadlock"
    assert end_page(history) == NULL
    assert name_of_end(scenario, history) == "object[stack].token_owner"


def test_a_run_that_ends_well_and_a_moment_before_the_end_have_none() -> None:
    _, history = run_of("x = 2")
    assert (history.outcome, end_condition(history), end_page(history)) == ("completed", None, NULL)
    _, history = run_of(BUSY_TWICE)
    history.seek(history.total - 1)
    assert (end_condition(history), end_page(history)) == (None, NULL)


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names)
def test_the_end_of_every_scenario_keeps_its_state(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    digest = history.vm.memory.digest()
    assert (end_condition(history) is None) or history.outcome in UNWANTED
    assert (history.step, history.vm.memory.digest()) == (history.total, digest)
