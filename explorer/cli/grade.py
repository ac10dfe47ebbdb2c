"""`pageq grade`: grade a class's answers to the scenarios' questions, compared by value."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.checks import WORDS, Question
from engine.scenario.loader import Scenario, load
from explorer.cli.arguments import ONE_OBJECT

PLACE: Final = 120
HELP: Final = "Grade a class's answers to the scenarios' questions, compared by value."

LARGEST: Final = 1 << 24
"""Maximum size of a file of answers, in characters."""

LONGEST: Final = 1000
"""Maximum length of one answer, in characters."""

_RIGHT_FORM = "use SCENARIO<tab>QUESTION-NUMBER<tab>ANSWER, such as life-of-a-page<tab>1<tab>PQ_NONE"
_WORD: Final = re.compile(r"(?<!\w)[^\W\d]\w*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq grade`."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a file with a line SCENARIO<tab>QUESTION-NUMBER<tab>ANSWER for each answer",
    )
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


@dataclass(frozen=True)
class Row:
    """One graded answer; `question` is its number in the scenario, from 1."""

    scenario: str
    question: int
    given: str
    expected: str
    ok: bool
    why: str


@dataclass(frozen=True)
class _Answer:
    """A line of the file."""

    line: int
    scenario: str
    number: int
    given: str


class _Grader:
    """Runs each scenario once, only as far as its questions need."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.runs: dict[str, tuple[Scenario, History]] = {}

    def row(self, answer: _Answer) -> Row:
        """Grade one answer.

        Errors: BadInput with FILE:LINE if the scenario or the question does not exist.
        """
        try:
            scenario, history = self._run(answer.scenario)
            question = _question(scenario, answer.number)
            cursor = question.step(history, scenario.steps)
        except BadInput as error:
            raise BadInput(str(error), file=self.file, line=answer.line) from None
        history.seek(cursor)
        ok = _is_right(scenario, question, answer.given, history)
        return Row(answer.scenario, answer.number, answer.given, question.answer, ok, question.why)

    def _run(self, name: str) -> tuple[Scenario, History]:
        if name not in self.runs:
            scenario = load(name)
            self.runs[name] = scenario, scenario.start()
        return self.runs[name]


def run(arguments: argparse.Namespace) -> int:
    """Grade the answers in a file; print a line for each and the total, or one JSON object.

    Returns 0 if all answers are right, else 1.
    Errors: BadInput with FILE:LINE for a line that is not an answer, before anything is printed.
    """
    file = arguments.file
    grader = _Grader(file)
    rows = [grader.row(answer) for answer in _answers(file)]
    if not rows:
        raise BadInput(f"the file has no answers; {_RIGHT_FORM}", file=file)
    right = sum(row.ok for row in rows)
    if arguments.json:
        entries = [asdict(row) for row in rows]
        print(json.dumps({"format": 1, "right": right, "asked": len(rows), "rows": entries}))
    else:
        for row in rows:
            print(_row_text(row))
        print(f"{right} of {len(rows)} right")
    return 0 if right == len(rows) else 1


def _answers(file: str) -> Iterator[_Answer]:
    """Parse the lines of the file that are not empty."""
    for number, line in enumerate(_read(file).split("\n"), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split("\t")]
        if len(parts) != 3 or not parts[0]:
            raise BadInput(f"{line[:60]!r} is not an answer; {_RIGHT_FORM}", file=file, line=number)
        name, question, given = parts
        if not (question.isascii() and question.isdecimal() and len(question) < 10):
            words = f"{question[:40]!r} is not a question number; they start at 1"
            raise BadInput(words, file=file, line=number)
        if len(given) > LONGEST:
            words = f"the answer has {len(given)} characters; the maximum is {LONGEST}"
            raise BadInput(words, file=file, line=number)
        yield _Answer(number, name, int(question), given)


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


def _question(scenario: Scenario, number: int) -> Question:
    count = len(scenario.questions)
    if not 1 <= number <= count:
        there = f"its questions are 1 to {count}" if count else "it has no questions"
        raise BadInput(f"{scenario.name} has no question {number}; {there}")
    return scenario.questions[number - 1]


def _is_right(scenario: Scenario, question: Question, given: str, history: History) -> bool:
    """Whether an answer has the right value; an answer that is not a value is wrong, not an error."""
    if given == question.answer:
        return True
    # Allow only numbers, constants, yes and no: an expression that reads the machine would always be right.
    if any(not word.isupper() and word.lower() not in WORDS for word in _WORD.findall(given)):
        return False
    try:
        return scenario.right(question, given, history)
    except BadInput:
        return False


def _row_text(row: Row) -> str:
    given = row.given if row.given.isprintable() else repr(row.given)
    place = f"{row.scenario} {row.question}: {given or '(nothing)'}"
    if row.ok:
        return f"{place}: right"
    return f"{place}: wrong, the answer is {row.expected}: {' '.join(row.why.split())}"
