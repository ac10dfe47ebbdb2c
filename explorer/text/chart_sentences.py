"""The chart in sentences: each curve's first, last and extreme values, its limits, and some moments."""

from __future__ import annotations

from typing import Final

from engine.debug.series import QUANTITIES
from explorer.views.chart import ChartRow, CurveRow, columns

MOMENTS: Final = 10
"""Number of moments at which the values of a chart are listed, besides the last step."""


def chart_lines(row: ChartRow) -> list[str]:
    """Each curve by its first, last and extreme values, then the limits, then the values at some moments."""
    lines = [f"Steps 0 to {row.total:,}; the cursor is at step {row.step:,}."]
    lines += [_curve_words(row, one) for one in row.curves]
    lines += [_limit_words(row, name, value) for name, value in row.limits]
    steps = [*dict.fromkeys([*columns(row, MOMENTS)[0].tolist(), row.total])]
    # A moment with the values of the one before it says nothing.
    new = [step for n, step in enumerate(steps) if not n or _values(row, step) != _values(row, steps[n - 1])]
    return lines + [_moment_words(row, step) for step in new]


def _values(row: ChartRow, step: int) -> str:
    values = [f"{one.name} {_value_words(one.curve.at(step))}" for one in row.curves if step <= one.covered]
    return ", ".join(values) or "not evaluated"


def _curve_words(row: ChartRow, one: CurveRow) -> str:
    least, most = (one.curve.extreme(most=most) for most in (False, True))
    if least is None or most is None:
        return f"{one.name}, {one.meaning}: no value."
    part = f" It is evaluated up to step {one.covered:,}." if one.covered < row.total else ""
    if least[0] == most[0] and one.curve.at(0) == least[0]:
        return f"{one.name}, {one.meaning}: {least[0]:,} throughout.{part}"
    ends = [
        f"{_value_words(one.curve.at(0))} at step 0",
        f"{_value_words(one.curve.at(one.covered))} at step {one.covered:,}",
        f"smallest {least[0]:,}, first at step {least[1]:,}",
        f"largest {most[0]:,}, first at step {most[1]:,}",
        f"{_value_words(one.value)} at the cursor",
    ]
    return f"{one.name}, {one.meaning}: {', '.join(ends)}.{part}"


def _value_words(value: int | None) -> str:
    return "no value" if value is None else f"{value:,}"


def _limit_words(row: ChartRow, name: str, value: int) -> str:
    compared = [one for one in row.curves if one.name in QUANTITIES and name in QUANTITIES[one.name].limits]
    found = [(one.name, one.curve.first_below(value)) for one in compared]
    words = [
        f"{who} is never below it" if at is None else f"{who} is first below it at step {at:,}"
        for who, at in found
    ]
    return f"{name} is {value:,}: {', '.join(words)}."


def _moment_words(row: ChartRow, step: int) -> str:
    tick = f", tick {row.ticks.at(step):,}" if row.by == "ticks" else ""
    return f"Step {step:,}{tick}: {_values(row, step)}."
