"""How many lines the pages of a lane take in each form, and where each page is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count, zip_longest
from typing import Final, NamedTuple

from explorer.tui.widgets.stage_tiles import (
    BADGE_ROOM,
    EDGES,
    NAME_ROOM,
    NARROW,
    Form,
    badge_text,
    rich_words,
    short_name,
    words_of,
)
from explorer.views.in_play import Tile
from explorer.views.spans import columns
from explorer.views.stage import LaneRow, StageRow

LETTER_ROOM: Final = (6, 4)
"""Columns for a short name, `b[602]` or `b[3]`."""


class Step(NamedTuple):
    """A form to try: whether it is in columns, narrow, and dense.

    dense: the tiles follow one another, whatever their slots; they still keep their places in a run.
    """

    form: Form
    in_columns: bool = False
    narrow: bool = False
    dense: bool = False


@dataclass(frozen=True)
class Grid:
    """The tiles or cells of a lane: in columns or not, `per_line` of each column on a line, `pitch` apart.

    wide: columns of the screen of each column of the lane; lines: what all of them take.
    gap: the columns of the screen between columns of the lane, part of `wide`.
    narrow: whether tiles are as close as possible; marked: the columns of the number in each tile.
    rows: the numbers of the lines that are drawn, if lines without tiles are left out.
    rank: the number of its form in the ladder. order: the number of each page if the tiles are packed.
    """

    form: Form
    in_columns: bool
    wide: int
    per_line: int
    pitch: int
    lines: int
    gap: int = 0
    narrow: bool = False
    marked: int = 0
    rows: tuple[int, ...] = ()
    rank: int = 0
    order: Mapping[int, int] = field(default_factory=dict)

    @property
    def named(self) -> bool:
        """Whether the pages have names."""
        return self.form <= Form.LETTER

    def place(self, tile: Tile) -> tuple[int, int]:
        """Return the line of a tile, as if all lines were drawn, and its place on that line."""
        if self.order:
            return divmod(self.order[tile.page], self.per_line)
        return divmod(tile.place if self.in_columns else tile.slot, self.per_line)


def ladder(row: StageRow, room: int, *, apart: bool = True) -> list[Step]:
    """Return the forms to try, the best first.

    A tile is in the column of its colour or node if that is possible; else it names its column. Where columns
    are too narrow for a name, it names its column before it loses its name.
    room: columns of the screen. apart: whether there are columns, as on all lines that are not shared.
    """
    number = len(row.columns) if apart else 1
    return _ladder(number > 1, room // number > NARROW + len(EDGES))


@cache
def _ladder(apart: bool, named: bool) -> list[Step]:
    """The ladder with columns or without; named: whether a name fits into a column."""
    largest = [Step(form) for form in (Form.RICH, Form.FULL, Form.SHORT)]
    cells = [Step(Form.CELL, apart, dense=dense) for dense in (False, True)]
    smallest = [*cells, Step(Form.LEVEL)]
    if not apart:
        return [*largest, *_close(in_columns=False), *smallest]
    under = [step._replace(in_columns=True) for step in largest]
    under += _close(in_columns=True) if named else []
    return [*under, Step(Form.SHORT), *_close(in_columns=False), *smallest]


def _close(*, in_columns: bool) -> Iterator[Step]:
    """Yield the forms of tiles that are closer and closer to one another."""
    for form in (Form.NAME, Form.LETTER):
        for dense in (False, True):
            for narrow in (False, True):
                yield Step(form, in_columns, narrow, dense)


@dataclass(frozen=True)
class Widths:
    """The widest part of each kind in a lane's tiles: names, numbers, badges, and what only RICH has."""

    name: int = 0
    number: int = 0
    badges: int = 0
    rich: int = 0

    def tile(self, form: Form, mark: int = 0) -> int:
        """Return the most columns that a tile takes with its edges; mark: those of its column's number."""
        number = self.number if form <= Form.FULL else 0
        rich = self.rich if form == Form.RICH else 0
        return _joined(mark, self.name, number, self.badges, rich) + len(EDGES)


def pitch_of(row: StageRow, mark: int, form: Form = Form.NAME, *, narrow: bool) -> int:
    """Return the fewest columns from one tile to the next.

    They do not depend on the tiles: a tile keeps its place while others come, go, and get badges.
    """
    if form == Form.LETTER:
        words = _joined(mark, LETTER_ROOM[narrow])
    elif narrow:
        words = _joined(mark, NARROW)
    else:
        least, most = NAME_ROOM
        words = _joined(mark, min(max(-(-row.longest // 4) * 4, least), most), BADGE_ROOM)
    return words + len(EDGES) + 1


def _joined(*parts: int) -> int:
    """Return the columns of parts with a gap between them; a part of no columns is left out."""
    shown = [part for part in parts if part]
    return sum(shown) + max(len(shown) - 1, 0)


def widths_of(lane: LaneRow) -> Widths:
    """Return the widths of a lane's tiles."""
    name = number = badges = rich = 0
    for tile in lane.pages:
        name = max(name, columns(tile.name))
        number = max(number, len(tile.number) if tile.number != tile.name else 0)
        badges = max(badges, len(badge_text(tile.badges)))
        rich = max(rich, sum(columns(text) + 1 for text, _ in rich_words(tile)) - 1)
    return Widths(name, number, badges, rich)


def grid_of(
    row: StageRow, lane: LaneRow, step: Step, room: int, widths: Widths,
    *, whole: bool = False, kept: Mapping[int, int] | None = None,
) -> Grid | None:  # fmt: skip
    """Return the grid of a lane's pages in a form, on lines of `room` columns; None if they do not fit.

    whole: whether lines without tiles are drawn too.
    kept:  the numbers of packed pages in the frame before.
    """
    form, in_columns, narrow, dense = step
    number = len(row.columns) if in_columns else 1
    wide = room // number
    if form == Form.LEVEL:
        return Grid(form, False, room, 1, 1, 1)
    if not lane.tiles and lane.number:
        return None
    mark, pitch = 0, 1
    gap = int(number > 1)
    per_line = max(wide - gap, 1)
    if form != Form.CELL:
        mark = 0 if in_columns or len(row.columns) < 2 else 1 + len(str(len(row.columns) - 1))
        least = pitch_of(row, mark, form, narrow=narrow)
        per_line = max((wide + 1 - gap) // least, 1)
        # Tiles that are close to one another have the free columns of their line.
        pitch = max((wide + 1 - gap) // per_line, least) if narrow or form == Form.LETTER else least
    order = _packed(lane, kept or {}, in_columns=in_columns) if dense else {}
    grid = Grid(form, in_columns, wide, per_line, pitch, 1, gap, narrow, mark, order=order)
    if grid.named and not _fits(lane, grid, widths):
        return None
    rows = _rows_of(lane, grid, whole=whole)
    return replace(grid, lines=max(len(rows), 1), rows=rows)


def _packed(lane: LaneRow, kept: Mapping[int, int], *, in_columns: bool) -> dict[int, int]:
    """Return the number of each page of a lane, or of its column: the kept one, else the lowest free one."""
    found: dict[int, int] = {}
    taken: dict[int, set[int]] = {}
    new: list[tuple[int, int, Tile]] = []
    for tile in lane.pages:
        column = tile.column if in_columns else 0
        number, used = kept.get(tile.page), taken.setdefault(column, set())
        if number is None or number in used:
            new.append((column, tile.place if in_columns else tile.slot, tile))
        else:
            found[tile.page] = number
            used.add(number)
    free = {column: (n for n in count() if n not in used) for column, used in taken.items()}
    found.update((tile.page, next(free[column])) for column, _, tile in sorted(new))
    return found


def _rows_of(lane: LaneRow, grid: Grid, *, whole: bool) -> tuple[int, ...]:
    """Return the numbers of the lines to draw."""
    wide = grid.per_line
    if grid.order:
        used = {number // wide for number in grid.order.values()}
    elif grid.in_columns:
        used = {tile.place // wide for tile in lane.pages}
    else:
        starts = range(0, len(lane.tiles), wide)
        used = {begin // wide for begin in starts if any(lane.tiles[begin : begin + wide])}
    return tuple(range(max(used, default=-1) + 1)) if whole else tuple(sorted(used))


def _fits(lane: LaneRow, grid: Grid, widths: Widths) -> bool:
    """Whether each tile has room up to the next one on its line."""
    if widths.tile(grid.form, grid.marked) <= min(grid.pitch, grid.wide - grid.gap + 1) - 1:
        return True
    rooms = rooms_of(lane, grid)
    return all(_least(tile, grid) <= rooms[tile.page] for tile in lane.pages)


def _least(tile: Tile, grid: Grid) -> int:
    """Return the fewest columns of a tile with its edges."""
    if grid.form >= Form.NAME:
        name = short_name(tile)
        badges = len(tile.badges) if grid.form == Form.NAME else 0
        if name[0].isupper() and badges:
            badges -= 1
        return _joined(grid.marked, columns(name), badges) + len(EDGES)
    words = [columns(text) for text, _ in words_of(tile, grid.form)]
    return _joined(grid.marked, *words) + len(EDGES)


def rooms_of(lane: LaneRow, grid: Grid) -> dict[int, int]:
    """Return the columns that each tile may take: up to the next one on its line."""
    spots = sorted((tile.column * grid.in_columns, *grid.place(tile), tile.page) for tile in lane.pages)
    rooms = {}
    for (column, line, at, page), following in zip_longest(spots, spots[1:]):
        if following is not None and following[:2] == (column, line):
            rooms[page] = (following[2] - at) * grid.pitch - 1
        else:
            rooms[page] = grid.wide - grid.gap - at * grid.pitch
    return rooms


# --- the grids of a lane ------------------------------------------------------------------------------------

_NARROWEST: Final = LETTER_ROOM[-1] + len(EDGES) + 1
"""Columns of the narrowest tile with a name, and of the gap after it."""


class Grids:
    """The grids of a lane that fit the width, the best first; they are made when they are asked for.

    most:   the maximum number of lines of tiles with names.
    whole:  whether lines without tiles are drawn too, so that no tile moves up or down.
    rank, kept: the rank of the frame before, and the numbers of its packed pages.
    apart:  whether the lane has columns.
    """

    def __init__(
        self, row: StageRow, lane: LaneRow, room: int, most: int,
        *, whole: bool = False, rank: int = 0, kept: Mapping[int, int] | None = None, apart: bool = True,
    ) -> None:  # fmt: skip
        self.row, self.lane, self.room, self.most, self.whole = row, lane, room, most, whole
        self.steps = ladder(row, room, apart=apart)
        self.rank, self.kept = min(rank, len(self.steps) - 1), kept or {}
        self.named = lane.number <= most * max(room // _NARROWEST, 1)
        self.widths = widths_of(lane) if self.named and lane.number else Widths()
        self.made: dict[int, Grid | None] = {}

    def first(self) -> Grid:
        """Return the best grid from rank `rank` on; the largest form for an empty lane."""
        if not self.lane.number:
            # Names are kept, letters and levels are not: its first page has a name again.
            rank = self.rank if self.steps[self.rank].form < Form.CELL else 0
            return Grid(Form.RICH, False, self.room, 1, self.room, 1, rank=rank)
        found = self._from(self.rank)
        assert found is not None
        return found

    def after(self, grid: Grid) -> Grid | None:
        """Return the next smaller grid; None after the last one."""
        return self._from(grid.rank + 1) if self.lane.number else None

    def every(self) -> Iterator[Grid]:
        """Yield all grids from rank `rank` on."""
        grid: Grid | None = self.first()
        while grid is not None:
            yield grid
            grid = self.after(grid)

    def _from(self, rank: int) -> Grid | None:
        if rank not in self.made:
            self.made[rank] = self._make(rank)
        return self.made[rank]

    def _make(self, rank: int) -> Grid | None:
        for number in range(rank, len(self.steps)):
            step = self.steps[number]
            if step.form < Form.CELL and not self.named:
                continue
            if step.dense and self.lane.number > 2 * self.room:
                continue
            kept = self.kept if number == self.rank else None
            grid = grid_of(self.row, self.lane, step, self.room, self.widths, whole=self.whole, kept=kept)
            # Where names would take a third of the stage, cells show more.
            if grid is not None and (grid.lines <= self.most or step.form >= Form.CELL):
                return replace(grid, rank=number)
        return None
