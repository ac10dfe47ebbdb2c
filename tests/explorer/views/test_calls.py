"""The active calls at each step: from live steps and from repeated ones, the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.debug.active_calls import Stack
from engine.run.suspended import Frame
from engine.scenario.loader import load
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views import calls
from explorer.views.calls import MOST, Calls
from tests.explorer.cursor_motions import run

MakeSession = Callable[..., Session]


def everything(stack: Stack) -> list[tuple[object, ...]]:
    """All that is known about the frames of a stack."""
    return [(frame.function, frame.line, frame.entered, frame.done, frame.values) for frame in stack]


def test_a_live_step_and_a_repeated_one_name_the_same_calls(make_session: MakeSession) -> None:
    live, repeated = make_session(), make_session()
    while stepping.step(live):
        pass
    run(repeated)
    total = live.history.total
    assert total == repeated.history.total
    assert [live.calls.of(live.history, n) for n in range(1, total + 1)] == [
        Calls().of(repeated.history, n) for n in range(1, total + 1)
    ]


def test_a_live_step_notes_what_a_repeated_one_does(make_session: MakeSession) -> None:
    live, repeated = make_session(), make_session()
    while stepping.step(live):
        pass
    run(repeated)
    for step in range(1, live.history.total + 1):
        assert (0, step) in live.calls.seen
        again = Calls().stack_with_values(repeated.history, step)
        assert everything(live.calls.stack(live.history, step)) == everything(again), step


def test_a_step_after_a_jump_notes_what_was_performed_before_it(make_session: MakeSession) -> None:
    jumped, repeated = make_session(), make_session()
    run(jumped)
    run(repeated)
    for start in (7, 30, 55):
        jumped.history.seek(start)
        jumped.history.go_live()
        for step in range(start + 1, start + 9):
            stepping.step(jumped)
            again = Calls().stack_with_values(repeated.history, step)
            assert everything(jumped.calls.seen[0, step]) == everything(again), step


def test_calls_of_several_threads_are_noted_in_every_branch() -> None:
    scenario = load("four-ways-to-wait")
    session = Session(scenario.start(), scenario)
    for n in range(120):
        session.chosen = n // 7 % len(session.programs) if n % 3 else None
        stepping.step(session)
    total = session.history.total
    fresh = [Calls().stack_with_values(session.history, step) for step in range(1, total + 1)]
    noted = [session.calls.stack_with_values(session.history, step) for step in range(1, total + 1)]
    assert [everything(stack) for stack in noted] == [everything(stack) for stack in fresh]


def test_the_calls_of_a_live_step_are_kept_only_for_its_branch(life: Session) -> None:
    life.history.extend(12)
    calls = Calls()
    calls.note(0, 12, (Frame("shown", 1, True),))
    assert calls.of(life.history, 12) == ("shown",)
    life.history.fork()
    assert calls.innermost(life.history, 12) == "vm_page_queues_spin_unlock"


def test_a_call_too_long_to_repeat_has_no_function(life: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    life.history.extend(24)  # app's allocation takes steps 1 to 24
    monkeypatch.setattr(calls, "LIVE_STEPS", 10)
    assert [Calls().innermost(life.history, step) for step in (10, 11)] == ["vm_page_busy_try", ""]


def test_calls_are_kept_for_a_limited_number_of_steps(life: Session) -> None:
    life.history.extend(40)
    before = [life.calls.of(life.history, step) for step in range(1, 41)]
    for step in range(2 * MOST):
        life.calls.note(7, step, (Frame("other", 1, True),))
        assert len(life.calls.seen) <= MOST
    assert [life.calls.of(life.history, step) for step in range(1, 41)] == before
    life.calls.forget(7)
    assert {branch for branch, _ in life.calls.seen} == {0}


def test_the_function_of_a_step_is_the_same_live_and_repeated(make_session: MakeSession) -> None:
    live, repeated = make_session(), make_session()
    while stepping.step(live):
        pass
    run(repeated)
    for step in range(1, live.history.total + 1):
        named = live.calls.function(live.history, step)
        assert named == Calls().function(repeated.history, step)
        assert named == live.calls.innermost(live.history, step)
