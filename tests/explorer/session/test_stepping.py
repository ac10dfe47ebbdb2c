"""Stepping: where each motion stops, and that going back restores the same state."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import BadInput
from engine.machine.tables import ENDED
from engine.memory.block import EVENT
from explorer.session import running, stepping
from explorer.session import stops as adding
from explorer.session.session import Session
from explorer.views.threads import thread_rows
from tests.explorer.cursor_motions import drive


def digests(session: Session) -> list[str]:
    """The digest of the memory at every recorded step."""
    found = []
    for step in range(session.history.total + 1):
        session.history.seek(step)
        found.append(session.vm.memory.digest())
    return found


def test_a_step_and_back_restores_the_memory(session: Session) -> None:
    before = session.vm.memory.digest()
    assert stepping.step(session)
    assert session.vm.memory.digest() != before
    stepping.back(session)
    assert (session.history.step, session.vm.memory.digest()) == (0, before)


def test_over_takes_the_thread_to_the_end_of_its_call(session: Session) -> None:
    drive(stepping.over(session))
    assert session.vm.thread.pc[0] == 1
    assert "vm_object_hold(heap) took" in session.note.text
    assert session.vm.thread.op_start[0] == session.history.step


def test_over_back_and_over_again_reach_the_same_step(session: Session) -> None:
    drive(stepping.over(session))
    drive(stepping.over(session))
    ends = session.history.step
    stepping.back_over(session)
    assert session.history.step < ends
    begun = session.history.step
    session.history.seek(ends)
    stepping.back_over(session)
    assert session.history.step == begun


def test_a_panic_ends_the_run_and_can_be_stepped_back_from(panic_session: Session) -> None:
    drive(running.run(panic_session))
    assert panic_session.history.outcome == "panic"
    stepping.back(panic_session)
    assert panic_session.history.outcome is None
    assert stepping.step(panic_session)
    assert panic_session.history.outcome == "panic"
    assert not stepping.step(panic_session)
    assert "the run has ended: panic" in panic_session.note.text


def test_a_chosen_thread_in_the_middle_starts_a_branch_and_keeps_the_old_branch(session: Session) -> None:
    drive(running.run(session))
    total = session.history.total
    session.history.seek(4)
    other = 1 - session.history.journal.thread(5)
    session.choose_thread(other)
    assert stepping.step(session)
    assert session.history.branch.name == "branch 1"
    assert (session.history.step, session.history.total) == (5, 5)
    assert session.history.branches[0].timeline.journal.steps == total
    assert ":branch 0" in session.note.text


def test_the_recorded_thread_chosen_makes_no_branch(session: Session) -> None:
    drive(running.run(session))
    session.history.seek(4)
    session.choose_thread(session.history.journal.thread(5))
    stepping.step(session)
    assert len(session.history.branches) == 1


def test_a_thread_that_cannot_run_says_what_it_waits_for(make_session: Callable[..., Session]) -> None:
    session = make_session()
    session.choose_thread(0)
    drive(stepping.over(session))
    session.choose_thread(1)
    session.vm.thread.state[1] = ENDED
    assert not stepping.step(session)
    assert "other cannot run: it is ended" in session.note.text


def test_go_to_runs_to_a_step_that_is_not_recorded(session: Session) -> None:
    drive(stepping.go_to(session, 30))
    assert (session.history.step, session.history.total) == (30, 30)
    drive(stepping.go_to(session, 7))
    assert (session.history.step, session.history.total) == (7, 30)


def test_go_to_beyond_the_end_reports_the_end(session: Session) -> None:
    drive(stepping.go_to(session, 100_000))
    assert session.note.text == f"the run ends at step {session.history.total}: completed"


def test_go_to_below_zero_is_refused(session: Session) -> None:
    with pytest.raises(BadInput, match="steps start at 0"):
        drive(stepping.go_to(session, -3))


def test_events_are_the_same_forwards_and_backwards(session: Session) -> None:
    forwards = []
    while session.history.outcome is None:
        drive(stepping.event(session))
        forwards.append(session.history.step)
    backwards = []
    while session.history.step:
        stepping.back_event(session)
        backwards.append(session.history.step)
    assert len(forwards) > 10
    assert forwards[:-1] == backwards[::-1][1:]
    assert len(set(forwards)) == len(forwards)


def test_an_event_changes_a_page_or_a_thread(session: Session) -> None:
    drive(stepping.event(session))
    changed = {
        session.vm.memory.place_of(a)[0].table
        for a, _, _ in session.history.journal.writes_of(session.history.step)
    }
    assert changed & {"page", "thread", "alist"}


def test_a_script_line_and_back(session: Session) -> None:
    assert session.history.programs[0].line_at(session.vm.thread.pc[0]) == 1
    drive(stepping.next_line(session))
    assert session.history.programs[0].line_at(session.vm.thread.pc[0]) == 2
    drive(running.run(session))
    while session.history.step:
        before = session.history.step
        stepping.previous_line(session)
        assert session.history.step < before


def test_finish_leaves_the_innermost_function(session: Session) -> None:
    session.choose_thread(0)
    drive(stepping.over(session))
    drive(stepping.steps(session, 3))
    inside = [frame.function for frame in session.history.runner.live[0].stack()]
    assert len(inside) > 1
    drive(stepping.finish(session))
    assert [frame.function for frame in session.history.runner.live[0].stack()][: len(inside)] != inside
    ends = session.history.step
    stepping.back_finish(session)
    assert session.history.step < ends


@pytest.mark.parametrize("recorded", [False, True])
def test_finish_ends_where_the_caller_continues_with_another_call(life: Session, recorded: bool) -> None:
    """The first step is in vm_object_hold, whose call ends before vm_page_alloc chooses the colour."""
    if recorded:
        drive(stepping.steps(life, 10))
        life.history.seek(0)
    drive(stepping.finish(life))
    assert life.note.text == "app returned from vm_object_hold after 2 steps"
    assert life.history.step == 2


@pytest.mark.slow
def test_going_to_any_step_again_shows_the_same_memory(session: Session) -> None:
    drive(running.run(session))
    once = digests(session)
    for step in (0, len(once) - 1, 3, 40, 17):
        session.history.seek(step)
        assert session.vm.memory.digest() == once[step]


def test_moving_through_past_steps_does_not_change_later_ones(make_session: Callable[..., Session]) -> None:
    straight, wandering = make_session(), make_session()
    drive(running.run(straight))
    for far in (7, 20, 33, 34, 60):
        drive(stepping.go_to(wandering, far))
        for step in (far, far - 3, far - 5):
            wandering.history.seek(step)
            thread_rows(wandering.history, wandering.labels, None)
            wandering.calls.of(wandering.history, step)
        for _ in range(9):
            stepping.step(wandering)
    drive(running.run(wandering))
    assert wandering.history.total == straight.history.total
    for step in range(1, straight.history.total + 1):
        assert wandering.history.record(step) == straight.history.record(step)
        assert wandering.history.journal.writes_of(step) == straight.history.journal.writes_of(step), step


def test_every_function_entry_is_reached_forwards_and_backwards(life: Session) -> None:
    forwards = [0]
    for _ in range(15):
        drive(stepping.into(life))
        forwards.append(life.history.step)
    assert len(set(forwards)) == len(forwards)
    own = [
        step
        for step in forwards
        if life.history.journal.thread(step + 1 if step < life.history.total else step) == 0
    ]
    drive(stepping.back_into(life))
    assert life.history.step in own


def test_a_letter_marks_a_step_and_leads_back(life: Session) -> None:
    drive(stepping.steps(life, 12))
    stepping.toggle_mark(life, "a")
    drive(stepping.steps(life, 10))
    stepping.go_to_mark(life, "a")
    assert life.history.step == 12
    with pytest.raises(BadInput, match="the marks are: a"):
        stepping.go_to_mark(life, "b")


@pytest.mark.parametrize("target", [None, 20, 10_000])
def test_going_to_a_step_or_to_the_end_stops_at_no_breakpoint(life: Session, target: int | None) -> None:
    adding.add_break(life, "vm_page_activate")
    stepping.toggle_mark(life)
    life.marks[7] = ""
    drive(stepping.go_to(life, target))
    assert life.history.step == (20 if target == 20 else life.history.total)
    assert (life.history.outcome is None) == (target == 20)
    if target != 20:
        assert life.note.text == f"the run ends at step {life.history.total:,}: completed"


def begins_at(session: Session, step: int) -> int:
    """The step after which the script line that took `step` is next to run, looked for step by step."""
    history = session.history
    t = history.journal.thread(step)
    program = history.programs[t]

    def line_of(own: int) -> int:
        history.seek(own - 1)
        return program.line_at(history.vm.thread.pc[t])

    own = [at for at in range(1, step + 1) if history.journal.thread(at) == t]
    first = own[-1]
    for at in reversed(own):
        if line_of(at) != line_of(step):
            break
        first = at
    history.seek(step)
    return first - 1


def test_going_back_a_line_goes_to_where_the_line_began_wherever_its_thread_is(life: Session) -> None:
    history = life.history
    history.extend(10_000)
    for step in range(1, history.total + 1):
        if history.journal.thread(step) == EVENT:
            continue
        wanted = begins_at(life, step)
        history.seek(step)
        stepping.previous_line(life)
        assert history.step == wanted, step


def test_after_into_both_motions_back_stay_with_the_line(life: Session) -> None:
    drive(stepping.steps(life, 24))
    drive(stepping.into(life))
    assert (life.history.step, life.history.journal.thread(25)) == (25, 1)
    for back in (stepping.previous_line, stepping.back_over):
        life.history.seek(25)
        back(life)
        assert life.history.step == 24, "where the first line of thread 1 began, not step 0"
