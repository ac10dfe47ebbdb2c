"""Stops, until, other futures and undo, as a person at the console meets them."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load
from explorer.session import branches, running, stepping
from explorer.session import stops as stopping
from explorer.session.session import Session
from explorer.session.stepping import Motion
from explorer.session.undo import Undo


def drive(motion: Motion | None) -> int:
    """Run a motion to its end; how often it breathed."""
    return sum(1 for _ in motion or ())


@pytest.fixture(params=[1, 7, 8000])
def session(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Session:
    """The life of a page at step 0, run in slices of several sizes."""
    monkeypatch.setattr(running, "SLICE", request.param)
    scenario = load("life-of-a-page")
    return Session(scenario.start(), scenario)


def stopped_at(session: Session) -> list[int]:
    """Where the run stops, from the cursor on."""
    found: list[int] = []
    while True:
        drive(running.run(session))
        if session.history.outcome is not None:
            return found
        found.append(session.history.step)


def test_a_run_stops_in_front_of_each_call_however_it_is_sliced(session: Session) -> None:
    stopping.add_break(session, "vm_page_wakeup")
    found = stopped_at(session)
    assert found == [43, 67, 84, 142]
    assert session.history.total == 145


def test_the_way_back_stops_at_the_same_places(session: Session) -> None:
    stopping.add_break(session, "vm_page_wakeup")
    stopping.add_watch(session, "object[heap].page[0]")
    forwards = stopped_at(session)
    backwards = []
    while session.history.step:
        drive(running.reverse(session))
        backwards.append(session.history.step)
    assert backwards == [*forwards[::-1], 0]


def test_a_run_that_stops_has_recorded_nothing_that_was_not_shown(session: Session) -> None:
    stopping.add_break(session, "vm_page_wakeup")
    drive(running.run(session))
    assert session.history.step == session.history.total == 43
    assert session.history.outcome is None
    assert stepping.step(session)
    assert session.history.branch.name == "main"


def test_a_hit_says_which_stop_it_was_and_what_changed(session: Session) -> None:
    stopping.add_watch(session, "vmstats.v_free_count")
    stopping.add_watch(session, "object[heap].resident_page_count")
    drive(running.run(session))
    assert session.note.text == "watchpoint 2: heap resident_page_count 0 → 1"


def test_a_mark_in_front_of_a_stop_is_met_first(session: Session) -> None:
    drive(running.run(session))
    session.history.seek(0)
    session.marks = {40: ""}
    stopping.add_break(session, "vm_page_wakeup")
    drive(running.run(session))
    assert session.history.step == 40
    drive(running.run(session))
    assert session.history.step == 43


def test_a_stop_can_rest_and_go_away(session: Session) -> None:
    stopping.add_break(session, "vm_page_wakeup")
    stopping.add_break(session, "vm_page_activate")
    stopping.disable(session, "1")
    drive(running.run(session))
    first = session.history.step
    stopping.enable(session, "1")
    stopping.delete(session, "2")
    assert [stop.number for stop in session.stops] == [1]
    drive(running.run(session))
    assert first < session.history.step == 43
    stopping.delete(session, "all")
    drive(running.run(session))
    assert session.history.outcome == "completed"
    with pytest.raises(BadInput, match="there is no breakpoint 9"):
        stopping.delete(session, "9")


def test_a_line_under_the_cursor_is_broken_at_and_run_to(session: Session) -> None:
    session.line = 0, 5  # a comment: the line below it runs
    stopping.toggle_line(session)
    assert session.stops[0].text == "app:6"
    drive(running.run(session))
    t, pc = 0, session.vm.thread.pc[0]
    assert session.history.programs[t].line_at(pc) == 6
    stopping.toggle_line(session)
    assert session.stops == []
    session.line = 0, 8
    drive(running.to_line(session))
    assert session.history.programs[t].line_at(session.vm.thread.pc[0]) == 8
    assert session.note.text == "app:8 is next"


def test_until_runs_to_the_first_step_at_which_an_expression_holds(session: Session) -> None:
    drive(running.until(session, "count(ACTIVE) == 1"))
    assert session.history.step == 41
    drive(running.until(session, "count(INACTIVE) == 1"))
    assert session.history.step == 65
    drive(running.back_until(session, "count(ACTIVE) == 1"))
    assert session.history.step == 60
    assert session.note.text == "count(ACTIVE) == 1 held 5 steps before"


def test_until_stops_at_its_fence(session: Session) -> None:
    drive(running.until(session, "count(ACTIVE) == 99 fence 20"))
    assert session.history.step == 20
    assert session.note.kind == "error"
    with pytest.raises(BadInput, match="until what"):
        drive(running.until(session, "  "))


def test_every_entry_is_met_going_in_and_going_back(session: Session) -> None:
    forwards = [0]
    for _ in range(15):
        drive(stepping.into(session))
        forwards.append(session.history.step)
    assert len(set(forwards)) == len(forwards)
    own = [
        step
        for step in forwards
        if session.history.journal.thread(step + 1 if step < session.history.total else step) == 0
    ]
    drive(stepping.back_into(session))
    assert session.history.step in own


def test_a_letter_marks_a_step_and_leads_back(session: Session) -> None:
    drive(stepping.steps(session, 12))
    stepping.toggle_mark(session, "a")
    drive(stepping.steps(session, 10))
    stepping.go_to_mark(session, "a")
    assert session.history.step == 12
    with pytest.raises(BadInput, match="the marks are: a"):
        stepping.go_to_mark(session, "b")


# --- other futures ---------------------------------------------------------------------------------------


def test_two_futures_are_compared(session: Session) -> None:
    drive(running.run(session))
    session.history.seek(20)
    branches.reschedule(session, "random:4")
    drive(stepping.steps(session, 10))
    branches.compare(session, "")
    assert session.lens == "compare"
    assert session.compared is not None
    assert "main:30" in session.note.text
    branches.compare(session, "main:30 main:30")
    assert session.note.text == "main:30 and main:30 differ in 0 cells"
    branches.rename(session, "by chance")
    branches.branch(session, "main")
    assert session.history.current == 0
    branches.branch(session, "by chance")
    assert session.history.current == 1


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda s: branches.branch(s, "9"), "there is no branch 9"),
        (lambda s: branches.branch(s, "nowhere"), "there is no branch 'nowhere'"),
        (lambda s: branches.rename(s, "main"), "cannot be a branch's name"),
        (lambda s: branches.reschedule(s, "nobody:3"), "there is no thread nobody"),
        (lambda s: branches.compare(s, ""), "has no parent"),
        (lambda s: branches.compare(s, "main:9999"), "there is no step 9999"),
        (stopping.watch_field, "no page is shown"),
        (stopping.toggle_line, "put the cursor on a line"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_lost(session: Session, act: object, message: str) -> None:
    before = session.history.step, len(session.history.branches)
    with pytest.raises(BadInput, match=message):
        act(session)  # type: ignore[operator]
    assert (session.history.step, len(session.history.branches)) == before


# --- undo ------------------------------------------------------------------------------------------------


def test_everything_a_command_changed_is_taken_back_and_done_again(session: Session) -> None:
    undo = Undo()

    def do(name: str, act: object) -> None:
        undo.remember(session, name)
        act()  # type: ignore[operator]

    do("step", lambda: drive(stepping.steps(session, 30)))
    do("break", lambda: stopping.add_break(session, "vm_page_wakeup"))
    do("mark", lambda: stepping.toggle_mark(session, "z"))
    do("goto", lambda: session.history.seek(10))
    do("fork", lambda: branches.fork(session, "mine"))
    do("nothing", lambda: None)
    assert session.history.branch.name == "mine"
    assert undo.back(session) == "fork"
    assert (session.history.current, session.history.step) == (0, 10)
    assert undo.back(session) == "goto"
    assert session.history.step == 30
    assert undo.back(session) == "mark"
    assert session.marks == {}
    assert undo.back(session) == "break"
    assert session.stops == []
    assert undo.back(session) == "step"
    assert session.history.step == 0
    assert undo.back(session) is None
    assert [undo.forward(session) for _ in range(6)] == ["step", "break", "mark", "goto", "fork", None]
    assert session.history.branch.name == "mine"
    assert session.marks == {30: "z"}
    assert len(session.history.branches) == 2


# --- played -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_playing_meets_the_stops_that_a_run_meets(count: int) -> None:
    def stopped() -> Session:
        scenario = load("life-of-a-page")
        fresh = Session(scenario.start(), scenario)
        stopping.add_break(fresh, "vm_page_busy_try")
        stopping.add_break(fresh, "vm_page_spin_lock")
        stopping.add_watch(fresh, "thread[app].var.m")
        return fresh

    stops, played, met = stopped_at(stopped()), stopped(), []
    for _ in range(2000):
        if not running.play(played, count):
            if played.history.outcome is not None:
                break
            met.append(played.history.step)
    assert len(stops) > 5
    assert met == stops


@pytest.mark.parametrize("count", [1, 5, 400])
def test_playing_records_what_stepping_records_and_nothing_unseen(session: Session, count: int) -> None:
    stopping.add_break(session, "vm_page_free_toq")
    while running.play(session, count):
        assert session.history.step == session.history.total
    assert session.history.step == session.history.total
    digest = session.vm.memory.digest()
    step, other = session.history.step, Session(load("life-of-a-page").start(), session.scenario)
    for _ in range(step):
        stepping.step(other)
    assert other.vm.memory.digest() == digest


def test_playing_past_the_end_says_how_the_run_ended(session: Session) -> None:
    drive(running.run(session))
    step = session.history.step
    assert not running.play(session, 10)
    assert session.history.step == step
    assert session.note.text.startswith("the run has ended: completed")


def test_playing_goes_through_what_is_recorded_before_it_records_more(session: Session) -> None:
    drive(stepping.steps(session, 30))
    session.history.seek(10)
    session.marks[20] = ""
    assert running.play(session, 5)
    assert not running.play(session, 25)
    assert (session.history.step, session.history.total) == (20, 30)
    assert running.play(session, 25)
    assert (session.history.step, session.history.total) == (45, 45)
