"""Grading of a class's answers: each run once, each distinct answer once, however many students there are."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.errors import BadInput, CapacityError
from engine.run.history import History
from engine.scenario.loader import Scenario
from engine.scenario.parameters import seeded
from engine.scenario.question import Question, answer_question
from explorer.session.answer_file import GivenAnswer
from explorer.session.answer_paths import AnswerFile
from explorer.session.answer_value import RightAnswer

MOST_UNKNOWN: Final = 100
"""How many scenarios of a file are looked for in vain, since a look for similar names takes time."""

Load = Callable[[str, int | None], Scenario]
"""Loads a scenario, given its name and the seed of an answer.

Errors: BadInput.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One graded answer.

    question: its number in the scenario, from 1. name: the student's.
    expected: the right answer in the run; None, like `ok`, if the question is not asked there.
    why:      the reason for the right answer, or why the question is not asked.
    """

    scenario: str
    question: int
    given: str
    expected: str | None
    ok: bool | None
    why: str
    name: str


@dataclass(frozen=True)
class Graded:
    """The graded answers in the order of the files, and remarks: texts that start with FILE:LINE."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """An answer and its file; place: its place among all."""

    place: int
    file: AnswerFile
    answer: GivenAnswer

    @property
    def where(self) -> str:
        """FILE:LINE."""
        return f"{self.file.file}:{self.answer.line}"

    def refuse(self, message: str) -> None:
        """Add an error to the bad lines of the file."""
        self.file.lines.refuse(message, self.file.file, self.answer.line)


@dataclass
class _Found:
    """What is known so far.

    rows, notes: by the places of the answers.
    again:       by file and student, the answers that replace earlier ones.
    unknown:     by file, the number of its scenarios that cannot be loaded.
    """

    rows: dict[int, Row] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    again: dict[tuple[str, str], list[_Placed]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)

    def graded(self) -> Graded:
        """Return all of it, in the order of the answers."""
        for (_, name), answers in self.again.items():
            first = min(answers, key=lambda one: one.place)
            which = f"{name} answers {first.answer.scenario} {first.answer.question} again"
            others = f", and {len(answers) - 1:,} more" if len(answers) > 1 else ""
            self.notes[first.place] = f"{first.where}: {which}{others}; the last answer counts"
        rows = tuple(self.rows[place] for place in sorted(self.rows))
        return Graded(rows, tuple(self.notes[place] for place in sorted(self.notes)))


def grade(files: Iterable[AnswerFile], load: Load) -> Graded:
    """Grade the answers of a class.

    Of several answers of a student to a question, the last one counts, and a note says so. An answer whose
    scenario or question does not exist, or cannot be graded, is added to the bad lines of its file.
    """
    scenarios: dict[str, list[_Placed]] = {}
    found, place = _Found(), 0
    for file in files:
        for answer in file.lines.answers:
            scenarios.setdefault(answer.scenario, []).append(_Placed(place, file, answer))
            place += 1
    # One scenario after the other, so that only one machine is in memory.
    for name, answers in scenarios.items():
        _grade_scenario(name, answers, load, found)
    return found.graded()


def _grade_scenario(name: str, answers: Sequence[_Placed], load: Load, found: _Found) -> None:
    """Grade the answers that name one scenario, one run after the other."""
    files = {one.file.file for one in answers}
    try:
        if all(found.unknown[file] >= MOST_UNKNOWN for file in files):
            raise BadInput(f"more than {MOST_UNKNOWN:,} scenarios cannot be loaded; correct their names")
        scenario = _load(name, None, load)
    except BadInput as error:
        found.unknown.update(files)
        _refuse_all(answers, error)
        return
    runs: dict[tuple[int, ...], dict[int, list[_Placed]]] = {}
    for (_, number), one in _last_answers(scenario, answers, found).items():
        asked = runs.setdefault(_variant(scenario, one.answer.seed), {})
        asked.setdefault(number, []).append(one)
    for asked in runs.values():
        of_run = [one for answers in asked.values() for one in answers]
        try:
            _grade_run(_load(name, of_run[0].answer.seed, load), asked, found)
        except (BadInput, CapacityError) as error:
            _refuse_all(of_run, error)


def _refuse_all(answers: Iterable[_Placed], error: Exception) -> None:
    for one in answers:
        one.refuse(str(error))


def _variant(scenario: Scenario, seed: int | None) -> tuple[int, ...]:
    """The values of the parameters in the run of an answer; seeds that choose the same ones share a run."""
    if seed is None:
        return tuple(scenario.parameters.values())
    return seeded(scenario.form.parameters, seed)


def _load(name: str, seed: int | None, load: Load) -> Scenario:
    """Load a scenario.

    Errors: BadInput also for what is neither a file nor a name, such as a pipe, which would wait for its
    writer.
    """
    if os.path.exists(name) and not (os.path.isfile(name) or os.path.isdir(name)):
        raise BadInput(f"{name[:80]!r} is not a regular file; name a scenario")
    return load(name, seed)


def _last_answers(
    scenario: Scenario, answers: Iterable[_Placed], found: _Found
) -> dict[tuple[str, int], _Placed]:
    """Return each student's last answer to each question, by the student's name and the question's number."""
    numbers: dict[str, int | BadInput] = {}
    last: dict[tuple[str, int], _Placed] = {}
    for one in answers:
        text = one.answer.question
        number = numbers[text] = numbers.get(text) or _number(scenario, text)
        if isinstance(number, BadInput):
            one.refuse(str(number))
            continue
        if (one.answer.name, number) in last:
            found.again.setdefault((one.file.file, one.answer.name), []).append(one)
        last[one.answer.name, number] = one
    return last


def _number(scenario: Scenario, text: str) -> int | BadInput:
    """Return the number of a question, given that or its id; an error if there is none."""
    count = len(scenario.questions)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    for question in scenario.questions:
        if question.id == text or question.number == number:
            return question.number
    ids = ", ".join(question.id for question in scenario.questions if not question.id.isdecimal())
    there = f"its questions are 1 to {count}{f', or {ids}' if ids else ''}"
    return BadInput(
        f"{scenario.name} has no question {text[:40]}; {there if count else 'it has no questions'}"
    )


# --- one run ----------------------------------------------------------------------------------------------


def _grade_run(scenario: Scenario, asked: dict[int, list[_Placed]], found: _Found) -> None:
    """Grade the answers to the questions of a run, by their numbers; the run goes as far as they need.

    Errors: BadInput or CapacityError if the run does not start; then nothing is graded.
    """
    history = scenario.start()
    for number, answers in asked.items():
        try:
            _grade_question(scenario, scenario.questions[number - 1], history, answers, found)
        except (BadInput, CapacityError) as error:
            _refuse_all(answers, error)


def _grade_question(
    scenario: Scenario, question: Question, history: History, answers: Sequence[_Placed], found: _Found
) -> None:
    """Grade the answers to one question.

    Errors: BadInput if the scenario is at fault: it is not decided, or its answer is not its value.
    """
    decided = answer_question(question, history, scenario.steps)
    if decided.ok is None:
        words = f"question {question.number} of {scenario.name} is not asked in this run"
        found.notes[answers[0].place] = f"{answers[0].where}: {words}: {decided.found}"
    elif not decided.ok:
        why = decided.found or f"its answer {question.answer[:40]!r} is not its value {decided.value}"
        place = f"question {question.number} of {scenario.name} cannot be graded"
        raise BadInput(f"{place}: {why}; correct the scenario")
    right = None
    if decided.answer is not None:
        history.seek(decided.step)
        right = RightAnswer(scenario, question, history, decided.answer)
    for one in answers:
        found.rows[one.place] = _row(scenario, question, one.answer, right, decided.found)


def _row(
    scenario: Scenario, question: Question, answer: GivenAnswer, right: RightAnswer | None, found: str
) -> Row:
    where = answer.scenario, question.number, answer.given
    if right is None:
        return Row(*where, None, None, f"not asked: {found}", answer.name)
    return Row(*where, right.text, right.equals(answer.given), question.why, answer.name)
