"""What a user has done in the scenarios of a course: pages read, the end seen, first answers; what is done.

Imports neither the model nor a session, so that `pageq list` can show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from engine.scenario.outline import Outline
from engine.words import plural
from explorer.views.course import BEGUN, DONE

MARKS: Final = {"done": DONE, "begun": BEGUN, "": " "}
"""The mark of each state of a scenario."""


@dataclass(frozen=True, order=True)
class CourseKey:
    """The identity of a course: the resolved path of its folder and its title.

    The course that comes with the program has no path: its folder moves when the program is installed again.
    A folder that is moved, or a course with another title, starts without progress.
    """

    path: str
    title: str


OWN_COURSE: Final = CourseKey("", "pageq")
"""The course that comes with the program."""


@dataclass(frozen=True)
class FirstAnswer:
    """The first answer to a question of a scenario under a seed.

    question: its id. answer: the text of the choice. seed: that of the run, or None without one.
    time: when it was decided, in seconds since 1970.
    """

    question: str
    answer: str
    right: bool
    seed: int | None
    time: int


@dataclass(frozen=True)
class Work:
    """What was done in a scenario.

    pages:   the pages of its lesson that were shown, from 1.
    ended:   whether the end of the run was seen.
    answers: the first answer to each question under each seed, the oldest first.
    """

    pages: frozenset[int] = frozenset()
    ended: bool = False
    answers: tuple[FirstAnswer, ...] = ()

    def __or__(self, other: Work) -> Work:
        """Combine two records of one scenario: of two answers to a question, the older one counts."""
        return Work(
            self.pages | other.pages, self.ended or other.ended, _first((*self.answers, *other.answers))
        )

    @property
    def first_answers(self) -> dict[str, FirstAnswer]:
        """The first answer to each question under any seed, by the question's id."""
        found: dict[str, FirstAnswer] = {}
        for answer in self.answers:
            found.setdefault(answer.question, answer)
        return found


def _first(answers: Iterable[FirstAnswer]) -> tuple[FirstAnswer, ...]:
    found: dict[tuple[str, int | None], FirstAnswer] = {}
    # Sorting keeps the order of equal times: what was recorded before stays first.
    for answer in sorted(answers, key=lambda one: one.time):
        found.setdefault((answer.question, answer.seed), answer)
    return tuple(found.values())


Works = Mapping[str, Work]
"""What was done in a course: by the name of the scenario."""

NOTHING: Final[Works] = MappingProxyType({})


@dataclass(frozen=True)
class Progress:
    """What was done in every course."""

    courses: Mapping[CourseKey, Works] = field(default_factory=dict)

    def __or__(self, other: Progress) -> Progress:
        """Combine two records."""
        keys = dict.fromkeys((*self.courses, *other.courses))
        return Progress({key: _both(self.of(key), other.of(key)) for key in keys})

    def of(self, course: CourseKey) -> Works:
        """Return what was done in a course."""
        return self.courses.get(course, NOTHING)

    def without(self, course: CourseKey) -> Progress:
        """Return the record of the other courses."""
        return Progress({key: works for key, works in self.courses.items() if key != course})


def _both(one: Works, other: Works) -> Works:
    names = dict.fromkeys((*one, *other))
    return {name: one.get(name, Work()) | other.get(name, Work()) for name in names}


def record(course: CourseKey, scenario: str, work: Work) -> Progress:
    """Return the record of what was done in one scenario."""
    return Progress({course: {scenario: work}})


# --- what is done -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """What of a scenario is done.

    read of pages: of its lesson. answered of questions: of those that it has now; right: the first answers.
    ended: whether the end of the run was seen.
    """

    read: int
    pages: int
    answered: int
    questions: int
    right: int
    ended: bool

    @property
    def state(self) -> str:
        """`done`, `begun` or "".

        Done: all its pages were read and all its questions answered; without a lesson, its end was seen.
        """
        complete = self.read == self.pages and self.answered == self.questions
        if complete and (self.pages or self.ended):
            return "done"
        return "begun" if self.read or self.answered or self.ended else ""

    @property
    def mark(self) -> str:
        """The mark of its state, one column wide."""
        return MARKS[self.state]

    @property
    def words(self) -> str:
        """What was done, in words: `3 of 5 pages, 2 of 4 questions, 1 right, end reached`; "" for nothing."""
        if not self.state:
            return ""
        parts = [f"{self.read} of {plural(self.pages, 'page')}"] if self.pages else []
        if self.questions:
            parts.append(f"{self.answered} of {plural(self.questions, 'question')}, {self.right} right")
        return ", ".join([*parts, *(["end reached"] if self.ended else [])])


def done_of(work: Work, outline: Outline) -> Done:
    """Return what of a scenario is done; a page or a question that it no longer has does not count."""
    first = work.first_answers
    answered = [first[name] for name in outline.questions if name in first]
    return Done(
        read=sum(1 <= page <= outline.pages for page in work.pages),
        pages=outline.pages,
        answered=len(answered),
        questions=len(outline.questions),
        right=sum(answer.right for answer in answered),
        ended=work.ended,
    )
