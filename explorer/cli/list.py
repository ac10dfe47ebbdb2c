"""`pageq list`: list the scenario library, without loading the model."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from itertools import groupby
from shutil import get_terminal_size
from typing import Any, Final

from engine.scenario.headings import HEADINGS
from engine.scenario.library import Library, Listing
from explorer.cli.arguments import add_course
from explorer.views.course import scenario_lines, taught_lines, unit_words

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
    parser.set_defaults(order="unit")
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
    for line in _LINES[arguments.order](library, get_terminal_size().columns):
        print(line)
    return 0


def _by_unit(library: Library, width: int) -> Iterator[str]:
    """Yield the scenarios of each unit, with what they teach."""
    for number, (unit, listed) in enumerate(library.by_unit()):
        yield from [""] if number else []
        yield unit_words(unit)
        yield from taught_lines(listed, width)


def _by_topic(library: Library, width: int) -> Iterator[str]:
    """Yield each heading of the document, and the scenarios about it; a scenario can be about several."""
    listed = [one for _, unit in library.by_unit() for one in unit]
    others = (heading for one in listed for heading in one.covers if heading not in HEADINGS)
    for heading in dict.fromkeys((*HEADINGS, *others)):
        about = [one for one in listed if heading in one.covers]
        if about:
            yield heading.replace("`", "")
            yield from scenario_lines(about, width)
    if rest := [one for one in listed if not one.covers]:
        yield "Without a topic"
        yield from scenario_lines(rest, width)


def _by_level(library: Library, width: int) -> Iterator[str]:
    """Yield the scenarios of each level, the easiest first."""
    for level, listed in groupby(library.listings(), key=lambda one: one.level):
        yield level
        yield from scenario_lines(listed, width)


_LINES: Final[dict[str, Callable[[Library, int], Iterator[str]]]] = {
    "unit": _by_unit,
    "topic": _by_topic,
    "level": _by_level,
}


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
