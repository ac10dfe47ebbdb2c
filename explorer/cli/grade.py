"""`pageq grade`: grade a class's answers to the scenarios' questions, compared by value."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from engine.errors import BadInput
from engine.scenario.loader import Scenario
from explorer.cli.arguments import BY_SUFFIX, ONE_OBJECT, add_settings, format_of
from explorer.cli.output import add_out, write_output
from explorer.session.answer_paths import AnswerFile, read_files
from explorer.session.command_line import asked_for, read_settings
from explorer.session.grading import Load, Row, grade
from explorer.text.grade_output import TABLES, csv_text, json_text, text_lines

PLACE: Final = 120
HELP: Final = "Grade a class's answers to the scenarios' questions, compared by value."

FORMATS: Final = ("text", "csv", "json")

SUFFIXES: Final = {".csv": "csv", ".json": "json"}
"""The format of a file without --format, by its suffix; text for any other."""

MOST_NOTES: Final = 100
"""How many notes are printed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq grade`."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a file with a line [NAME<tab>]SCENARIO<tab>QUESTION<tab>ANSWER for each answer, a folder of "
        "such files, or - for the standard input",
    )
    parser.add_argument("--format", choices=FORMATS, help=f"the output; {BY_SUFFIX}")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help=ONE_OBJECT)
    parser.add_argument("--rows", action="store_true", help="text only: print each answer too")
    parser.add_argument("--table", choices=TABLES, help=f"csv only: the table to print; default {TABLES[0]}")
    add_out(parser)
    add_settings(parser, "grade for another machine")


def run(arguments: argparse.Namespace) -> int:
    """Grade the answers in files; print tables of the class and of the questions, CSV or one JSON object.

    Returns 0 if all answers are right, 1 if not, and 2 if a line is not an answer, or a file has none. These
    are reported on stderr, and the others are graded.
    Errors: BadInput for invalid options, and if there is no answer at all; OSError if the file cannot be
    written.
    """
    _check(arguments)
    files, wrong = read_files(arguments.paths)
    if not files and len(wrong) == 1:
        raise wrong[0]
    graded = grade(files, _loader(arguments))
    bad = [*wrong, *_bad_lines(files)]
    for message in (*bad, *_first(graded.notes)):
        print(message, file=sys.stderr)
    if files:
        _write(graded.rows, arguments)
    return 2 if bad else 1 if any(row.ok is False for row in graded.rows) else 0


def _check(arguments: argparse.Namespace) -> None:
    """Check options that do not depend on the files.

    Errors: BadInput.
    """
    for option, given, form in (("--rows", arguments.rows, "text"), ("--table", arguments.table, "csv")):
        if given and format_of(arguments, SUFFIXES) != form:
            raise BadInput(f"{option} is only for --format {form}; remove it")
    read_settings(arguments)


def _loader(arguments: argparse.Namespace) -> Load:
    """Return how a scenario is loaded: with the settings of the command line, and the seed of an answer.

    Its warnings are printed once.
    """
    loaded: set[str] = set()

    def load(name: str, seed: int | None) -> Scenario:
        given = arguments if seed is None else argparse.Namespace(**{**vars(arguments), "seed": seed})
        quiet = name in loaded
        loaded.add(name)
        return asked_for(given, name, quiet=quiet)

    return load


def _bad_lines(files: Sequence[AnswerFile]) -> Iterator[BadInput]:
    for file in files:
        lines = file.lines
        yield from sorted(lines.bad, key=lambda error: error.line or 0)
        if lines.more:
            yield BadInput(f"{lines.more:,} more lines cannot be graded; correct these first", file=file.file)


def _first(notes: Sequence[str]) -> Iterator[str]:
    """The notes that are printed, and how many others there are."""
    yield from notes[:MOST_NOTES]
    if len(notes) > MOST_NOTES:
        yield f"pageq: {len(notes) - MOST_NOTES:,} more notes"


def _write(rows: Sequence[Row], arguments: argparse.Namespace) -> None:
    """Write the output to `out`, whole or not at all, or to stdout."""
    chosen = format_of(arguments, SUFFIXES)
    if chosen == "json":
        text = f"{json_text(rows)}\n"
    elif chosen == "csv":
        text = csv_text(rows, arguments.table or TABLES[0])
    else:
        text = "".join(f"{line}\n" for line in text_lines(rows, answers=arguments.rows))
    write_output(arguments.out, text)
