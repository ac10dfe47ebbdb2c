"""Totals of a class's graded answers: of each student and of each question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from explorer.session.grading import Row


@dataclass
class StudentTotal:
    """The right answers of a student, of those to questions that are asked."""

    name: str
    right: int = 0
    asked: int = 0


@dataclass
class QuestionTotal:
    """The right answers to a question, of those in runs where it is asked.

    wrong: the number of each wrong answer.
    """

    scenario: str
    question: int
    right: int = 0
    asked: int = 0
    wrong: dict[str, int] = field(default_factory=dict)

    @property
    def most_wrong(self) -> tuple[str, int]:
        """The most frequent wrong answer, and how often it was given; of several, the first as text."""
        return min(self.wrong.items(), key=lambda one: (-one[1], one[0]), default=("", 0))


def student_totals(rows: Iterable[Row]) -> list[StudentTotal]:
    """Return the total of each student, in the order of their first answers."""
    found: dict[str, StudentTotal] = {}
    for row in rows:
        total = found.setdefault(row.name, StudentTotal(row.name))
        if row.ok is not None:
            total.asked += 1
            total.right += row.ok
    return list(found.values())


def question_totals(rows: Iterable[Row]) -> list[QuestionTotal]:
    """Return the total of each question, in the order of the first answers to them."""
    found: dict[tuple[str, int], QuestionTotal] = {}
    for row in rows:
        key = row.scenario, row.question
        total = found.setdefault(key, QuestionTotal(*key))
        if row.ok is not None:
            total.asked += 1
            total.right += row.ok
        if row.ok is False:
            total.wrong[row.given] = total.wrong.get(row.given, 0) + 1
    return list(found.values())
