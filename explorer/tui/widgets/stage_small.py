"""The stage on fewer lines than it has lanes: lanes without tiles share the last line.

If not even the lanes with tiles have a line each, all follow one another like words in a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from explorer.tui.widgets.map_cells import SHORT
from explorer.tui.widgets.stage_parts import Canvas, Place, name_of, put_name, put_rest, put_tiles
from explorer.tui.widgets.stage_plan import grids_of, gutter_of
from explorer.tui.widgets.stage_tiles import EDGES, NARROW, Form, Grid, hue_of, mark_of, tile_spans
from explorer.tui.widgets.stage_words import letters_in, put_travel_beside
from explorer.views.spans import Span, columns, length
from explorer.views.stage import LaneRow, StageRow

Small = tuple[Canvas, tuple[int, ...]]
"""The drawing, and by lane its line or -1."""


def small_stage(row: StageRow, width: int, height: int, *, focused: bool) -> Small:
    """Draw a stage of few lines."""
    full = [number for number, lane in enumerate(row.lanes) if lane.number]
    if len(full) < height:
        return _Lines(row, width, height, focused=focused).draw(_own_lines(row, full, height - 1))
    return _flow(row, width, height)


def _own_lines(row: StageRow, full: list[int], most: int) -> list[int]:
    """Return the lanes with a line of their own: with tiles, FREE, where a page came from, then others."""
    names = [lane.name for lane in row.lanes]
    came = [names.index(travel.source) for travel in row.travels[:1]]
    order = dict.fromkeys([*full, 0, *came, *range(len(names))])
    return sorted(list(order)[:most])


class _Lines:
    """A line for each of some lanes, and one that the others share."""

    def __init__(self, row: StageRow, width: int, height: int, *, focused: bool) -> None:
        self.row, self.focused = row, focused
        self.canvas = Canvas(width, height)
        self.gutter = gutter_of(width)
        self.room = max(width - self.gutter, 1)

    def draw(self, own: list[int]) -> Small:
        """Draw the lanes `own`, and the rest."""
        tops = [own.index(number) if number in own else -1 for number in range(len(self.row.lanes))]
        for y, number in enumerate(own):
            self._lane(self.row.lanes[number], y)
        if self.row.travels:
            put_travel_beside(self.canvas, self.row.travels[0], tops)
        rest = [lane for number, lane in enumerate(self.row.lanes) if number not in own]
        self._last_line(rest, len(own))
        return self.canvas, tuple(tops)

    def _last_line(self, lanes: list[LaneRow], y: int) -> None:
        """Draw the lanes that share a line, and the objects of the letters above as far as they fit."""
        width = self.canvas.width
        tiles = list(chain.from_iterable(cells.tiles for cells in self.canvas.cells))
        spans = shared_line(lanes, width)
        if length(spans) + 2 + length(letters_in(self.row, tiles, width)) > width and tiles:
            spans = shared_line(lanes, width, short=True)
        x = self.canvas.put(0, y, spans) + 2
        self.canvas.put(x, y, letters_in(self.row, tiles, width - x))

    def _lane(self, lane: LaneRow, y: int) -> None:
        put_name(self.canvas, lane, y, self.gutter, focused=self.focused)
        if lane.number:
            put_tiles(self.canvas, self.row, lane, _one_line(self.row, lane, self.room), self.gutter, y)
        if lane.others.any():
            put_rest(self.canvas, self.row, lane, self.gutter, y)
        elif not lane.count and not lane.number:
            self.canvas.put(self.gutter, y, [("·", "empty")])


def _one_line(row: StageRow, lane: LaneRow, room: int) -> Grid:
    """Return the best grid of a lane that takes one line.

    If the lane has pages without a tile, the best one with names that leaves room for their number.
    """
    every = grids_of(row, lane, room, 1, headed=False)
    grids = [grid for grid in every if grid.lines == 1 and grid.form != Form.RICH]
    others = lane.others.sum()
    left = room - len(f" +{others:,}") if others else room
    return next((grid for grid in grids if grid.named and _end(row, lane, grid) <= left), grids[0])


def _end(row: StageRow, lane: LaneRow, grid: Grid) -> int:
    """Return the columns that the tiles take."""
    canvas = Canvas(0, 1)
    put_tiles(canvas, row, lane, grid, 0, 0)
    return canvas.end(0)


def shared_line(lanes: list[LaneRow], width: int, *, short: bool = False) -> list[Span]:
    """Return lanes with their counts on one line; with short names if necessary, then fewer lanes."""
    for shorter in (True,) if short else (False, True):
        spans: list[Span] = []
        for lane in lanes:
            spans += [(" ", "")] if spans else []
            spans += counted(lane, short=shorter)
        if length(spans) <= width:
            return spans
    return shared_line(lanes[:-1], width, short=short) if lanes else []


def counted(lane: LaneRow, *, short: bool) -> list[Span]:
    """Return a lane's name and count: `▌CACHE 0`."""
    name, count = name_of(lane, 20, 6)
    if short:
        name = SHORT.get(lane.name, "DMA")
    style = "new" if lane.delta else "" if lane.count else "faint"
    return [("▌", hue_of(lane.name)), (f"{name} ", "bold" if lane.number else ""), (count, style)]


# --- like words in a text -----------------------------------------------------------------------------------

Item = tuple[list[Span], int | None]
"""A piece that is not divided, and the page that it is the tile of."""


def _flow(row: StageRow, width: int, height: int) -> Small:
    canvas = Canvas(width, height)
    for form, short in ((Form.SHORT, False), (Form.NAME, False), (Form.NAME, True), (Form.CELL, True)):
        placed = list(_packed(_items(row, form, short=short), width))
        if not placed or placed[-1][1] < height:
            break
    for x, y, (spans, page) in placed:
        beyond = canvas.put(x, y, spans)
        if page is not None and y < height:
            canvas.places.append(Place(page, y, x, beyond))
    return canvas, (-1,) * len(row.lanes)


def _items(row: StageRow, form: Form, *, short: bool) -> Iterator[Item]:
    """Yield the lanes with tiles and their tiles, then the other lanes; without tiles for CELL."""
    for lane in row.lanes:
        if lane.number:
            yield counted(lane, short=short), None
            for tile in lane.pages if form != Form.CELL else ():
                mark = mark_of(row, tile)
                room = len(mark) + max(columns(tile.name), NARROW) + len(EDGES) + bool(mark)
                yield tile_spans(row, lane.name, tile, form, mark, room), tile.page
    for lane in row.lanes:
        if not lane.number:
            yield counted(lane, short=short), None


def _packed(items: Iterator[Item], width: int) -> Iterator[tuple[int, int, Item]]:
    """Yield the column and the line of each item."""
    x = y = 0
    for item in items:
        taken = length(item[0])
        if x and x + taken > width:
            x, y = 0, y + 1
        yield x, y, item
        x += taken + 1
