"""The timeline of a session: questions, breakpoints and marks, and a lane for each kind of event."""

from __future__ import annotations

from engine.debug.event_steps import EVENTS, event_steps
from explorer.session.running import reverse
from explorer.session.running import run as run_on
from explorer.session.session import Session
from explorer.session.stops import add_break, delete, disable
from explorer.session.timeline import break_steps, timeline_of
from explorer.views.timeline import BREAK, MARK, QUESTION
from tests.explorer.cursor_motions import drive, run


def steps_of(session: Session, glyph: str) -> list[int]:
    return [step for step, one in timeline_of(session, 146).marks if one == glyph]


def test_the_questions_that_are_due_are_marked(life: Session) -> None:
    assert steps_of(life, QUESTION) == [0]
    run(life)
    assert life.scenario is not None
    history = life.history
    expected = {question.asked_step(history, history.total) for question in life.scenario.questions}
    assert steps_of(life, QUESTION) == sorted(expected)


def test_a_breakpoint_is_marked_where_it_stops(life: Session) -> None:
    run(life)
    add_break(life, "pager:4")
    (at,) = steps_of(life, BREAK)
    life.history.seek(0)
    drive(run_on(life))
    assert life.history.step == at
    disable(life, "1")
    assert steps_of(life, BREAK) == []


def test_a_breakpoint_on_a_function_is_marked_where_it_has_stopped(life: Session) -> None:
    add_break(life, "vm_page_activate")
    assert steps_of(life, BREAK) == []
    drive(run_on(life))
    first = life.history.step
    assert steps_of(life, BREAK) == [first]
    drive(run_on(life))
    drive(reverse(life))
    assert life.history.step == first
    assert break_steps(life)[0] == first
    delete(life, "all")
    assert steps_of(life, BREAK) == []


def test_a_users_mark_is_over_a_breakpoint_in_the_same_cell(life: Session) -> None:
    run(life)
    add_break(life, "pager:4")
    (at,) = steps_of(life, BREAK)
    life.marks = {at: ""}
    marks = [glyph for step, glyph in timeline_of(life, 146).marks if step == at]
    assert marks[-1] == MARK


def test_lanes_count_the_events_of_each_part(life: Session) -> None:
    run(life)
    assert timeline_of(life, 30).lanes == ()
    row = timeline_of(life, 30, lanes=True)
    assert [name for name, _ in row.lanes] == list(EVENTS)
    for name, counts in row.lanes:
        assert len(counts) == len(row.density) == 30
        assert sum(counts) == len(event_steps(life.history)[name])
    assert sum(dict(row.lanes)["moves"]) > 3
