"""The rows of an experiment for a reader: runs with their numbers, groups of runs, and each measure's spread.

A run is a row of the experiment's table. Its number, from 1, is that of its point, so that it stays the same
while the table fills. The runs that differ only in their seed are repetitions: together they are a group,
with one mean and a smallest and largest value of each measure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final

from engine.experiments.aggregates import mean
from engine.experiments.arithmetic import Number
from engine.experiments.experiment import Experiment
from engine.experiments.table import Row
from engine.experiments.values import Value, value_text

REPEATED: Final = "seed"
"""The setting whose values are repetitions."""

NONE: Final = "-"
"""The text of a measure without a value."""

_EXPONENT: Final = re.compile(r"e\+?(-?)0*", re.ASCII)

Key = tuple[object, ...]


@dataclass(frozen=True, eq=False)
class Group:
    """The runs that have the same settings except the repeated one."""

    runs: tuple[Row, ...]

    @property
    def number(self) -> int:
        """The number of its first run."""
        return number_of_run(self.runs[0])

    @property
    def settings(self) -> Mapping[str, Value]:
        """The settings of its first run."""
        return self.runs[0].settings

    @property
    def notes(self) -> bool:
        """Whether there is something to know of one of its runs."""
        return any(run.notes for run in self.runs)

    @property
    def numbers(self) -> str:
        """The numbers of its runs: `41`, `41..60`, or the first of numbers with gaps: `41 ...`."""
        first, last = self.number, number_of_run(self.runs[-1])
        if first == last:
            return f"{first}"
        return f"{first}..{last}" if last - first + 1 == len(self.runs) else f"{first} ..."

    def spread(self, measure: str) -> Spread:
        """The spread of a measure over its runs."""
        return spread_of([run.measured.get(measure) for run in self.runs])


@dataclass(frozen=True)
class Spread:
    """The mean, the smallest and the largest of some values; None if none of them is known.

    known, of: how many are known, of how many.
    """

    mean: Number
    low: Number
    high: Number
    known: int
    of: int

    @property
    def range_text(self) -> str:
        """`0.25..0.5`, with `, 3 of 20` if some values are unknown; "" if all values are the same."""
        known = f"{self.known} of {self.of}" if 0 < self.known < self.of else ""
        if self.low == self.high:
            return known
        text = f"{figure_text(self.low)}..{figure_text(self.high)}"
        return f"{text}, {known}" if known else text


def spread_of(values: Sequence[Number]) -> Spread:
    """The spread of values; None among them is an unknown one."""
    known = [value for value in values if value is not None]
    if not known:
        return Spread(None, None, None, 0, len(values))
    low, high = min(known), max(known)
    middle = low if low == high else mean(known) if isfinite(high - low) else None
    return Spread(middle, low, high, len(known), len(values))


# --- rows and groups --------------------------------------------------------------------------------------


def number_of_run(row: Row) -> int:
    """The number of a run, from 1."""
    return row.number + 1


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows in the order of the points."""
    return tuple(sorted(rows, key=number_of_run))


def grouped(experiment: Experiment, rows: Iterable[Row], *, each: bool = False) -> tuple[Group, ...]:
    """The runs in groups of repetitions, by the number of their first run; `each` in a group of its own."""
    runs = in_order(rows)
    if each or REPEATED not in experiment.vary:
        return tuple(Group((run,)) for run in runs)
    found: dict[Key, list[Row]] = {}
    for run in runs:
        found.setdefault(_key(run), []).append(run)
    return tuple(Group(tuple(group)) for group in found.values())


def _key(run: Row) -> Key:
    """The settings of a run without the repeated one; true is not 1."""
    settings = ((name, value) for name, value in run.settings.items() if name != REPEATED)
    return tuple((name, isinstance(value, bool), value) for name, value in settings)


def varied(experiment: Experiment, *, each: bool = False) -> tuple[str, ...]:
    """The settings that distinguish the lines of the table: those with several values, in their order."""
    hidden = () if each else (REPEATED,)
    return tuple(name for name, values in experiment.vary.items() if len(values) > 1 and name not in hidden)


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Each name without what comes before its last dot, unless two would then be the same."""
    lasts = [name.rpartition(".")[2] for name in names]
    return {name: last if lasts.count(last) == 1 else name for name, last in zip(names, lasts, strict=True)}


# --- texts ------------------------------------------------------------------------------------------------


def figure_text(value: Number) -> str:
    """Format a measured value: an integer with all its digits, another number with four of them."""
    if value is None:
        return NONE
    if isinstance(value, int):
        return f"{value:,}"
    if abs(value) == inf:
        return "inf" if value > 0 else "-inf"
    size = abs(value)
    if size >= 1e9 or 0 < size < 1e-3:
        return _EXPONENT.sub(r"e\1", f"{value:.3g}")
    return f"{value:,.0f}" if size >= 1000 else f"{value:.4g}"


def setting_text(value: Value) -> str:
    """Format the value of a setting as a file has it, an integer with commas."""
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_integer else value_text(value)


def settings_words(settings: Mapping[str, Value]) -> str:
    """Settings in words: `colors 16, cpus 4`."""
    short = short_names(tuple(settings))
    return ", ".join(f"{short[name]} {setting_text(value)}" for name, value in settings.items())
