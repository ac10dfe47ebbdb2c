"""The chart: the curves of a run over steps or ticks, the limits they are compared with, and the cursor.

A row has whole curves. `columns` divides the run into the columns of a screen, and `Curve.ranges` gives the
smallest and largest value of each, so that no spike is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import VMSTATS_FIELDS
from engine.debug.expression_curve import expression_curve, work_out
from engine.debug.series import QUANTITIES, Curve, curve_of
from engine.language.expressions import Expression
from engine.memory.cells import Array
from engine.run.history import History

MOST: Final = 9
"""Maximum number of curves in a chart."""

FEW_EVALUATIONS: Final = 10
"""Number of times that a row evaluates an expression for steps taken since; `:chart` evaluates all."""

_SIGNS: Final = {
    "free": ("f", "fill-FREE"), "active": ("a", "fill-ACTIVE"), "inactive": ("i", "fill-INACTIVE"),
    "cache": ("c", "fill-CACHE"), "wired": ("w", "thread-0"), "faults": ("x", "thread-1"),
    "sleeps": ("s", "thread-2"), "asleep": ("z", "thread-3"), "ticks": ("t", "dim"),
    "FREE": ("F", "fill-FREE"), "ACTIVE": ("A", "fill-ACTIVE"), "INACTIVE": ("I", "fill-INACTIVE"),
    "CACHE": ("C", "fill-CACHE"), "HOLD": ("H", "fill-HOLD"),
}  # fmt: skip
"""Word -> the glyph and the style of its curve; others are numbered, in a thread's style."""


@dataclass(frozen=True)
class Series:
    """What a curve shows: a word of QUANTITIES, or an expression."""

    text: str
    expression: Expression | None = None

    @property
    def meaning(self) -> str:
        """What it counts."""
        return QUANTITIES[self.text].meaning if self.expression is None else "an expression"

    def curve(self, history: History) -> tuple[Curve, int]:
        """Its curve, and the last step that the curve covers."""
        if self.expression is None:
            return curve_of(history, self.text), history.total
        for _ in work_out(history, self.expression, FEW_EVALUATIONS):
            pass
        return expression_curve(history, self.expression)


@dataclass(frozen=True)
class Choice:
    """What the user wants to see: the series, and whether over `steps` or `ticks`."""

    series: tuple[Series, ...]
    by: str = "steps"


DEFAULT: Final = Choice(tuple(Series(word) for word in ("FREE", "ACTIVE", "INACTIVE", "CACHE")))
"""The lengths of the queues: without a clock tick, the counters of free and active pages do not change."""


@dataclass(frozen=True, eq=False)
class CurveRow:
    """A curve with its glyph and style.

    covered: the last step that it covers. value: its value at the cursor, or None.
    """

    name: str
    meaning: str
    glyph: str
    style: str
    curve: Curve
    covered: int
    value: int | None


@dataclass(frozen=True, eq=False)
class ChartRow:
    """A chart of the recorded steps 0 .. total, with the cursor at `step`.

    limits: each limit of a curve, with its value at the cursor.
    open:   whether the run continues after `total`.
    by:     `steps` or `ticks`; ticks: the ticks over the steps.
    """

    curves: tuple[CurveRow, ...]
    limits: tuple[tuple[str, int], ...]
    step: int
    total: int
    open: bool
    by: str
    ticks: Curve


def chart_row(history: History, choice: Choice | None = None) -> ChartRow:
    """The chart that the user has chosen, or the default one."""
    choice = choice or DEFAULT
    return ChartRow(
        tuple(_curve_row(history, series, n) for n, series in enumerate(choice.series, 1)),
        _limits(history, choice.series),
        history.step,
        history.total,
        history.branch.outcome is None,
        choice.by,
        curve_of(history, "ticks"),
    )


def _curve_row(history: History, series: Series, number: int) -> CurveRow:
    curve, covered = series.curve(history)
    plain = series.expression is None
    glyph, style = _SIGNS.get(series.text if plain else "", (str(number), f"thread-{number % 4}"))
    value = curve.at(history.step) if history.step <= covered else None
    return CurveRow(series.text, series.meaning, glyph, style, curve, covered, value)


def _limits(history: History, chosen: tuple[Series, ...]) -> tuple[tuple[str, int], ...]:
    words = [one.text for one in chosen if one.expression is None]
    names = dict.fromkeys(limit for word in words for limit in QUANTITIES[word].limits)
    count = history.vm.vmstats.count
    found = ((name, count[VMSTATS_FIELDS.index(name)]) for name in names)
    return tuple((name, value) for name, value in found if value)


# --- columns ----------------------------------------------------------------------------------------------


def columns(row: ChartRow, count: int) -> tuple[Array, Array]:
    """Divide the run into at most `count` columns: the first and the last step of each; int64.

    A run that continues leaves some columns at the right, so that a step does not move the whole chart.
    """
    return _by_ticks(row, count) if row.by == "ticks" else _by_steps(row, count)


def _edges(amount: int, count: int, *, is_open: bool) -> Array:
    """The begins of `count` equal parts of 0 .. amount - 1, and the end of the last one."""
    unit = 1 << max(amount.bit_length() - 4, 0) if is_open else 1
    return np.arange(count + 1, dtype=np.int64) * (-(-amount // unit) * unit) // count


def _by_steps(row: ChartRow, count: int) -> tuple[Array, Array]:
    edges = _edges(row.total + 1, count, is_open=row.open)
    begins = edges[:-1][edges[:-1] <= row.total]
    ends = np.maximum(edges[1 : len(begins) + 1] - 1, begins)
    return begins, np.minimum(ends, row.total)


def _by_ticks(row: ChartRow, count: int) -> tuple[Array, Array]:
    """Columns of equal numbers of ticks; one within a jump of the clock has the step before the jump."""
    passed = np.maximum.accumulate(row.ticks.values) if len(row.ticks.values) else row.ticks.values
    last = int(passed[-1]) if len(passed) else 0
    edges = _edges(last + 1, count, is_open=row.open)[:-1]
    edges, place = np.unique(edges[edges <= last], return_inverse=True)
    begins = np.where(edges > 0, np.append(row.ticks.steps, row.total)[passed.searchsorted(edges)], 0)
    ends = np.append(np.maximum(begins[1:] - 1, 0), row.total)
    return np.minimum(begins, ends)[place], ends[place]


def column_of(begins: Array, step: int) -> int:
    """The column of a step."""
    return max(int(begins.searchsorted(step, side="right")) - 1, 0)
