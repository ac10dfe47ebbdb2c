"""The timeline in text mode: counts and steps, no drawing."""

from __future__ import annotations

from engine.debug.event_steps import event_steps
from explorer.session.session import Session
from explorer.session.stops import add_break
from explorer.text.mode import TextDesk
from explorer.text.timeline_sentences import MOST, timeline_sentences
from tests.explorer.cursor_motions import run


def test_each_kind_of_event_has_its_count_and_the_steps_around_the_cursor(life: Session) -> None:
    run(life)
    life.history.seek(41)
    moves = event_steps(life.history)["moves"].tolist()
    passed = [step for step in moves if step <= 41]
    assert timeline_sentences(life)[:2] == [
        "Steps 0 to 145; the cursor is at step 41.",
        f"In {len(moves)} steps a page changed its queue; {len(passed)} of them up to the cursor, "
        f"the last at step {passed[-1]}; the next at step {moves[len(passed)]}.",
    ]
    assert "In 0 steps the clock ticked." in timeline_sentences(life)


def test_marks_breakpoints_and_questions_have_their_steps(life: Session) -> None:
    run(life)
    life.marks = {7: "", 90: "a"}
    add_break(life, "block")
    lines = timeline_sentences(life)
    assert "Marked: steps 7, 90." in lines
    assert any(line.startswith("Questions are due at steps ") for line in lines)
    (said,) = [line for line in lines if line.startswith("Breakpoints stop at step")]
    sleeps = event_steps(life.history)["sleeps"].tolist()
    assert said.count(",") == len(sleeps) - 1


def test_a_long_list_is_cut_and_the_rest_counted(life: Session) -> None:
    run(life)
    life.marks = dict.fromkeys(range(1, MOST + 6), "")
    assert any(line.endswith(f"{MOST}, and 5 more.") for line in timeline_sentences(life))


def test_a_finding_is_named(panic_session: Session) -> None:
    run(panic_session)
    assert f"The finding is at step {panic_session.history.total}." in timeline_sentences(panic_session)


def test_text_mode_has_the_verb(life: Session) -> None:
    assert TextDesk(life).do_line("timeline")[0] == "Steps 0 to 0; the cursor is at step 0."
