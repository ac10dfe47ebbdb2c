"""Where a run stops for questions: forwards, once each, in the scenario's own run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import BadInput
from explorer.commands.table import parse
from explorer.session import question_stops, questions, running, stepping
from explorer.session.question_stops import advance, due, due_unanswered, is_own, learns, open_question
from explorer.session.questions import answer, asked_here, close
from explorer.session.score import Given
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from tests.engine.scenario.some_pages import pages
from tests.explorer.asked_in_advance import TEXT, asking
from tests.explorer.cursor_motions import drive


def do(session: Session, line: str) -> None:
    command, argument = parse(line)
    drive(command.function(TextDesk(session), argument))


def open_id(session: Session) -> str:
    asked = asked_here(session)
    return asked.id if asked else ""


def steps_of(session: Session) -> dict[str, int]:
    """The step at which each question is asked, from a whole run."""
    whole = asking(on=False)
    drive(running.run(whole))
    return {one.id: step for one, step in question_stops.asked_steps(whole, exact=True) if step is not None}


@pytest.mark.parametrize(
    "line", ["step", "step 500", "over", "line", "finish", "into", "event", "continue", "until app.m != NULL"]
)
def test_a_motion_forwards_first_opens_a_question_that_is_due_here(line: str) -> None:
    session = asking()
    do(session, line)
    assert (session.history.step, open_id(session)) == (0, "queue")


@pytest.mark.parametrize("line", ["step 500", "continue", "until app.m != NULL and run.step > 400"])
@pytest.mark.parametrize("recorded", [False, True], ids=["new steps", "recorded steps"])
def test_a_motion_stops_at_the_exact_step_of_an_expression(line: str, recorded: bool) -> None:
    session = asking()
    if recorded:
        drive(stepping.go_to(session, None))
        session.history.seek(0)
    total = session.history.total
    close(session)
    session.learning.met = {"queue", "busy"}
    do(session, line.replace(" and run.step > 400", " and app.m.busy_count == 5"))
    at = steps_of(session)["active"]
    assert (session.history.step, open_id(session)) == (at, "active")
    assert session.history.total == max(total, at), "no step that was not shown is recorded"


def test_an_over_that_would_jump_over_a_question_stops_there() -> None:
    session = asking()
    session.learning.met = {"queue", "busy"}
    end = asking(on=False)
    drive(stepping.over(end))
    do(session, "over")
    assert 0 < session.history.step < end.history.step
    assert open_id(session) == "active"


def test_a_step_onto_the_asked_step_asks_and_the_next_one_continues() -> None:
    session = asking()
    at = steps_of(session)["released"]
    drive(stepping.go_to(session, at - 1))
    do(session, "step")
    assert (session.history.step, open_id(session)) == (at, "released")
    do(session, "step")
    assert (session.history.step, open_id(session)) == (at + 1, "")
    do(session, "back")
    do(session, "back")
    do(session, "step")
    assert open_id(session) == "", "it stops once"


@pytest.mark.parametrize("line", ["goto end", "120", "goto app:3", "last", "stop", "reverse", "back-over"])
def test_other_motions_are_not_stopped(line: str) -> None:
    session = asking()
    if line in ("stop", "reverse", "back-over"):
        drive(stepping.go_to(session, 128))
        session.history.seek(0 if line == "stop" else 128)
    do(session, line)
    assert open_id(session) == ""
    assert not session.learning.met
    assert session.score.asked == 0


def branched(session: Session) -> None:
    session.history.fork()


def other_thread(session: Session) -> None:
    session.history.extend(1)
    session.history.branch.chosen.append(1)
    session.history.seek(0)


@pytest.mark.parametrize("seed", [None, 3, 0, 2026])
def test_a_variant_that_a_seed_chooses_stops_at_its_questions(seed: int | None) -> None:
    scenario = pages(seed=seed)
    session = Session(scenario.start(), scenario)
    session.learning.on = True
    do(session, "continue")
    assert (session.history.step, session.learning.met) == (0, {"taken"})
    assert session.learning.asked is not None
    choices, right = session.learning.asked.question.choices, str(scenario.parameters["n"])
    do(session, f"answer {choices.index(right) + 1}")
    assert session.score.given["taken"] == Given(right, right=True)


def test_a_value_that_the_file_does_not_have_does_not_stop_the_run() -> None:
    scenario = pages("n=7")
    session = Session(scenario.start(), scenario)
    session.learning.on = True
    do(session, "continue")
    assert session.history.outcome == "completed"
    assert not session.learning.met


@pytest.mark.parametrize("change", [branched, other_thread])
def test_another_branch_and_another_choice_of_threads_are_not_stopped(
    change: Callable[[Session], None],
) -> None:
    session = asking()
    assert is_own(session)
    change(session)
    assert not is_own(session)
    do(session, "continue")
    assert session.history.outcome is not None
    assert not session.learning.met


@pytest.mark.parametrize(
    "given", [{"machine": "8MiB:1x1x1"}, {"rules": "source"}, {"schedule": "random:1"}], ids=str
)
def test_other_settings_are_not_stopped(given: dict[str, Any]) -> None:
    session = asking(**given)
    assert not learns(session)
    do(session, "continue")
    assert session.history.outcome is not None


def test_without_learn_mode_nothing_stops_and_a_due_question_is_still_asked() -> None:
    session = asking(on=False)
    do(session, "step")
    assert session.history.step == 1
    session.history.seek(0)
    assert [one.id for one in due(session)] == ["queue", "busy"]
    assert due_unanswered(session) == due(session)
    do(session, "predict")
    assert open_id(session) == "queue"


def test_an_open_question_is_open_only_at_its_place() -> None:
    session = asking()
    do(session, "step")
    session.history.seek(0)
    assert open_id(session) == "queue"
    drive(stepping.go_to(session, 5))
    assert open_id(session) == ""


def test_continuing_past_goes_where_the_motion_would_have_gone() -> None:
    plain = asking(on=False)
    do(plain, "step 125")
    session = asking()
    session.learning.met = {"queue", "busy"}
    do(session, "step 125")
    assert open_id(session) == "active"
    do(session, "continue-past")
    assert (session.history.step, open_id(session)) == (plain.history.step, "")
    assert session.score.asked == 0
    do(session, "continue-past")
    assert session.history.outcome is not None, "without a motion, it runs"


def test_continuing_past_after_the_answer_goes_as_far_as_the_first_motion() -> None:
    plain = asking(on=False)
    do(plain, "step 130")
    session = asking()
    session.learning.met = {"queue", "busy"}
    do(session, "step 130")
    drive(answer(session, "PQ_ACTIVE"))
    session.history.seek(119)
    do(session, "continue-past")
    assert session.history.step == plain.history.step == 130


def test_continuing_past_after_the_answer_does_not_go_back() -> None:
    session = asking()
    session.learning.met = {"queue", "busy"}
    do(session, "over")
    drive(answer(session, "PQ_ACTIVE"))
    decided = session.history.step
    do(session, "continue-past")
    assert session.history.step == decided
    assert "ended before" in session.note.text


def test_a_run_is_stopped_where_an_answer_is_decided() -> None:
    session = asking()
    do(session, "step")
    drive(answer(session, "1"))
    assert open_id(session) == "busy"
    close(session)
    do(session, "continue")
    assert open_id(session) == "active", "a question comes before the decision"
    close(session)
    do(session, "continue")
    assert [one.question.id for one in session.learning.verdict_at((0, session.history.step))] == ["queue"]


def test_an_error_after_the_question_comes_when_the_run_gets_there() -> None:
    session = asking()
    session.learning.met = {"queue", "busy"}

    def failing() -> stepping.Motion:
        yield from stepping.go_to(session, 125)
        raise BadInput("it fails; do something else")

    drive(advance(session, failing))
    assert open_id(session) == "active"
    with pytest.raises(BadInput, match="it fails"):
        drive(advance(session, failing))


def test_a_question_that_cannot_be_asked_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    session = asking()

    def fails(*_: object) -> None:
        raise BadInput("in this run, no choice is right")

    monkeypatch.setattr(question_stops, "asked_by_scenario", fails)
    assert not open_question(session, session.questions[0])
    assert session.note.text == "question 1 of 4 cannot be asked here: in this run, no choice is right"


def test_an_answer_that_is_decided_at_the_last_step_ends_the_run() -> None:
    session = asking()
    drive(questions.ask_question(session, "released"))
    drive(questions.answer(session, "0"))
    assert session.history.outcome == "completed"


def test_a_question_that_this_run_cannot_ask_stops_nothing_and_is_not_missed() -> None:
    text = TEXT.replace('"PQ_ACTIVE"', '"PQ_HOLD"').replace('choices = ["PQ_INACTIVE", "PQ_HOLD"]', "")
    text = text.replace('answer = "PQ_HOLD"', 'answer = "PQ_HOLD"\nchoices = ["PQ_HOLD", "PQ_FREE"]')
    session = asking(text)
    session.learning.met = {"queue", "busy"}
    drive(advance(session, lambda: running.run(session)))
    assert open_id(session) == "released"
    assert session.learning.unasked == {"active"}
    drive(questions.answer(session, "0"))
    assert "active" not in [question.id for question, _ in questions.missed(session)]
    session.history.seek(steps_of(session)["active"])
    assert due_unanswered(session) == []


def test_an_answer_leads_to_its_own_step_although_a_jump_has_passed_another_one() -> None:
    session = asking()
    drive(questions.answer(session, "PQ_NONE"))
    assert open_id(session) == "busy"
    drive(stepping.go_to(session, steps_of(session)["released"]))
    drive(questions.answer(session, "PBUSY_LOCKED"))
    verdict = session.learning.verdict
    assert verdict is not None
    assert {one.question.id: one.right for one in verdict.replies} == {"queue": True, "released": False}
    assert session.history.step == session.history.total


def test_the_status_names_the_question_that_is_open() -> None:
    session = asking()
    do(session, "over")
    close(session)
    do(session, "over")
    assert open_id(session) == "busy"
    assert questions.status_words(session) == ("question 2 of 4", True)


def test_a_question_that_is_answered_is_not_asked_again_by_itself() -> None:
    session = asking()
    drive(questions.answer(session, "PQ_NONE"))
    drive(questions.answer(session, "PBUSY_LOCKED"))
    session.history.seek(0)
    assert not questions.open_due(session)


def test_playback_that_a_question_has_stopped_is_continued_as_playback() -> None:
    session = asking()
    do(session, "play")
    assert open_id(session) == "queue"
    assert session.learning.cut == question_stops.cut_of_playback(session)
