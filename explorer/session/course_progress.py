"""A course with what the user has done in it: what is done, what comes next, and the answers to hand in.

Imports neither the model nor a session, so that `pageq list` can show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.scenario.course import Unit
from engine.scenario.library import OWN, Library
from engine.scenario.outline import Outline, read_outline
from explorer.session.answer_file import GivenAnswer
from explorer.session.progress import OWN_COURSE, CourseKey, Done, Progress, Work, Works, done_of

NO_ANSWER: Final = "no answer is kept yet; run a scenario to a question and answer it"
"""What is said where the answers of a course are asked for and there are none."""


def course_key(library: Library, path: Path) -> CourseKey | None:
    """Return the course to which the file of a scenario belongs; None for a file that is in no course.

    A scenario of the program's own course belongs to that, also when another course lists it.
    """
    return None if library.name_of(path) is None else _course_key(library, path)


def _course_key(library: Library, path: Path) -> CourseKey:
    """Return the course of a file that the library has."""
    return OWN_COURSE if path.parent == OWN.path else library_key(library)


def library_key(library: Library) -> CourseKey:
    """Return the course of a folder of scenarios."""
    if library.path == OWN.path:
        return OWN_COURSE
    # A name that is not UTF-8 is kept with escapes, so that it is the same when the file is read.
    path = str(library.path.resolve()).encode("utf-8", "backslashreplace").decode()
    return CourseKey(path, library.course.title)


class CourseProgress:
    """A course and what was done in it.

    works: what was done, by the names of the scenarios in this course.
    """

    def __init__(self, library: Library, progress: Progress) -> None:
        self.library = library
        self._files = library.files()
        self.works = self._works(progress)
        self._done: dict[str, Done] = {}

    def _works(self, progress: Progress) -> Works:
        """Return the work in the scenarios of this course, not in others that the library below has."""
        names = set(self.library.names)
        return {
            name: work
            for course in dict.fromkeys((OWN_COURSE, library_key(self.library)))
            for name, work in progress.of(course).items()
            if name in names and _course_key(self.library, self._files[name]) == course
        }

    def done(self, name: str) -> Done:
        """Return what of a scenario is done; its file is read once."""
        if name not in self._done:
            self._done[name] = done_of(self.works.get(name, Work()), _outline(self._files.get(name)))
        return self._done[name]

    def state(self, name: str) -> str:
        """Return the state of a scenario, as `Done.state`; the file of one without work is not read."""
        return self.done(name).state if name in self.works else ""

    @cached_property
    def marks(self) -> dict[str, str]:
        """The mark of each scenario that was begun or is done."""
        return {name: self.done(name).mark for name in self.works if self.state(name)}

    def done_in(self, unit: Unit) -> int:
        """Return the number of scenarios of a unit that are done."""
        return sum(self.state(name) == "done" for name in unit.scenarios)

    def is_done(self, unit: Unit) -> bool:
        """Whether all scenarios of a unit are done."""
        return self.done_in(unit) == len(unit.scenarios)

    @property
    def next_name(self) -> str:
        """The name of the scenario that comes next; "" if all are done."""
        return self.next[1] if self.next else ""

    @cached_property
    def next(self) -> tuple[Unit, str] | None:
        """The next scenario of the first unit that is not done, one that was begun first; None if all are."""
        for unit in self.library.course.units:
            left = [name for name in unit.scenarios if self.state(name) != "done"]
            begun = [name for name in left if self.state(name) == "begun"]
            if left:
                return unit, (begun or left)[0]
        return None

    def answers(self, student: str = "") -> list[GivenAnswer]:
        """Return the first answers to hand in, those without a seed first; student: a name, or "".

        Their order is that of the course, then that in which they were given.
        """
        found = list(self._answers(student))
        return sorted(found, key=lambda one: -1 if one.seed is None else one.seed)

    def _answers(self, student: str) -> Iterator[GivenAnswer]:
        ordered = dict.fromkeys((*self.library.course.scenarios, *sorted(self.works)))
        for name in ordered:
            for one in self.works.get(name, Work()).answers:
                yield GivenAnswer(student, one.seed, name, one.question, one.answer)


def words_to_continue(course: CourseProgress, here: str) -> tuple[str, str]:
    """Say where the course continues, at length and in short; "" and "" if nothing was done in it.

    here: the name of the open scenario.
    """
    if not course.marks:
        return "", ""
    if course.next is None:
        return ("all units are done; :browse lists the scenarios",) * 2
    unit, name = course.next
    how = "r reads on" if name == here else f":open {name}"
    return f"continue with unit {unit.number}: {unit.title} ({how})", f"unit {unit.number}: {how}"


def _outline(path: Path | None) -> Outline:
    """Return the outline of a file; one that cannot be read has no pages and no questions."""
    try:
        return Outline() if path is None else read_outline(path)
    except BadInput:
        return Outline()
