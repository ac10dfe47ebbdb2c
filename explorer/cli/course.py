"""`pageq course`: the course of the library or of a folder with what was done in it, without the model."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from shutil import get_terminal_size
from typing import Any, Final

from engine.errors import BadInput
from engine.scenario.course import Unit
from engine.scenario.library import Library, Listing
from engine.words import plural
from explorer.cli.arguments import ONE_OBJECT, add_course
from explorer.cli.kept_progress import kept_progress
from explorer.cli.output import add_out, write_output
from explorer.session.answer_file import clean_name, write_answers
from explorer.session.course_progress import NO_ANSWER, CourseProgress, library_key
from explorer.session.progress_file import forget, progress_path, read_progress
from explorer.views.course import course_lines, experiment_titles, unit_lines

PLACE: Final = 28
HELP: Final = "Show the course and your progress in it, export your answers, or start again."

Groups = list[tuple[Unit | None, list[Listing]]]
"""The units to show, each with its scenarios; None for those in no unit."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq course`."""
    parser.add_argument("unit", nargs="?", metavar="UNIT", help="only this unit: its number or its name")
    add_course(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--json", action="store_true", help=ONE_OBJECT)
    what.add_argument("--answers", action="store_true", help="print your answers as `pageq grade` reads them")
    what.add_argument("--forget", action="store_true", help="forget the progress in this course")
    parser.add_argument(
        "--name",
        metavar="NAME",
        help="with --answers: the student's name; by default `pageq grade` takes it from the file's name",
    )
    add_out(parser, "with --answers: the output file")
    parser.add_argument("--yes", action="store_true", help="with --forget: do not ask")


def run(arguments: argparse.Namespace) -> int:
    """Print the course, or one unit of it, as text or as one JSON object; or the answers; or forget them.

    Errors: BadInput if there is no such unit, for a scenario that cannot be listed, or for options that
            exclude each other.
    """
    _check(arguments)
    library: Library = arguments.course
    chosen = None if arguments.unit is None else library.course.unit(arguments.unit)
    if arguments.forget:
        return _forget(library, yes=arguments.yes)
    if arguments.answers:
        return _answers(library, chosen, arguments.name, arguments.out)
    groups = [(unit, listed) for unit, listed in library.by_unit() if chosen in (None, unit)]
    progress = kept_progress(library)
    if arguments.json:
        print(json.dumps(_facts(progress, groups)))
        return 0
    for line in _lines(progress, groups, whole=chosen is None):
        print(line)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Check which options are given.

    Errors: BadInput for one that does not belong to the others.
    """
    if not arguments.answers and (arguments.name is not None or arguments.out is not None):
        raise BadInput("--name and --out belong to the answers; add --answers")
    if arguments.yes and not arguments.forget:
        raise BadInput("--yes belongs to --forget; remove it, or add --forget")
    if arguments.forget and arguments.unit is not None:
        raise BadInput("--forget forgets the whole course; remove the unit")
    if arguments.name is not None and not clean_name(arguments.name):
        raise BadInput(f"{arguments.name[:40]!r} is not a name; use one with letters")


# --- the course -------------------------------------------------------------------------------------------


def _lines(progress: CourseProgress, groups: Groups, *, whole: bool) -> list[str]:
    """Return the lines of the units; with the heading of the course, if the whole of it is shown."""
    course, marks, width = progress.library.course, progress.marks, get_terminal_size().columns
    parts = [list(unit_lines(course, unit, listed, width, marks)) for unit, listed in groups]
    if whole:
        parts.insert(0, course_lines(course, width, marks, progress.next_name))
    return [line for number, part in enumerate(parts) for line in (["", *part] if number else part)]


def _facts(progress: CourseProgress, groups: Groups) -> dict[str, Any]:
    others = [one for unit, listed in groups if unit is None for one in listed]
    return {
        "format": 1,
        "title": progress.library.course.title,
        "next": progress.next_name or None,
        "units": [_unit_facts(progress, unit, listed) for unit, listed in groups if unit is not None],
        "others": [_scenario_facts(progress, one) for one in others],
    }


def _unit_facts(progress: CourseProgress, unit: Unit, listed: list[Listing]) -> dict[str, Any]:
    return {
        "number": unit.number,
        "name": unit.name,
        "title": unit.title,
        "goal": unit.goal,
        "minutes": unit.minutes,
        "needs": list(unit.needs),
        "done": progress.is_done(unit),
        "scenarios": [_scenario_facts(progress, one) for one in listed],
        "experiments": [
            {"name": name, "title": title}
            for name, title in experiment_titles(progress.library.course, unit).items()
        ],
    }


def _scenario_facts(progress: CourseProgress, one: Listing) -> dict[str, Any]:
    done = progress.done(one.name)
    return {"name": one.name, "title": one.title, "done": done.state == "done", **asdict(done)}


# --- the answers ------------------------------------------------------------------------------------------


def _answers(library: Library, unit: Unit | None, name: str | None, out: str | None) -> int:
    """Print the answers, or write them to a file; unit: only those to its scenarios.

    Errors: BadInput if the progress file cannot be read, or the file cannot be written, or there is no answer
            to write: what the file has stays.
    """
    kept = CourseProgress(library, read_progress(progress_path()))
    answers = [one for one in kept.answers(name or "") if unit is None or one.scenario in unit.scenarios]
    text = write_answers(answers)
    if not answers and out is not None:
        raise BadInput(f"{NO_ANSWER}; {out[:60]!r} is not written")
    if not answers:
        print(NO_ANSWER, file=sys.stderr)
    try:
        write_output(out, text)
    except OSError as error:
        if out is None:
            raise
        raise BadInput(f"cannot be written: {error.strerror}; use another name", file=out) from None
    if out is not None:
        print(f"wrote {plural(len(answers), 'answer')} to {out}")
    return 0


def _forget(library: Library, *, yes: bool) -> int:
    """Start again: rename the progress file, and keep the progress in other courses.

    Errors: BadInput if it is not confirmed, or the file cannot be read or renamed.
    """
    path, title = progress_path(), library.course.title
    count = len(read_progress(path).of(library_key(library)))
    if not count:
        print(f"there is no progress in the course {title}")
        return 0
    if not yes and not _confirmed(f"Forget the progress in {plural(count, 'scenario')} of {title}? [y/N] "):
        print("nothing was changed")
        return 0
    aside = forget(path, library_key(library))
    print(f"the progress in {plural(count, 'scenario')} of {title} is forgotten")
    print(f"a copy from before is {aside}; delete it if you do not need it")
    return 0


def _confirmed(question: str) -> bool:
    """Ask on the terminal.

    Errors: BadInput without one.
    """
    if not sys.stdin.isatty():
        raise BadInput("there is no terminal to ask on; add --yes to forget the progress")
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False
