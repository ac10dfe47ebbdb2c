"""The stage as lines: lanes with the tiles of the pages in play, and between them the moves of pages.

A lane has its name and count at the left. Beside them are the strip, a level for each colour of the pages
that are not in play, and under it the tiles. The line above a lane says which function moved a page there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.constants import NULL
from engine.debug.in_play import LANES
from explorer.tui.widgets.stage_parts import (
    Canvas,
    Cells,
    Place,
    position,
    put_name,
    put_rest,
    put_strips,
    put_tiles,
)
from explorer.tui.widgets.stage_plan import Floor, LanePlan, Plan, floor_of, plan_of
from explorer.tui.widgets.stage_small import small_stage
from explorer.tui.widgets.stage_tiles import Form, hue_of
from explorer.tui.widgets.stage_words import (
    badge_legend,
    put_header,
    put_letters,
    put_travel_beside,
    travel_texts,
)
from explorer.views.spans import Line, length
from explorer.views.stage import LaneRow, StageRow, Travel


@dataclass(frozen=True)
class DrawnStage:
    """A drawn stage: its lines, where each page is, the line of each lane, and the plan of its lines.

    tiles:  where the tiles are; cells: lines of pages that are a cell each.
    lanes:  by lane its first line; -1 if it has none of its own.
    moved:  the page whose move is written on a line between two lanes, by the line.
    kept:   what a running stage keeps of this drawing.
    labels: where moves are written.
    """

    lines: list[Line]
    tiles: tuple[Place, ...] = ()
    cells: tuple[Cells, ...] = ()
    lanes: tuple[int, ...] = ()
    plan: Plan | None = None
    moved: Mapping[int, int] = field(default_factory=dict)
    kept: Floor = field(default_factory=Floor)
    labels: tuple[Place, ...] = ()

    @property
    def places(self) -> Iterator[Place]:
        """Where each page is."""
        yield from self.tiles
        for cells in self.cells:
            yield from cells.places()

    def page_at(self, x: int, y: int) -> int:
        """Return the page at a column and a line; NULL if there is none."""
        hits = (place.page for place in self.places if place.y == y and place.first <= x < place.beyond)
        return next(hits, NULL)

    def lane_at(self, y: int) -> int:
        """Return the number of the lane that has a line; -1 for a line of no lane or of several."""
        for number, top in enumerate(self.lanes):
            if top <= y < top + (self.plan.lanes[number].lines if self.plan else 1):
                return number
        return -1

    def place_of(self, page: int) -> Place | None:
        """Return where a page is drawn; None if it is not."""
        return next((place for place in self.places if place.page == page), None)


def stage_lines(
    row: StageRow | None, width: int, height: int, *, focused: bool = False, floor: Floor | None = None
) -> list[Line]:
    """Format the stage in `height` lines of at most `width` columns; `floor` as in `drawn_stage`."""
    return drawn_stage(row, width, height, focused=focused, floor=floor).lines


def drawn_stage(
    row: StageRow | None, width: int, height: int, *, focused: bool = False, floor: Floor | None = None
) -> DrawnStage:
    """Draw the stage.

    floor: what a running stage keeps of its former lines, so that its lanes do not shrink.
    """
    if row is None or width < 1 or height < 1:
        return DrawnStage([()] * max(height, 0))
    plan = plan_of(row, width, height, floor)
    if plan is None:
        canvas, tops, kept = small_stage(row, width, height, focused=focused, floor=floor)
        places, cells, labels = tuple(canvas.places), tuple(canvas.cells), tuple(canvas.labels)
        return DrawnStage(canvas.lines(), places, cells, tops, kept=kept, labels=labels)
    return _Drawer(row, plan, width, height, focused=focused).draw()


# --- a line for each lane -----------------------------------------------------------------------------------


class _Drawer:
    """Draws a stage by its plan, from the top to the bottom."""

    def __init__(self, row: StageRow, plan: Plan, width: int, height: int, *, focused: bool) -> None:
        self.row, self.plan, self.focused = row, plan, focused
        self.canvas = Canvas(width, height)
        self.tops: list[int] = []
        self.y = 0

    def draw(self) -> DrawnStage:
        """Return the drawing."""
        row, plan, edges = self.row, self.plan, dict[int, int]()
        if plan.header:
            # Tiles with a number are not below the name of their column.
            grids = [own.grid for lane, own in self._lanes() if lane.number]
            marked = any(grid.named and grid.marked for grid in grids)
            put_header(self.canvas, row, plan.gutter, marked=marked)
            self.y = 1
        for number, (lane, own) in enumerate(self._lanes()):
            self._lane(lane, own)
            if number in plan.edges:
                edges[number] = self.y
                self.y += 1
        for travel in row.travels:
            self._travel(travel, edges.get(travel.edge))
        self._legend()
        canvas = self.canvas
        moved = {edges[travel.edge]: travel.page for travel in row.travels if travel.edge in edges}
        places, cells = tuple(canvas.places), tuple(canvas.cells)
        return DrawnStage(
            canvas.lines(), places, cells, tuple(self.tops), plan, moved, floor_of(plan), tuple(canvas.labels)
        )

    def _lanes(self) -> Iterator[tuple[LaneRow, LanePlan]]:
        return zip(self.row.lanes, self.plan.lanes, strict=True)

    def _lane(self, lane: LaneRow, own: LanePlan) -> None:
        self.tops.append(self.y)
        put_name(self.canvas, lane, self.y, self.plan.gutter, focused=self.focused)
        strip, tiles = self.y, self.y + own.strip
        levels = own.grid.form == Form.LEVEL and lane.number > 0
        if not levels:
            put_tiles(self.canvas, self.row, lane, own.grid, self.plan.gutter, tiles)
        if own.strip:
            put_strips(self.canvas, self.row, lane, self.plan.gutter, strip, own.strip, every=levels)
        elif own.beside:
            put_rest(self.canvas, self.row, lane, self.plan.gutter, tiles + own.grid.lines - 1)
        elif not lane.number and not lane.count:
            self.canvas.put(self.plan.gutter, self.y, [("·", "empty")])
        for line in range(1, own.lines):
            self.canvas.put(0, self.y + line, [("▌", hue_of(lane.name))])
        self.y += own.lines

    def _travel(self, travel: Travel, y: int | None) -> None:
        """Write a move on the line of its edge; the newest one without a line goes beside the tile."""
        width = self.canvas.width
        if y is None:
            if travel is self.row.travels[0]:
                put_travel_beside(self.canvas, travel, dict(enumerate(self.tops)))
            return
        x = self._column_of(travel)
        texts = travel_texts(travel)
        for spans in texts:
            if x + length(spans) <= width:
                self.canvas.write(travel.page, x, y, spans)
                return
        for arrow, *words in texts:
            # To the left of its arrow, which stays above or below the tile.
            left = x - length(words) - 1
            if left >= self.plan.gutter:
                self.canvas.write(travel.page, left, y, [*words, (f" {arrow[0].strip()}", arrow[1])])
                return

    def _column_of(self, travel: Travel) -> int:
        """Return the column of a page that is still in the lane where it arrived; else that of the lanes."""
        lane, own = self.row.lane(travel.target), self.plan.lanes[LANES.index(travel.target)]
        tile = lane.tiles[travel.slot] if travel.slot < len(lane.tiles) else None
        if tile is None or tile.page != travel.page or own.grid.form == Form.LEVEL:
            return self.plan.gutter
        return position(tile, own.grid, self.plan.gutter)[0]

    def _legend(self) -> None:
        if self.plan.legend:
            self.canvas.put(
                0, self.canvas.height - self.plan.legend, badge_legend(self.row, self.canvas.width)
            )
        put_letters(self.canvas, self.row)
