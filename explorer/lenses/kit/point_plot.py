"""A chart of points as rows: legend, plot with its axes, the marks of both axes and their names.

Each curve has its own small letter, so that a chart without colours says the same; its capital is where a
point was measured, the small ones only join these. Where curves run together, their letters take turns, so
that none is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from explorer.lenses.kit.drawing import Row, flow, flow_within, row
from explorer.lenses.kit.plot import Cell, joined_points
from explorer.views.experiment_chart import Axis, ChartCurve, PointChart
from explorer.views.spans import axis, fit, length, shortened

NARROW: Final = 20
LOW: Final = 4
"""Below this number of columns or lines, there is only the legend."""

NAMED: Final = 9
"""From this number of lines on, both axes have their names in lines of their own."""

RULED: Final = 7
"""From this number of lines on, the horizontal axis has a line above its marks."""

Cells = list[tuple[str, str]]


def chart_rows(chart: PointChart, width: int, height: int) -> list[Row]:
    """The chart in at most `height` rows of `width` columns; only its legend if that is too little."""
    return [_cut(pieces, width) for pieces in _rows(chart, width, height)]


def _cut(pieces: Row, width: int) -> Row:
    return row(*fit(tuple((text, style) for text, style, _ in pieces), width))


def _rows(chart: PointChart, width: int, height: int) -> list[Row]:
    parts = [row((_title(chart), "title")), *_legend(chart)]
    short = [parts[0], *_legend(chart, short=True)]
    most = max(height // 4, 1)
    forms = (flow(form, width) for form in ([*parts, _letters(chart)], parts))
    fitting = (form for form in forms if len(form) <= most and max(map(length, form)) <= width)
    legend = next(fitting, None) or flow_within(short, width, most)
    room = height - len(legend)
    named, ruled = room >= NAMED, room >= RULED
    lines = room - 1 - ruled - 2 * named
    if width < NARROW or height < LOW or lines < 2:
        return flow_within(short, width, height)
    plot = _Plot(chart, width, lines)
    above = [row((shortened(_name(chart.y), width), "label"))] if named else []
    below = [row((shortened(_name(chart.x), width).rjust(width), "label"))] if named else []
    return [*legend, *above, *plot.rows(ruled=ruled), *below]


def _title(chart: PointChart) -> str:
    by = f", by {chart.by}" if chart.by else ""
    at = f", at {chart.only}" if chart.only else ""
    return f"{chart.y.name} over {chart.x.name}{by}{at}"


def _name(one: Axis) -> str:
    return f"{one.name} (logarithmic)" if one.log else one.name


def _legend(chart: PointChart, *, short: bool = False) -> Iterator[Row]:
    """What each curve is, and what is not drawn. short: whether values are without their setting."""
    for curve in chart.curves:
        name = curve.name if short else _label(chart, curve.name)
        same = f" (as {curve.same})" if curve.same else ""
        none = "" if any(curve.points) else " (no value)"
        yield row((curve.glyph, curve.style), (f" {name}{same}{none}", "label"))
    if chart.means:
        yield row((f"mean over {' and '.join(chart.means)}", "dim"))
    if chart.left_out:
        yield row((chart.left_out, "warn"))


def _letters(chart: PointChart) -> Row:
    """What the letters of the curves say."""
    together = "; curves that lie together alternate" if len(chart.curves) > 1 else ""
    return row((f"capitals: measured{together}", "dim"))


def _label(chart: PointChart, name: str) -> str:
    """The name of a curve: a word as it is, another value with what it is the value of."""
    is_word = any(map(str.isalpha, name)) and name not in ("true", "false")
    return name if is_word or not chart.by else f"{chart.by.rpartition('.')[2]} = {name}"


def _cell(drawn: Sequence[_Drawn], x: int, y: int) -> tuple[str, str]:
    """The glyph of a cell and its style; curves that share cells take turns, measured points first."""
    here = [one for one in drawn if one.lines[y][x : x + 1].strip()]
    points = [one for one in here if (x, y) in one.points]
    if not here:
        return " ", ""
    curve = (points or here)[x % len(points or here)].curve
    return (curve.glyph.upper() if points else curve.glyph), curve.style


@dataclass(frozen=True)
class _Drawn:
    """A curve in a plot: its lines from the top, and the cells of its measured points."""

    curve: ChartCurve
    lines: tuple[str, ...]
    points: frozenset[Cell]


class _Plot:
    """The plot: the lines between its axes, and the axes."""

    def __init__(self, chart: PointChart, width: int, height: int) -> None:
        self.chart = chart
        self.height = height
        self.labels = self._labels_of_lines()
        self.gutter = max(map(len, self.labels.values()), default=0) + 1
        self.columns = max(width - self.gutter, 2)

    def _labels_of_lines(self) -> dict[int, str]:
        """The marks of the vertical axis by their lines from the top; of two in one line, the outer one."""
        marks = self.chart.y.marks
        outer = [*marks[:1], *marks[-1:], *marks[1:-1]]
        labels: dict[int, str] = {}
        for place, text in outer:
            labels.setdefault(self.height - 1 - self._line(place), text)
        return labels

    def _line(self, place: float) -> int:
        return round(place * (self.height - 1))

    def _column(self, place: float) -> int:
        return round(place * (self.columns - 1))

    def rows(self, *, ruled: bool) -> list[Row]:
        """The rows of the plot, from the top; ruled: whether the horizontal axis has a line."""
        drawn = [self._drawn(curve) for curve in self.chart.curves]
        lines = [[_cell(drawn, x, y) for x in range(self.columns)] for y in range(self.height)]
        return [*self._labelled(lines), *([self._rule()] if ruled else []), self._marks()]

    def _drawn(self, curve: ChartCurve) -> _Drawn:
        parts = tuple(self._parts(curve))
        points = frozenset((x, self.height - 1 - y) for part in parts for x, y in part)
        return _Drawn(curve, joined_points((curve.glyph, parts), self.columns, self.height), points)

    def _parts(self, curve: ChartCurve) -> Iterator[tuple[Cell, ...]]:
        """The points that lines join; a missing one ends a part."""
        for known, run in groupby(curve.points, key=lambda point: point is not None):
            if known:
                yield tuple((self._column(p[0]), self._line(p[1])) for p in run if p is not None)

    def _labelled(self, lines: list[Cells]) -> Iterator[Row]:
        for y, cells in enumerate(lines):
            label = self.labels.get(y, "")
            edge = "┤" if label else "│"
            runs = groupby(cells, key=lambda cell: cell[1])
            merged = [("".join(glyph for glyph, _ in run), style) for style, run in runs]
            yield row((label.rjust(self.gutter - 1), "dim"), (edge, "rule"), *merged)

    def _rule(self) -> Row:
        at = {self._column(place) for place, _ in self.chart.x.marks}
        line = "".join("┬" if x in at else "─" for x in range(self.columns))
        return row((" " * (self.gutter - 1), ""), (f"└{line}", "rule"))

    def _marks(self) -> Row:
        """The marks of the horizontal axis: the outer ones first, then those that have room."""
        found = [(self._column(place), text) for place, text in self.chart.x.marks]
        outer = [*found[:1], *found[-1:], *found[1:-1]]
        labels = [(self._start(x, text), text) for x, text in outer]
        return row((" " * self.gutter, ""), (axis(labels, self.columns).rstrip(), "dim"))

    def _start(self, x: int, text: str) -> int:
        """Where the text of a mark starts: it is centred below its column, and within the plot."""
        return max(min(x - len(text) // 2, self.columns - len(text)), 0)
