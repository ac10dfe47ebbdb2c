"""The tiles of the stage as text, from all that fits to one cell for a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import zip_longest
from typing import Final

from engine.constants import NULL
from explorer.views.in_play import Tile
from explorer.views.spans import Span, columns
from explorer.views.stage import LaneRow, StageRow


class Form(IntEnum):
    """The forms of a lane's pages, the largest first.

    RICH: name, number, object and index, badges, colour and since when. FULL: name, number, badges.
    SHORT: name, badges. NAME: the same, and a name that is too long for its place loses letters.
    CELL: a letter for each page. LEVEL: a level for each colour.
    """

    RICH = 0
    FULL = 1
    SHORT = 2
    NAME = 3
    CELL = 4
    LEVEL = 5


BADGE_ROOM: Final = 6
"""Columns for badges of tiles that share a line: as many as a page commonly has."""

NAME_ROOM: Final = (8, 16)
"""The fewest and the most columns for names of tiles that share a line."""

NARROW: Final = 10
"""Columns for name and badges where many tiles share a line."""

LEAST_NAME: Final = 4
"""Columns of a name, besides its index, that are left at least; else a page is a letter."""

EDGES: Final = ("▌", "▐")
CHOSEN_EDGES: Final = ("▶", "◀")


def badge_text(badges: str) -> str:
    """Return the badges with gaps if they are few: `L R`, else `LWDMR`."""
    return " ".join(badges) if len(badges) <= (BADGE_ROOM + 1) // 2 else badges


def mark_of(row: StageRow, tile: Tile) -> str:
    """Return the number of a tile's column, for tiles that are not in columns: `n1` or `c3`."""
    if len(row.columns) < 2:
        return ""
    return f"{'c' if row.by_color else 'n'}{tile.column}"


def shortened(name: str, room: int) -> str:
    """Return a name in at most `room` columns; its end says more than its beginning: `…30[701]`."""
    while columns(name) > max(room, 1):
        name = f"…{name[2:]}"
    return name


def words_of(tile: Tile, form: Form, mark: str = "", room: int = 1 << 30) -> list[Span]:
    """Return the words of a tile in one of the four forms with a name, without edges and gaps.

    room: columns of all words together, for NAME.
    """
    words: list[Span] = [(mark, "dim")] if mark else []
    badges = badge_text(tile.badges) if form <= Form.SHORT else tile.badges
    left = room - sum(len(text) + 1 for text in (mark, badges) if text)
    words.append((shortened(tile.name, left) if form == Form.NAME else tile.name, "bold"))
    if form <= Form.FULL and tile.number != tile.name:
        words.append((tile.number, "dim"))
    if badges:
        words.append((badges, "now"))
    return [*words, *_rich_words(tile)] if form == Form.RICH else words


def _rich_words(tile: Tile) -> list[Span]:
    """Return what only the largest form has."""
    words: list[Span] = [(tile.where, "")] if tile.where and tile.where != tile.name else []
    words.append((f"colour {tile.color}", "dim"))
    words += [(f"in {tile.node}", "warn")] if tile.node else []
    return [*words, (f"since {tile.since:,}", "dim")] if tile.since else words


def tile_spans(
    row: StageRow, lane: str, tile: Tile, form: Form, mark: str = "", room: int = 1 << 30
) -> list[Span]:
    """Return a tile: its words between two edges in the hue of the lane, in at most `room` columns for NAME.

    The page of the last step is reversed; the edges of the chosen page are arrows; the left edge says that
    the page was found by a search, or that it differs.
    """
    hue = hue_of(lane)
    left, right = ((edge, hue) for edge in EDGES)
    if tile.page in row.found:
        left = ("●", "warn")
    if tile.page in row.differs:
        left = ("≠", "warn")
    if tile.page == row.selected != NULL:
        left, right = ((edge, "focus") for edge in CHOSEN_EDGES)
    words = words_of(tile, form, mark, room - len(EDGES))
    if tile.page == row.now:
        return [left, (" ".join(text for text, _ in words), "new"), right]
    gaps = [(" ", "")] * (len(words) - 1)
    inner = [span for pair in zip_longest(words, gaps) for span in pair if span is not None]
    return [left, *inner, right]


def hue_of(lane: str) -> str:
    """Return the style of a lane's hue."""
    return "fill-DMA" if lane == "RESERVE" else f"fill-{lane}"


# --- how many lines a form takes ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Grid:
    """The tiles or cells of a lane: in columns or not, `per_line` of each column on a line, `pitch` apart.

    wide: columns of the screen of each column of the lane; lines: what all of them take.
    gap: the columns of the screen between columns of the lane, part of `wide`.
    narrow: whether tiles are as close as possible; marked: the columns of the number in each tile.
    rows: the numbers of the lines that are drawn, if lines without tiles are left out.
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

    @property
    def rank(self) -> int:
        """The order of the grids: the form, then whether it is narrow."""
        return rank_of(self.form) + self.narrow

    @property
    def named(self) -> bool:
        """Whether the pages have names."""
        return self.form <= Form.NAME

    def place(self, tile: Tile) -> tuple[int, int]:
        """Return the line of a tile, as if all lines were drawn, and its place on that line."""
        return divmod(tile.place if self.in_columns else tile.slot, self.per_line)


def rank_of(form: Form) -> int:
    """Return the rank of a form, see `Grid.rank`."""
    return 2 * form


Step = tuple[Form, bool, bool]
"""A form to try, whether it is in columns, and whether it is narrow."""


def ladder(row: StageRow, *, headed: bool = True) -> list[Step]:
    """Return the forms to try, the best first."""
    crowd = [(Form.NAME, False, False), (Form.NAME, False, True)]
    if len(row.columns) < 2 or not (headed or row.by_color):
        named = [(form, False, False) for form in (Form.RICH, Form.FULL, Form.SHORT)]
        return [*named, *crowd, (Form.CELL, False, False), (Form.LEVEL, False, False)]
    named = [(form, True, False) for form in (Form.RICH, Form.FULL, Form.SHORT)]
    # A tile has its colour's column if at all possible; a node can be named in the tile.
    named += [(Form.NAME, True, False), (Form.NAME, True, True)] if row.by_color else []
    return [*named, (Form.SHORT, False, False), *crowd, (Form.CELL, True, False), (Form.LEVEL, False, False)]


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


def pitch_of(row: StageRow, mark: int, *, narrow: bool) -> int:
    """Return the columns from one tile to the next.

    It does not depend on the tiles: a tile keeps its place while others come, go, and get badges.
    """
    least, most = NAME_ROOM
    name = min(max(-(-row.longest // 4) * 4, least), most)
    words = _joined(mark, NARROW) if narrow else _joined(mark, name, BADGE_ROOM)
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
        rich = max(rich, sum(columns(text) + 1 for text, _ in _rich_words(tile)) - 1)
    return Widths(name, number, badges, rich)


def grid_of(
    row: StageRow, lane: LaneRow, step: Step, room: int, widths: Widths, *, whole: bool = False
) -> Grid | None:
    """Return the grid of a lane's pages in a form, on lines of `room` columns; None if they do not fit.

    whole: whether lines without tiles are drawn too.
    """
    form, in_columns, narrow = step
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
        pitch = pitch_of(row, mark, narrow=narrow)
        per_line = max((wide + 1 - gap) // pitch, 1)
    grid = Grid(form, in_columns, wide, per_line, pitch, 1, gap, narrow, mark)
    if grid.named and not _fits(lane, grid, widths):
        return None
    rows = _rows_of(lane, grid, whole=whole)
    return replace(grid, lines=max(len(rows), 1), rows=rows)


def _rows_of(lane: LaneRow, grid: Grid, *, whole: bool) -> tuple[int, ...]:
    """Return the numbers of the lines to draw."""
    wide = grid.per_line
    if grid.in_columns:
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
    if grid.form == Form.NAME:
        index = len(tile.name) - tile.name.rfind("[") if tile.name.endswith("]") else 2
        name = min(columns(tile.name), LEAST_NAME - 2 + index)
        return _joined(grid.marked, name, len(tile.badges)) + len(EDGES)
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
