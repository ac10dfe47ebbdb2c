"""Questions in text mode: printed where a run stops, answered by number or by words, listed."""

from __future__ import annotations

from explorer.text.mode import TextDesk
from explorer.text.question_sentences import question_sentences
from explorer.views.question import Part, QuestionRow
from tests.explorer.asked_in_advance import asking


def test_a_row_is_lines_without_drawings() -> None:
    parts = (Part("Which?"), Part("yes", mark="1"), Part("no, it is", mark="✗"), Part("n goes", mark="▸"))
    assert question_sentences(QuestionRow("ask", "question", "1 of 2", parts)) == [
        "Which?", "  1 yes", "  wrong: no, it is", "n goes.",
    ]  # fmt: skip
    assert question_sentences(QuestionRow("verdict", "question 1 of 2:", "right", ()))[0] == (
        "question 1 of 2: right."
    )


def test_a_run_stops_prints_the_question_and_takes_the_answer() -> None:
    desk = TextDesk(asking(), asks=True)
    assert "question 1 of 4 is due: the command question asks it." in desk.open()
    lines = desk.do_line("continue")
    assert lines[:2] == ["question 1 of 4: 1-3 answers.", "Which queue?"]
    assert lines[-1].startswith("1-3 answers, interrupt leaves it, continue-past")
    assert "question 2 of 4" in desk.do_line("answer NONE")[0]
    lines = desk.do_line("answer locked")
    assert "Which queue then?" in lines
    assert "Next, " not in " ".join(desk.do_line("where")), "what comes next is not shown"
    lines = desk.do_line("1")
    assert any(line.startswith("questions 1 and 2 of 4: 2 of 2 right") for line in lines)
    assert "predict" not in " ".join(lines)
    assert any(line.startswith(" 3 active (answered") for line in desk.do_line("questions"))


def test_a_number_that_is_not_a_choice_is_refused_while_a_question_is_open() -> None:
    desk = TextDesk(asking(), asks=True)
    desk.do_line("question")
    assert desk.do_line("9")[0].startswith("Error: '9' is not one of the choices; use 1 ")
    assert desk.session.history.step == 0
    assert desk.do_line("interrupt")[0].startswith("question 1 is still due")
    assert desk.do_line("9")[-1].startswith("Step 9,")


def test_from_a_pipe_nothing_stops_and_questions_are_answered_on_request() -> None:
    desk = TextDesk(asking(on=False))
    assert "Completed" in " ".join(desk.do_line("continue"))
    desk.do_line("first")
    assert "Which queue?" in desk.do_line("question")
    assert any("queue" in line for line in desk.do_line("answer PQ_NONE"))
    assert desk.session.history.step > 0
    assert desk.do_line("question")[0].startswith("no question is due here; question 4 of 4 comes at step")


def test_the_card_is_printed_once_at_the_end() -> None:
    desk = TextDesk(asking(), asks=True)
    desk.do_line("question released")
    desk.do_line("answer PBUSY_LOCKED")
    lines = desk.do_line("interrupt")
    assert lines[0] == "the end: 0 of 4 right."
    assert lines[-3:-1] == ["Next:", "  Hard, soft, both :open hard-and-soft-busy"]
    assert "lesson prints the lesson." in lines
    assert "the end:" not in " ".join(desk.do_line("where"))


def test_learn_mode_stays_with_another_scenario() -> None:
    desk = TextDesk(asking(), asks=True)
    desk.do_line("open life-of-a-page")
    desk.do_line("open life-of-a-page")
    assert desk.session.name == "life-of-a-page"
    assert desk.session.learning.on


def test_learn_mode_is_refused_in_a_pipe() -> None:
    """Text mode stops at questions on a terminal only."""
    desk = TextDesk(asking(on=False))
    assert desk.do_line("learn on")[0] == (
        "Error: from a pipe, no run stops at questions; use learn on in a terminal, or question next."
    )
    assert not desk.session.learning.on
    assert desk.do_line("learn off")[0].startswith("learn mode is off")
    desk.asks = True
    assert desk.do_line("learn on")[0].startswith("learn mode is on")
