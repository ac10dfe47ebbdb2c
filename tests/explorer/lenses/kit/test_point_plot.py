"""A chart of points as rows: it fits any size, and says the same without colours and in ASCII."""

from __future__ import annotations

import pytest

from explorer.lenses.kit.point_plot import chart_rows
from explorer.tui.widgets.palette import STYLES
from explorer.views.ascii_twins import in_ascii
from explorer.views.experiment_chart import PointChart, chart_of, points_chart
from explorer.views.spans import length
from tests.explorer.measured_by_hand import experiment, rows


@pytest.fixture(scope="module")
def chart() -> PointChart:
    one = experiment()
    found = chart_of(one, rows(one))
    assert found is not None
    return found


def drawn(chart: PointChart, width: int, height: int) -> list[str]:
    return ["".join(piece.text for piece in pieces).rstrip() for pieces in chart_rows(chart, width, height)]


def test_it_has_the_names_of_the_axes_their_marks_and_a_glyph_for_each_curve(chart: PointChart) -> None:
    assert drawn(chart, 44, 12) == [
        "contended over machine.colors, by cpus",
        "a cpus = 1  b cpus = 4",
        "contended (logarithmic)",
        "   1┤",
        "    │B",
        " 0.1┤ bbbbbbbbb",
        "    │          bbbbbbbbbB",
        "0.01┤                    bbbbbbbbb",
        "   0┤AaaaaaaaaaaaaaaaaaaAaaaaaaaaabababababA",
        "    └┬──────────────────┬──────────────────┬",
        "     1                  4                 16",
        "                machine.colors (logarithmic)",
    ]
    assert drawn(chart, 80, 16)[1] == "capitals: measured; curves that lie together alternate"


@pytest.mark.parametrize(
    ("width", "height"), [(100, 30), (44, 12), (30, 7), (24, 5), (20, 4), (10, 3), (3, 1)]
)
def test_it_fits(chart: PointChart, width: int, height: int) -> None:
    found = chart_rows(chart, width, height)
    assert 0 < len(found) <= height
    assert {piece.style for pieces in found for piece in pieces} <= STYLES.keys()
    assert all(length(pieces) <= width for pieces in found)
    assert "?" not in in_ascii("\n".join(drawn(chart, width, height)))


def test_few_lines_have_no_names_and_then_no_plot(chart: PointChart) -> None:
    assert drawn(chart, 60, 5) == [
        "contended over machine.colors, by cpus  a 1  b 4",
        "  1┤B",
        "0.1┤ bbbbbbbbbbbbbbbbbbbbbbbbbbbB",
        "  0┤AaaaaaaaaaaaaaaaaaaaaaaaaaaaAbababababababababababababaB",
        "    1                           4                         16",
    ]
    assert drawn(chart, 60, 3) == ["contended over machine.colors, by cpus  a 1  b 4"]


def test_the_legend_says_which_curves_are_hidden_or_empty() -> None:
    chart = points_chart(
        {"1": [(1, 5), (2, 5)], "4": [(1, 5), (2, 5)], "9": [(1, None), (2, None)]}, "x", "y"
    )
    assert chart is not None
    assert drawn(chart, 60, 10)[0] == "y over x  a 1  b 4 (as 1)  c 9 (no value)"
