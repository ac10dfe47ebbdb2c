"""`pageq list`: list the scenario library, without loading the model."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from shutil import get_terminal_size
from typing import Any, Final

from engine.scenario.library import Library, Listing
from explorer.cli.arguments import add_course
from explorer.cli.kept_progress import kept_progress
from explorer.views.course import ORDERS, grouped, scenario_lines, taught_lines

PLACE: Final = 30
HELP: Final = "List the scenarios of the library, in the order of the course."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq list`."""
    order = parser.add_mutually_exclusive_group()
    order.add_argument(
        "--by-topic",
        action="store_const",
        dest="order",
        const="topic",
        help="by the document's headings",
    )
    order.add_argument(
        "--by-level",
        action="store_const",
        dest="order",
        const="level",
        help="by level, the easiest first",
    )
    parser.set_defaults(order=ORDERS[0])
    add_course(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON array")


def run(arguments: argparse.Namespace) -> int:
    """Print the scenarios under headings: units, topics or levels; or one JSON array.

    Errors: BadInput for a scenario of a course that cannot be listed.
    """
    library = arguments.course
    if arguments.json:
        print(json.dumps(_facts(library, arguments.order)))
        return 0
    for line in _lines(library, arguments.order, get_terminal_size().columns):
        print(line)
    return 0


def _lines(library: Library, order: str, width: int) -> Iterator[str]:
    """Yield the scenarios with their marks; in the order of the course, with what they teach."""
    marks = kept_progress(library).marks
    for number, (heading, listed) in enumerate(grouped(library, order, marks)):
        if order == "unit":
            yield from ["", heading] if number else [heading]
            yield from taught_lines(listed, width, marks)
        else:
            yield heading
            yield from scenario_lines(listed, width, marks)


def _facts(library: Library, order: str) -> list[dict[str, Any]]:
    """Return an entry for each scenario: by level if that was asked for, else in the order of the course."""
    listed = [one for _, unit in library.by_unit() for one in unit]
    return [_entry(library, one) for one in (library.listings() if order == "level" else listed)]


def _entry(library: Library, one: Listing) -> dict[str, Any]:
    unit = library.course.unit_of(one.name)
    return {
        "name": one.name,
        "title": one.title,
        "level": one.level,
        "rules": one.rules,
        "covers": list(one.covers),
        "teaches": one.teaches,
        "unit": unit.name if unit else None,
    }
