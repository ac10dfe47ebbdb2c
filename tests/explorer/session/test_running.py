"""Runs forwards and backwards: where each stops, for any slicing, and that only shown steps are recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.debug.stops import next_hit
from engine.errors import BadInput
from engine.questions.due import DueSteps
from engine.scenario.loader import Scenario
from explorer.session import running, stepping
from explorer.session import stops as stopping
from explorer.session.running import Motion, Played
from explorer.session.session import Session
from tests.explorer.cursor_motions import drive


def test_continue_runs_to_the_end_and_reverse_to_the_start(session: Session) -> None:
    drive(running.run(session))
    assert session.history.outcome == "completed"
    assert session.note.text.endswith("completed")
    drive(running.reverse(session))
    assert session.history.step == 0


def test_continue_and_reverse_stop_at_marks(session: Session) -> None:
    drive(running.run(session))
    session.marks = {10: "", 20: ""}
    drive(running.reverse(session))
    assert session.history.step == 20
    drive(running.reverse(session))
    assert session.history.step == 10
    drive(running.run(session))
    assert session.history.step == 20


def test_a_run_yields_between_slices_and_can_be_stopped(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SLICE", 10)
    motion = running.run(session)
    next(motion)
    assert session.history.total == 10
    motion.close()  # type: ignore[attr-defined]
    assert stepping.step(session)
    assert session.history.total == 11


def stopped_at(session: Session) -> list[int]:
    """The steps at which the run stops, from the cursor."""
    found: list[int] = []
    while True:
        drive(running.run(session))
        if session.history.outcome is not None:
            return found
        found.append(session.history.step)


def test_a_run_stops_before_each_call_for_any_slicing(sliced: Session) -> None:
    stopping.add_break(sliced, "vm_page_wakeup")
    found = stopped_at(sliced)
    assert found == [43, 67, 84, 142]
    assert sliced.history.total == 145


def test_running_backwards_stops_at_the_same_steps(sliced: Session) -> None:
    stopping.add_break(sliced, "vm_page_wakeup")
    stopping.add_watch(sliced, "object[heap].page[0]")
    forwards = stopped_at(sliced)
    backwards = []
    while sliced.history.step:
        drive(running.reverse(sliced))
        backwards.append(sliced.history.step)
    assert backwards == [*forwards[::-1], 0]


def test_a_stopped_run_has_recorded_only_shown_steps(sliced: Session) -> None:
    stopping.add_break(sliced, "vm_page_wakeup")
    drive(running.run(sliced))
    assert sliced.history.step == sliced.history.total == 43
    assert sliced.history.outcome is None
    assert stepping.step(sliced)
    assert sliced.history.branch.name == "main"


def test_a_hit_reports_the_breakpoint_and_the_change(sliced: Session) -> None:
    stopping.add_watch(sliced, "vmstats.v_free_count")
    stopping.add_watch(sliced, "object[heap].resident_page_count")
    drive(running.run(sliced))
    assert sliced.note.text == "watchpoint 2: heap resident_page_count 0 → 1"


def test_a_mark_before_a_breakpoint_is_reached_first(sliced: Session) -> None:
    drive(running.run(sliced))
    sliced.history.seek(0)
    sliced.marks = {40: ""}
    stopping.add_break(sliced, "vm_page_wakeup")
    drive(running.run(sliced))
    assert sliced.history.step == 40
    drive(running.run(sliced))
    assert sliced.history.step == 43


def test_a_run_reports_its_length_and_its_end(sliced: Session) -> None:
    drive(running.run(sliced))
    assert sliced.note.text == "ran 145 steps: completed"
    drive(running.run(sliced))
    assert sliced.note.text == "the run has ended: completed; S steps back"
    assert sliced.history.step == sliced.history.total == 145


def test_without_a_breakpoint_running_backwards_ends_at_step_0(life: Session) -> None:
    drive(stepping.steps(life, 5))
    drive(running.reverse(life))
    assert (life.history.step, life.history.total) == (0, 5)
    assert life.note.text == "no earlier breakpoint or mark; at step 0, after boot"


def test_the_nearer_of_a_mark_and_a_breakpoint_ends_a_run_backwards(life: Session) -> None:
    drive(running.run(life))
    stopping.add_break(life, "vm_page_wakeup")  # in front of steps 43, 67, 84 and 142, see above
    life.marks = {50: "", 90: ""}
    places = []
    for _ in range(4):
        drive(running.reverse(life))
        places.append((life.history.step, life.note.text))
    assert places == [
        (142, "breakpoint 1: vm_page_wakeup"),
        (90, "back at marked step 90"),
        (84, "breakpoint 1: vm_page_wakeup"),
        (67, "breakpoint 1: vm_page_wakeup"),
    ]


# --- until and to a line -----------------------------------------------------------------------------------


def test_until_runs_to_the_first_step_at_which_an_expression_holds(sliced: Session) -> None:
    drive(running.until(sliced, "count(ACTIVE) == 1"))
    assert sliced.history.step == 41
    drive(running.until(sliced, "count(INACTIVE) == 1"))
    assert sliced.history.step == 65
    drive(running.back_until(sliced, "count(ACTIVE) == 1"))
    assert sliced.history.step == 60
    assert sliced.note.text == "count(ACTIVE) == 1 held 5 steps earlier"


def test_until_stops_at_its_limit(sliced: Session) -> None:
    drive(running.until(sliced, "count(ACTIVE) == 99 fence 20"))
    assert sliced.history.step == 20
    assert sliced.note.kind == "error"
    with pytest.raises(BadInput, match="until needs an expression"):
        drive(running.until(sliced, "  "))


def test_an_expression_that_never_holds_takes_the_run_to_its_end(sliced: Session) -> None:
    drive(running.until(sliced, "count(ACTIVE) == 99"))
    assert sliced.history.step == 145
    assert (sliced.note.text, sliced.note.kind) == (
        "count(ACTIVE) == 99 did not hold up to step 145",
        "error",
    )


@pytest.mark.parametrize(
    ("text", "steps"), [("count(ACTIVE) == 1", 30), ("count(ACTIVE) == 1 fence 5", 5)], ids=["all", "fenced"]
)
def test_an_expression_that_did_not_hold_keeps_the_cursor(life: Session, text: str, steps: int) -> None:
    drive(stepping.steps(life, 30))
    drive(running.back_until(life, text))
    assert life.history.step == 30
    assert life.note.text == f"count(ACTIVE) == 1 did not hold in the previous {steps} steps"
    assert life.note.kind == "error"


def test_a_limit_goes_back_exactly_that_many_steps(life: Session) -> None:
    drive(stepping.steps(life, 70))  # ACTIVE has its page from step 41 to step 60
    drive(running.back_until(life, "count(ACTIVE) == 1 fence 9"))
    assert life.history.step == 70
    drive(running.back_until(life, "count(ACTIVE) == 1 fence 10"))
    assert life.history.step == 60


@pytest.mark.parametrize("motion", [running.until, running.back_until])
def test_an_invalid_expression_is_refused(life: Session, motion: Callable[[Session, str], Motion]) -> None:
    drive(stepping.steps(life, 10))
    with pytest.raises(BadInput):
        drive(motion(life, "count(NOWHERE) =="))
    assert (life.history.step, life.history.total) == (10, 10)


def test_a_line_that_has_run_is_not_reached_again(life: Session) -> None:
    with pytest.raises(BadInput, match="put the cursor on a source line"):
        drive(running.to_line(life))
    drive(running.run(life))
    life.history.seek(60)
    life.line = 0, 2
    drive(running.to_line(life))
    assert life.note.text == "app:2 is not reached again: completed"
    assert life.history.step == 145


# --- played -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_playing_stops_where_a_run_stops(life_scenario: Scenario, count: int) -> None:
    def stopped() -> Session:
        fresh = Session(life_scenario.start(), life_scenario)
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
def test_playing_records_what_stepping_records_and_only_shown_steps(
    sliced: Session, life_scenario: Scenario, count: int
) -> None:
    stopping.add_break(sliced, "vm_page_free_toq")
    while running.play(sliced, count):
        assert sliced.history.step == sliced.history.total
    assert sliced.history.step == sliced.history.total
    digest = sliced.vm.memory.digest()
    step, other = sliced.history.step, Session(life_scenario.start(), sliced.scenario)
    for _ in range(step):
        stepping.step(other)
    assert other.vm.memory.digest() == digest


def test_playing_past_the_end_reports_the_outcome(sliced: Session) -> None:
    drive(running.run(sliced))
    step = sliced.history.step
    assert not running.play(sliced, 10)
    assert sliced.history.step == step
    assert sliced.note.text.startswith("the run has ended: completed")


def test_playing_uses_recorded_steps_before_it_records_more(sliced: Session) -> None:
    drive(stepping.steps(sliced, 30))
    sliced.history.seek(10)
    sliced.marks[20] = ""
    assert running.play(sliced, 5)
    assert not running.play(sliced, 25)
    assert (sliced.history.step, sliced.history.total) == (20, 30)
    assert running.play(sliced, 25)
    assert (sliced.history.step, sliced.history.total) == (45, 45)


MOVES = [24, 41, 65, 82, 112, 142]
"""The steps of life-of-a-page that complete the move of a page."""


def moves_shown(session: Session, count: int) -> list[int]:
    """Play by moves to the end, and return where it came to a move."""
    found = []
    while (played := running.play_to_move(session, count)) is not Played.STOPPED:
        found += [session.history.step] if played is Played.MOVED else []
    return found


@pytest.mark.parametrize("count", [1, 7, 1_000])
@pytest.mark.parametrize("repeated", [-1, 1_000])
def test_playing_by_moves_shows_every_move(
    life: Session, count: int, repeated: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "REPEATED", repeated)
    assert moves_shown(life, count) == MOVES
    assert life.history.outcome == "completed"


def test_no_step_past_a_move_is_taken_in_a_long_instruction(
    life: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "REPEATED", -1)
    forgotten: list[int] = []
    monkeypatch.setattr(type(life.history), "forget", lambda _, step: forgotten.append(step))
    for move in MOVES:
        assert running.play_to_move(life, 250) is Played.MOVED
        assert life.history.step == life.history.total == move
    assert forgotten == []


def test_playing_by_moves_stops_at_breakpoints_and_marks(life: Session) -> None:
    life.marks[50] = ""
    stopping.add_break(life, "vm_page_cache")
    assert moves_shown(life, 250) == MOVES[:2]
    assert (life.history.step, life.note.text) == (50, "stopped at marked step 50")
    assert moves_shown(life, 250) == MOVES[2:3]
    assert life.history.step == 73
    assert "vm_page_cache" in life.note.text
    assert moves_shown(life, 250) == MOVES[3:]


def test_a_mark_at_a_move_stops(life: Session) -> None:
    life.marks[24] = ""
    assert running.play_to_move(life, 250) is Played.STOPPED
    assert life.history.step == 24


def test_a_chosen_thread_is_played_by_moves(life: Session) -> None:
    life.choose_thread(0)
    assert running.play_to_move(life, 1_000) is Played.MOVED
    assert running.play_to_move(life, 3) is Played.ON
    assert moves_shown(life, 1_000) != []
    assert life.note.text == "the run has ended: panic; S steps back"


def test_steps_recorded_past_a_move_are_dropped_when_playback_ends(
    life: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "REPEATED", -1)
    stopping.add_break(life, "vm_page_hold")
    assert running.play_to_move(life, 100) is Played.MOVED
    assert (life.history.step, life.history.total) == (24, 101)
    running.drop_unshown(life, 30)
    assert (life.history.step, life.history.total) == (24, 30)
    running.drop_unshown(life, 0)
    assert (life.history.step, life.history.total) == (24, 24)
    assert moves_shown(life, 100) == MOVES[1:]


def test_the_next_and_previous_stop_are_marks_forks_and_breakpoints(life: Session) -> None:
    drive(stepping.go_to(life, None))
    total = life.history.total
    life.marks = {60: "", 90: "x"}
    stopping.add_break(life, "vm_page_alloc")
    stopping.add_break(life, "app:6")
    hits = [at for at in range(total + 1) if next_hit(life.history, life.stops, at - 1, at)]
    assert len(hits) >= 2
    wanted = sorted({0, 60, 90, total, *hits, *life.due.of(life.history)})
    stepping.first(life)
    seen = [0]
    for _ in wanted[1:]:
        drive(running.next_stop(life))
        seen.append(life.history.step)
    assert seen == wanted
    drive(running.next_stop(life))
    assert life.note.text == "no mark, fork, breakpoint or question ahead; c continues"
    back = [total]
    for _ in wanted[1:]:
        drive(running.previous_stop(life))
        back.append(life.history.step)
    assert back == wanted[::-1]
    drive(running.previous_stop(life))
    assert life.history.step == 0


def test_a_stop_at_a_breakpoint_says_which(life: Session) -> None:
    drive(stepping.go_to(life, None))
    stepping.first(life)
    stopping.add_break(life, "app:8")
    while life.note.text != "breakpoint 1: app:8":
        assert life.history.step < life.history.total
        drive(running.next_stop(life))
    life.stops = []
    life.due = DueSteps(())
    drive(running.previous_stop(life))
    assert life.history.step == 0
