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

    Returns 2 if there was an error, else 0.

    Every error goes to stderr. With --json, print one JSON object instead of the lines, with the errors.
    Errors: BadInput without a file and without a course.
    """
    rows: list[dict[str, Any]] = []
    if not arguments.files and arguments.course == OWN:
        raise BadInput("there is nothing to check; give a FILE, or --course DIR for all of a course")
    for file in arguments.files or arguments.course.names:
        try:
            scenario = asked_for(arguments, file)
            scenario.try_setup()
            faults = _lesson_faults(scenario)
        except BadInput:
            faults = _errors(arguments, file)
        rows.append(_refused(file, faults) if faults else _accepted(file, scenario))
        if not (faults or arguments.json):
            print(f"{file}: {scenario.title}: {plural(len(scenario.form.threads), 'thread')}, ok")
    if arguments.json:
        print(json.dumps({"format": 1, "files": rows}))
    return 0 if all(row["ok"] for row in rows) else 2


def _lesson_faults(scenario: Scenario) -> list[BadInput]:
    if not scenario.pages:
        return []
    # A file without a lesson does not wait for the modules of the commands.
    from explorer.commands.lesson_checks import lesson_faults

    return list(lesson_faults(scenario))


def _errors(arguments: argparse.Namespace, file: str) -> list[BadInput]:
    """Return every error of a file that cannot be loaded or started."""
    return every_error(
        file,
        machine=arguments.machine,
        rules=arguments.rules,
        settings=read_settings(arguments),
        library=arguments.course,
    )


def _accepted(file: str, scenario: Scenario) -> dict[str, Any]:
    return {"file": file, "ok": True, "title": scenario.title, "threads": len(scenario.form.threads)}


def _refused(file: str, errors: list[BadInput]) -> dict[str, Any]:
    """Print every error of a file on stderr; return its row, whose first error has keys of its own."""
    sys.stdout.flush()
    for error in errors:
        print(error, file=sys.stderr)
    rows = [{"at": error.file, "line": error.line, "message": error.message} for error in errors]
    return {"file": file, "ok": False, **rows[0], "errors": rows}
