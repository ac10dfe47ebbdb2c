"""The parts of a drawn stage: the name of a lane, its tiles or cells, and the strip of its other pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from explorer.tui.widgets.map_cells import short_count
from explorer.tui.widgets.stage_grid import Grid, rooms_of
from explorer.tui.widgets.stage_tiles import Form, hue_of, mark_of, tile_spans
from explorer.views.glyphs import LEVELS
from explorer.views.in_play import Tile
from explorer.views.rows import SHORT
from explorer.views.spans import Line, Span, columns, fit, merged
from explorer.views.stage import RESERVE, LaneRow, StageRow


class Place(NamedTuple):
    """Where a page is drawn: a line, its first column, and the column after its last one."""

    page: int
    y: int
    first: int
    beyond: int


class Cells(NamedTuple):
    """A line of pages that are a cell each: its first column, and the tile of each cell, None for none."""

    y: int
    first: int
    tiles: Sequence[Tile | None]

    def places(self) -> Iterator[Place]:
        """Yield where each page is."""
        for x, tile in enumerate(self.tiles, self.first):
            if tile is not None:
                yield Place(tile.page, self.y, x, x + 1)


LEAST_STRIP: Final = 8
"""Minimum number of columns of a strip after tiles."""

_NARROW: Final = 30
"""Below this number of columns, there may not be room for a name and a count."""


@dataclass
class Canvas:
    """Pieces of text on lines, each at its column; what is drawn and where the pages are."""

    width: int
    height: int
    pieces: list[list[tuple[int, Span]]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    cells: list[Cells] = field(default_factory=list)
    letters: set[str] = field(default_factory=set)
    """The letters of objects that are drawn, in upper case too."""
    labels: list[Place] = field(default_factory=list)
    """The moves that are written, by page."""

    def __post_init__(self) -> None:
        self.pieces = [[] for _ in range(self.height)]

    def put(self, x: int, y: int, spans: Iterable[Span]) -> int:
        """Draw spans one after the other; return the column after them."""
        for text, style in spans:
            if 0 <= y < self.height and text:
                self.pieces[y].append((x, (text, style)))
            x += columns(text)
        return x

    def write(self, page: int, x: int, y: int, spans: Iterable[Span]) -> None:
        """Draw the words of a page's move."""
        self.labels.append(Place(page, y, x, self.put(x, y, spans)))

    def end(self, y: int) -> int:
        """Return the column after the last piece of a line."""
        return max((x + columns(text) for x, (text, _) in self.pieces[y]), default=0)

    def first(self, y: int) -> int:
        """Return the column after the first piece of a line, the name of a lane."""
        return min((x + columns(text) for x, (text, _) in self.pieces[y] if x), default=0)

    def last_gap(self, y: int, first: int, wide: int) -> int:
        """Return the column of the last `wide` free columns from column `first` on; -1 if there are none."""
        beyond = self.width
        for x, (text, _) in sorted(self.pieces[y], reverse=True):
            if beyond - max(x + columns(text), first) >= wide:
                break
            beyond = x
        return beyond - wide if beyond - wide >= first else -1

    def under(self, y: int, first: int, under: Canvas) -> list[tuple[int, Span]]:
        """Return what is seen of the only line of another canvas under line y, from column `first` on."""
        free = list(self.free(y, first))
        return [
            (max(x, begin), (part, style))
            for x, (text, style) in under.pieces[0]
            for begin, beyond in free
            if (part := text[max(begin - x, 0) : max(beyond - x, 0)])
        ]

    def free(self, y: int, first: int) -> Iterator[tuple[int, int]]:
        """Yield the free columns of a line from `first` on, without a gap beside each piece."""
        for x, (text, _) in sorted(self.pieces[y]):
            if x - 1 > first:
                yield first, x - 1
            first = max(first, x + columns(text) + 1)
        if first < self.width:
            yield first, self.width

    def lines(self) -> list[Line]:
        """Return the finished lines."""
        lines = [_line(sorted(pieces, key=lambda piece: piece[0])) for pieces in self.pieces]
        return lines if self.width >= _NARROW else [fit(spans, self.width) for spans in lines]


def _line(pieces: Sequence[tuple[int, Span]]) -> Line:
    spans: list[Span] = []
    at = 0
    for x, span in pieces:
        if x > at:
            spans.append((" " * (x - at), ""))
        spans.append(span)
        at = max(x, at) + columns(span[0])
    return merged(spans)


def name_of(lane: LaneRow, room: int, digits: int) -> tuple[str, str]:
    """Return a lane's name and its count for `room` columns; the count has at most `digits` of them.

    Of the reserve, the free pages are counted: `64 free`.
    """
    count = f"{lane.count:,}"
    if len(count) > digits:
        count = short_count(lane.count, digits + 1)
    if lane.name == RESERVE:
        free = f"{count} free"
        texts = ("DMA reserve", free), ("DMA", free), ("DMA", count)
        return next((text for text in texts if len(" ".join(text)) <= room), texts[-1])
    return (lane.name if len(lane.name) + 1 + len(count) <= room else SHORT[lane.name]), count


def edge_of(lane: LaneRow) -> Span:
    """Return what comes before the name of a lane: its hue, or the mark of the lesson."""
    return ("◈", "lit") if lane.lit else ("▌", hue_of(lane.name))


def put_name(canvas: Canvas, lane: LaneRow, y: int, gutter: int, *, focused: bool) -> None:
    """Draw a lane's name, its count, and with 18 columns the last step's change of it."""
    wide = gutter >= 18
    room = gutter - (6 if wide else 2)
    if wide and not lane.delta and (lane.name == RESERVE or len(f"{lane.name} {lane.count:,}") > room):
        room = gutter - 2
    name, count = name_of(lane, room, 6 if wide else 5)
    canvas.put(0, y, [edge_of(lane), (name, "lit" if lane.lit else "focus" if focused else "bold")])
    style = "new" if lane.delta else "" if lane.count else "faint"
    canvas.put(1 + room - len(count), y, [(count, style)])
    delta = f"{lane.delta:+d}"
    if lane.delta and wide and len(delta) <= 3:
        canvas.put(room + 2, y, [(delta, "now")])


def put_tiles(canvas: Canvas, row: StageRow, lane: LaneRow, grid: Grid, x: int, y: int) -> None:
    """Draw the pages of a lane from column x and line y."""
    if grid.form == Form.LEVEL:
        if lane.number:
            put_strips(canvas, row, lane, x, y, room=grid.wide, every=True)
        return
    if grid.form == Form.CELL:
        _put_cells(canvas, row, lane, grid, x, y)
        return
    rooms = rooms_of(lane, grid) if grid.form in (Form.NAME, Form.LETTER) else {}
    for tile in lane.pages:
        left, line = position(tile, grid, x)
        mark = "" if grid.in_columns else mark_of(row, tile)
        room = rooms.get(tile.page, 1 << 30)
        spans = tile_spans(row, lane.name, tile, grid.form, mark, room)
        beyond = canvas.put(left, y + line, spans)
        if (
            grid.form >= Form.NAME
            and tile.letter.isalpha()
            and not any(tile.name in text for text, _ in spans)
        ):
            canvas.letters.add(tile.letter)
        canvas.places.append(Place(tile.page, y + line, left, beyond))


def position(tile: Tile, grid: Grid, x: int) -> tuple[int, int]:
    """Return the column of a tile, and its line within the lane; x: the lane's first column."""
    line, at = grid.place(tile)
    if grid.rows:
        line = grid.rows.index(line)
    return x + (tile.column * grid.wide if grid.in_columns else 0) + at * grid.pitch, line


def _put_cells(canvas: Canvas, row: StageRow, lane: LaneRow, grid: Grid, x: int, y: int) -> None:
    special = {row.now, row.selected} | row.found | row.differs | row.lit
    for column, line, tiles in _lines_of_cells(lane, grid):
        left, at = x + column * grid.wide, y + line
        canvas.cells.append(Cells(at, left, tiles))
        canvas.letters.update(tile.letter for tile in tiles if tile is not None)
        for first, span in _runs(row, tiles, special):
            canvas.put(left + first, at, [span])


def _lines_of_cells(lane: LaneRow, grid: Grid) -> Iterator[tuple[int, int, Sequence[Tile | None]]]:
    """Yield each line of cells: the column of the lane, the line, and the tile of each cell."""
    wide, rows = grid.per_line, {line: n for n, line in enumerate(grid.rows)}
    if not grid.in_columns and not grid.order:
        for line, n in rows.items():
            yield 0, n, lane.tiles[line * wide : (line + 1) * wide]
        return
    found: dict[tuple[int, int], list[Tile | None]] = {}
    for tile in lane.pages:
        line, at = grid.place(tile)
        found.setdefault((tile.column * grid.in_columns, line), [None] * wide)[at] = tile
    for (column, line), tiles in found.items():
        yield column, rows[line], tiles


def _runs(row: StageRow, tiles: Sequence[Tile | None], special: set[int]) -> Iterator[tuple[int, Span]]:
    """Yield the cells of a line: stretches of letters, and the pages with a mark one by one."""
    letters = "".join(" " if tile is None else tile.letter for tile in tiles)
    begin = 0
    for at, tile in enumerate(tiles):
        if tile is not None and tile.page in special:
            yield begin, (letters[begin:at], "")
            yield at, _cell(row, tile)
            begin = at + 1
    yield begin, (letters[begin:].rstrip(), "")


def _cell(row: StageRow, tile: Tile) -> Span:
    page = tile.page
    glyph = "≠" if page in row.differs else tile.letter
    if page == row.now:
        return glyph, "new"
    if page == row.selected:
        return glyph, "line"
    return glyph, "cell-sought" if page in row.found else "lit" if page in row.lit else ""


def put_rest(canvas: Canvas, row: StageRow, lane: LaneRow, gutter: int, y: int) -> None:
    """Draw the pages that are not in play under the tiles of a line: a strip, or their number.

    The strip has the same columns as on a line of its own; it gives way only where something is drawn. The
    number is there if nothing would be seen of the pages.
    """
    free = list(canvas.free(y, gutter))
    if sum(beyond - first for first, beyond in free) >= LEAST_STRIP:
        under = Canvas(canvas.width, 1)
        put_strips(under, row, lane, gutter, 0)
        seen = canvas.under(y, gutter, under)
        if any(text.strip(LEVELS[0] + " ") for _, (text, _) in seen):
            canvas.pieces[y] += seen
            return
    for count in (f"+{lane.others.sum():,}", f"+{short_count(int(lane.others.sum()), 4)}"):
        # With a blank on both sides, between tiles if necessary; at the end of the line, one is enough.
        x = max(canvas.end(y) + 1, gutter)
        between = canvas.last_gap(y, gutter, len(count) + 2)
        if x + len(count) <= canvas.width or between >= 0:
            canvas.put(x if x + len(count) <= canvas.width else between + 1, y, [(count, "dim")])
            return


def put_strips(
    canvas: Canvas, row: StageRow, lane: LaneRow, x: int, y: int, lines: int = 1,
    *, room: int = 0, every: bool = False,
) -> None:  # fmt: skip
    """Draw the levels of a lane on `lines` lines from column x on, each column of the lane apart.

    room: columns; 0 for all up to the end of the line.
    """
    room = room or canvas.width - x
    wide = room // len(row.columns)
    if len(row.columns) == 1 or wide < 2:
        put_strip(canvas, row, lane, (0, lane.counts.size), x, y, room, lines, every=every)
        return
    for n, column in enumerate(row.columns):
        colors = column.first, column.beyond
        put_strip(canvas, row, lane, colors, x + n * wide, y, wide - 1, lines, every=every)


def put_strip(
    canvas: Canvas, row: StageRow, lane: LaneRow, colors: tuple[int, int],
    x: int, y: int, room: int, lines: int, *, every: bool = False,
) -> None:  # fmt: skip
    """Draw the levels of the colours first .. beyond - 1 on `lines` lines of `room` columns.

    every: of all pages of the lane; else of those that are not in play. Grey in lanes other than FREE.
    """
    first, beyond = colors
    counts = (lane.counts if every else lane.others)[first:beyond]
    cells = min(room * lines, counts.size)
    if cells < 1:
        return
    edges = np.linspace(0, counts.size, cells + 1).astype(np.int64)
    most = np.maximum.reduceat(counts, edges[:-1])
    levels = np.minimum(-(-most * 8 // row.full), 8).tolist()
    changed = {
        int(edges.searchsorted(color - first, side="right")) - 1
        for color in lane.changed
        if first <= color < beyond
    }
    wide = max(room // cells, 1) if lines == 1 else 1
    per_line = -(-cells // lines)  # lines of equal length
    hue = hue_of(lane.name) if lane.name == "FREE" or every else "faint"
    for line in range(lines):
        part = range(line * per_line, min((line + 1) * per_line, cells))
        canvas.put(x, y + line, merged(_strip_spans(levels, changed, part, wide, hue)))


def _strip_spans(levels: list[int], changed: set[int], cells: range, wide: int, hue: str) -> Iterator[Span]:
    """Yield the cells of a strip; wide ones with a gap between them."""
    gap = wide > 2 and len(cells) > 1
    for n in cells:
        style = "new" if n in changed else hue if levels[n] else "empty"
        yield LEVELS[levels[n]] * (wide - gap), style
        if gap:
            yield " ", ""
