"""What the user does in sessions, noted after each command and added to the progress file.

Only the user's own work in a scenario of a course counts: pages that were shown, answers that were decided,
and the end of the run, all under the scenario's own settings or a seed. What a session has when it opens was
not done here, so a screen that is opened and closed again writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Final

from engine.errors import BadInput
from engine.scenario.library import Library
from engine.scenario.loader import Scenario
from explorer.session.course_progress import CourseProgress, course_key
from explorer.session.learning import Place
from explorer.session.progress import FirstAnswer, Progress, Work, record
from explorer.session.progress_file import add, read_progress
from explorer.session.question_stops import is_own, place_of
from explorer.session.score import Given
from explorer.session.session import Session

_NO_WORK: Final = Work()


@dataclass
class _Watched:
    """The open session: what it had when it was opened, and what was noted since.

    place:   where it was opened. moved: whether the run has left that place.
    answers: the ids of the answers that are noted, or were there before, or do not count.
    last:    the state that was noted last: the pages seen, the answers, the place if it is the end.
    """

    session: Session
    place: Place
    answers: set[str]
    pages: int
    moved: bool = False
    last: tuple[int, int, bool] | None = None


class ProgressLog:
    """The user's work since the program started; it is added to a file.

    path:  the file, or None if nothing is kept: then the log ends with the program.
    clock: the time in seconds since 1970.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time) -> None:
        self.path = path
        self._clock = clock
        self._noted = Progress()
        self._watched: _Watched | None = None
        self._due = False
        self._failed = False
        self._told = False

    def note(self, session: Session) -> bool:
        """Note what is new in a session; return whether there is something to write.

        Takes no time if nothing is new: it is called for each frame of the screen.
        """
        watched = self._watched
        if watched is None or watched.session is not session:
            self._watched = _opened(session)
            return self._due
        watched.moved = watched.moved or place_of(session) != watched.place
        ended = watched.moved and session.history.outcome is not None
        now = len(session.reading.seen), len(session.score.given), ended
        if now != watched.last:
            watched.last = now
            self._add(session, self._work(watched, ended))
        return self._due

    def _add(self, session: Session, work: Work) -> None:
        scenario = session.scenario
        course = None if scenario is None else course_key(session.library, scenario.form.path)
        if scenario is None or course is None or work == _NO_WORK:
            return
        before = self._noted
        self._noted = before | record(course, scenario.name, work)
        self._due = self._due or (self.path is not None and self._noted != before)

    def _work(self, watched: _Watched, ended: bool) -> Work:
        """Return what was done in the open session, so far as it counts."""
        session = watched.session
        scenario, own = session.scenario, is_own(session)
        new = [name for name in session.score.given if name not in watched.answers]
        watched.answers.update(new)
        if scenario is None or not _counts(scenario):
            return _NO_WORK
        answers = tuple(self._answer(session.score.given[name], name, scenario) for name in new if own)
        ended = ended and own
        # The page with which a lesson opens was not turned to.
        turned = len(session.reading.seen) > max(watched.pages, 1)
        pages = {page + 1 for page in session.reading.seen} if turned or answers or ended else set()
        return Work(frozenset(pages), ended, answers)

    def _answer(self, given: Given, name: str, scenario: Scenario) -> FirstAnswer:
        seed = None if _has_own_values(scenario) else scenario.seed
        return FirstAnswer(name, given.text, given.right, seed, int(self._clock()))

    # --- the file -----------------------------------------------------------------------------------------

    def write(self) -> str:
        """Add what was noted to the file if there is something new.

        After an error it is tried again when more was noted, or by `close`.
        Returns: a message for the user, "" mostly. That the file cannot be written is said once.
        """
        if self.path is None or not self._due:
            return ""
        self._due = self._failed = False
        try:
            return add(self.path, self._noted)
        except BadInput as error:
            self._failed = True
            said, self._told = ("" if self._told else str(error)), True
            return said

    def close(self) -> str:
        """Add what is not in the file yet, when the program ends; return a message as `write`."""
        self._due = self._due or self._failed
        return self.write()

    def progress(self) -> Progress:
        """Return what was done, now and before.

        Errors: BadInput if the file cannot be read.
        """
        return self._noted if self.path is None else read_progress(self.path) | self._noted

    def course(self, library: Library) -> tuple[CourseProgress, str]:
        """Return a course with what was done in it, and a message if the file cannot be read, else ""."""
        try:
            return CourseProgress(library, self.progress()), ""
        except BadInput as error:
            return CourseProgress(library, self._noted), str(error)


def _counts(scenario: Scenario) -> bool:
    """Whether work in a run counts: it has the file's own settings, or the values that its seed chooses."""
    seeded = scenario.seed is not None and not _has_own_values(scenario)
    return scenario.is_own or (scenario.is_variant and seeded)


def _has_own_values(scenario: Scenario) -> bool:
    """Whether a value of a parameter is set by hand, so that the seed alone does not give the run."""
    return any(one.is_parameter for one in scenario.settings)


def _opened(session: Session) -> _Watched:
    return _Watched(session, place_of(session), set(session.score.given), len(session.reading.seen))
