"""At a panic: the page that it is about, and the field that the failed check read."""

from __future__ import annotations

import pytest

from engine.constants import NULL
from engine.debug import failed_check
from engine.debug.failed_check import checked_cell, panic_cell, panic_page
from engine.language.naming import name_of
from engine.run.history import History
from engine.scenario.loader import Scenario, load, load_text

TEXT = """
format = 1
title = "A page in a state that a function refuses"
[machine]
memory = "4 MiB"
[[object]]
name = "heap"
[[thread]]
name = "a"
script = '''
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
other = vm_page_alloc(heap, 1, VM_ALLOC_NORMAL)
{script}
'''
"""


def run_of(script: str) -> tuple[Scenario, History]:
    scenario = load_text(TEXT.format(script=script))
    history = scenario.start()
    scenario.run(history)
    return scenario, history


@pytest.mark.parametrize(
    ("script", "field"),
    [
        ("vm_page_io_start(m)\nvm_page_wakeup(other)\nvm_page_free(m)", "busy_count"),
        ("vm_page_flag_set(m, PG_MAPPED)\nvm_page_wakeup(other)\nvm_page_free(m)", "flags"),
        ("vm_page_wakeup(m)\nvm_page_wakeup(other)\nvm_page_wakeup(m)", "busy_count"),
        ("vm_page_free(m)\nvm_page_wakeup(other)\nvm_page_dirty(m)", "queue"),
    ],
)
def test_it_is_the_field_that_the_check_refused(script: str, field: str) -> None:
    scenario, history = run_of(script)
    assert history.outcome == "panic"
    m = history.vm.variable.value[scenario.names.variables["a"]["m"].slot]
    before = history.step, history.vm.memory.digest()
    assert panic_page(history) == m
    cell = checked_cell(history, m)
    assert cell is not None
    assert name_of(history.vm, cell, scenario.names) == f"page[{history.vm.page_number(m):#x}].{field}"
    assert (history.step, history.vm.memory.digest()) == before


@pytest.mark.parametrize(
    ("script", "cell"),
    [
        ("vm_page_hold(m)\nvm_object_drop(heap)", "object[heap].hold_count"),
        ("vm_page_free(page[0x60])", "page[0x60].busy_count"),
    ],
)
def test_a_check_of_what_no_step_wrote_or_of_no_page_has_a_cell(script: str, cell: str) -> None:
    scenario, history = run_of(script)
    assert history.outcome == "panic"
    found = panic_cell(history)
    assert found is not None
    assert name_of(history.vm, found, scenario.names) == cell


def test_another_page_and_a_moment_before_the_panic_have_none() -> None:
    scenario, history = run_of("vm_page_wakeup(m)\nvm_page_wakeup(other)\nvm_page_wakeup(m)")
    m, other = (
        history.vm.variable.value[scenario.names.variables["a"][name].slot] for name in ("m", "other")
    )
    assert checked_cell(history, other) is None
    history.seek(history.total - 1)
    assert panic_page(history) == NULL
    assert checked_cell(history, m) is None


def test_a_run_without_a_panic_has_none() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    assert panic_page(history) == NULL
    assert checked_cell(history, NULL) is None


def test_a_very_long_operation_is_not_performed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failed_check, "LONGEST", 0)
    _, history = run_of("vm_page_wakeup(m)\nvm_page_wakeup(other)\nvm_page_wakeup(m)")
    assert checked_cell(history, panic_page(history)) is None
