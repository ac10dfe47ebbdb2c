"""The widget that draws `explorer.tui.widgets.stage`: a tile can be chosen, and pages are seen to move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer

from engine.constants import NULL
from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.map_panel import FLIGHT, FRAMES
from explorer.tui.widgets.stage import DrawnStage, drawn_stage
from explorer.tui.widgets.stage_flight import Flight, fixed_places, flights_of, with_flights
from explorer.tui.widgets.stage_parts import Place
from explorer.tui.widgets.stage_plan import Floor, gutter_of
from explorer.views.flights import PageMove
from explorer.views.spans import Line
from explorer.views.stage import StageRow


class Stage(LinesPanel, can_focus=True):
    """The lanes and the pages in play; asks its parent to pin a page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "choose(-1, 0)", "previous page", show=False),
        Binding("right,l", "choose(1, 0)", "next page", show=False),
        Binding("up,k", "choose(0, -1)", "the page above", show=False),
        Binding("down,j", "choose(0, 1)", "the page below", show=False),
    ]

    row: reactive[StageRow | None] = reactive(None, always_update=True, layout=False, repaint=False)
    """Set after every step."""
    running: reactive[bool] = reactive(False, layout=False, repaint=False)
    """Whether a run or playback is going on; while it is, no lane becomes smaller."""

    @dataclass
    class TileChosen(Message):
        """The user chose the tile of this page."""

        page: int

    @dataclass
    class LaneChosen(Message):
        """The user clicked a lane beside its tiles."""

        name: str

    @dataclass
    class TileHovered(Message):
        """The mouse came to the tile of this page, or left the tiles: NULL."""

        page: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: DrawnStage | None = None
        self._before: DrawnStage | None = None
        self._floor: Floor | None = None
        self._hovered = NULL
        self._flights: tuple[Flight, ...] = ()
        self._frame = 0
        self._timer: Timer | None = None

    # --- data down ----------------------------------------------------------------------------------------

    def watch_row(self) -> None:
        """Show the new step; the drawing before it is where flights start."""
        self._before = self._drawn
        self.update_lines()

    def watch_running(self) -> None:
        """Let lanes become smaller again when the run has stopped."""
        self._floor = None
        self.update_lines()

    def on_resize(self) -> None:
        """End the animation, and forget the lines of the other size."""
        self.land()
        self._floor = self._before = None

    def format_lines(self) -> list[Line]:
        """Return the panel's lines, with the tiles that are under way."""
        drawn = drawn_stage(self.row, *self.size, focused=self.has_focus, floor=self._kept())
        self._drawn = drawn
        if self.running:
            self._floor = drawn.kept
        if not self._flights:
            return drawn.lines
        fixed = fixed_places(drawn, self._flights)
        return with_flights(drawn.lines, self._flights, self._frame / FRAMES, self.size.width, fixed)

    def _kept(self) -> Floor | None:
        """What the stage keeps of its former lines; None at rest."""
        return self._floor or (Floor() if self.running else None)

    # --- pages under way ----------------------------------------------------------------------------------

    def fly(self, moves: Sequence[PageMove]) -> None:
        """Animate pages from the lane that they left to where they are now; ends an earlier animation.

        Without animations, the pages are at their places at once.
        """
        self.land()
        if self.row is None or self._drawn is None or self.app.animation_level == "none":
            return
        gutter = gutter_of(self.size.width)
        self._flights = flights_of(self.row, self._before, self._drawn, moves, gutter)
        if self._flights:
            self._frame = 0
            self._timer = self.set_interval(FLIGHT / FRAMES, self._fly_on)
            self._fly_on()

    def land(self) -> None:
        """End the animation."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._flights:
            self._flights = ()
            self.update_lines()

    def _fly_on(self) -> None:
        self._frame += 1
        if self._frame >= FRAMES:
            self.land()
        else:
            self.update_lines()

    # --- choosing -----------------------------------------------------------------------------------------

    def action_choose(self, across: int, down: int) -> None:
        """Choose the next tile in a direction; the first one if none is chosen."""
        self.land()
        page = self.neighbour(across, down)
        if page != NULL:
            self.post_message(self.TileChosen(page))

    def neighbour(self, across: int, down: int) -> int:
        """Return the page next to the chosen one, or to that of the last step; NULL without tiles."""
        places = sorted(self._drawn.places, key=lambda place: (place.y, place.first)) if self._drawn else []
        if not places or self.row is None:
            return NULL
        by_page = {place.page: place for place in places}
        here = by_page.get(self.row.selected) or by_page.get(self.row.now)
        if here is None:
            return places[0].page
        if across:
            return places[(places.index(here) + across) % len(places)].page
        return _above_or_below(places, here, down).page

    def on_click(self, event: events.Click) -> None:
        """Choose the tile under the mouse, or the page whose move is written there; else the lane."""
        drawn = self._drawn
        if drawn is None or self.row is None:
            return
        page = drawn.page_at(event.x, event.y)
        if page == NULL:
            page = drawn.moved.get(event.y, NULL)
        lane = drawn.lane_at(event.y)
        if page != NULL:
            self.post_message(self.TileChosen(page))
        elif lane >= 0:
            self.post_message(self.LaneChosen(self.row.lanes[lane].name))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say once which tile the mouse came to, or that it left one."""
        self._hover(self._page_at(event))

    def _hover(self, page: int) -> None:
        if page != self._hovered:
            self._hovered = page
            self.post_message(self.TileHovered(page))

    def on_leave(self) -> None:
        """Say that the mouse is on no tile any more."""
        self._hover(NULL)

    def _page_at(self, event: events.MouseEvent) -> int:
        return NULL if self._drawn is None else self._drawn.page_at(event.x, event.y)


def _above_or_below(places: Sequence[Place], here: Place, down: int) -> Place:
    """Return the nearest tile on the next line with tiles in a direction, around the ends."""
    lines = sorted({place.y for place in places})
    y = lines[(lines.index(here.y) + down) % len(lines)]
    return min((place for place in places if place.y == y), key=lambda place: abs(place.first - here.first))
