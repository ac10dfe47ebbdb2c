"""The map: a queue map for each type, the reserve, and the axis under them, with one cursor.

A map of a dump has no reserve, and one line for a type of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.timer import Timer

from engine.constants import PQ_L2_SIZE as MOST_COLORS
from explorer.tui.widgets.axis_panel import Axis
from explorer.tui.widgets.map_cells import MapForm, map_form
from explorer.tui.widgets.queue_map import QueueMap
from explorer.tui.widgets.reserve_panel import Reserve
from explorer.views.rows import TYPES, AxisRow, MapRow, ReserveRow

if TYPE_CHECKING:
    from explorer.views.flights import PageMove

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

    def __init__(
        self, *, id: str | None = None, types: Sequence[str] = TYPES, has_reserve: bool = True
    ) -> None:
        super().__init__(id=id)
        self._types = tuple(types)
        self._has_reserve = has_reserve
        self._colors = MOST_COLORS
        self._unknown: frozenset[str] = frozenset()
        """The types of which nothing is known."""
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
        for name in self._types:
            yield QueueMap(name)
        if self._has_reserve:
            yield Reserve(id="reserve")
        yield Axis(id="axis")

    def show(self, rows: tuple[MapRow, ...], reserve: ReserveRow | None, axis: AxisRow) -> None:
        """Pass the rows to the parts."""
        self.show_queues(rows)
        if reserve is not None:
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
        form = self.form(*self.size)
        self.set_class(form.single, "-single")
        for part in self.query(QueueMap):
            lines = 1 if part.base in self._unknown else form.lines
            if part.styles.height is None or part.styles.height.value != lines:
                part.styles.height = lines

    def form(self, width: int, height: int) -> MapForm:
        """Return the form of the map in a place of at most that size."""
        known, unknown = len(self._types) - len(self._unknown), len(self._unknown)
        others = 1 + self._has_reserve + unknown
        return map_form(width, height, self._colors, big=self.big, types=known, others=others)

    def show_queues(self, rows: tuple[MapRow, ...]) -> None:
        """Pass a row to each map; the type at the cursor is the current one."""
        unknown = frozenset(row.name for row in rows if not row.is_known)
        if rows and (rows[0].counts.size, unknown) != (self._colors, self._unknown):
            self._colors, self._unknown = rows[0].counts.size, unknown
            self._share_height()
        for row in rows:
            part = self._map(row.name)
            part.set_class(row.cursor >= 0, "-current")
            part.row = row

    def on_queue_map_reshaped(self, message: QueueMap.Reshaped) -> None:
        """Give the axis the shape of the maps."""
        message.stop()
        if message.base not in self._unknown or len(self._unknown) == len(self._types):
            self.query_one(Axis).map_height = message.height
