"""The event log: which thread took a step, in which kernel function."""

from __future__ import annotations

from engine.script.injected_call import compile_call
from explorer.session.session import Session
from explorer.views.calls import Calls
from explorer.views.changes import changes
from explorer.views.log import event_row, event_rows
from tests.explorer.cursor_motions import run, step_called


def test_the_log_names_thread_function_and_action(session: Session) -> None:
    run(session)
    step = step_called(session, "leave the queue")
    row = event_row(session.history, session.labels, Calls(), step)
    name = session.history.programs[session.history.journal.thread(step)].name
    told = (row.thread, row.function, row.action)
    assert told == (name, "_vm_page_rem_queue_spinlocked", "leave the queue")
    assert row.now


def test_a_script_line_without_a_call_is_in_no_kernel_function(life: Session) -> None:
    history = life.history
    while history.extend(1):
        row = event_row(history, life.labels, Calls(), history.step)
        assert row.function not in ("begin", "_assign", "_branch")
    assert history.outcome == "completed"


def test_step_0_is_the_machine_after_boot(life: Session) -> None:
    row = event_row(life.history, life.labels, Calls(), 0)
    assert (row.step, row.thread, row.number, row.function, row.now) == (0, "boot", -1, "", True)
    life.history.extend(1)
    assert not event_row(life.history, life.labels, Calls(), 0).now


def test_rows_end_at_the_step_and_start_at_0(life: Session) -> None:
    life.history.extend(10)
    life.history.seek(4)
    rows = event_rows(life.history, life.labels, Calls(), 6, 3)
    assert [(row.step, row.now) for row in rows] == [(4, True), (5, False), (6, False)]
    assert [row.step for row in event_rows(life.history, life.labels, Calls(), 1, 9)] == [0, 1]
    assert life.history.step == 4


def test_an_event_has_no_thread_and_no_function(life: Session) -> None:
    life.history.extend(3)
    program, _ = compile_call("vm_page_wakeup(page[0x802])", life.names)
    life.history.inject(program)  # that it starts is an event of its own
    calls = Calls()
    row = event_row(life.history, life.labels, calls, 4)
    assert (row.thread, row.number, row.function) == ("event", -1, "")
    assert (calls.of(life.history, 4), calls.innermost(life.history, 3)) == ((), "vm_page_alloc")


def test_a_row_omits_bookkeeping_changes(life: Session) -> None:
    life.history.extend(11)
    row = event_row(life.history, life.labels, Calls(), 11)
    everything = changes(life.history, life.labels, 11)
    assert row.changes == tuple(change for change in everything if not change.plumbing) != everything


def test_only_the_step_at_the_cursor_has_a_sentence(life: Session) -> None:
    life.history.extend(12)
    life.history.seek(11)
    rows = event_rows(life.history, life.labels, Calls(), 12, 4)
    assert [row.sentence for row in rows] == [
        "",
        "",
        "takes page 0xc03 off FREE[0]: length 3 to 2",
        "",
    ]
    assert event_row(life.history, life.labels, Calls(), 0).sentence == ""
