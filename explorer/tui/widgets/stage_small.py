"""The stage on fewer lines than it has lanes: lanes that are next to one another share a line.

The lanes that pages in play have come to have a line each if possible, so the lines change only when a page
comes to a lane for the first time. If there are too few lines for that, and fewer than four, all lanes follow
one another like words in a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from engine.debug.in_play import LANES
from explorer.tui.widgets.stage_grid import Grid, Grids
from explorer.tui.widgets.stage_parts import Canvas, Place, edge_of, name_of, put_name, put_rest, put_tiles
from explorer.tui.widgets.stage_plan import Floor, floor_of_grids, gutter_of
from explorer.tui.widgets.stage_tiles import EDGES, NARROW, Form, mark_of, tile_spans
from explorer.tui.widgets.stage_words import (
    column_names,
    letters_of,
    put_header,
    put_letters,
    put_travel_beside,
)
from explorer.views.rows import SHORT
from explorer.views.spans import Span, columns, length
from explorer.views.stage import RESERVE, LaneRow, StageRow

Small = tuple[Canvas, tuple[int, ...], Floor]
"""The drawing, by lane its line or -1, and what a running stage keeps."""

ENOUGH: Final = 4
"""Minimum number of lines that lanes share even if several of them have tiles."""


def small_stage(
    row: StageRow, width: int, height: int, *, focused: bool, floor: Floor | None = None
) -> Small:
    """Draw a stage of few lines."""
    used = [number for number, lane in enumerate(row.lanes) if not number or lane.been or lane.number]
    if height >= ENOUGH or len(used) <= height:
        # A line names the nodes if that leaves each of these lanes its own line, and the others one.
        header = len(row.columns) > 1 and not row.by_color and max(ENOUGH, len(used) + 1) < height
        lines = _Lines(row, width, height, focused=focused, floor=floor)
        return lines.draw(groups_of(used, height - header), header=header)
    return _flow(row, width, height)


def groups_of(used: list[int], height: int) -> list[list[int]]:
    """Return the lanes of each line, in their order: lanes that are not used share lines first."""
    groups = [[number] for number in range(len(LANES))]
    while len(groups) > height:
        weights = [sum(number in used for number in group) for group in groups]
        costs = [(here + after, -at) for at, (here, after) in enumerate(pairwise(weights))]
        at = -min(costs)[1]
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
    return groups


class _Lines:
    """A line for each group of lanes."""

    def __init__(self, row: StageRow, width: int, height: int, *, focused: bool, floor: Floor | None) -> None:
        self.row, self.focused, self.running = row, focused, floor is not None
        self.floor = floor or Floor()
        self.canvas = Canvas(width, height)
        self.gutter = gutter_of(width)
        self.room = max(width - self.gutter, 1)
        self.grids: dict[int, Grid] = {}

    def draw(self, groups: list[list[int]], *, header: bool) -> Small:
        """Draw the lanes of each line; header: whether the first line names the nodes."""
        row, canvas = self.row, self.canvas
        groups = [[], *groups] if header else groups
        lines = {number: y for y, group in enumerate(groups) for number in group}
        for y, group in enumerate(groups):
            if len(group) == 1:
                self._lane(group[0], y)
        for y, group in enumerate(groups):
            if len(group) > 1:
                self._shared(group, y)
        if row.travels and row.travels[0].now:
            put_travel_beside(canvas, row.travels[0], lines)
        for y, group in enumerate(groups):
            if len(group) == 1:
                self._rest(group[0], y)
        if row.travels and not row.travels[0].now:
            put_travel_beside(canvas, row.travels[0], lines)
        if header:
            marked = any(grid.named and grid.marked for grid in self.grids.values())
            put_header(canvas, row, self.gutter, marked=marked)
        else:
            self._nodes(groups)
        put_letters(canvas, row)
        tops = tuple(y if len(groups[y]) == 1 else -1 for _, y in sorted(lines.items()))
        grids = [self.grids[number] for number in range(len(row.lanes))]
        return canvas, tops, floor_of_grids(grids, Floor())

    def _lane(self, number: int, y: int) -> None:
        lane = self.row.lanes[number]
        put_name(self.canvas, lane, y, self.gutter, focused=self.focused)
        self._tiles(number, self.gutter, y, self.room)
        if not lane.count and not lane.number:
            self.canvas.put(self.gutter, y, [("·", "empty")])

    def _nodes(self, groups: list[list[int]]) -> None:
        """Name the nodes on the lowest lane without pages: there is no line above the lanes."""
        row, wide = self.row, self.room // len(self.row.columns)
        if row.by_color or len(row.columns) < 2:
            return
        for y in range(len(groups) - 1, -1, -1):
            if len(groups[y]) == 1 and self.canvas.end(y) == self.gutter + 1:
                for number, name in enumerate(column_names(row, wide - 2)):
                    x = self.gutter + number * wide + 2 * (not number)
                    self.canvas.put(x, y, [(name, "label")])
                return

    def _rest(self, number: int, y: int) -> None:
        lane = self.row.lanes[number]
        if lane.others.any() and (self.grids[number].form != Form.LEVEL or not lane.number):
            put_rest(self.canvas, self.row, lane, self.gutter, y)

    def _tiles(self, number: int, x: int, y: int, room: int, *, apart: bool = True) -> None:
        """Draw the tiles of a lane in the best form that takes one line."""
        lane, floor = self.row.lanes[number], self.floor
        grids = Grids(
            self.row, lane, room, 1,
            whole=self.running, rank=floor.ranks[number], kept=floor.orders[number], apart=apart,
        )  # fmt: skip
        self.grids[number] = grid = _one_line(self.row, grids)
        if lane.number:
            put_tiles(self.canvas, self.row, lane, grid, x, y)

    def _shared(self, group: list[int], y: int) -> None:
        """Draw lanes one after the other: those that are used have room for tiles."""
        lanes = {number: self.row.lanes[number] for number in group}
        used = [number for number, lane in lanes.items() if lane.been or lane.number]
        shown, short, room = self._room_of(group, used)
        x = 0
        for number, lane in lanes.items():
            grids = Grids(self.row, lane, 1, 1, rank=self.floor.ranks[number], apart=False)
            self.grids[number] = grids.first()
            if number not in shown:
                continue
            spans = counted(lane, short=short)
            self.canvas.put(x, y, spans)
            x += _head(lane, short=short, used=number in used)
            if number in used and room > 1:
                self._tiles(number, x, y, room - 1, apart=False)
                x += room

    def _room_of(self, group: list[int], used: list[int]) -> tuple[list[int], bool, int]:
        """Return the lanes that are shown, whether with short names, and the room for tiles of each used one.

        Lanes that are not used are left out if there is no room for tiles, and empty ones if there is none
        for the objects of the letters above.
        """
        lanes, shown, least = self.row.lanes, list(group), _ROOM * len(used)
        if not used and self.canvas.letters:
            least = 2 + length(letters_of(self.row, self.canvas.letters))
        while True:
            idle = [number for number in shown if number not in used and (used or not lanes[number].count)]
            for short in (False, True):
                heads = [_head(lanes[number], short=short, used=number in used) for number in shown]
                left = self.canvas.width - sum(heads) + (not used)
                if left >= least or (short and not idle):
                    return shown, short, max(left, 0) // max(len(used), 1)
            shown.remove(idle[-1])


_ROOM: Final = 12
"""Columns for the tiles of a lane on a shared line, for which names of lanes are shortened or left out."""


def _head(lane: LaneRow, *, short: bool, used: bool) -> int:
    """Return the columns of a lane's name and count on a shared line; the same for similar counts if used."""
    words = length(counted(lane, short=short))
    if not used:
        return words + 1
    name = SHORT.get(lane.name, "DMA") if short else name_of(lane, 20, 6)[0]
    digits = len(" 000 free") if lane.name == RESERVE else len(" 000")
    return max(1 + len(name) + digits, words) + 1


def _one_line(row: StageRow, grids: Grids) -> Grid:
    """Return the best grid of a lane that takes one line.

    If the lane has pages without a tile, the best one with names that leaves room for their number.
    """
    if not grids.lane.number:
        return grids.first()
    found = None
    others = grids.lane.others.sum()
    left = grids.room - len(f" +{others:,}")
    for grid in grids.every():
        if grid.lines != 1 or grid.form == Form.RICH:
            continue
        found = found or grid
        if grid.form > Form.NAME:
            break
        if not others or _end(row, grids.lane, grid) <= left:
            return grid
    assert found is not None
    return found


def _end(row: StageRow, lane: LaneRow, grid: Grid) -> int:
    """Return the columns that the tiles take."""
    canvas = Canvas(0, 1)
    put_tiles(canvas, row, lane, grid, 0, 0)
    return canvas.end(0)


def counted(lane: LaneRow, *, short: bool) -> list[Span]:
    """Return a lane's name and count: `▌CACHE 0`."""
    name, count = name_of(lane, 20, 6)
    if short:
        name = SHORT.get(lane.name, "DMA")
    style = "new" if lane.delta else "" if lane.count else "faint"
    words = "lit" if lane.lit else "bold" if lane.number else ""
    return [edge_of(lane), (name, words), (" ", ""), (count, style)]


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
    return canvas, (-1,) * len(row.lanes), Floor()


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
