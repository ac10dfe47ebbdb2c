"""Pictures of a scenario's moments for a paper: the screen without what a reader of paper does not need.

Left out are the window, the message and the keys, and what comes after the moment: the run is recorded no
further, so no panel knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from engine.run.history import History
from engine.scenario.loader import Scenario
from explorer.commands.config import Settings
from explorer.papers.exercise import Exercise
from explorer.papers.screen_picture import ScreenPicture, read_picture, write_svg_file
from explorer.session.reading import Reading
from explorer.session.session import Session
from explorer.tui.export import Size, export_text
from explorer.tui.picture import Camera
from explorer.tui.screen_text import BELOW

THEME: Final = "light"
"""The theme of pictures that are printed."""

SIZE: Final = (120, 40)
"""The default size of the screen, in columns and lines."""


@dataclass(frozen=True)
class Moment:
    """What is shown of a moment.

    step:  of the run.
    asked: whether a question is asked there: what comes next would answer it.
    page:  the number of the lesson's page that says what to look at, from 0; None for none.
    """

    step: int
    asked: bool = False
    page: int | None = None


class MomentCamera:
    """Takes pictures of the moments of scenarios; used in a `with` statement, outside an event loop."""

    def __init__(self, size: Size = SIZE) -> None:
        self.size = size
        self._camera = Camera(size, Settings(theme=THEME))
        self._run: tuple[Scenario, History] | None = None

    def __enter__(self) -> Self:
        self._camera.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._camera.__exit__(kind, error, where)

    def session(self, scenario: Scenario, moment: Moment) -> Session:
        """Return a session on a moment of the scenario's run; in order of steps it is faster.

        It is valid until the next one. Errors: those of Scenario.start and Runner.take.
        """
        return session_at(scenario, self._history(scenario), moment)

    def picture(self, session: Session) -> ScreenPicture:
        """Return what the screen shows."""
        return read_picture(self._camera.take(session), self.size[1] - BELOW)

    def text(self, session: Session) -> str:
        """Return the same as text, for readers who do not see the picture."""
        return export_text(session, self.size)

    def _history(self, scenario: Scenario) -> History:
        """Return the run of the last session if it is of the same scenario."""
        if self._run is None or self._run[0] is not scenario:
            self._run = scenario, scenario.start()
        return self._run[1]


def session_at(scenario: Scenario, history: History, moment: Moment) -> Session:
    """Return a session on a moment; what the run has recorded after it is dropped.

    Errors: those of Runner.take.
    """
    if moment.step < history.total:
        history.forget(moment.step)
    else:
        history.extend(moment.step - history.total)
        history.seek(moment.step)
    session = Session(history, scenario)
    session.say("")
    session.learning.veiled = moment.asked
    if moment.page is None:
        session.reading = Reading()
    else:
        session.reading.hold(history, moment.page)
    session.reading.printed = True
    return session


def question_picture(camera: MomentCamera, scenario: Scenario, exercise: Exercise) -> str | None:
    """Return the moment at which a question is asked as an SVG file.

    None for a question that is asked when it is decided: the screen shows the answer then.
    """
    if exercise.moment is None or exercise.asked is None:
        return None
    picture = camera.picture(camera.session(scenario, Moment(exercise.asked, asked=True)))
    return write_svg_file(picture, f"{scenario.title}, step {exercise.asked}")
