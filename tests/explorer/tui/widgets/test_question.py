"""The panel of a question as lines: marks, wrapping, what is left out, and what a click means."""

from __future__ import annotations

from explorer.tui.widgets.question import one_line, question_lines, question_title, target_at
from explorer.views.question import Part, QuestionRow
from explorer.views.spans import columns, plain

ROW = QuestionRow(
    "ask",
    "question",
    "3 of 7",
    (
        Part("What will its `valid` bits be when the call returns?", "dim", optional=True, prose=True),
        Part("VM_PAGE_BITS_ALL", "", "1", "answer 1"),
        Part("none of the bits is set, and so on", "", "2", "answer 2"),
        Part("1-2 answers", "next", "▸"),
    ),
    "What will its bits be?",
)


def test_paragraphs_are_wrapped_under_their_first_word() -> None:
    assert plain(question_lines(ROW, 30)).split("\n") == [
        " What will its valid bits be",
        " when the call returns?",
        " 1 VM_PAGE_BITS_ALL",
        " 2 none of the bits is set,",
        "   and so on",
        " ▸ 1-2 answers",
    ]
    assert all(columns(one) <= 30 for one in plain(question_lines(ROW, 30)).split("\n"))


def test_what_is_optional_is_left_out_without_room() -> None:
    assert plain(question_lines(ROW, 30, 5)).startswith(" 1 VM_PAGE_BITS_ALL")
    assert len(question_lines(ROW, 30, 6)) == 6


def test_a_click_on_a_choice_is_its_console_line() -> None:
    assert [target_at(ROW, 30, 6, y) for y in range(7)] == [
        "", "", "answer 1", "answer 2", "answer 2", "", "",
    ]  # fmt: skip
    assert target_at(ROW, 30, 5, 0) == "answer 1"
    assert target_at(ROW, 30, 5, -1) == ""
    assert target_at(None, 30, 5, 0) == ""


def test_the_heading_and_the_panel_of_one_line() -> None:
    title = plain([question_title(ROW, 30, "1/2 ↓", focused=False)])
    assert title.startswith("── question 3 of 7 ─")
    assert title.endswith(" 1/2 ↓ ─")
    assert "question 3 of 7" in plain([question_title(ROW, 30, "", focused=True)])
    assert plain([one_line(ROW, 40, focused=False)]).startswith("question 3 of 7  What will its bi")
    assert (one_line(None, 40, focused=False), question_lines(None, 40)) == ((), ())
