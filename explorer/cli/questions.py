"""`pageq questions`: the questions of scenarios, for a paper, a test or a course in Moodle."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput
from engine.scenario.library import LEVELS, Library
from engine.scenario.loader import Scenario
from explorer.cli.arguments import BY_SUFFIX, ONE_OBJECT, add_settings, format_of
from explorer.cli.output import add_out, write_output
from explorer.papers.exercise import Exercise, Exercises, exercises_of
from explorer.session.command_line import asked_for
from explorer.views.safe_text import safe, trusted

if TYPE_CHECKING:
    from explorer.papers.moodle import Picture

Scenarios = Sequence[Scenario]

PLACE: Final = 118
HELP: Final = "Print the questions of scenarios, with or without the answers, or write them for Moodle."

MOODLE: Final = "moodle-xml"
FORMATS: Final = ("text", "markdown", MOODLE, "json")

SUFFIXES: Final = {".md": "markdown", ".markdown": "markdown", ".xml": MOODLE, ".json": "json"}
"""The format of a file without --format, by its suffix; text for any other."""

PATIENCE: Final = 1.0
"""Seconds until the pictures that are made are counted on the terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq questions`."""
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help="scenarios from the library (see `pageq list`), or files; default all, as the course has them",
    )
    parser.add_argument(
        "--unit", metavar="UNIT", help="only the scenarios of this unit of the course: its number or its name"
    )
    parser.add_argument("--level", choices=LEVELS, help="only the scenarios of this level")
    parser.add_argument(
        "--answers",
        action="store_true",
        help="print the right answers and the reasons too: below each question in text, in a key at the end "
        "of Markdown; Moodle always gets them",
    )
    formats = f"text, markdown, {MOODLE}, or json: {ONE_OBJECT.removeprefix('print ')}; {BY_SUFFIX}"
    parser.add_argument("--format", choices=FORMATS, help=formats)
    parser.add_argument(
        "--no-pictures", action="store_true", help=f"{MOODLE} only: leave out the pictures of the moments"
    )
    add_out(parser)
    add_settings(parser, "ask about the run on another machine")


def run(arguments: argparse.Namespace) -> int:
    """Print the questions in the order of the files.

    A question that the run does not ask under other settings is left out, with a note on stderr.
    Errors: BadInput for an invalid scenario or option, before anything is printed; OSError if the file cannot
    be written, which then stays as it was.
    """
    chosen_format = format_of(arguments, SUFFIXES)
    if arguments.no_pictures and chosen_format != MOODLE:
        raise BadInput(f"--no-pictures is only for --format {MOODLE}; remove it")
    # One that is named twice is asked once: a question's id occurs once in a file for Moodle.
    scenarios = [asked_for(arguments, name) for name in dict.fromkeys(_names(arguments))]
    chosen = [one for one in scenarios if arguments.level in (None, one.form.level) and one.questions]
    text = _FORMATTED[chosen_format](chosen, arguments)
    write_output(arguments.out, safe(text))
    return 0


def _names(arguments: argparse.Namespace) -> Sequence[str]:
    """Return the scenarios that are asked for, in their order.

    Errors: BadInput if there is no such unit, or names are given too.
    """
    library: Library = arguments.course
    if arguments.unit is None:
        return arguments.scenarios or library.ordered
    if arguments.scenarios:
        raise BadInput("--unit and SCENARIO exclude each other; remove one")
    return library.course.unit(arguments.unit).scenarios


def _papers(scenarios: Iterable[Scenario], *, steps: bool = False, run: bool = False) -> Iterator[Exercises]:
    """Yield the questions of each scenario, one run after the other; say which ones are left out."""
    for scenario in scenarios:
        paper = exercises_of(scenario, steps=steps, run=run)
        for note in paper.left_out:
            print(f"note: {note}", file=sys.stderr)
        yield paper


def _text(scenarios: Scenarios, arguments: argparse.Namespace) -> str:
    from explorer.papers.question_paper import text_lines

    return "".join(
        f"{line}\n" for line in text_lines(_papers(scenarios, steps=True), answers=arguments.answers)
    )


def _json(scenarios: Scenarios, arguments: argparse.Namespace) -> str:
    from explorer.papers.question_paper import facts_of

    return f"{json.dumps(facts_of(_papers(scenarios), answers=arguments.answers))}\n"


def _markdown(scenarios: Scenarios, arguments: argparse.Namespace) -> str:
    from explorer.papers.question_paper import markdown_lines

    papers = _papers(scenarios, steps=True)
    return "".join(f"{line}\n" for line in markdown_lines(papers, answers=arguments.answers))


def _moodle(scenarios: Scenarios, arguments: argparse.Namespace) -> str:
    from explorer.papers.moodle import moodle_xml

    if arguments.no_pictures:
        return moodle_xml(_papers(scenarios, run=True), lambda *_: None)
    with _camera(sum(len(scenario.questions) for scenario in scenarios)) as picture:
        return moodle_xml(_papers(scenarios, run=True), picture)


_FORMATTED: Final[dict[str, Callable[[Scenarios, argparse.Namespace], str]]] = {
    "text": _text,
    "markdown": _markdown,
    MOODLE: _moodle,
    "json": _json,
}


@contextmanager
def _camera(total: int) -> Iterator[Picture]:
    """Make pictures, and count them on a terminal if they take long."""
    from explorer.papers.moment_pictures import MomentCamera, question_picture

    start, shown, done = time.monotonic(), sys.stderr.isatty(), 0
    with MomentCamera() as camera:

        def picture(scenario: Scenario, exercise: Exercise) -> str | None:
            nonlocal done
            done += 1
            if shown and time.monotonic() - start > PATIENCE:
                _count(f"picture {done} of {total}")
            return question_picture(camera, scenario, exercise)

        try:
            yield picture
        finally:
            if shown:
                _count("")


def _count(words: str) -> None:
    """Replace the last line of the terminal."""
    trusted(sys.stderr).write(f"\r\x1b[K{words}")
    sys.stderr.flush()
