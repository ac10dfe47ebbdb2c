"""A chart of the run: free, active, inactive, cached and wired pages, or any series, with limits and cursor.

plotext draws the curves; axes, limits and the cursor are added here, so that a click finds its step. Hue is
never the only sign: each curve is drawn with its own letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final

import numpy as np

from engine.memory.cells import Array
from explorer.lenses.kit.drawing import Row, drawing, flow_within, row
from explorer.lenses.kit.lens import Drawing, Lens, Spot
from explorer.lenses.kit.plot import Extent, plotted
from explorer.session.session import Session
from explorer.views.chart import ChartRow, CurveRow, chart_row, column_of, columns
from explorer.views.spans import Line, axis, fit

NARROW: Final = 24
LOW: Final = 6
"""Below this number of columns or lines, the chart is numbers only."""

Cells = list[tuple[str, str]]
"""The characters of a line of the plot, each with its style."""


def look(session: Session) -> ChartRow:
    """The chart of the whole recorded run."""
    return chart_row(session.history, session.chart)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(shown: ChartRow, width: int, height: int) -> Drawing:
    """Draw the values at the cursor and the limits, the curves, and an axis."""
    limits = [row((f"{short(name)} {value:,}", "dim")) for name, value in shown.limits]
    parts = [*map(_legend, shown.curves), *_unfinished(shown), *limits]
    if width < NARROW or height < LOW:
        return drawing(flow_within(parts, width, height), width, height)
    legend = flow_within(parts, width, max(height // 4, 1))
    return _Plot(shown, width, height - len(legend) - 1).below(legend)


def short(name: str) -> str:
    """A limit without what all of them share: `free_min`, `cache_min`."""
    return name.removeprefix("v_")


def _legend(one: CurveRow) -> Row:
    value = "none" if one.value is None else f"{one.value:,}"
    return row((one.glyph, one.style), (f" {one.name} ", "label"), (value, "now"))


def _unfinished(shown: ChartRow) -> list[Row]:
    """A note if an expression is not evaluated up to the last step."""
    covered = min((one.covered for one in shown.curves), default=shown.total)
    if covered >= shown.total:
        return []
    return [row((f"evaluated up to step {max(covered, 0):,}; :chart does the rest", "warn"))]


class _Plot:
    """The plot: its columns, its values from `low` to `high`, and its lines from the top."""

    def __init__(self, shown: ChartRow, width: int, height: int) -> None:
        self.shown = shown
        self.width, self.height = width, height
        begins, ends = columns(shown, max(width - 6, 2))
        ranges = [_ranges(one, begins, ends) for one in shown.curves]
        self.low, self.high = _bounds(ranges, shown.limits)
        self.gutter = max(len(f"{value:,}") for value in (self.low, self.high)) + 1
        self.columns = max(width - self.gutter, 2)
        self.begins, self.ends = columns(shown, self.columns)
        # The gutter is known only when the values are; nearly always it changes nothing.
        if self.columns != max(width - 6, 2):
            ranges = [_ranges(one, self.begins, self.ends) for one in shown.curves]
        self.curves = tuple(
            (one.glyph, self._extents(*found)) for one, found in zip(shown.curves, ranges, strict=True)
        )

    def line_of(self, value: int) -> int:
        """The line of a value, counted from the bottom."""
        return int(self._lines(np.array([value]))[0])

    def _lines(self, values: Array) -> Array:
        inside = np.clip(values, self.low, self.high) - self.low
        lines: Array = np.floor(inside * ((self.height - 1) / (self.high - self.low)) + 0.5).astype(np.int64)
        return lines

    def _extents(self, low: Array, high: Array) -> tuple[Extent, ...]:
        bottom, top, known = self._lines(low).tolist(), self._lines(high).tolist(), (low <= high).tolist()
        missing = (None,) * (self.columns - len(known))
        pairs = zip(known, bottom, top, strict=True)
        return (*((one, other) if is_known else None for is_known, one, other in pairs), *missing)

    def below(self, legend: list[Row]) -> Drawing:
        """The drawing: the legend, the plot below it, and the axis."""
        styles = {one.glyph: one.style for one in self.shown.curves}
        lines = [
            [(glyph, styles.get(glyph, "")) for glyph in text]
            for text in plotted(self.curves, self.columns, self.height)
        ]
        self._add_limits(lines)
        self._add_cursor(lines)
        rows = [*self._labelled(lines), self._axis()]
        head = drawing(legend, self.width, len(legend)).lines
        spots = _spots(self._verbs(), self.gutter, len(head), self.height)
        return Drawing([*head, *(fit(spans, self.width) for spans in rows)], spots)

    def _add_limits(self, lines: list[Cells]) -> None:
        """Draw each limit in the blank cells of its line, with its name if it fits there."""
        for name, value in self.shown.limits:
            if self.low <= value <= self.high:
                cells = lines[self.height - 1 - self.line_of(value)]
                cells[:] = [("─", "faint") if cell[0] == " " else cell for cell in cells]
                _write(cells, f" {short(name)} {value:,} ")

    def _add_cursor(self, lines: list[Cells]) -> None:
        x = column_of(self.begins, self.shown.step)
        for cells in lines:
            glyph, _ = cells[x]
            cells[x] = ("┃", "cursor") if glyph in " ─" else (glyph, "new")

    def _labelled(self, lines: list[Cells]) -> Iterator[Line]:
        """Each line with its value at the top, the bottom and, if there are values between, the middle."""
        middle = (self.height - 1) // 2
        values = {0: self.high, self.height - 1: self.low}
        if self.height >= 5 and self.high - self.low > 1:
            values[middle] = self.low + round(
                (self.high - self.low) * (self.height - 1 - middle) / (self.height - 1)
            )
        for y, cells in enumerate(lines):
            label = f"{values[y]:,}" if y in values else ""
            yield ((label.rjust(self.gutter - 1) + " ", "dim"), *_merged(cells))

    def _axis(self) -> Line:
        """The steps or ticks at both ends and at the cursor."""
        at, last = column_of(self.begins, self.shown.step), len(self.begins) - 1
        texts = [self._place(step) for step in (0, self.shown.step, self.shown.total)]
        texts[0] = f"{self.shown.by.removesuffix('s')} {texts[0]}"
        labels = [
            (min(at, max(self.columns - len(texts[1]), 0)), texts[1]),
            (0, texts[0]),
            (max(min(last, self.columns) - len(texts[2]) + 1, 0), texts[2]),
        ]
        return ((" " * self.gutter, ""), (axis(labels, self.columns).rstrip(), "dim"))

    def _place(self, step: int) -> str:
        return f"{self.shown.ticks.at(step) if self.shown.by == 'ticks' else step:,}"

    def _verbs(self) -> tuple[str, ...]:
        """What a click in each column does: it goes to its first step; in the last one, to its last step."""
        steps = [*self.begins.tolist()[:-1], int(self.ends[-1])]
        return tuple(f"goto {step}" for step in steps)


def _ranges(one: CurveRow, begins: Array, ends: Array) -> tuple[Array, Array]:
    """The smallest and largest value of each column; none in columns that the curve does not cover."""
    low, high = one.curve.ranges(begins, ends)
    beyond = begins > one.covered
    low[beyond], high[beyond] = 1, 0
    return low, high


def _bounds(ranges: list[tuple[Array, Array]], limits: tuple[tuple[str, int], ...]) -> tuple[int, int]:
    """The lowest and the highest value of the plot: those of the curves, and the limits near them."""
    known = [(low[low <= high], high[low <= high]) for low, high in ranges]
    low = min((int(one.min()) for one, _ in known if one.size), default=0)
    high = max((int(one.max()) for _, one in known if one.size), default=1)
    if 0 < low <= high // 2:
        low = 0
    near = high - low
    values = [value for _, value in limits if low - near <= value <= high + near]
    low, high = min([low, *values]), max([high, *values])
    return low, max(high, low + 1)


def _write(cells: Cells, text: str) -> None:
    """Write a text into the line of a limit, as far to the right as no curve is in its way."""
    for at in range(len(cells) - len(text), -1, -4):
        if all(glyph == "─" for glyph, _ in cells[at : at + len(text)]):
            cells[at : at + len(text)] = [(glyph, "label") for glyph in text]
            return


def _merged(cells: Cells) -> Line:
    runs = groupby(cells, key=lambda cell: cell[1])
    return tuple(("".join(glyph for glyph, _ in run), style) for style, run in runs)


@lru_cache(4)
def _spots(verbs: tuple[str, ...], left: int, top: int, height: int) -> tuple[Spot, ...]:
    """A spot for each cell of the plot, line by line."""
    return tuple(
        Spot(y, left + x, left + x + 1, verb)
        for y in range(top, top + height)
        for x, verb in enumerate(verbs)
    )


PLACE = 95
LENS = Lens("chart", "chart", "curves of the run, with limits", look, draw)
