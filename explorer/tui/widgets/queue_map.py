"""The map of one queue type: up to 1,024 colours as cells, painted with the line API.

A cell's glyph is its level, its hue the type; reverse: the last step changed its count; underline: the last
step wrote to the queue without changing its count; a lighter background: the cursor. Equal neighbours are one
segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from engine.memory.cells import Array
from engine.memory.distinct import distinct
from explorer.tui.widgets.map_cells import (
    ASKED,
    CHANGED,
    COMET,
    CURSOR,
    DIFFERS,
    SOUGHT,
    TOUCHED,
    UNKNOWN,
    Grid,
    cell_codes,
    cell_text,
    glyph,
    grid,
    left_texts,
    right_texts,
    tall_glyph,
)
from explorer.tui.widgets.painted import Painted
from explorer.tui.widgets.palette import DEFAULT_LOOK, Look
from explorer.views.rows import MapRow

Gutters = tuple[tuple[str, ...], tuple[str, ...]]
"""The texts to the left and to the right of each row of cells."""


def _alike(one: MapRow, other: MapRow) -> bool:
    """Whether two rows look the same; this check is cheap because most rows of a step do."""
    return (
        (one.cursor, one.delta, one.total) == (other.cursor, other.delta, other.total)
        and (one.full, one.scale) == (other.full, other.scale)
        and (one.changed, one.touched) == (other.changed, other.touched)
        and (one.sought, one.asked, one.differs) == (other.sought, other.asked, other.differs)
        and np.array_equal(one.counts, other.counts)
        and _same_marks(one.busy, other.busy)
        and _same_marks(one.wired, other.wired)
    )


def _same_marks(one: Array | None, other: Array | None) -> bool:
    return one is other or (one is not None and other is not None and np.array_equal(one, other))


def cell_style(name: str, code: int, look: Look = DEFAULT_LOOK) -> Style:
    """Return a cell's style; glyph, reverse, underline or the axis show the same without colour."""
    empty = not code & 15
    style = look.styles["empty" if empty and not code & CHANGED else f"fill-{name}"]
    if code & UNKNOWN:
        style = look.styles["dim"]
    if code & SOUGHT:
        style += look.styles["cell-sought"]
    if code & CURSOR:
        style += look.styles["cell-cursor"]
    if code & (COMET | ASKED | DIFFERS):
        style += look.styles["now"]
    if code & CHANGED:
        style += Style(reverse=True, bold=True)
    elif code & TOUCHED:
        style += Style(underline=True, bold=True)
    return style


class QueueMap(Painted):
    """One queue type's colours as cells; asks its parent to select a colour."""

    DEFAULT_CSS = """
    QueueMap { height: 1; width: 1fr; }
    """

    row: reactive[MapRow | None] = reactive(None, always_update=True, layout=False, repaint=False)
    """Set after every step."""
    big: reactive[bool] = reactive(False, layout=False, repaint=False)
    """Whether a cell is two columns wide, and two lines tall if there is room."""

    @dataclass
    class ColorSelected(Message):
        """The user clicked a colour of a type."""

        base: str
        color: int

    @dataclass
    class Reshaped(Message):
        """The number of rows of cells of a type changed."""

        base: str
        height: int

    def __init__(self, name: str) -> None:
        super().__init__(id=f"map-{name.lower()}")
        self.base = name
        self._segments: dict[tuple[int, int, int], Segment] = {}
        self._codes: Array = np.zeros(0, np.int64)
        self._gutter: Gutters = ((), ())
        self._grid = Grid(9, 1, 1, 1)
        self._comets: frozenset[int] = frozenset()

    # --- data down ----------------------------------------------------------------------------------------

    def watch_row(self, old: MapRow | None, row: MapRow | None) -> None:
        """Repaint the cells that look different now, and the gutter if its numbers changed."""
        if row is not None and (old is None or not _alike(old, row)) and self.size.width:
            self._look_again(row)

    def watch_big(self) -> None:
        """Make the grid again for cells of another size."""
        self._codes = np.zeros(0, np.int64)
        self.watch_row(None, self.row)

    def _look_again(self, row: MapRow) -> None:
        shape = grid(*self.size, row.counts.size, big=self.big)
        codes = cell_codes(row, shape.columns * shape.rows)
        for color in self._comets:
            codes[min(color // shape.bucket, codes.size - 1)] |= COMET
        gutter = (left_texts(row, shape), right_texts(row, shape, self.size.width))
        if shape != self._grid or codes.size != self._codes.size:
            self._grid, self._codes, self._gutter = shape, codes, gutter
            self._segments.clear()
            self.forget()
            self.refresh()
            return
        different = np.flatnonzero(codes != self._codes)
        regions = self._cell_regions(different)
        if gutter != self._gutter:
            regions += self._gutter_regions(gutter)
        self._codes, self._gutter = codes, gutter
        self._repaint(regions)

    def fly(self, colors: frozenset[int]) -> None:
        """Show moving pages at these colours; an empty set ends the animation."""
        if colors != self._comets:
            self._comets = colors
            if self.row is not None and self.size.width:
                self._look_again(self.row)

    def _cell_regions(self, cells: Array) -> list[Region]:
        shape = self._grid
        rows = cells // shape.columns
        return [
            Region(
                shape.left + int(on.min()) * shape.wide,
                int(y) * shape.tall,
                int(on.max() - on.min() + 1) * shape.wide,
                shape.tall,
            )
            for y in distinct(rows)
            for on in (cells[rows == y] % shape.columns,)
        ]

    def _gutter_regions(self, gutter: Gutters) -> list[Region]:
        width, left = self.size.width, self._grid.left
        beyond = left + self._grid.span
        regions = []
        for old, new, x, span in (
            (self._gutter[0], gutter[0], 0, left),
            (self._gutter[1], gutter[1], beyond, width - beyond),
        ):
            regions += [Region(x, y, span, 1) for y, text in enumerate(new) if text != old[y]]
        return regions

    def _repaint(self, regions: list[Region]) -> None:
        if regions:
            self.forget(*(y for region in regions for y in range(region.y, region.bottom)))
            self.refresh(*regions)

    # --- painting -----------------------------------------------------------------------------------------

    def paint(self, y: int) -> Strip:
        """Paint one line: the left gutter, the cells in runs, the right gutter."""
        shape = self._grid
        if not self._gutter[0] or y >= shape.lines:
            return Strip.blank(self.size.width)
        row, part = divmod(y, shape.tall)
        codes = self._codes[row * shape.columns : (row + 1) * shape.columns].tolist()
        runs = [self._segment(code, len(list(same)), part) for code, same in groupby(codes)]
        left, right = self._gutter[0][y], self._gutter[1][y]
        styles = self.looks.styles
        name = "bold" if self.row is not None and self.row.cursor >= 0 else ""
        head = [Segment(left[:1], styles[f"fill-{self.base}"]), Segment(left[1:], styles[name])]
        return Strip([*head, *runs, Segment(right, styles["dim"])], self.size.width)

    def _segment(self, code: int, count: int, part: int) -> Segment:
        """Return `count` cells of one code; `part` is the line within a cell that is two lines tall."""
        key = code, count, part
        if key not in self._segments:
            shown = tall_glyph(code, upper=part == 0) if self._grid.tall > 1 else glyph(code)
            self._segments[key] = Segment(
                cell_text(shown, self._grid) * count, cell_style(self.base, code, self.looks)
            )
        return self._segments[key]

    def notify_style_update(self) -> None:
        """Clear the segments, which have the colours of the old theme."""
        super().notify_style_update()
        self._segments.clear()

    # --- events -------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Make the grid again for the new size."""
        self._codes = np.zeros(0, np.int64)
        self.watch_row(None, self.row)
        self.post_message(self.Reshaped(self.base, self.size.height))

    def on_click(self, event: events.Click) -> None:
        """Request the first colour of the cell under the mouse."""
        shape = self._grid
        column, y = (event.x - shape.left) // shape.wide, event.y // shape.tall
        if self.row is not None and 0 <= column < shape.columns and 0 <= y < shape.rows:
            color = (y * shape.columns + column) * shape.bucket
            self.post_message(self.ColorSelected(self.base, color))
