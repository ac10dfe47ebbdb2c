"""The status line, and the end of a run in words."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load_text
from engine.script.injected_call import compile_call
from explorer.session import stepping
from explorer.session.open import open_session
from explorer.session.session import Session
from explorer.views.labels import Labels
from explorer.views.status import run_end, status_row
from tests.engine.scenario.some_pages import pages
from tests.explorer.cursor_motions import run


def test_a_panic_has_its_function_condition_and_page(panic_session: Session) -> None:
    run(panic_session)
    found = run_end(panic_session.history, panic_session.labels)
    assert found is not None
    assert found.title == f"PANIC in vm_page_wakeup(), page {panic_session.labels.page(panic_session.page)}"
    assert "LOCKED is not set" in found.text
    assert "page not busy" in found.text
    assert found.hint == "S steps back"
    assert found.bad
    panic_session.history.back()
    assert run_end(panic_session.history, panic_session.labels) is None


def test_a_deadlock_is_shown_at_once_and_as_a_cycle(deadlock_session: Session) -> None:
    while stepping.step(deadlock_session):
        last = deadlock_session.history.step
    assert last == 6
    found = run_end(deadlock_session.history, deadlock_session.labels)
    assert found is not None
    assert (found.title, found.bad) == ("DEADLOCK", True)
    assert found.text == (
        "app waits for token of file, held by other; other waits for token of heap, held by app"
    )


LEAKING = """format = 1
title = "Kept"
[machine]
memory = "4 MiB"
[[object]]
name = "heap"
[[thread]]
name = "app"
script = '''
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_hold(m)
vm_page_wakeup(m)
'''
"""


def test_a_leak_is_a_finding_that_names_the_page_and_the_line() -> None:
    scenario = load_text(LEAKING)
    history = scenario.start()
    scenario.run(history)
    found = run_end(history, Labels(history.vm, history.programs, scenario.names))
    assert found is not None
    assert (found.title, found.bad) == ("LEAK", True)
    assert found.text.startswith("not given back: page 0x40, held by app:2 at step ")


def test_the_status_has_step_memory_and_last_thread(life: Session) -> None:
    row = status_row(life.history, None, life.labels)
    assert (row.step, row.total, row.open, row.thread, row.stepping) == (0, 0, True, "boot", "")
    assert (row.branch, row.branches, row.outcome) == ("main", 1, "")
    assert (row.free, row.minimum, row.reserved) == (3711, 84, 49)  # as the scenario's thresholds have it
    life.history.extend(30)
    life.history.seek(11)
    row = status_row(life.history, 1, life.labels, "running", "3/5")
    assert (row.step, row.total, row.thread, row.stepping) == (11, 30, "cpu0:app", "pager")
    assert (row.free, row.activity, row.score) == (3710, "running", "3/5")


def test_an_event_and_a_branch_are_named(life: Session) -> None:
    life.history.extend(3)
    program, _ = compile_call("vm_page_wakeup(page[0x802])", life.names)
    life.history.inject(program, "by hand")
    row = status_row(life.history, None, life.labels)
    assert (row.thread, row.branch, row.branches) == ("event", "by hand", 2)


def test_a_completed_run_has_no_finding(life: Session) -> None:
    run(life)
    found = run_end(life.history, life.labels)
    assert found is not None
    assert (found.title, found.text, found.bad) == ("COMPLETED", "every thread has ended", False)
    assert found.calls == ()
    life.history.seek(144)
    assert run_end(life.history, life.labels) is None


def test_a_run_is_complete_though_its_daemons_sleep() -> None:
    session = open_session("rescue-or-steal")
    run(session)
    found = run_end(session.history, session.labels)
    assert found is not None
    assert found.title == "COMPLETED"
    assert found.text == "every thread has ended, or is a kernel thread with nothing to do"


@pytest.mark.parametrize(
    ("sets", "own", "words"),
    [((), True, ""), (("n=6",), True, "n = 6"), (("n=6", "limits.steps=9"), False, "n = 6")],
)
def test_the_status_names_values_that_are_not_the_defaults(
    sets: tuple[str, ...], own: bool, words: str
) -> None:
    scenario = pages(*sets)
    session = Session(scenario.start(), scenario)
    row = status_row(session.history, None, session.labels, scenario=scenario)
    assert (row.own, row.parameters) == (own, words)
