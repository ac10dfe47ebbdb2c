"""Rows of an experiment: groups of repetitions, their spread, and how numbers are written."""

from __future__ import annotations

from math import inf

import pytest

from engine.experiments.arithmetic import Number
from engine.experiments.table import Row
from explorer.views.experiment import (
    figure_text,
    grouped,
    in_order,
    number_of_run,
    setting_text,
    settings_words,
    short_names,
    spread_of,
    varied,
)
from tests.explorer.measured_by_hand import experiment, rows


def test_the_runs_that_differ_in_their_seed_are_a_group_whatever_their_order() -> None:
    one = experiment()
    groups = grouped(one, reversed(rows(one)))
    assert [group.numbers for group in groups] == ["1..2", "3..4", "5..6", "7..8", "9..10", "11..12"]
    assert [group.notes for group in groups] == [False, False, False, True, False, False]
    assert dict(groups[1].settings) == {"machine.colors": 1, "cpus": 4, "seed": 0}
    each = grouped(one, rows(one), each=True)
    assert [group.numbers for group in each] == [str(n) for n in range(1, 13)]
    assert [number_of_run(row) for row in in_order(reversed(rows(one)))] == list(range(1, 13))


def test_the_numbers_of_a_group_with_gaps_are_not_a_range() -> None:
    one = experiment(SEED_FIRST)
    found = [Row(point.settings, {"steps": n}, number=n) for n, point in enumerate(one.points)]
    assert [group.numbers for group in grouped(one, found)] == ["1 ...", "2 ..."]
    assert [group.numbers for group in grouped(one, found[2:3])] == ["3"]


SEED_FIRST = """format = 1
title = "a"
claim = "b"
scenario = "s.toml"
[vary]
seed = [0, 1]
cpus = [1, 2]
[measure]
steps = "run.steps"
"""


SPREADS: list[tuple[str, list[Number], tuple[Number, str]]] = [
    ("integers", [1, 2, 4], (7 / 3, "1..4")),
    ("one value", [3, 3], (3, "")),
    ("some are unknown", [None, 0.5, 0.5], (0.5, "2 of 3")),
    ("a range, and some are unknown", [1, None, 3], (2.0, "1..3, 2 of 3")),
    ("none is known", [None, None], (None, "")),
    ("no values", [], (None, "")),
    ("an infinite one", [1, inf], (None, "1..inf")),
    ("large integers are exact", [2**62, 2**62 + 2], (float(2**62), "4,611,686,018,427,387,904..")),
]


@pytest.mark.parametrize(("values", "found"), [row[1:] for row in SPREADS], ids=[row[0] for row in SPREADS])
def test_a_spread(values: list[Number], found: tuple[Number, str]) -> None:
    spread = spread_of(values)
    assert spread.mean == found[0]
    assert spread.range_text.startswith(found[1])
    assert bool(spread.range_text) == bool(found[1])


FIGURES: list[tuple[Number, str]] = [
    (None, "-"), (0, "0"), (1234567, "1,234,567"), (0.0, "0"), (0.123456, "0.1235"), (0.00012345, "0.000123"),
    (1e-5, "1e-5"), (1.5e-12, "1.5e-12"), (12345.6, "12,346"), (1.234e15, "1.23e15"), (inf, "inf"),
    (-inf, "-inf"), (-0.25, "-0.25"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), FIGURES)
def test_a_measured_number(value: Number, text: str) -> None:
    assert figure_text(value) == text


def test_settings_in_words() -> None:
    assert [setting_text(value) for value in (True, 1024, 0.5, "lru")] == ["true", "1,024", "0.5", "lru"]
    assert settings_words({"machine.colors": 16, "cpus": 4}) == "colors 16, cpus 4"
    assert short_names(("a.x", "b.x", "c.y")) == {"a.x": "a.x", "b.x": "b.x", "c.y": "y"}
    one = experiment(cpus=[4])
    assert (varied(one), varied(one, each=True)) == (("machine.colors",), ("machine.colors", "seed"))
