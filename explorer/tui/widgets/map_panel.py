"""The map: a queue map for each type, the reserve, and the axis under them, with one cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.timer import Timer

from engine.constants import PQ_L2_SIZE as MOST_COLORS
from explorer.tui.widgets.axis_panel import Axis
from explorer.tui.widgets.map_cells import map_form
from explorer.tui.widgets.queue_map import QueueMap
from explorer.tui.widgets.reserve_panel import Reserve
from explorer.views.flights import PageMove
from explorer.views.queues import TYPES
from explorer.views.rows import AxisRow, MapRow, ReserveRow

FLIGHT: Final = 0.25
"""Duration of a page move's animation, in seconds."""

FRAMES: Final = 6


class MapPanel(Vertical, can_focus=True):
    """All queue types; receives one row for each type."""

    BLANK = True

    DEFAULT_CSS = """
    MapPanel { height: auto; width: 1fr; }
    MapPanel.-single QueueMap { display: none; }
    MapPanel.-single QueueMap.-current { display: block; }
    MapPanel.-single Reserve { display: none; }
    """

    big: reactive[bool] = reactive(False, layout=False, repaint=False)
    """Whether cells are two columns wide, and two lines tall if there is room."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._colors = MOST_COLORS
        self._moves: tuple[PageMove, ...] = ()
        self._frame = 0
        self._flight: Timer | None = None

    def watch_big(self, big: bool) -> None:
        """Set the size of the cells in each part."""
        for part in self.query(QueueMap):
            part.big = big
        for axis in self.query(Axis):
            axis.big = big
        self._share_height()

    def compose(self) -> ComposeResult:
        """Create the maps from top to bottom, then the reserve, then the axis."""
        for name in TYPES:
            yield QueueMap(name)
        yield Reserve(id="reserve")
        yield Axis(id="axis")

    def show(self, rows: tuple[MapRow, ...], reserve: ReserveRow, axis: AxisRow) -> None:
        """Pass the rows to the parts."""
        self.show_queues(rows)
        self.query_one(Reserve).row = reserve
        self.query_one(Axis).row = axis

    # --- animated page moves ------------------------------------------------------------------------------

    def fly(self, moves: Sequence[PageMove]) -> None:
        """Animate pages from the map of their old type to that of the new one; ends an earlier animation."""
        self.land()
        if moves:
            self._moves, self._frame = tuple(moves), 0
            self._flight = self.set_interval(FLIGHT / FRAMES, self._fly_on)
            self._fly_on()

    def land(self) -> None:
        """End the animation."""
        if self._flight is not None:
            self._flight.stop()
            self._flight = None
            for name in TYPES:
                self._map(name).fly(frozenset())

    def _fly_on(self) -> None:
        if self._frame >= FRAMES:
            self.land()
            return
        colors: dict[str, set[int]] = {name: set() for name in TYPES}
        for move in self._moves:
            source, target = TYPES.index(move.source), TYPES.index(move.target)
            at = round(source + (target - source) * (self._frame + 1) / FRAMES)
            colors[TYPES[at]].add(move.color)
        for name, flying in colors.items():
            self._map(name).fly(frozenset(flying))
        self._frame += 1

    def _map(self, name: str) -> QueueMap:
        return self.query_one(f"#map-{name.lower()}", QueueMap)

    def on_resize(self) -> None:
        """Share the height among the queue types."""
        self._share_height()

    def _share_height(self) -> None:
        rows = map_form(*self.size, self._colors, big=self.big)
        self.set_class(rows.single, "-single")
        for part in self.query(QueueMap):
            if part.styles.height is None or part.styles.height.value != rows.lines:
                part.styles.height = rows.lines

    def show_queues(self, rows: tuple[MapRow, ...]) -> None:
        """Pass a row to each map; the type at the cursor is the current one."""
        if rows and rows[0].counts.size != self._colors:
            self._colors = rows[0].counts.size
            self._share_height()
        for row in rows:
            part = self._map(row.name)
            part.set_class(row.cursor >= 0, "-current")
            part.row = row

    def on_queue_map_reshaped(self, message: QueueMap.Reshaped) -> None:
        """Give the axis the shape of the maps."""
        message.stop()
        self.query_one(Axis).map_height = message.height
