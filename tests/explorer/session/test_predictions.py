"""Predictions: the question asked, the effect of an answer, and the dialog on the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from engine.questions.generated import Prediction
from engine.scenario.loader import load
from explorer.session import predictions, stepping
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.screens.question import PredictScreen

MakeSession = Callable[..., Session]


def on_scenario(name: str, at: str = "0") -> Session:
    scenario = load(name)
    history = scenario.start()
    history.seek(scenario.find_step(history, at))
    return Session(history, scenario)


def asked(session: Session) -> Prediction:
    question = predictions.next_question(session)
    assert question is not None
    return question


async def text(pilot: Pilot[None]) -> str:
    await pilot.pause()
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def test_every_question_of_a_moment_comes_once_before_any_repeats() -> None:
    session = on_scenario("life-of-a-page")
    seen = []
    for _ in range(6):
        question = asked(session)
        seen.append(question.ask)
        predictions.settle(session, question, question.right)
    assert len(set(seen[:5])) == 5
    assert seen[5] == seen[0]
    assert (session.score.right, session.score.asked) == (5, 5)


def test_the_score_counts_answered_questions_not_skipped_ones() -> None:
    session = on_scenario("life-of-a-page")
    question = asked(session)
    predictions.settle(session, question, None)
    assert session.note.text == "skipped; nothing predicted yet"
    assert asked(session) == question, "a skipped question is still open"
    predictions.settle(session, question, (question.right + 1) % len(question.choices))
    right = question.choices[question.right]
    assert session.note.text == f"no, it is {right}; 0 of 1 predicted right"
    second = asked(session)
    predictions.settle(session, second, second.right)
    assert session.note.text == "right; 1 of 2 predicted right"


def test_a_question_answered_twice_counts_once() -> None:
    session = on_scenario("life-of-a-page")
    question = asked(session)
    predictions.settle(session, question, (question.right + 1) % len(question.choices))
    predictions.settle(session, question, question.right)
    assert (session.score.right, session.score.asked) == (0, 1)
    assert "answered before, not counted" in session.note.text


def test_the_same_question_is_not_asked_again_at_the_next_step_of_the_call() -> None:
    session = on_scenario("life-of-a-page")
    first = asked(session)
    predictions.settle(session, first, first.right)
    stepping.step(session)
    assert asked(session).ask != first.ask


@pytest.mark.slow
def test_asking_keeps_cursor_recorded_steps_and_branches(session: Session) -> None:
    history = session.history
    for _ in range(30):
        before = history.step, history.total, len(history.branches), history.vm.memory.digest()
        predictions.next_question(session)
        assert (history.step, history.total, len(history.branches), history.vm.memory.digest()) == before
        stepping.step(session)


def test_if_nothing_can_be_asked_the_message_says_why() -> None:
    session = on_scenario("life-of-a-page", "end")
    session.scenario = None
    assert predictions.next_question(session) is None
    assert "the run has ended" in session.note.text


def test_the_lines_of_a_question_and_of_its_answer() -> None:
    question = Prediction("queue", "Where?", ("PQ_NONE", "PQ_FREE", "PQ_ACTIVE"), 0, "Step 3: because.", 3)
    assert predictions.question_lines(question) == [
        "Where?",
        "  1  PQ_NONE",
        "  2  PQ_FREE",
        "  3  PQ_ACTIVE",
    ]
    assert predictions.verdict_lines(question, 0) == ["Right.", "Step 3: because."]
    assert predictions.verdict_lines(question, 1) == ["No: it is PQ_NONE.", "Step 3: because."]
    marks = [predictions.choice_line(question, number, 1)[0] for number in range(3)]
    assert marks == ["✓", "✗", " "]


# --- on the screen ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(40, 15), (80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_p_asks_a_digit_answers_and_escape_closes(size: tuple[int, int]) -> None:
    session = on_scenario("life-of-a-page", "3")
    question = predictions.next_question(session)
    assert question is not None
    async with PageqApp(session).run_test(size=size) as pilot:
        await pilot.press("p")
        shown = await text(pilot)
        assert question.ask[:14] in shown.replace("\n", " ")
        assert all(f"{n}  {choice}" in shown for n, choice in enumerate(question.choices, 1))
        assert "Esc skips" in shown
        wrong = "1" if question.right else "2"
        await pilot.press(str(question.right + 1))
        shown = await text(pilot)
        assert "Right." in shown
        assert "Esc closes" in shown
        await pilot.press(wrong)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MainScreen)
        assert "1 of 1 predicted right" in await text(pilot)
    assert (session.score.right, session.score.asked) == (1, 1)


async def test_a_wrong_answer_shows_the_right_one_and_the_reason() -> None:
    session = on_scenario("life-of-a-page", "3")
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("p", "2")
        shown = await text(pilot)
        assert "✓ 1  0" in shown
        assert "✗ 2  1" in shown
        assert "No: it is 0." in shown
        assert "Step 5 searches it first" in shown
        await pilot.press("enter")
        assert "0 of 1 predicted right" in await text(pilot)
    assert session.history.step == 3
    assert session.history.total == 3


async def test_escape_skips_and_enter_does_not_answer() -> None:
    session = on_scenario("life-of-a-page", "3")
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("p", "enter", "9")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PredictScreen)
        await pilot.press("escape")
        assert "skipped" in await text(pilot)
    assert session.score.asked == 0


async def test_a_click_on_a_choice_answers() -> None:
    session = on_scenario("life-of-a-page", "3")
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("p")
        await pilot.pause()
        await pilot.click("Choice")
        assert "Right." in await text(pilot)


async def test_the_console_verb_asks_too_and_stepping_works_afterwards() -> None:
    session = on_scenario("life-of-a-page", "3")
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press(":", *"predict", "enter", "1", "escape", "s")
        await pilot.pause()
    assert session.history.step == 4
    assert session.score.asked == 1
