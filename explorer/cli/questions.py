"""`pageq questions`: the questions of scenarios, for a paper or a test."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from string import ascii_lowercase
from typing import Any, Final

from engine.scenario.loader import Scenario
from engine.scenario.question import Question
from explorer.cli.arguments import ONE_OBJECT, add_settings
from explorer.session.command_line import asked_for

PLACE: Final = 118
HELP: Final = "Print the questions of scenarios, with or without the answers."

FORMATS: Final = ("text", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq questions`."""
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help="scenarios from the library (see `pageq list`), or files; default all, as the course has them",
    )
    add_settings(parser)
    parser.add_argument("--answers", action="store_true", help="print the right answers and the reasons too")
    formats = f"text, or json: {ONE_OBJECT.removeprefix('print ')}; default text"
    parser.add_argument("--format", choices=FORMATS, default=FORMATS[0], help=formats)


def run(arguments: argparse.Namespace) -> int:
    """Print the questions in the order of the files; nothing is run.

    Errors: BadInput for an invalid scenario, before anything is printed.
    """
    scenarios = [asked_for(arguments, name) for name in arguments.scenarios or arguments.course.ordered]
    if arguments.format == "json":
        print(json.dumps(_facts(scenarios, answers=arguments.answers)))
        return 0
    for line in _lines([one for one in scenarios if one.questions], answers=arguments.answers):
        print(line)
    return 0


def _facts(scenarios: list[Scenario], *, answers: bool) -> dict[str, Any]:
    found = [
        _question_facts(scenario, question, answers=answers)
        for scenario in scenarios
        for question in scenario.questions
    ]
    return {"format": 1, "questions": found}


def _question_facts(scenario: Scenario, question: Question, *, answers: bool) -> dict[str, Any]:
    """The facts of a question; `asked` is the moment as the file writes it, or null if it has none."""
    facts = {
        "scenario": scenario.name,
        "number": question.number,
        "id": question.id,
        "asked": scenario.form.questions[question.number - 1].asked,
        "ask": _one_line(question.ask),
        "choices": list(question.choices),
    }
    key = {"answer": question.answer, "why": _one_line(question.why)}
    return {**facts, **key} if answers else facts


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lines(scenarios: list[Scenario], *, answers: bool) -> Iterator[str]:
    for n, scenario in enumerate(scenarios):
        yield from ["", ""] if n else []
        yield f"{scenario.name}: {scenario.title}"
        for question in scenario.questions:
            yield ""
            yield from _question_lines(scenario, question, answers=answers)


def _question_lines(scenario: Scenario, question: Question, *, answers: bool) -> Iterator[str]:
    moment = scenario.form.questions[question.number - 1].asked
    asked = "" if moment is None else f"   [{question.id}, asked at {moment}]"
    yield f"{question.number}. {_one_line(question.ask)}"
    yield from [asked] if asked else []
    for letter, choice in zip(ascii_lowercase, question.choices, strict=False):
        yield f"   {letter}) {choice}"
    if answers:
        yield f"   Answer: {question.answer}"
        yield from [f"   {_one_line(question.why)}"] if question.why else []
