"""A course as lines of text: its units, and the scenarios of each, with what they teach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from types import MappingProxyType
from typing import Final

from engine.scenario.course import Course, Unit
from engine.scenario.library import Listing
from engine.words import plural

Marks = Mapping[str, str]
"""A scenario's name -> what was done in it, as one character; a name without an entry has no mark."""

NO_MARKS: Final[Marks] = MappingProxyType({})

NARROW: Final = 40
WIDE: Final = 110
"""Lines are broken at the width of the terminal, but within these limits."""


def time_words(minutes: int) -> str:
    """Say how long something takes: `45 minutes`, `1 hour`, `8 hours 20 minutes`."""
    hours, rest = divmod(minutes, 60)
    parts = [plural(hours, "hour")] if hours else []
    return " ".join([*parts, *([plural(rest, "minute")] if rest or not hours else [])])


def unit_words(unit: Unit | None) -> str:
    """Return the heading of a unit; of what is in no unit for None."""
    if unit is None:
        return "In no unit"
    time = f" ({time_words(unit.minutes)})" if unit.minutes is not None else ""
    return f"{unit.number}. {unit.title}{time}"


def course_lines(course: Course, width: int) -> list[str]:
    """Return the heading of a course: its title, and how much it is."""
    minutes = sum(unit.minutes or 0 for unit in course.units)
    parts = [plural(len(course.units), "unit"), plural(len(course.scenarios), "scenario")]
    much = ", ".join([*parts, *([time_words(minutes)] if minutes else [])])
    return [*_wrapped(course.title, width, ""), *_wrapped(much, width, "")]


def unit_lines(
    course: Course, unit: Unit | None, listed: Iterable[Listing], width: int, marks: Marks = NO_MARKS
) -> Iterator[str]:
    """Yield the lines of a unit: its heading, goal and prerequisites, and its scenarios with their titles.

    unit: None for the scenarios in no unit. width: in columns.
    """
    yield unit_words(unit)
    if unit is not None:
        yield from _wrapped(unit.goal, width, "   ")
        titles = {one.name: f"{one.number}. {one.title}" for one in course.units}
        needs = "; ".join(titles[name] for name in unit.needs)
        yield from _wrapped(f"Needs: {needs}." if needs else "", width, "   ")
    yield from scenario_lines(listed, width, marks)


def scenario_lines(listed: Iterable[Listing], width: int, marks: Marks = NO_MARKS) -> Iterator[str]:
    """Yield a line or more for each scenario: its mark, name and title."""
    scenarios = list(listed)
    longest = max((len(one.name) for one in scenarios), default=0)
    for one in scenarios:
        head = f" {marks.get(one.name, ' ')} {one.name:<{longest}}  "
        yield from _wrapped(one.title, width, " " * len(head), head)


def taught_lines(listed: Iterable[Listing], width: int, marks: Marks = NO_MARKS) -> Iterator[str]:
    """Yield the lines of each scenario: its mark, name and title, then what it teaches."""
    for one in listed:
        yield from _wrapped(f"{one.name}: {one.title}", width, "     ", f" {marks.get(one.name, ' ')} ")
        yield from _wrapped(one.teaches, width, "     ")


def _wrapped(text: str, width: int, indent: str, first: str | None = None) -> list[str]:
    """Break a text into lines of at most `width` columns; [] for an empty text."""
    start = indent if first is None else first
    room = min(max(width, NARROW), WIDE)
    return wrap(text, room, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False)
