"""The threads panel's rows: what a thread holds and in which kernel function it is have one answer each."""

from __future__ import annotations

from engine.debug.waits import holding, let_go
from explorer.session.open import open_session
from explorer.views.log import Calls, event_row
from explorer.views.threads import thread_rows


def test_a_sleeping_thread_holds_none_of_the_tokens_that_it_gave_up() -> None:
    session = open_session("life-of-a-page", None, None)
    history = session.history
    history.extend(33)
    t = next(t for t in range(len(history.programs)) if let_go(history, t))
    assert holding(history, t) == []
    assert thread_rows(history, session.labels, None)[t].holds == ()


def test_a_script_line_without_a_call_is_in_no_kernel_function() -> None:
    session = open_session("life-of-a-page", None, None)
    history = session.history
    while history.extend(1):
        row = event_row(history, session.labels, Calls(), history.step)
        assert row.function not in ("begin", "_assign", "_branch")
    assert history.outcome == "completed"


def test_a_panels_calls_are_the_kernels_own() -> None:
    session = open_session("life-of-a-page", None, None)
    for _ in range(60):
        session.history.extend(1)
        for row in thread_rows(session.history, session.labels, None):
            assert all(not name.startswith("_") or name.startswith("_vm_") for name in row.calls)
            assert "begin" not in row.calls
