"""An experiment with rows and verdicts made by hand: nothing runs, and each number is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, Final, cast

from engine.experiments.arithmetic import Number
from engine.experiments.experiment import Experiment, Point, Runs
from engine.experiments.form import parse_experiment
from engine.experiments.table import Row
from engine.experiments.verdicts import Verdict
from explorer.views.experiment_words import ExperimentResult

TEXT: Final = """format = 1
title = "Contention against colours"
claim = "coloured queues cut lock contention"
section = "1024-Color Page Queues"
scenario = "s.toml"
says = "With 16 colours **no** lock is contended."
[vary]
"machine.colors" = [1, 4, 16]
cpus = [1, 4]
seed = "0..1"
[measure]
contended = "run.steps"
waited = "run.steps"
[chart]
x = "machine.colors"
y = "contended"
by = "cpus"
scale = "log-log"
"""

MEASURED: Final[dict[tuple[int, int], tuple[list[Number], list[Number]]]] = {
    (1, 1): ([0, 0], [0, 0]),
    (1, 4): ([0.5, 0.25], [1200, 1300]),
    (4, 1): ([0, 0], [0, 0]),
    (4, 4): ([0.05, None], [40, 40]),
    (16, 1): ([0, 0], [0, 0]),
    (16, 4): ([0.0, 0.0], [0, 0]),
}
"""Colours and cpus -> what is measured with seed 0 and seed 1."""

VERDICTS: Final = (
    Verdict("ratio(contended, 'machine.colors', 1, 16) >= 8", True, float("inf"), "x / 0", "it shows."),
    Verdict("max(waited) < 3", False, 1300, "", "locks are waited for."),
)


def experiment(text: str = TEXT, **vary: Sequence[Any]) -> Experiment:
    """Make the experiment of a text, in which nothing can be run; vary: other values of a key."""
    form = parse_experiment(text, Path("contention.toml"))
    values = {one.key: one.values for one in form.vary}
    values |= {key: tuple(values) for key, values in vary.items()}
    points = tuple(Point(dict(zip(values, point, strict=True))) for point in product(*values.values()))
    return Experiment("contention", form, values, points, (), cast(Runs, None))


def rows(one: Experiment) -> tuple[Row, ...]:
    """The row of each point."""
    return tuple(_row(n, point) for n, point in enumerate(one.points))


def _row(number: int, point: Point) -> Row:
    colors, cpus, seed = point.settings.values()
    contended, waited = (values[int(seed)] for values in MEASURED[int(colors), int(cpus)])
    if contended is None:
        notes = ("leak: a page is busied",)
        return Row(point.settings, {"contended": None, "waited": waited}, notes, "leak", False, number)
    return Row(point.settings, {"contended": contended, "waited": waited}, number=number)


def result(many: int | None = None) -> ExperimentResult:
    """What is measured: all rows with the verdicts, or the first `many` rows."""
    one = experiment()
    found = rows(one)
    return ExperimentResult(one, found, VERDICTS) if many is None else ExperimentResult(one, found[:many])
