"""A search of all schedules of a scenario, in a thread of its own, and what it found.

The search makes its own machine, so the session can move meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engine.explore.exploration import Exploration
from engine.explore.limits import Progress
from engine.scenario.loader import Scenario
from explorer.session.background import Background
from explorer.session.way_beside import WayBeside, way_beside
from explorer.views.exploration import Picture

STOPPED: Final = "stopped"
"""The bound of a search that its progress has ended."""

Report = Callable[[Progress], bool]
"""Takes how far the search is; returns False to end it."""


@dataclass
class Opened:
    """The branches in which an outcome was opened.

    branch: that of its simplest schedule; beside: that which differs in one choice, or None.
    step:   the cursor's step: the point of no return.
    """

    branch: int
    beside: int | None
    step: int


@dataclass
class Explored:
    """What a search found, what is drawn of it, and which outcomes were opened as branches.

    An outcome is known by its number, from 1: two sorts of livelock have the same name.

    stopped: whether the user stopped it before it was complete.
    """

    exploration: Exploration
    picture: Picture
    stopped: bool = False
    opened: dict[int, Opened] = field(default_factory=dict)
    _ways: dict[int, WayBeside | None] = field(default_factory=dict)

    def way_beside(self, number: int) -> WayBeside | None:
        """The way that leaves an outcome's schedule at its point of no return; it is worked out once."""
        if number not in self._ways:
            self._ways[number] = way_beside(self.exploration, self.exploration.outcomes[number - 1])
        return self._ways[number]


class ScheduleSearch(Background[Progress, Explored]):
    """A running search."""

    def __init__(self, search: Callable[[Report], Explored], seconds: float | None = None) -> None:
        super().__init__(search, "explore", seconds)

    def result(self) -> Explored:
        """Return what was found.

        Errors: those of the search.
        """
        explored = super().result()
        if self.stopped and explored.exploration.bound == STOPPED:
            explored.exploration = replace(explored.exploration, bound=self.stopped)
            explored.stopped = True
        return explored


def search_of(scenario: Scenario, options: Mapping[str, Any], seconds: float | None = None) -> ScheduleSearch:
    """Start the search of a scenario.

    options: keyword arguments of `engine.explore.explore`, without `progress`.
    seconds: the time after which it ends, with what it has found.
    """

    def found(report: Report) -> Explored:
        # Imported here: few runs search, and the thread has the time.
        from engine.explore import explore  # noqa: PLC0415
        from explorer.views.exploration_picture import picture_of  # noqa: PLC0415

        exploration = explore(scenario, **options, progress=report)
        explored = Explored(exploration, picture_of(exploration))
        for number, _ in enumerate(exploration.outcomes, 1):
            explored.way_beside(number)  # here, because in a large graph it takes seconds
        return explored

    return ScheduleSearch(found, seconds)
