"""`pageq grade`: grade a class's answers to the scenarios' questions, compared by value."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.loader import Scenario, load
from engine.scenario.question import Question
from explorer.cli.arguments import ONE_OBJECT
from explorer.views.spelling import is_value, spellings

PLACE: Final = 120
HELP: Final = "Grade a class's answers to the scenarios' questions, compared by value."

LARGEST: Final = 1 << 24
"""Maximum size of a file of answers, in characters."""

LONGEST: Final = 1000
"""Maximum length of one answer, in characters."""

_RIGHT_FORM = (
    "use [NAME<tab>]SCENARIO<tab>QUESTION<tab>ANSWER, such as life-of-a-page<tab>after-alloc<tab>PQ_NONE"
)
_NAME: Final = re.compile(r"#\s*name\s*:\s*(\S.*?)\s*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq grade`."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a file with a line [NAME<tab>]SCENARIO<tab>QUESTION<tab>ANSWER for each answer, with the "
        "number or the id of the question; a line `# name: NAME` names the student of the lines below it",
    )
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


@dataclass(frozen=True)
class Row:
    """One graded answer; `question` is its number in the scenario, from 1; `name` is the student's."""

    scenario: str
    question: int
    given: str
    expected: str
    ok: bool
    why: str
    name: str


@dataclass(frozen=True)
class _Answer:
    """A line of the file; `question` is the number or the id of the question."""

    line: int
    name: str
    scenario: str
    question: str
    given: str


class _Grader:
    """Runs each scenario once, only as far as its questions need."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.runs: dict[str, tuple[Scenario, History]] = {}

    def row(self, answer: _Answer) -> Row:
        """Grade one answer.

        Errors: BadInput with FILE:LINE if the scenario or the question does not exist, or is never decided.
        """
        try:
            scenario, history = self._run(answer.scenario)
            question = _question(scenario, answer.question)
            cursor = _step(scenario, question, history)
        except BadInput as error:
            raise BadInput(str(error), file=self.file, line=answer.line) from None
        history.seek(cursor)
        ok = _is_right(scenario, question, answer.given, history)
        return Row(
            answer.scenario, question.number, answer.given, question.answer, ok, question.why, answer.name
        )

    def _run(self, name: str) -> tuple[Scenario, History]:
        if name not in self.runs:
            scenario = load(name)
            self.runs[name] = scenario, scenario.start()
        return self.runs[name]


def run(arguments: argparse.Namespace) -> int:
    """Grade the answers in a file; print a line for each and the totals, or one JSON object.

    Returns 0 if all answers are right, 1 if not, and 2 if a line is not an answer. Such a line is reported on
    stderr with FILE:LINE, and the others are graded.
    Errors: BadInput for a file that cannot be read or has no answers.
    """
    file = arguments.file
    rows, bad = _graded(file)
    if not rows and not bad:
        raise BadInput(f"the file has no answers; {_RIGHT_FORM}", file=file)
    for error in bad:
        print(error, file=sys.stderr)
    if arguments.json:
        print(json.dumps(_facts(rows)))
    else:
        for line in _lines(rows):
            print(line)
    return 2 if bad else 0 if all(row.ok for row in rows) else 1


def _graded(file: str) -> tuple[list[Row], list[BadInput]]:
    """Grade every line; return the rows, and the errors of the lines that are not answers."""
    grader, name = _Grader(file), Path(file).stem
    rows, bad = [], []
    for number, line in enumerate(_read(file).split("\n"), 1):
        if line.lstrip().startswith("#"):
            named = _NAME.fullmatch(line.strip())
            name = name if named is None else named[1]
        elif line.strip():
            try:
                rows.append(grader.row(_answer(file, number, line, name)))
            except BadInput as error:
                bad.append(error)
    return rows, bad


def _answer(file: str, number: int, line: str, name: str) -> _Answer:
    """Parse a line; `name` is the student's if the line has none.

    Errors: BadInput with FILE:LINE.
    """
    parts = [part.strip() for part in line.split("\t")]
    if len(parts) == 3:
        parts = [name, *parts]
    if len(parts) != 4 or not (parts[0] and parts[1]):
        raise BadInput(f"{line[:60]!r} is not an answer; {_RIGHT_FORM}", file=file, line=number)
    name, scenario, question, given = parts
    if len(given) > LONGEST:
        words = f"the answer has {len(given)} characters; the maximum is {LONGEST}"
        raise BadInput(words, file=file, line=number)
    return _Answer(number, name, scenario, question, given)


def _facts(rows: list[Row]) -> dict[str, Any]:
    """The JSON object: the totals, the rows, and the totals of each student and of each question."""
    students = _totals(rows, ("name",))
    questions = _totals(rows, ("scenario", "question"))
    right, entries = sum(row.ok for row in rows), [asdict(row) for row in rows]
    totals = {"right": right, "asked": len(rows), "rows": entries}
    return {"format": 1, **totals, "students": students, "questions": questions}


def _totals(rows: list[Row], keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Right and asked for each value of the keys, in order of first occurrence."""
    found: dict[tuple[Any, ...], list[bool]] = {}
    for row in rows:
        found.setdefault(tuple(getattr(row, key) for key in keys), []).append(row.ok)
    return [
        {**dict(zip(keys, values, strict=True)), "right": sum(oks), "asked": len(oks)}
        for values, oks in found.items()
    ]


def _lines(rows: list[Row]) -> Iterator[str]:
    students = _totals(rows, ("name",))
    for row in rows:
        yield f"{row.name}: {_row_text(row)}" if len(students) > 1 else _row_text(row)
    for student in students if len(students) > 1 else ():
        yield f"{student['name']}: {student['right']} of {student['asked']} right"
    yield f"{sum(row.ok for row in rows)} of {len(rows)} right"


def _read(file: str) -> str:
    try:
        with open(file, encoding="utf-8-sig") as stream:
            text = stream.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}; name a file of answers", file=file) from None
    except ValueError:
        raise BadInput(f"not UTF-8 text; {_RIGHT_FORM}", file=file) from None
    if len(text) > LARGEST:
        raise BadInput(f"more than {LARGEST} characters; split the answers into several files", file=file)
    return text


def _question(scenario: Scenario, text: str) -> Question:
    """Return the question with a number or an id; every question has one of its own.

    Errors: BadInput if there is none.
    """
    count = len(scenario.questions)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    for question in scenario.questions:
        if question.id == text or question.number == number:
            return question
    ids = ", ".join(question.id for question in scenario.questions if not question.id.isdecimal())
    there = (
        f"its questions are 1 to {count}{f', or {ids}' if ids else ''}" if count else "it has no questions"
    )
    raise BadInput(f"{scenario.name} has no question {text[:40]}; {there}")


def _step(scenario: Scenario, question: Question, history: History) -> int:
    """Return the step that decides a question.

    Errors: BadInput if the scenario's run does not reach it.
    """
    try:
        return question.step(history, scenario.steps)
    except BadInput as error:
        key = "after" if question.after else "before"
        place = f"question {question.number} of {scenario.name} is never decided: {error.message}"
        right = f"correct {key} = {question.moment!r} in its file"
        raise BadInput(f"{place}; {right}") from None


def _is_right(scenario: Scenario, question: Question, given: str, history: History) -> bool:
    """Whether an answer has the right value; an answer that is not a value is wrong, not an error."""
    if given == question.answer:
        return True
    return any(_equals(scenario, question, text, history) for text in spellings(given, question.value.text))


def _equals(scenario: Scenario, question: Question, text: str, history: History) -> bool:
    # Allow only numbers, constants, yes and no: an expression that reads the machine would always be right.
    if not is_value(text):
        return False
    try:
        return scenario.right(question, text, history)
    except BadInput:
        return False


def _row_text(row: Row) -> str:
    given = row.given if row.given.isprintable() else repr(row.given)
    place = f"{row.scenario} {row.question}: {given or '(nothing)'}"
    if row.ok:
        return f"{place}: right"
    return f"{place}: wrong, the answer is {row.expected}: {' '.join(row.why.split())}"
