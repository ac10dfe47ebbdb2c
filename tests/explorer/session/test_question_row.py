"""What is shown of a question at the cursor: one of the open question, the verdict and the card."""

from __future__ import annotations

from explorer.commands.keys import Keys
from explorer.session import questions, stepping
from explorer.session.question_row import question_row
from explorer.session.session import Session
from tests.explorer.asked_in_advance import asking
from tests.explorer.cursor_motions import drive

WORD = Keys().call


def hint(session: Session) -> str:
    row = question_row(session, WORD)
    return row.parts[-1].text if row else ""


def test_nothing_is_shown_without_a_question() -> None:
    assert question_row(asking(), WORD) is None


def test_the_open_question_the_verdict_and_the_card_follow_each_other() -> None:
    session = asking()
    drive(questions.ask_question(session, "released"))
    row = question_row(session, WORD)
    assert row is not None
    assert (row.kind, row.place) == ("ask", "4 of 4")
    drive(questions.answer(session, "PBUSY_LOCKED"))
    row = question_row(session, WORD)
    assert row is not None
    assert (row.kind, row.place) == ("verdict", "wrong")
    assert hint(session) == "r reads on, Esc shows the lesson"
    questions.close(session)
    questions.follow(session)
    row = question_row(session, WORD)
    assert row is not None
    assert (row.kind, row.title, row.place) == ("card", "the end:", "0 of 4 right")
    assert [part.target for part in row.parts if part.target] == [
        "question 1", "question 2", "question 3", "question 4", "open hard-and-soft-busy",
    ]  # fmt: skip
    session.history.seek(0)
    assert question_row(session, WORD) is None


def test_after_a_verdict_the_next_question_is_named() -> None:
    session = asking(on=False)
    drive(questions.ask_question(session, "busy"))
    drive(questions.answer(session, "LOCKED"))
    close = "r reads on, Esc shows the lesson, n continues by a call"
    assert hint(session) == f"{close}, c to the end"
    session.learning.on = True
    assert hint(session) == f"{close}, c to the next question"
    session.questions[2].is_due(session.history)
    drive(stepping.go_to(session, 0))
    session.learning.verdict = None
    assert question_row(session, WORD) is None


def test_a_command_without_a_key_is_named_by_its_verb() -> None:
    assert Keys({"over": ()}).call("over") == ":over"
    assert Keys().call("over") == "n"
