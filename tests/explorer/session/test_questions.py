"""The scenario's questions in a session: answers in any spelling, the verdict, finding one, the list."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session import questions, stepping
from explorer.session.learning import Learning
from explorer.session.question_stops import place_of
from explorer.session.session import Session
from tests.explorer.asked_in_advance import TEXT, asking
from tests.explorer.cursor_motions import drive


def opened(name: str = "queue", session: Session | None = None) -> Session:
    session = session or asking()
    drive(questions.ask_question(session, name))
    return session


def open_id(session: Session) -> str:
    asked = questions.asked_here(session)
    return asked.id if asked else ""


def verdicts(session: Session) -> list[tuple[str, bool]]:
    return [(one.question.id, one.right) for one in session.learning.verdict_at(place_of(session))]


def given(session: Session) -> dict[str, tuple[str, bool]]:
    return {name: (one.text, one.right) for name, one in session.score.given.items()}


# --- answering ----------------------------------------------------------------------------------------------


def test_an_answer_goes_to_the_step_that_decides_and_gives_the_verdict() -> None:
    session = opened("released")
    begin = session.history.step
    drive(questions.answer(session, "0"))
    assert session.history.step > begin
    assert session.history.vm.page.busy_count[session.history.vm.variable.value[0]] == 0
    assert verdicts(session) == [("released", True)]
    assert session.note.text == "right; so far 1 of 1 right"
    assert given(session) == {"released": ("0", True)}


def test_two_questions_of_a_moment_are_asked_before_the_run_continues() -> None:
    session = opened()
    assert questions.answer(session, "PQ_FREE") is None
    assert (session.history.step, open_id(session)) == (0, "busy")
    assert session.note.text == "the answer to question 1 is kept; question 2 of 4: 1-3 answers"
    assert session.score.short == "", "an answer counts when it is decided"
    drive(questions.answer(session, "LOCKED"))
    assert open_id(session) == "active", "one that is asked on the way comes before the decision"
    drive(questions.answer(session, "ACTIVE"))
    assert verdicts(session) == [("queue", False), ("busy", True)]
    assert session.note.text == "1 of 2 right; so far 1 of 2 right"


ABOUT_ALL = """[[question]]
id = "all-two"
asked = "{}"
ask = "Are there two schedules?"
choices = ["yes", "no"]
answer = "no"
"""


def test_the_answer_about_all_schedules_is_shown_where_it_is_asked() -> None:
    session = asking(TEXT + ABOUT_ALL.format("app:@activate"))
    drive(questions.ask_question(session, "all-two"))
    step = session.history.step
    assert step > 0
    assert questions.answer(session, "no") is None
    assert session.history.step == step
    assert given(session)["all-two"] == ("no", True)


def test_the_answer_about_all_schedules_waits_for_another_question_of_its_moment() -> None:
    session = asking(TEXT + ABOUT_ALL.format("start"))
    drive(questions.ask_question(session, "all-two"))
    questions.answer(session, "yes")
    for text in ("PQ_NONE", "LOCKED", "ACTIVE"):
        drive(questions.answer(session, text))
    assert given(session)["all-two"] == ("yes", False)
    assert given(session)["queue"] == ("PQ_NONE", True)


@pytest.mark.parametrize("text", ["PBUSY_LOCKED", "pbusy_locked", "LOCKED", "locked", "0x80000000"])
def test_a_choice_may_be_spelt_as_on_the_screen(text: str) -> None:
    session = opened("busy")
    questions.answer(session, text)
    assert session.learning.replies["busy"].text == "PBUSY_LOCKED"


def test_several_bits_may_be_spelt_as_on_the_screen() -> None:
    session = opened("busy")
    questions.answer(session, "LOCKED|WANTED")
    assert not session.learning.replies["busy"].right


def test_a_digit_is_the_number_of_a_choice() -> None:
    session = opened("busy")
    asked = questions.asked_here(session)
    assert asked is not None
    drive(questions.answer(session, "2"))
    assert session.learning.replies["busy"].text == asked.choices[1]


@pytest.mark.parametrize("text", ["9", "PQ_HOLD", "app.m", "nothing", "1 // 0", "²"])
def test_a_text_that_is_not_a_choice_is_refused_with_the_choices(text: str) -> None:
    session = opened()
    with pytest.raises(BadInput, match="is not one of the choices; use 1 ") as refused:
        questions.answer(session, text)
    assert "PQ_ACTIVE" in str(refused.value)
    assert open_id(session) == "queue"


def test_an_answer_without_an_open_question_is_to_the_one_that_is_due() -> None:
    session = asking()
    questions.answer(session, "PQ_NONE")
    assert session.learning.replies["queue"].right
    drive(stepping.go_to(session, 5))
    with pytest.raises(BadInput, match="no question is due here; question 3 of 4 comes further on"):
        questions.answer(session, "1")


def test_only_the_first_answer_counts() -> None:
    session = opened("released")
    drive(questions.answer(session, "PBUSY_LOCKED"))
    opened("released", session)
    drive(questions.answer(session, "0"))
    assert verdicts(session) == [("released", True)]
    assert given(session) == {"released": ("PBUSY_LOCKED", False)}


def test_a_saved_answer_to_a_question_that_cannot_be_asked_is_left_out() -> None:
    session = asking(TEXT.replace('answer = "PQ_NONE"', 'answer = "PQ_FREE"'))
    step = session.history.step
    questions.take_back(session, "queue", "PQ_NONE")
    questions.take_back(session, "busy", "PBUSY_LOCKED")
    assert list(session.learning.replies) == ["busy"]
    assert session.history.step == step


def test_the_choices_are_in_the_order_of_the_seed() -> None:
    found = set()
    for seed in range(8):
        session = asking()
        session.learning.seed = seed
        opened("queue", session)
        asked = questions.asked_here(session)
        assert asked is not None
        assert asked.choices[asked.right] == "PQ_NONE"
        found.add(asked.choices)
    assert len(found) > 2


def test_without_learn_mode_the_way_to_the_decision_stops_at_no_question() -> None:
    session = opened("queue", asking(on=False))
    drive(questions.answer(session, "PQ_NONE"))
    assert verdicts(session) == [("queue", True)]


# --- closing ------------------------------------------------------------------------------------------------


def test_closing_leaves_the_question_due() -> None:
    session = opened()
    assert questions.close(session)
    assert not questions.close(session)
    assert open_id(session) == ""
    assert session.note.text == "question 1 is still due; p asks it again"
    assert questions.open_due(session)
    assert open_id(session) == "queue"


# --- finding ------------------------------------------------------------------------------------------------


def test_next_and_previous_go_from_question_to_question() -> None:
    session = asking()
    seen = []
    for _ in range(2):
        drive(questions.ask_question(session, "next"))
        seen.append(open_id(session))
    with pytest.raises(BadInput, match="there is no next question; :questions lists them"):
        questions.ask_question(session, "next")
    drive(questions.ask_question(session, "previous"))
    drive(questions.ask_question(session, "previous"))
    assert [*seen, open_id(session)] == ["active", "released", "queue"]
    with pytest.raises(BadInput, match="there is no previous question"):
        questions.ask_question(session, "previous")


@pytest.mark.parametrize("text", ["2", "busy"])
def test_a_number_or_an_id_names_a_question(text: str) -> None:
    session = asking()
    drive(stepping.go_to(session, None))
    assert open_id(opened(text, session)) == "busy"
    assert session.history.step == 0


@pytest.mark.parametrize("text", ["0", "5", "nosuch", "99999999999999999999"])
def test_a_question_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        questions.ask_question(asking(), text)


def test_without_a_due_question_it_says_where_the_next_one_comes() -> None:
    session = asking()
    drive(stepping.go_to(session, None))
    session.history.seek(3)
    questions.ask_question(session, "")
    assert session.note.text.startswith("no question is due here; question 3 of 4 comes at step ")
    session.history.seek(session.history.total)
    assert questions.where_next(session) == "there is none after this step; :questions lists them"


def test_a_scenario_without_questions_says_so(session: Session) -> None:
    assert questions.where_next(session) == "this scenario has no questions"
    questions.list_questions(session)
    assert session.note.text == "this scenario has no questions; p asks what comes next"
    with pytest.raises(BadInput, match="this scenario has no questions"):
        questions.ask_question(session, "1")


def test_the_list_says_what_became_of_each_and_hides_those_ahead() -> None:
    session = opened("released")
    drive(questions.answer(session, "PBUSY_LOCKED"))
    questions.list_questions(session)
    lines = session.note.lines
    assert lines[0] == " 1 queue (passed step 0): Which queue?"
    assert lines[3].startswith(" 4 released (wrong step ")
    session.history.seek(0)
    questions.list_questions(session)
    assert session.note.lines[1].startswith(" 2 busy (due step 0)")
    assert "then" not in session.note.lines[2]


def test_the_status_says_which_question_of_how_many() -> None:
    session = asking()
    assert questions.status_words(session) == ("question 1 of 4", True)
    assert questions.question_state(session) == "due"
    opened("queue", session)
    assert questions.question_state(session) == "open"
    drive(stepping.go_to(session, 20))
    assert questions.status_words(session) == ("question 2 of 4", False)
    assert (questions.number_here(session), questions.question_state(session)) == (2, "")
    session.learning.on = False
    assert questions.status_words(session) == ("", False)


# --- learn mode ---------------------------------------------------------------------------------------------


def test_learn_mode_is_switched_and_says_where_it_applies() -> None:
    session = asking(on=False)
    questions.set_learn(session, "on")
    assert session.learning.on
    assert session.note.text == "learn mode is on: runs stop at questions"
    questions.set_learn(session, "off")
    assert not session.learning.on
    with pytest.raises(BadInput, match="use on or off"):
        questions.set_learn(session, "maybe")
    other = asking(rules="source")
    questions.set_learn(other, "")
    assert other.note.text.endswith("this is another one")


# --- the end ------------------------------------------------------------------------------------------------


def test_the_card_comes_once_at_the_end_if_a_question_was_asked() -> None:
    session = asking()
    drive(stepping.go_to(session, None))
    assert not questions.open_card(session), "no question was asked"
    opened("released", session)
    assert not questions.open_card(session), "this is not the end"
    drive(questions.answer(session, "PBUSY_LOCKED"))
    assert not questions.open_card(session), "the verdict is shown"
    questions.close(session)
    questions.follow(session)
    assert questions.question_state(session) == "card"
    assert not questions.open_card(session)
    missed = [(question.id, what) for question, what in questions.missed(session)]
    assert missed == [
        ("queue", "not answered"), ("busy", "not answered"), ("active", "not answered"),
        ("released", "you said PBUSY_LOCKED"),
    ]  # fmt: skip


def test_what_is_shown_belongs_to_its_place() -> None:
    learning = Learning()
    assert learning.asked_at((0, 0)) is None
    session = opened()
    assert session.learning.asked_at((0, 0)) is not None
    assert session.learning.asked_at((1, 0)) is None
    session.learning.close()
    assert session.learning.asked_at((0, 0)) is None
