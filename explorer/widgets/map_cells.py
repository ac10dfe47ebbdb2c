"""The map's cells: how colours lie in a grid, what each cell says, and how that is painted.

A cell is a code: its level in the low four bits, marks above them. From the code alone it is painted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from rich.style import Style

from engine.cells import Array
from explorer.rows import MapRow
from explorer.views.queues import levels
from explorer.widgets.palette import FAINT, HUES, LEVELS

CHANGED, TOUCHED, CURSOR, BUSY, WIRED, SOUGHT, ASKED, COMET = 16, 32, 64, 128, 256, 512, 1024, 2048
"""What a cell's code holds besides the level in its low four bits."""

CURSOR_GROUND: Final = "#4A5663"
SOUGHT_GROUND: Final = "#1F3A4D"

SHORT: Final = {
    "FREE": "FREE", "INACTIVE": "INAC", "ACTIVE": "ACTV", "CACHE": "CACH", "HOLD": "HOLD", "NONE": "NONE",
}  # fmt: skip
"""The types' names where there is room for four letters."""


@dataclass(frozen=True)
class Grid:
    """How the colours lie in cells: `rows` of up to `columns` cells, each of `bucket` colours."""

    left: int
    columns: int
    rows: int
    bucket: int

    @property
    def per_row(self) -> int:
        """Colours on one row."""
        return self.columns * self.bucket

    def cell(self, color: int) -> tuple[int, int]:
        """Column and row of a colour's cell."""
        row, rest = divmod(color, self.per_row)
        return rest // self.bucket, row


def grid(width: int, height: int, colors: int) -> Grid:
    """The finest grid of whole powers of two that fits between the two gutters."""
    left = 10 if width >= 60 else 6
    right = 6 if width >= 78 else 2
    columns = 1
    while columns * 2 <= min(width - left - right, 128, colors):
        columns *= 2
    rows = 1
    while rows * 2 <= height and columns * rows < colors:
        rows *= 2
    return Grid(left, columns, rows, max(colors // (columns * rows), 1))


def short_count(count: int, room: int) -> str:
    """A count in fewer than `room` columns: `3,711`, `14.8k`, `16.7M`; nothing if that is too much."""
    for text in (f"{count:,}", f"{count / 1e3:.1f}k", f"{count / 1e3:.0f}k", f"{count / 1e6:.1f}M"):
        if len(text) < room:
            return text
    return ""


def left_texts(row: MapRow, shape: Grid) -> tuple[str, ...]:
    """The left gutter of each row of cells: the type's name, its pages, and the last step's part in them."""
    name = row.name if shape.left > 6 else SHORT[row.name]
    texts = [f"▌{name}", f" {row.total:,}", f" {row.delta:+d}" if row.delta else "", *[""] * shape.rows]
    return tuple(text.ljust(shape.left) for text in texts[: shape.rows])


def right_texts(row: MapRow, shape: Grid, width: int) -> tuple[str, ...]:
    """The right gutter: the total in one row of cells, else each row's first colour or the band it begins."""
    room = width - shape.left - shape.columns
    if shape.rows == 1:
        return (short_count(row.total, room).rjust(room),)
    begins = {band.first: band.label for band in row.bands} if len(row.bands) > 1 else {}
    firsts = [y * shape.per_row for y in range(shape.rows)]
    return tuple(begins.get(color, str(color)).rjust(room)[:room] for color in firsts)


def cell_codes(row: MapRow, cells: int) -> Array:
    """The code of each cell: level and marks, from which alone it is painted."""
    codes = levels(row.counts, row.full, cells).astype(np.int64)
    bucket = row.counts.size // codes.size
    asked = frozenset({row.asked}) if row.asked >= 0 else frozenset()
    for colors, bit in ((row.changed, CHANGED), (row.touched, TOUCHED), (row.sought, SOUGHT), (asked, ASKED)):
        for color in colors:
            codes[color // bucket] |= bit
    for marks, bit in ((row.busy, BUSY), (row.wired, WIRED)):
        if marks is not None:
            codes[marks.reshape(-1, bucket).any(axis=1)] |= bit
    if row.cursor >= 0:
        codes[row.cursor // bucket] |= CURSOR
    return codes


def glyph(code: int) -> str:
    """A cell's glyph: its level, or for pages on no queue b (busy), w (wired), B (both).

    ● is a page on its way between queues, ? the colour that an allocation asks for.
    """
    if code & (COMET | ASKED):
        return "●" if code & COMET else "?"
    if code & BUSY:
        return "B" if code & WIRED else "b"
    return "w" if code & WIRED else LEVELS[code & 15]


def cell_style(name: str, code: int) -> Style:
    """A cell's style; what it says is also said by glyph, reverse, underline or the axis."""
    empty = not code & 15
    style = Style(color=FAINT if empty and not code & CHANGED else HUES[name])
    if code & (CURSOR | SOUGHT):
        style += Style(bgcolor=CURSOR_GROUND if code & CURSOR else SOUGHT_GROUND)
    if code & (COMET | ASKED):
        style += Style(color="#FFFFFF", bold=True)
    if code & CHANGED:
        style += Style(reverse=True, bold=True)
    elif code & TOUCHED:
        style += Style(underline=True, bold=True)
    return style
