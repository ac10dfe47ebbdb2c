"""The rows of the threads panel: a thread's locks and its kernel function have one answer each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.debug.waits import holding, let_go
from engine.run.schedule import parse_schedule
from engine.scenario.loader import load
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.labels import Labels
from explorer.views.threads import next_choice, source_rows, thread_rows
from tests.explorer.cursor_motions import run, step_called

MakeSession = Callable[..., Session]


def test_a_sleeping_thread_does_not_hold_the_tokens_that_it_released(life: Session) -> None:
    history = life.history
    history.extend(33)
    t = next(t for t in range(len(history.programs)) if let_go(history, t))
    assert holding(history, t) == []
    assert thread_rows(history, life.labels, None)[t].holds == ()


def test_a_sleeper_names_the_thread_that_has_its_page(life: Session) -> None:
    history = life.history
    history.extend(40)
    asleep = [row for row in thread_rows(history, life.labels, None) if row.state == "sleeping"]
    assert [(row.name, row.waits) for row in asleep] == [("pager", "page 0xc03, busied by app")]


def test_a_panels_calls_are_the_kernels_own(life: Session) -> None:
    for _ in range(60):
        life.history.extend(1)
        for row in thread_rows(life.history, life.labels, None):
            assert all(not name.startswith("_") or name.startswith("_vm_") for name in row.calls)
            assert "begin" not in row.calls


def test_the_next_thread_is_the_one_that_then_runs(session: Session) -> None:
    seen = []
    while session.history.outcome is None:
        foreseen = next_choice(session.history)
        if not stepping.step(session):
            break
        seen.append((foreseen, session.history.journal.thread(session.history.step)))
    assert len(seen) > 100
    assert all(foreseen == ran for foreseen, ran in seen)


def test_showing_the_next_thread_does_not_advance_a_random_schedule(make_session: MakeSession) -> None:
    looked, blind = make_session(), make_session()
    for session in (looked, blind):
        session.history.runner.dispatcher.follow(parse_schedule("random:7"), restart=True)
    for _ in range(40):
        next_choice(looked.history)
        next_choice(looked.history)
        stepping.step(looked)
        stepping.step(blind)
    assert looked.vm.memory.digest() == blind.vm.memory.digest()


def test_a_thread_shows_where_it_is_and_what_it_holds(session: Session) -> None:
    run(session)
    step_called(session, "leave the queue")
    rows = thread_rows(session.history, session.labels, None)
    ran = next(row for row in rows if row.ran)
    assert ran.calls[0] == "vm_page_alloc"
    assert ran.action == "release the queue's spinlock"
    assert ran.holds[0] == f"page {session.labels.page(session.page)}"
    assert ran.holds[1].startswith("queue FREE[")
    assert "token of heap" in rows[0].holds
    assert [row.number for row in rows if row.next] == [next_choice(session.history)]


@pytest.mark.parametrize(
    ("scenario", "step", "thread", "nowhere"),
    [("boot", 0, "boot", "power-on"), ("swap-full", 13_000, "growing", "exits")],
)
def test_a_thread_at_no_line_of_its_script_says_why(
    scenario: str, step: int, thread: str, nowhere: str
) -> None:
    loaded = load(scenario)
    history = loaded.start()
    history.extend(step)
    labels = Labels(history.vm, history.programs, loaded.names)
    rows = source_rows(history, thread_rows(history, labels, None))
    (row,) = [row for row in rows if row.name == thread]
    assert (row.line, row.nowhere) == (0, nowhere)
