"""A course: the scenarios of a library in the order in which a student takes them, in units.

A course file, `course.toml`, is read like a scenario file: each key is checked, and an error has a file and
line. Reading one imports neither NumPy nor the model.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.inputs.file_roles import COURSE
from engine.inputs.wrong_file import asking_for
from engine.scenario.file_text import read_text
from engine.scenario.toml_positions import Places
from engine.scenario.toml_reader import REQUIRED, Asked, Section, parse_toml, read_all

FORMAT: Final = 1

COURSE_FILE: Final = "course.toml"
"""The name of the course file in a folder of scenarios."""

MOST_UNITS: Final = 100
LONGEST_UNIT: Final = 600
"""Maximum minutes of a unit."""

_NEAR: Final = 0.5


@dataclass(frozen=True)
class Unit:
    """A unit of a course.

    number:    its place in the course, from 1.
    goal:      what a student can do after it; "" if the file has none.
    minutes:   how long it takes, None if the file does not say.
    needs:     the names of the earlier units that it builds on.
    scenarios: names, in the order in which a student takes them.
    experiments: the names of the experiments that measure what the unit is about; they are not in this room.
    """

    number: int
    name: str
    title: str
    goal: str
    minutes: int | None
    needs: tuple[str, ...]
    scenarios: tuple[str, ...]
    experiments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Course:
    """A course: its title and its units, in order; `asked`: the keys that its file may have."""

    path: Path
    title: str
    units: tuple[Unit, ...]
    asked: Asked = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """The names of the scenarios of all units, in the order in which a student takes them."""
        return tuple(name for unit in self.units for name in unit.scenarios)

    def unit_of(self, scenario: str) -> Unit | None:
        """Return the unit that a scenario belongs to; None if it is in no unit."""
        return next((unit for unit in self.units if scenario in unit.scenarios), None)

    def after(self, scenario: str, most: int) -> tuple[str, ...]:
        """Return the names of the next scenarios, at most `most`; () after the last one and in no unit."""
        if scenario not in self.scenarios:
            return ()
        first = self.scenarios.index(scenario) + 1
        return self.scenarios[first : first + most]

    def unit(self, number_or_name: str) -> Unit:
        """Return a unit, given its number or its name.

        Errors: BadInput, with the nearest names, if there is no such unit.
        """
        word = number_or_name.strip()
        for unit in self.units:
            if word in (unit.name, str(unit.number)):
                return unit
        names = [unit.name for unit in self.units]
        near = difflib.get_close_matches(word[:80], names, 3, _NEAR) or names[:3]
        right = f"use 1 to {len(names)}, or a name such as {', '.join(near)}"
        raise BadInput(f"this course has no unit {word[:40]!r}; {right}")


def read_course(path: Path, known: Collection[str]) -> Course:
    """Read a course file.

    known: the names that its units can list.
    Errors: BadInput with file and line.
    """
    with asking_for(COURSE, path):
        return _parsed(read_text(path, COURSE), path, known)


def _parsed(text: str, path: Path, known: Collection[str]) -> Course:
    file = str(path)
    top = Section("a course", parse_toml(text, file), (), Places(text), file)
    top.describe("format", "integer", str(FORMAT), REQUIRED)
    number = top.take("format", (int,))
    if number != FORMAT:
        raise top.error(f"format = {number} is not supported; this version reads format = {FORMAT}", "format")
    title = top.one_line("title")
    top.describe("unit", "list of tables", f"1 to {MOST_UNITS}", REQUIRED)
    units = read_all(top.subs("unit", MOST_UNITS), lambda part, found: _unit(part, found, known))
    top.finish()
    if not units:
        raise top.error("a course has one unit or more; add a [[unit]] with name, title and scenarios")
    return Course(path, title, units, top.asked)


def _unit(part: Section, found: list[Unit], known: Collection[str]) -> Unit:
    return Unit(
        number=len(found) + 1,
        name=part.id("name", [unit.name for unit in found]),
        title=part.one_line("title"),
        goal=" ".join(part.text("goal", "").split()),
        minutes=part.number("minutes", 1, LONGEST_UNIT, None),
        needs=_needs(part, found),
        scenarios=_scenarios(part, found, known),
        experiments=_experiments(part),
    )


def _needs(part: Section, found: list[Unit]) -> tuple[str, ...]:
    """Read the prerequisites: names of earlier units, so that no unit can need itself, however indirectly."""
    needs, earlier = part.texts("needs"), [unit.name for unit in found]
    for number, need in enumerate(needs):
        if need not in earlier:
            near = difflib.get_close_matches(need[:80], earlier, 3, _NEAR) or earlier[-3:]
            right = f"use {', '.join(near)}" if earlier else "the first unit needs none"
            raise part.error(
                f"needs: {need[:40]!r} is not the name of an earlier unit; {right}", "needs", number
            )
        if need in needs[:number]:
            raise part.error(f"needs: {need!r} occurs twice; remove one", "needs", number)
    return needs


def _scenarios(part: Section, found: list[Unit], known: Collection[str]) -> tuple[str, ...]:
    part.describe("scenarios", "list of strings", "", REQUIRED)
    part.take("scenarios", (list,))
    names = part.texts("scenarios")
    if not names:
        raise part.error("scenarios is empty; list the scenarios of the unit by name", "scenarios")
    taken = {name: unit.title for unit in found for name in unit.scenarios}
    for number, name in enumerate(names):
        if name in taken or name in names[:number]:
            there = f"in the unit {taken[name]!r}" if name in taken else "in this unit"
            raise part.error(f"the scenario {name!r} is already {there}; remove one", "scenarios", number)
        if name != name.strip() or name.startswith("#") or not name.isprintable():
            # A line of a file of answers starts with it.
            wrong = "has a # or a space at its start, a space at its end, or a control character"
            raise part.error(f"the name {name[:80]!r} {wrong}; rename the file", "scenarios", number)
        if name not in known:
            near = difflib.get_close_matches(name[:80], known, 3, _NEAR)
            right = f"use {', '.join(near)}" if near else "put NAME.toml into the folder of the course"
            raise part.error(f"there is no scenario {name[:80]!r}; {right}", "scenarios", number)
    return names


def _experiments(part: Section) -> tuple[str, ...]:
    part.describe("experiments", "list of strings", "names of experiments", ())
    names = part.texts("experiments")
    for number, name in enumerate(names):
        if not name or name != name.strip() or not name.isprintable():
            words = f"experiments: {name[:80]!r} is not a name; write one such as contention"
            raise part.error(words, "experiments", number)
        if name in names[:number]:
            raise part.error(f"experiments: {name[:80]!r} occurs twice; remove one", "experiments", number)
    return names
