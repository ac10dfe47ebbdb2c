"""A course as lines of text: its units, and the scenarios of each, with what they teach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from textwrap import wrap
from types import MappingProxyType
from typing import Final

from engine.errors import BadInput
from engine.experiments.listing import experiment_title
from engine.scenario.course import Course, Unit
from engine.scenario.headings import HEADINGS
from engine.scenario.library import Library, Listing
from engine.words import plural

Marks = Mapping[str, str]
"""A scenario's name -> what was done in it, as one character; a name without an entry has no mark."""

DONE: Final = "✓"
"""The mark of a scenario that is done."""

BEGUN: Final = "•"
"""The mark of a scenario that was begun."""

NO_MARKS: Final[Marks] = MappingProxyType({})

NARROW: Final = 40
WIDE: Final = 110
"""Lines are broken at the width of the terminal, but within these limits."""


def time_words(minutes: int) -> str:
    """Say how long something takes: `45 minutes`, `1 hour`, `8 hours 20 minutes`."""
    hours, rest = divmod(minutes, 60)
    parts = [plural(hours, "hour")] if hours else []
    return " ".join([*parts, *([plural(rest, "minute")] if rest or not hours else [])])


def unit_words(unit: Unit | None, marks: Marks = NO_MARKS) -> str:
    """Return the heading of a unit, with how much of it is done; of what is in no unit for None."""
    if unit is None:
        return "In no unit"
    parts = [time_words(unit.minutes)] if unit.minutes is not None else []
    parts += [done_words(unit.scenarios, marks)] if any(name in marks for name in unit.scenarios) else []
    return f"{unit.number}. {unit.title}" + (f" ({'; '.join(parts)})" if parts else "")


def done_words(names: Collection[str], marks: Marks) -> str:
    """Say how many scenarios are done: `3 of 6 scenarios done`, or `done` for all."""
    done = sum(marks.get(name) == DONE for name in names)
    return "done" if done == len(names) else f"{done} of {plural(len(names), 'scenario')} done"


def course_lines(course: Course, width: int, marks: Marks = NO_MARKS, following: str = "") -> list[str]:
    """Return the heading of a course: its title, how much it is, and if it was begun, how much is done.

    following: the name of the scenario that comes next.
    """
    minutes = sum(unit.minutes or 0 for unit in course.units)
    parts = [plural(len(course.units), "unit"), plural(len(course.scenarios), "scenario")]
    much = ", ".join([*parts, *([time_words(minutes)] if minutes else [])])
    done = f"{done_words(course.scenarios, marks)}; {next_words(course, following)}" if marks else ""
    lines = (course.title, much, f"{done[:1].upper()}{done[1:]}")
    return [line for text in lines for line in _wrapped(text, width, "")]


def next_words(course: Course, name: str) -> str:
    """Say which scenario comes next: `next is boot, unit 2: Boot, colour, home`."""
    unit = course.unit_of(name)
    return f"next is {name}, unit {unit.number}: {unit.title}" if unit else "nothing comes next"


def grouped(
    library: Library, order: str, marks: Marks = NO_MARKS, *, broken: bool = False
) -> list[tuple[str, list[Listing]]]:
    """Return the scenarios under headings: those of the units, of the document, or the levels.

    order: one of ORDERS. A scenario about several headings of the document is under each.
    broken, Errors: as Library.listings.
    """
    if order == "level":
        listed = library.listings(broken=broken)
        return [(level, list(group)) for level, group in groupby(listed, key=lambda one: one.level)]
    units = library.by_unit(broken=broken)
    if order == "unit":
        return [(unit_words(unit, marks), listed) for unit, listed in units]
    return list(_topics([one for _, listed in units for one in listed]))


ORDERS: Final = ("unit", "topic", "level")
"""The orders in which scenarios are listed."""


def _topics(listed: list[Listing]) -> Iterator[tuple[str, list[Listing]]]:
    """Yield each heading of the document with the scenarios about it, other topics, and those without one."""
    others = (heading for one in listed for heading in one.covers if heading not in HEADINGS)
    for heading in dict.fromkeys((*HEADINGS, *others)):
        about = [one for one in listed if heading in one.covers]
        if about:
            yield heading.replace("`", ""), about
    if rest := [one for one in listed if not one.covers]:
        yield "Without a topic", rest


def unit_lines(
    course: Course, unit: Unit | None, listed: Iterable[Listing], width: int, marks: Marks = NO_MARKS
) -> Iterator[str]:
    """Yield the lines of a unit: its heading, goal and prerequisites, and its scenarios with their titles.

    unit: None for the scenarios in no unit. width: in columns.
    """
    yield unit_words(unit, marks)
    if unit is not None:
        yield from _wrapped(unit.goal, width, "   ")
        titles = {one.name: f"{one.number}. {one.title}" for one in course.units}
        needs = "; ".join(titles[name] for name in unit.needs)
        yield from _wrapped(f"Needs: {needs}." if needs else "", width, "   ")
    yield from scenario_lines(listed, width, marks)
    if unit is not None and unit.experiments:
        yield from experiment_lines(course, unit, width)


def experiment_lines(course: Course, unit: Unit, width: int) -> Iterator[str]:
    """Yield a line or more for each experiment of a unit: its name and title.

    Errors: BadInput for an experiment that does not exist.
    """
    yield "   Measure it yourself (pageq experiment NAME):"
    titles = experiment_titles(course, unit)
    longest = max(map(len, titles))
    for name, title in titles.items():
        head = f"   {name:<{longest}}  "
        yield from _wrapped(title, width, " " * len(head), head)


def experiment_titles(course: Course, unit: Unit) -> dict[str, str]:
    """Return the title of each experiment of a unit.

    Errors: BadInput, with the course file, for one that does not exist.
    """
    try:
        return {name: experiment_title(name) for name in unit.experiments}
    except BadInput as error:
        raise BadInput(f"the unit {unit.name}: {error.message}", file=str(course.path)) from None


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
