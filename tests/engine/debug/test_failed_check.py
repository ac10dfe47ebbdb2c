"""At a panic: the page that it is about, and the cell that made the check fail."""

from __future__ import annotations

import pytest

from engine.constants import NULL, PBUSY_LOCKED, PBUSY_MASK, PG_MAPPED
from engine.debug import failed_check as module
from engine.debug.failed_check import checked_cells, failed_check, panic_page
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


def run_of(script: str, rules: str = "document") -> tuple[Scenario, History]:
    scenario = load_text(TEXT.format(script=script.replace("; ", "\n")), rules=rules)
    history = scenario.start()
    scenario.run(history)
    return scenario, history


PANICS = [
    ("vm_page_unwire(m, 0)", "wire_count <= 0", "page[0x40].wire_count", 0),
    ("vm_page_unwire_quick(m)", "a wired page", "page[0x40].wire_count", 0),
    ("vm_page_wire_quick(m)", "the page was not wired", "page[0x40].wire_count", 0),
    ("vm_page_wire(m); vm_page_free(m)", "wire_count is 1", "page[0x40].wire_count", 0),
    ("vm_page_wire(m); vm_page_wire(m); vm_page_free(m)", "wire_count is 2", "page[0x40].wire_count", 0),
    ("vm_page_wakeup(m); vm_page_wire(m)", "a hard-busied page", "page[0x40].busy_count", PBUSY_LOCKED),
    ("vm_page_wakeup(m); vm_page_unwire(m, 0)", "a hard-busied", "page[0x40].busy_count", PBUSY_LOCKED),
    ("vm_page_wakeup(m); vm_page_io_start(m)", "a hard-busied", "page[0x40].busy_count", PBUSY_LOCKED),
    ("vm_page_wakeup(m); vm_page_remove(m)", "LOCKED is not set", "page[0x40].busy_count", PBUSY_LOCKED),
    ("vm_page_wakeup(m); vm_page_protect(m, 0)", "a hard-busied", "page[0x40].busy_count", PBUSY_LOCKED),
    ("vm_page_wakeup(m); vm_page_rename(m, heap, 8)", "a hard-bu", "page[0x40].busy_count", PBUSY_LOCKED),
    ("vm_page_wakeup(m); vm_page_wakeup(m)", "LOCKED is not set", "page[0x40].busy_count", PBUSY_LOCKED),
    ("vm_page_free(page[0x60])", "a hard-busied page", "page[0x60].busy_count", PBUSY_LOCKED),
    ("vm_page_io_start(m); vm_page_free(m)", "1 soft busy is left", "page[0x40].busy_count", PBUSY_MASK),
    ("vm_page_io_finish(m)", "a soft count above 0", "page[0x40].busy_count", PBUSY_MASK),
    ("vm_page_flag_set(m, PG_MAPPED); vm_page_free(m)", "an unmapped", "page[0x40].flags", PG_MAPPED),
    ("vm_page_free(m); vm_page_dirty(m)", "on FREE[64]", "page[0x40].queue", 0),
    ("vm_page_free(m); vm_page_hold(m)", "a page that is not free", "page[0x40].queue", 0),
    ("vm_page_free(m); vm_page_busy_wait(m, 0); vm_page_free(m)", "already free", "page[0x40].queue", 0),
    ("vm_page_unhold(m)", "the page is not held", "page[0x40].hold_count", 0),
    ("vm_page_insert(m, heap, 5)", "the page has an object", "page[0x40].object", 0),
    ("vm_page_remove(m); vm_page_need_commit(m)", "the page has no object", "page[0x40].object", 0),
    ("vm_page_remove(m); vm_page_set_invalid(m, 0, 512)", "no object", "page[0x40].object", 0),
    ("x = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)", "another page", "object[heap].page[0]", 0),
    ("vm_object_hold(heap); vm_page_rename(m, heap, 1)", "another page", "object[heap].page[1]", 0),
    ("vm_page_hold(m); vm_object_drop(heap)", "a held object", "object[heap].hold_count", 0),
    ("lwkt_reltoken(heap)", "the token is held by this thread", "object[heap].token_owner", 0),
    (
        "vm_page_dirty(m); vm_page_set_invalid(m, 0, 512); vm_pageout_clean(m)",
        "not fully valid",
        "page[0x40].valid",
        0,
    ),
    ("vm_page_remove(m); vm_pageout_clean(m)", "the page has no object", "page[0x40].object", 0),
    ("none = NULL; vm_page_free(none)", "m is NULL", "thread[a].var.none", 0),
    ("flags = 0; x = vm_page_alloc(heap, 9, flags)", "NORMAL, QUICK", "thread[a].var.flags", 0),
    ("vm_page_spin_unlock(m)", "the lock is held by this thread", "page[0x40].spin", 0),
]
"""Calls, separated by `; `; part of the condition; the cell that decided it; its bits."""


@pytest.mark.parametrize("rules", ["document", "source"])
@pytest.mark.parametrize(("script", "condition", "cell", "bits"), PANICS)
def test_the_cell_is_the_one_that_made_the_check_fail(
    rules: str, script: str, condition: str, cell: str, bits: int
) -> None:
    scenario, history = run_of(script, rules)
    assert history.outcome == "panic"
    assert condition in str(history.branch.finding)
    before = history.step, history.vm.memory.digest(), history.journal.writes
    found = failed_check(history)
    assert found is not None
    assert (name_of(history.vm, found.cell, scenario.names), found.bits) == (cell, bits)
    assert (history.step, history.vm.memory.digest(), history.journal.writes) == before


@pytest.mark.parametrize(
    "script",
    [
        "x = vm_page_alloc(heap, 9, 0)",
        "vm_page_set_validclean(m, 4000, 4000)",
        "vm_page_alloc_contig(0, 0xffffffff, 1, 0, 0, 0)",
        "vm_page_grab(heap, 3, 0)",
    ],
)
def test_a_check_of_constants_only_has_no_cell(script: str) -> None:
    _, history = run_of(script)
    assert history.outcome == "panic"
    assert failed_check(history) is None
    assert checked_cells(history, panic_page(history)) == ()


def test_the_fields_that_the_check_looked_at_are_the_pages_and_the_deciding_one_is_first() -> None:
    scenario, history = run_of("vm_page_free(m); vm_page_busy_wait(m, 0); vm_page_free(m)")
    m = history.vm.variable.value[scenario.names.variables["a"]["m"].slot]
    cells = [name_of(history.vm, cell) for cell in checked_cells(history, m)]
    assert cells[:2] == ["page[0x40].queue", "page[0x40].busy_count"]
    assert len(set(cells)) == len(cells)


def test_a_page_of_which_no_field_decided_has_none() -> None:
    _, history = run_of("x = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)")
    assert panic_page(history) != NULL
    assert checked_cells(history, panic_page(history)) == ()


def test_another_page_and_a_moment_before_the_panic_have_none() -> None:
    scenario, history = run_of("vm_page_wakeup(m); vm_page_wakeup(other); vm_page_wakeup(m)")
    m, other = (
        history.vm.variable.value[scenario.names.variables["a"][name].slot] for name in ("m", "other")
    )
    assert checked_cells(history, other) == ()
    history.seek(history.total - 1)
    assert panic_page(history) == NULL
    assert checked_cells(history, m) == ()
    assert failed_check(history) is None


def test_a_run_without_a_panic_has_none() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    assert panic_page(history) == NULL
    assert checked_cells(history, NULL) == ()
    assert failed_check(history) is None


def test_a_very_long_operation_is_not_performed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 0)
    _, history = run_of("vm_page_wakeup(m); vm_page_wakeup(other); vm_page_wakeup(m)")
    assert failed_check(history) is None


def test_without_room_for_attempts_the_nearest_read_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_STEPS", 0)
    scenario, history = run_of("vm_page_wakeup(m); vm_page_wakeup(m)")
    found = failed_check(history)
    assert found is not None
    assert (name_of(history.vm, found.cell, scenario.names), found.bits) == ("page[0x40].busy_count", 0)
