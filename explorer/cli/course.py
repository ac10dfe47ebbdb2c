"""`pageq course`: the course of the library or of a folder, without loading the model."""

from __future__ import annotations

import argparse
import json
from shutil import get_terminal_size
from typing import Any, Final

from engine.scenario.course import Unit
from engine.scenario.library import Listing
from explorer.cli.arguments import ONE_OBJECT, add_course
from explorer.views.course import course_lines, unit_lines

PLACE: Final = 28
HELP: Final = "Show the course: its units, their goals, and the scenarios of each."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq course`."""
    parser.add_argument("unit", nargs="?", metavar="UNIT", help="only this unit: its number or its name")
    add_course(parser)
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Print the course, or one unit of it, as text or as one JSON object.

    Errors: BadInput if there is no such unit, or for a scenario of a course that cannot be listed.
    """
    course, groups = arguments.course.course, arguments.course.by_unit()
    if arguments.unit is not None:
        chosen = course.unit(arguments.unit)
        groups = [(unit, listed) for unit, listed in groups if unit == chosen]
    if arguments.json:
        print(json.dumps(_facts(course.title, groups)))
        return 0
    width = get_terminal_size().columns
    parts = [list(unit_lines(course, unit, listed, width)) for unit, listed in groups]
    if arguments.unit is None:
        parts.insert(0, course_lines(course, width))
    print("\n\n".join("\n".join(part) for part in parts))
    return 0


def _facts(title: str, groups: list[tuple[Unit | None, list[Listing]]]) -> dict[str, Any]:
    units = [_unit_facts(unit, listed) for unit, listed in groups if unit is not None]
    others = [one for unit, listed in groups if unit is None for one in listed]
    return {"format": 1, "title": title, "units": units, "others": list(map(_scenario_facts, others))}


def _unit_facts(unit: Unit, listed: list[Listing]) -> dict[str, Any]:
    return {
        "number": unit.number,
        "name": unit.name,
        "title": unit.title,
        "goal": unit.goal,
        "minutes": unit.minutes,
        "needs": list(unit.needs),
        "scenarios": list(map(_scenario_facts, listed)),
    }


def _scenario_facts(one: Listing) -> dict[str, Any]:
    return {"name": one.name, "title": one.title}
