"""The map's cells: the grid of the colours, the content of each cell, and its glyph and style.

A cell is a code: its level in the low four bits, marks in the bits above. Glyph and style depend only on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.memory.cells import Array
from explorer.views.glyphs import LEVELS
from explorer.views.levels import levels
from explorer.views.rows import SHORT, TYPES, MapRow
from explorer.views.spans import shortened

WIDEST: Final = 8
"""Maximum columns of a cell."""

CHANGED, TOUCHED, CURSOR, BUSY, WIRED, SOUGHT, ASKED, COMET, DIFFERS, UNKNOWN = (
    1 << bit for bit in range(4, 14)
)
"""The marks in a cell's code, above the level in its low four bits."""


@dataclass(frozen=True)
class Grid:
    """The grid of cells: `rows` of up to `columns` cells, each of `bucket` colours.

    left: columns of the left gutter; wide, tall: columns and lines of the screen per cell.
    """

    left: int
    columns: int
    rows: int
    bucket: int
    wide: int = 1
    tall: int = 1

    @property
    def per_row(self) -> int:
        """Colours on one row."""
        return self.columns * self.bucket

    @property
    def span(self) -> int:
        """Columns of the screen that all cells take."""
        return self.columns * self.wide

    @property
    def lines(self) -> int:
        """Lines of the screen that all cells take."""
        return self.rows * self.tall

    def cell(self, color: int) -> tuple[int, int]:
        """Return the column and row of a colour's cell."""
        row, rest = divmod(color, self.per_row)
        return rest // self.bucket, row


def grid(width: int, height: int, colors: int, *, big: bool = False) -> Grid:
    """Return the finest grid, in powers of two, that fits between the two gutters.

    If there are few cells, they become wider.
    big: cells of at least two columns, and of two lines if `height` allows.
    """
    wide, tall = (2, min(height, 2) or 1) if big else (1, 1)
    left = 10 if width >= 60 else 6
    right = 6 if width >= 78 else 2
    columns, room = 1, min(width - left - right, 128)
    while columns * 2 <= min(room // wide, colors):
        columns *= 2
    rows = 1
    while rows * 2 * tall <= height and columns * rows < colors:
        rows *= 2
    wide = max(wide, min(room // columns, WIDEST))
    return Grid(left, columns, rows, max(colors // (columns * rows), 1), wide, tall)


@dataclass(frozen=True)
class MapForm:
    """The form of the map: the lines of each queue type, and whether it shows only one type at a time.

    types:  the types that have these lines; others: further lines, the axis and the reserve among them.
    """

    lines: int
    single: bool = False
    types: int = len(TYPES)
    others: int = 2

    @property
    def height(self) -> int:
        """The lines of the map: the types that are shown, the reserve if all are, and the axis."""
        return self.lines + 1 if self.single else self.types * self.lines + self.others


def map_form(
    width: int, height: int, colors: int, *, big: bool = False, types: int = len(TYPES), others: int = 2
) -> MapForm:
    """Return the form of a map of at most that size.

    types: the queue types that share the lines; others: the lines that are for something else, such as the
    axis, or a type of which nothing is known.
    """
    if height < types + others:
        return MapForm(1, True, types, others)
    return MapForm(
        grid(width, (height - others) // max(types, 1), colors, big=big).lines, False, types, others
    )


def short_count(count: int, room: int) -> str:
    """Format a count in fewer than `room` columns: `3,711`, `14.8k`, `16.7M`; empty if it does not fit."""
    short: tuple[str, ...] = (f"{count / 1e3:.1f}k", f"{count / 1e3:.0f}k") if abs(count) < 1e6 else ()
    for text in (f"{count:,}", *short, f"{count / 1e6:.1f}M"):
        if len(text) < room:
            return text
    return ""


def left_texts(row: MapRow, shape: Grid) -> tuple[str, ...]:
    """Return the left gutter of each line: the type's name, its pages, and the change by the last step."""
    name = row.name if shape.left > 6 else SHORT[row.name]
    delta = f"{'+' * (row.delta > 0)}{short_count(row.delta, shape.left)}" if row.delta else ""
    texts = [
        f"▌{name}",
        f" {_total(row, shape.left)}",
        f" {delta}" if len(delta) < shape.left else "",
        f" {row.scale}" if len(row.scale) < shape.left else "",
        *[""] * shape.lines,
    ]
    return tuple(text.ljust(shape.left) for text in texts[: shape.lines])


def _total(row: MapRow, room: int) -> str:
    """Format a type's pages in fewer than `room` columns."""
    if row.total is None:
        return "unknown" if room > 7 else "?"
    return short_count(row.total, room)


def right_texts(row: MapRow, shape: Grid, width: int) -> tuple[str, ...]:
    """Return the right gutter: the total for one row of cells, else each row's first colour or band."""
    room = width - shape.left - shape.span
    if shape.rows == 1:
        return (_total(row, room).rjust(room), *[" " * room] * (shape.lines - 1))
    labels = {band.first: band.label for band in row.bands} if len(row.bands) > 1 else {}
    firsts = [y // shape.tall * shape.per_row for y in range(shape.lines)]
    texts = [labels.get(color, str(color)) for color in firsts]
    shown = [text if y % shape.tall == 0 else "" for y, text in enumerate(texts)]
    return tuple(shortened(text, room).rjust(room) for text in shown)


def cell_codes(row: MapRow, cells: int) -> Array:
    """Return the code of each cell: its level and its marks; a cell with an unknown colour is unknown."""
    codes = levels(row.counts, row.full, cells).astype(np.int64)
    bucket = row.counts.size // codes.size
    unknown = row.counts < 0
    if unknown.any():
        codes[unknown.reshape(-1, bucket).any(axis=1)] = UNKNOWN
    asked = frozenset({row.asked}) if row.asked >= 0 else frozenset()
    marked = (row.changed, CHANGED), (row.touched, TOUCHED), (row.sought, SOUGHT), (asked, ASKED)
    for colors, bit in (*marked, (row.differs, DIFFERS)):
        for color in colors:
            codes[color // bucket] |= bit
    if row.sparse and np.count_nonzero(codes & CHANGED) > codes.size // 2:
        codes &= ~CHANGED
    for marks, bit in ((row.busy, BUSY), (row.wired, WIRED)):
        if marks is not None:
            codes[marks.reshape(-1, bucket).any(axis=1)] |= bit
    if row.cursor >= 0:
        codes[row.cursor // bucket] |= CURSOR
    return codes


def glyph(code: int) -> str:
    """Return a cell's glyph: its level, or for pages that are not on a queue b (busy), w (wired), B (both).

    ● is a page that moves between queues, ? the colour that an allocation asks for, ≠ a difference between
    two compared moments. In a dump of a real machine, ? is what is unknown.
    """
    if code & UNKNOWN:
        return "?"
    if code & DIFFERS:
        return "≠"
    if code & (COMET | ASKED):
        return "●" if code & COMET else "?"
    if code & BUSY:
        return "B" if code & WIRED else "b"
    return "w" if code & WIRED else LEVELS[code & 15]


def cell_text(shown: str, shape: Grid) -> str:
    """Repeat a glyph to the width of a cell; a wide cell ends in a gap that separates it from the next."""
    return shown * shape.wide if shape.wide <= 2 else shown * (shape.wide - 1) + " "


def tall_glyph(code: int, *, upper: bool) -> str:
    """Return one half of a cell that is two lines tall: its level fills the lower half, then the upper."""
    level = code & 15
    if code & (BUSY | WIRED | COMET | ASKED | DIFFERS | UNKNOWN):
        return glyph(code)
    if upper:
        return LEVELS[2 * level - 8] if level > 4 else " "
    return LEVELS[min(2 * level, 8)]
