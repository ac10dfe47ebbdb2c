"""Totals of a class."""

from __future__ import annotations

from explorer.session.class_totals import QuestionTotal, StudentTotal, question_totals, student_totals
from explorer.session.grading import Row


def row(name: str, question: int, given: str, ok: bool | None) -> Row:
    return Row("tour", question, given, "1", ok, "Because.", name)


ROWS = [
    row("Bo", 1, "1", True),
    row("Ann", 1, "0", False),
    row("Bo", 2, "3", False),
    row("Cy", 2, "2", False),
    row("Ann", 2, "3", False),
    row("Dee", 3, "0", None),
]


def test_students_are_in_the_order_of_their_first_answers() -> None:
    assert student_totals(ROWS) == [
        StudentTotal("Bo", 1, 2),
        StudentTotal("Ann", 0, 2),
        StudentTotal("Cy", 0, 1),
        StudentTotal("Dee", 0, 0),
    ]


def test_questions_count_their_wrong_answers() -> None:
    totals = question_totals(ROWS)
    assert totals == [
        QuestionTotal("tour", 1, 1, 2, {"0": 1}),
        QuestionTotal("tour", 2, 0, 3, {"3": 2, "2": 1}),
        QuestionTotal("tour", 3, 0, 0),
    ]
    assert [total.most_wrong for total in totals] == [("0", 1), ("3", 2), ("", 0)]


def test_of_equally_frequent_wrong_answers_the_first_in_order_is_named() -> None:
    assert QuestionTotal("tour", 1, 0, 4, {"b": 2, "a": 2}).most_wrong == ("a", 2)
