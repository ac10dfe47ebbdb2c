"""The chart of an experiment, without a size: curves of points, and the marks of both axes.

A place on an axis is a number from 0 (left, bottom) to 1. On an axis with a logarithmic scale, 0 has a place
of its own below the smallest value: that contention comes to 0 is what some experiments show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, isfinite, log10
from typing import Final

from engine.experiments.arithmetic import Number
from engine.experiments.experiment import Experiment
from engine.experiments.form import Chart
from engine.experiments.table import Row
from engine.experiments.values import Value, same, value_text
from engine.words import plural
from explorer.views.experiment import REPEATED, figure_text, setting_text, spread_of

Known = int | float
"""A value that is known."""

Place = tuple[float, float]
"""A point: how far to the right, and how far up."""

Mark = tuple[float, str]
"""A place on an axis, and its text."""

ZERO: Final = 0.12
"""The part of a logarithmic axis below its smallest positive value, if there are values from 0 down."""

STEPS: Final = (1, 2, 5, 10)
"""The steps between two marks of a linear axis, times a power of ten."""

STYLES: Final = (*(f"thread-{n}" for n in range(4)), *(f"fill-{q}" for q in ("FREE", "ACTIVE", "CACHE")))
"""The styles of curves, which their glyphs tell apart."""

_SMALL: Final = "abcdefghijklmnopqrstuvwxyz"

LETTERS: Final = _SMALL + _SMALL.upper()


@dataclass(frozen=True)
class Axis:
    """An axis: what it shows, whether its scale is logarithmic, and its marks from 0 to 1."""

    name: str
    log: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class ChartCurve:
    """A curve: its name in the legend, its glyph and style, its points from left to right.

    points: None between two others where a value is not known.
    same:   the name of an earlier curve with the same points, or "".
    """

    name: str
    glyph: str
    style: str
    points: tuple[Place | None, ...]
    same: str = ""


@dataclass(frozen=True)
class PointChart:
    """A chart.

    by: what the names of the curves are values of, or "". left_out: what is not drawn, or "".
    only: the settings to which it is restricted, or "". means: the settings over which each point is a
    mean, without the repetitions.
    """

    x: Axis
    y: Axis
    by: str
    curves: tuple[ChartCurve, ...]
    left_out: str = ""
    only: str = ""
    means: tuple[str, ...] = ()


def chart_of(experiment: Experiment, rows: Sequence[Row]) -> PointChart | None:
    """The chart of the rows so far; None if the experiment has none, or no row has a value for it.

    A point is the mean over all rows with its x and its curve.
    """
    chosen = experiment.chart
    if chosen is None:
        return None
    by, xs = chosen.by, experiment.vary[chosen.x]
    names: tuple[Value, ...] = experiment.vary[by] if by else ("",)
    only = _drawn_only(experiment, chosen)
    values_of: dict[Key, list[Number]] = {}
    for row in rows:
        if not all(same(row.settings[key], value) for key, value in only.items()):
            continue
        key = _key(row.settings[chosen.x], row.settings[by] if by else "")
        values_of.setdefault(key, []).append(row.measured.get(chosen.y))
    series = {
        setting_text(name) if by else chosen.y: [
            (x, spread_of(values_of.get(_key(x, name), ())).mean) for x in xs
        ]
        for name in names
    }
    found = (value for values in values_of.values() for value in values)
    whole = all(value is None or isinstance(value, int) for value in found)
    chart = points_chart(series, chosen.x, chosen.y, by, chosen.scale, whole=whole)
    words = ", ".join(f"{key} = {value_text(value)}" for key, value in only.items())
    others = {name for name, values in experiment.vary.items() if len(values) > 1}
    means = tuple(name for name in experiment.vary if name in others - {chosen.x, by, REPEATED, *only})
    return chart and replace(chart, only=words, means=means)


def _drawn_only(experiment: Experiment, chosen: Chart) -> dict[str, Value]:
    """The restrictions of a chart, without a value that `--vary` has replaced."""
    vary = experiment.vary
    return {key: value for key, value in chosen.only.items() if any(same(value, one) for one in vary[key])}


Key = tuple[tuple[bool, Value], ...]
"""Values of settings; true is not 1."""


def _key(*values: Value) -> Key:
    return tuple((isinstance(value, bool), value) for value in values)


Curves = Mapping[str, Sequence[tuple[Value, Number]]]
"""The points of curves by their names: x, which may be a word, and y; each curve has the same x's."""


def points_chart(
    series: Curves, x: str, y: str, by: str = "", scale: str = "linear", *, whole: bool = False
) -> PointChart | None:
    """The chart of curves; None if no point has a value.

    x, y, by: the names of the axes and of what distinguishes the curves.
    scale: linear, log-x, log-y or log-log. whole: whether the values are counts, or means of counts, so that
    the marks are integers.
    """
    values = [value for points in series.values() for _, value in points if value is not None]
    drawn = [value for value in values if isfinite(value)]
    if not drawn:
        return None
    xs = next(iter(series.values()))
    across = _x_scale([one for one, _ in xs], log=scale in ("log-x", "log-log"))
    up = _scale_of(drawn, log=scale in ("log-y", "log-log"), whole=whole)
    order = sorted(range(len(xs)), key=across.places.__getitem__)
    curves: list[ChartCurve] = []
    for number, (name, points) in enumerate(series.items()):
        places = tuple(_point(across.places[n], points[n][1], up) for n in order)
        same = next((one.name for one in curves if any(places) and one.points == places), "")
        glyph = glyphs(tuple(series))[number]
        curves.append(ChartCurve(name, glyph, STYLES[number % len(STYLES)], places, same))
    infinite = len(values) - len(drawn)
    left_out = f"{plural(infinite, 'infinite value is', 'infinite values are')} not drawn" if infinite else ""
    return PointChart(
        Axis(x, across.log, across.marks), Axis(y, up.log, up.marks), by, tuple(curves), left_out
    )


def _point(across: float, value: Number, up: _Scale) -> Place | None:
    return (across, up.place(value)) if value is not None and isfinite(value) else None


def glyphs(names: Sequence[str]) -> tuple[str, ...]:
    """A letter for each curve: the first one in each name, if these differ, else they are in order."""
    firsts = [next((letter for letter in name.lower() if letter in _SMALL), "") for name in names]
    if all(firsts) and len(names) == len({*firsts}) and not {*names} & {"true", "false"}:
        return tuple(firsts)
    return tuple(LETTERS[n % len(LETTERS)] for n, _ in enumerate(names))


# --- scales -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Across:
    """The places of the x's, and their marks."""

    places: tuple[float, ...]
    marks: tuple[Mark, ...]
    log: bool


def _x_scale(xs: Sequence[Value], *, log: bool) -> _Across:
    """Numbers at their places, other values at equal distances; each x has a mark."""
    numbers = [x for x in xs if isinstance(x, int | float) and not isinstance(x, bool)]
    if len(numbers) == len(xs) and len({*numbers}) > 1:
        scale = _scale_of(numbers, log=log, exact=True)
        places = tuple(map(scale.place, numbers))
    else:
        scale, places = None, tuple(n / max(len(xs) - 1, 1) for n, _ in enumerate(xs))
    marks = sorted(zip(places, map(setting_text, xs), strict=True))
    return _Across(places, tuple(marks), scale is not None and scale.log)


@dataclass(frozen=True)
class _Scale:
    """A scale from `low` to `high`, logarithmic or not; zero: the place of `low`, above that of 0."""

    low: float
    high: float
    log: bool
    zero: float
    marks: tuple[Mark, ...] = ()

    def place(self, value: Known) -> float:
        """The place of a value."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        if value <= 0:
            return 0.0
        part = (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return self.zero + (1 - self.zero) * part


def _scale_of(values: Sequence[Known], *, log: bool, exact: bool = False, whole: bool = False) -> _Scale:
    """The scale of values.

    exact: whether it ends at the smallest and the largest of them. whole: whether its marks are integers.
    """
    positive = [value for value in values if value > 0]
    if log and positive:
        return _log_scale(positive, len(positive) < len(values), exact=exact, negative=min(values) < 0)
    low, high = float(min(values)), float(max(values))
    if exact:
        return _Scale(low, high, log=False, zero=0)
    if 0 < low <= high / 2:
        low = 0.0
    high = high if high > low else low + (abs(low) or 1)
    step = max(_nice_step(high - low), 1 if whole else 0)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    scale = _Scale(first * step, last * step, log=False, zero=0)
    marks = tuple((scale.place(n * step), _mark_text(n * step)) for n in range(first, last + 1))
    return _Scale(scale.low, scale.high, log=False, zero=0, marks=marks)


def _log_scale(positive: Sequence[Known], has_zero: bool, *, exact: bool, negative: bool) -> _Scale:
    low, high = float(min(positive)), float(max(positive))
    first, last = floor(log10(low) + 1e-9), ceil(log10(high) - 1e-9)
    if not exact:
        low, high = 10.0**first, 10.0 ** max(last, first + 1)
    elif low == high:
        high = low * 10
    scale = _Scale(low, high, log=True, zero=ZERO if has_zero else 0.0)
    decades = range(first, max(last, first + 1) + 1)
    zero: list[Mark] = [(0.0, "<= 0" if negative else "0")] if has_zero else []
    marks = (*zero, *((scale.place(10.0**n), _mark_text(10**n if n >= 0 else 10.0**n)) for n in decades))
    return _Scale(low, high, log=True, zero=scale.zero, marks=marks)


def _nice_step(length: float) -> float:
    """The smallest step of STEPS that divides a length into at most five parts."""
    power = 10.0 ** floor(log10(length / 5))
    return next(step * power for step in STEPS if length / (step * power) <= 5 + 1e-9)


def _mark_text(value: Known) -> str:
    return figure_text(int(value) if float(value).is_integer() else value)
