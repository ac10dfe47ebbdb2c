"""The output of `pageq grade`: text with tables of the class and of the questions, CSV, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from explorer.session.class_totals import QuestionTotal, StudentTotal, question_totals, student_totals
from explorer.session.grading import Row
from explorer.text.csv_cells import csv_lines
from explorer.views.spans import columns, shortened

TABLES: Final = ("answers", "students", "questions")
"""The tables of CSV."""

_WIDEST: Final = 40
"""Columns of a name or an answer in a table."""

_NUMBERS: Final = range(1, 4)
"""The columns of right, asked and percent."""


# --- text -------------------------------------------------------------------------------------------------


def text_lines(rows: Sequence[Row], *, answers: bool) -> Iterator[str]:
    """The totals, with a table of the students and one of the questions if there are several students.

    answers: whether each answer has a line before them; those of a single student always have.
    """
    students = student_totals(rows)
    several = len(students) > 1
    for row in rows if answers or not several else ():
        yield f"{row.name}: {_row_text(row)}" if several else _row_text(row)
    if several:
        yield from [""] if answers else []
        yield from _student_lines(students)
        yield ""
        yield from _question_lines(question_totals(rows))
        yield ""
    yield f"{sum(one.right for one in students)} of {sum(one.asked for one in students)} right"


def _row_text(row: Row) -> str:
    place = f"{row.scenario} {row.question}: {_shown(row.given)}"
    if row.ok is None:
        return f"{place}: {row.why}"
    if row.ok:
        return f"{place}: right"
    return f"{place}: wrong, the answer is {row.expected}: {' '.join(row.why.split())}"


def _shown(given: str) -> str:
    return (given if given.isprintable() else repr(given)) or "(nothing)"


def _student_lines(students: Sequence[StudentTotal]) -> Iterator[str]:
    """A line for each student, sorted by name."""
    ordered = sorted(students, key=lambda one: (one.name.casefold(), one.name))
    return _aligned(
        ("student", "right", "asked", ""),
        [(one.name, str(one.right), str(one.asked), _percent(one.right, one.asked)) for one in ordered],
    )


def _question_lines(questions: Sequence[QuestionTotal]) -> Iterator[str]:
    """A line for each question, the hardest first."""
    ordered = sorted(questions, key=_ease)
    return _aligned(
        ("question", "right", "asked", "", "most frequent wrong answer"),
        [
            (
                f"{one.scenario} {one.question}",
                str(one.right),
                str(one.asked),
                _percent(one.right, one.asked),
                _wrong_words(one),
            )
            for one in ordered
        ],
    )


def _ease(one: QuestionTotal) -> tuple[float, str, int]:
    """The order of the questions: those that are not asked come last."""
    return one.right / one.asked if one.asked else 2, one.scenario, one.question


def _wrong_words(one: QuestionTotal) -> str:
    given, times = one.most_wrong
    return f"{shortened(_shown(given), _WIDEST)} ({times})" if times else ""


def _percent(right: int, asked: int) -> str:
    """Right of asked in percent; only all are 100 %, and only none are 0 %."""
    if not asked:
        return "-"
    rounded = round(100 * right / asked)
    return f"{rounded if right in (0, asked) else min(max(rounded, 1), 99)} %"


def _aligned(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table, with the numbers to the right."""
    cells = [heading, *((shortened(first, _WIDEST), *others) for first, *others in rows)]
    widths = [max(columns(row[n]) for row in cells) for n in range(len(heading))]
    for row in cells:
        padded = []
        for n, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - columns(cell))
            padded.append(space + cell if n in _NUMBERS else cell + space)
        yield "  ".join(padded).rstrip()


# --- CSV --------------------------------------------------------------------------------------------------

_HEADS: Final = {
    "answers": ("name", "scenario", "question", "given", "expected", "ok", "why"),
    "students": ("name", "right", "asked"),
    "questions": ("scenario", "question", "right", "asked", "wrong", "times"),
}


def csv_text(rows: Sequence[Row], table: str) -> str:
    """One of TABLES as CSV, with a heading."""
    return csv_lines(_HEADS[table], _csv_rows(rows, table))


def _csv_rows(rows: Sequence[Row], table: str) -> Iterator[tuple[object, ...]]:
    if table == "students":
        yield from ((one.name, one.right, one.asked) for one in student_totals(rows))
    elif table == "questions":
        for total in question_totals(rows):
            yield (total.scenario, total.question, total.right, total.asked, *total.most_wrong)
    else:
        for row in rows:
            yield tuple(getattr(row, key) for key in _HEADS["answers"])


# --- JSON -------------------------------------------------------------------------------------------------

_KEYS: Final = ("scenario", "question", "given", "expected", "ok", "why", "name")


def json_text(rows: Sequence[Row]) -> str:
    """One JSON object: the totals, the rows, and the totals of each student and of each question."""
    students, questions = student_totals(rows), question_totals(rows)
    return json.dumps({
        "format": 1,
        "right": sum(one.right for one in students),
        "asked": sum(one.asked for one in students),
        "rows": [{key: getattr(row, key) for key in _KEYS} for row in rows],
        "students": [_picked(one, ("name", "right", "asked")) for one in students],
        "questions": [_picked(one, ("scenario", "question", "right", "asked")) for one in questions],
    })  # fmt: skip


def _picked(one: object, keys: Sequence[str]) -> dict[str, object]:
    return {key: getattr(one, key) for key in keys}
