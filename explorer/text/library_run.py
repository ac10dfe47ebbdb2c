"""`pageq run --all`: run every scenario of the library to its end and print one line for each.

A line for each expectation that does not hold follows.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass

from engine.errors import BadInput
from engine.scenario.checks import Checked
from explorer.session.command_line import asked_for, read_settings

_ALONE = (
    "scenario",
    "schedule",
    "until",
    "steps",
    "breaks",
    "watches",
    "token",
    "token_file",
    "locks",
    "quiet",
    "answers",
)


@dataclass(frozen=True)
class Result:
    """The result of a scenario: its outcome, and the numbers of expectations and answers that hold.

    Expectations about all schedules are not counted.

    questions: how many were asked.
    fault:     the error that stopped the run or its checks, or "".
    accepted:  whether the file accepts the outcome although it expects another one.
    failed:    the expectations about expressions that do not hold, and why.
    """

    name: str
    outcome: str
    expected: str
    held: int
    expectations: int
    answered: int
    questions: int
    fault: str = ""
    accepted: bool = False
    failed: tuple[Checked, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the outcome, all expectations and all answers are as the file says."""
        as_expected = not self.fault and (self.accepted or self.outcome == self.expected)
        return as_expected and (self.held, self.answered) == (self.expectations, self.questions)


def run_all(arguments: argparse.Namespace) -> int:
    """Run the library; print a line or a JSON object for each scenario; return 0 if all are ok, else 1.

    Errors: BadInput for an option that applies to a single scenario.
    """
    extra = [name for name in _ALONE if getattr(arguments, name) not in (None, [], False)]
    if extra:
        right = "combine it only with --machine, --rules, --set, --course or --json"
        raise BadInput(f"--all runs every scenario of the library; {right}")
    if arguments.seed is not None or any(one.is_parameter for one in read_settings(arguments)):
        right = "remove --seed, and --set of a parameter"
        raise BadInput(f"--all runs every scenario with the default values of its parameters; {right}")
    names = arguments.course.names
    width, fine = max(map(len, names)), True
    for name in names:
        result = _result(name, arguments)
        fine = fine and result.ok
        print(_as_json(result) if arguments.json else _as_text(result, width), flush=True)
    return 0 if fine else 1


def _result(name: str, arguments: argparse.Namespace) -> Result:
    try:
        scenario = asked_for(arguments, name, quiet=True)
    except BadInput as error:
        return Result(name, "refused", "completed", 0, 0, 0, 0, str(error))
    try:
        history = scenario.start()
        outcome = scenario.run(history)
        checked, answered = scenario.check_expectations(history), scenario.answers(history)
    except BadInput as error:
        return Result(name, "stopped", scenario.outcome, 0, 0, 0, 0, str(error))
    return Result(
        name,
        outcome,
        scenario.outcome,
        sum(check.ok is True for check in checked),
        sum(check.ok is not None for check in checked),
        sum(answer.ok is True for answer in answered),
        sum(answer.ok is not None for answer in answered),
        accepted=scenario.expects(outcome),
        failed=tuple(check for check in checked if check.ok is False and not check.of_outcome),
    )


def _as_text(result: Result, width: int) -> str:
    text = f"{result.name:<{width}}  {'ok   ' if result.ok else 'FAILS'}  {result.outcome}"
    if not (result.accepted or result.outcome == result.expected):
        text += f" (expected {result.expected})"
    if result.fault:
        return f"{text}: {result.fault}"
    text += f", {result.held} of {result.expectations} expectations hold"
    text += f", {result.answered} of {result.questions} answers" if result.questions else ""
    return "\n".join([text, *(f"  at {check.at}: {check.that}: {check.found}" for check in result.failed)])


def _as_json(result: Result) -> str:
    return json.dumps(
        {
            "format": 1,
            "type": "scenario",
            "scenario": result.name,
            "ok": result.ok,
            "outcome": result.outcome,
            "expected": result.expected,
            "expect": [result.held, result.expectations],
            "questions": [result.answered, result.questions],
            "fault": result.fault or None,
            "failed": [{"at": check.at, "that": check.that} for check in result.failed],
        },
        separators=(",", ":"),
    )
