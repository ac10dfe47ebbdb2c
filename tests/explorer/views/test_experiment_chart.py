"""The chart of an experiment: its scales, its marks, the glyphs of its curves, and what is not drawn."""

from __future__ import annotations

from math import inf

import pytest

from engine.experiments.arithmetic import Number
from explorer.views.experiment_chart import ZERO, chart_of, glyphs, points_chart
from tests.explorer.measured_by_hand import TEXT, experiment, rows

Points = list[tuple[int | str, Number]]


def test_a_point_is_the_mean_over_the_rows_of_its_curve_and_its_x() -> None:
    one = experiment()
    chart = chart_of(one, rows(one))
    assert chart is not None
    low, high = chart.curves
    assert [(curve.name, curve.glyph) for curve in chart.curves] == [("1", "a"), ("4", "b")]
    assert low.points == ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0))
    assert (chart.by, chart.x.name, chart.x.log, chart.y.name, chart.y.log) == (
        "cpus", "machine.colors", True, "contended", True,
    )  # fmt: skip
    # 0.375 and 0.05 on an axis from 0.01 to 1, above the place of 0.
    up = (ZERO + (1 - ZERO) * part for part in (0.787, 0.3495))
    assert [place for place in high.points if place] == [
        pytest.approx(place, abs=0.001) for place in (*zip((0.0, 0.5), up, strict=True), (1.0, 0.0))
    ]
    assert [text for _, text in chart.y.marks] == ["0", "0.01", "0.1", "1"]
    assert [text for _, text in chart.x.marks] == ["1", "4", "16"]


def test_a_chart_of_some_rows_says_which_until_they_are_varied() -> None:
    only = TEXT.replace('by = "cpus"', "only = { cpus = 4, seed = 1 }")
    one = experiment(only)
    chart = chart_of(one, rows(one))
    assert chart is not None
    assert chart.only == "cpus = 4, seed = 1"
    (curve,) = chart.curves
    assert [place is None for place in curve.points] == [False, True, False]
    other = experiment(only, cpus=(2,))
    assert chart_of(other, rows(one)[:0]) is None
    varied = chart_of(experiment(only, seed=(5,)), rows(one))
    assert varied is None or varied.only == "cpus = 4"


def test_a_linear_axis_starts_at_0_if_0_is_near_and_has_round_marks() -> None:
    chart = points_chart({"y": [(1, 30), (2, 110), (4, 60)]}, "x", "y")
    assert chart is not None
    assert [text for _, text in chart.y.marks] == ["0", "50", "100", "150"]
    assert [place for place, _ in chart.x.marks] == [0.0, pytest.approx(1 / 3), 1.0]
    assert [chart.curves[0].points[1]] == [pytest.approx((1 / 3, 110 / 150))]


def test_counts_have_integers_for_marks() -> None:
    for whole, marks in ((True, ["0", "1"]), (False, ["0", "0.2", "0.4", "0.6", "0.8", "1"])):
        chart = points_chart({"y": [(1, 0), (2, 1)]}, "x", "y", whole=whole)
        assert chart is not None
        assert [text for _, text in chart.y.marks] == marks


def test_a_mean_over_what_is_not_drawn_is_said_and_one_over_repetitions_is_not() -> None:
    one = experiment(TEXT.replace('by = "cpus"\n', ""))
    chart = chart_of(one, rows(one))
    assert chart is not None
    assert chart.means == ("cpus",)


def test_one_value_everywhere_has_an_axis() -> None:
    for value in (0, 7, -3, 0.0):
        for scale in ("linear", "log-log"):
            chart = points_chart({"y": [(1, value), (2, value)]}, "x", "y", scale=scale)
            assert chart is not None
            assert all(0 <= place[1] <= 1 for place in chart.curves[0].points if place)


def test_words_are_at_equal_distances_and_unordered_numbers_in_their_order() -> None:
    words = points_chart({"y": [("lru", 1), ("opt", 2), ("fifo", 3)]}, "policy", "y", scale="log-x")
    assert words is not None
    assert words.x.marks == ((0.0, "lru"), (0.5, "opt"), (1.0, "fifo"))
    assert not words.x.log
    numbers = points_chart({"y": [(3, 30), (1, 10), (2, 20)]}, "x", "y")
    assert numbers is not None
    assert [place[0] for place in numbers.curves[0].points if place] == [0.0, 0.5, 1.0]
    assert [place[1] for place in numbers.curves[0].points if place] == sorted(
        place[1] for place in numbers.curves[0].points if place
    )


def test_an_unknown_value_breaks_the_curve_and_an_infinite_one_is_counted() -> None:
    chart = points_chart({"y": [(1, 1), (2, None), (3, inf), (4, 2)]}, "x", "y")
    assert chart is not None
    assert [point is None for point in chart.curves[0].points] == [False, True, True, False]
    assert chart.left_out == "1 infinite value is not drawn"


def test_without_a_value_or_a_chart_there_is_nothing_to_draw() -> None:
    assert points_chart({"y": [(1, None), (2, None)]}, "x", "y") is None
    one = experiment()
    assert chart_of(one, []) is None


def test_a_curve_with_the_points_of_another_names_it() -> None:
    chart = points_chart({"1": [(1, 5)], "4": [(1, 5)], "16": [(1, 6)]}, "x", "y", "cpus")
    assert chart is not None
    assert [curve.same for curve in chart.curves] == ["", "1", ""]


def test_the_glyphs_are_first_letters_if_these_differ() -> None:
    assert glyphs(("lru", "fifo", "opt")) == ("l", "f", "o")
    assert glyphs(("lru", "lfu")) == ("a", "b")
    assert glyphs(("1", "4")) == glyphs(("true", "false")) == ("a", "b")
    assert glyphs(("2q", "arc")) == ("q", "a")
    assert len({*glyphs(tuple(map(str, range(30))))}) == 30
