"""`pageq check`: validate scenario files."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, Final

from engine.errors import BadInput
from engine.scenario.every_error import every_error
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario
from engine.scenario.parameters import Values
from engine.words import plural
from explorer.cli.arguments import ONE_OBJECT, SCENARIO, add_settings
from explorer.session.command_line import asked_for, read_settings

PLACE: Final = 50
HELP: Final = "Validate scenarios; each message gives FILE:LINE, the error and how to fix it."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq check`."""
    files = f"{SCENARIO}; with --course, default every scenario of the course"
    parser.add_argument("files", nargs="*", metavar="FILE", help=files)
    add_settings(parser, "check them on another machine")
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Load each file, boot its machine, check its lesson and print one line per file.

    A file with parameters is checked in each of its variants, its questions too.
    Returns 2 if there was an error, else 0.

    Every error goes to stderr. With --json, print one JSON object instead of the lines, with the errors.
    Errors: BadInput without a file and without a course.
    """
    rows: list[dict[str, Any]] = []
    if not arguments.files and arguments.course == OWN:
        raise BadInput("there is nothing to check; give a FILE, or --course DIR for all of a course")
    for file in arguments.files or arguments.course.names:
        variants: tuple[Values, ...] = ()
        try:
            scenario = asked_for(arguments, file)
            scenario.try_setup()
            variants = _variants(arguments, scenario)
            faults = _variant_faults(arguments, file, variants) if variants else _lesson_faults(scenario)
        except BadInput:
            faults = _errors(arguments, file)
        rows.append(_refused(file, faults) if faults else _accepted(file, scenario, variants))
        if not (faults or arguments.json):
            there = plural(len(scenario.form.threads), "thread")
            there += f", {plural(len(variants), 'variant')}" if variants else ""
            print(f"{file}: {scenario.title}: {there}, ok")
    if arguments.json:
        print(json.dumps({"format": 1, "files": rows}))
    return 0 if all(row["ok"] for row in rows) else 2


def _variants(arguments: argparse.Namespace, scenario: Scenario) -> tuple[Values, ...]:
    """The variants to check: the one of the seed, or all; values that `--set` gives are the same in each."""
    if arguments.seed is not None or not scenario.parameters:
        return (scenario.parameters,) if scenario.parameters else ()
    given = {one.key: one.value for one in read_settings(arguments) if one.is_parameter}
    found = {tuple({**values, **given}.items()) for values in scenario.variants}
    return tuple(map(dict, sorted(found)))


def _variant_faults(arguments: argparse.Namespace, file: str, variants: tuple[Values, ...]) -> list[BadInput]:
    """Return the errors of variants of a file, in the order of its lines."""
    from engine.scenario.variants import merged

    found = [(values, fault) for values in variants for fault in _faults_with(arguments, file, values)]
    return sorted(merged(found, len(variants)), key=lambda fault: fault.line or 0)


def _faults_with(arguments: argparse.Namespace, file: str, values: Values) -> list[BadInput]:
    from engine.scenario.variants import question_faults

    try:
        scenario = asked_for(arguments, file, quiet=True, values=values)
        scenario.try_setup()
        return [*_lesson_faults(scenario), *(question_faults(scenario) if scenario.is_variant else ())]
    except BadInput:
        return _errors(arguments, file, values)


def _lesson_faults(scenario: Scenario) -> list[BadInput]:
    if not scenario.pages:
        return []
    # A file without a lesson does not wait for the modules of the commands.
    from explorer.commands.lesson_checks import lesson_faults

    return list(lesson_faults(scenario))


def _errors(arguments: argparse.Namespace, file: str, values: Values | None = None) -> list[BadInput]:
    """Return every error of a file that cannot be loaded or started."""
    return every_error(
        file,
        machine=arguments.machine,
        rules=arguments.rules,
        settings=read_settings(arguments, values),
        seed=arguments.seed,
        library=arguments.course,
    )


def _accepted(file: str, scenario: Scenario, variants: tuple[Values, ...]) -> dict[str, Any]:
    row = {"file": file, "ok": True, "title": scenario.title, "threads": len(scenario.form.threads)}
    return {**row, "variants": len(variants)} if variants else row


def _refused(file: str, errors: list[BadInput]) -> dict[str, Any]:
    """Print every error of a file on stderr; return its row, whose first error has keys of its own."""
    sys.stdout.flush()
    for error in errors:
        print(error, file=sys.stderr)
    rows = [{"at": error.file, "line": error.line, "message": error.message} for error in errors]
    return {"file": file, "ok": False, **rows[0], "errors": rows}
