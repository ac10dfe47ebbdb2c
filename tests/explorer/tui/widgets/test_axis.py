"""The axis under the maps: ticks, nodes, and the cursor under its cell."""

from __future__ import annotations

import re

from explorer.tui.widgets.axis import axis_line
from explorer.tui.widgets.map_cells import grid
from explorer.views.rows import AxisRow, Band
from explorer.views.spans import length, plain
from tests.explorer.tui.widgets.drawings import marked


def test_the_axis_has_colours_nodes_and_the_cursor() -> None:
    row = AxisRow(1024, 565, (Band(0, 512, "node 0"), Band(512, 1024, "node 1")))
    text = plain([axis_line(row, grid(80, 1, 1024), 80, focused=False)])
    assert text == "colour    │node 0 128     256     384     │  ▲    640     768     896        565"


def test_on_several_rows_of_cells_the_ticks_count_from_the_rows_first_colour() -> None:
    """Four rows of 64 cells have 256 colours each: 565 is the 53rd of its row, in the row's cell 13."""
    row = AxisRow(1024, 565, (Band(0, 512, "node 0"), Band(512, 1024, "node 1")))
    assert plain([axis_line(row, grid(80, 4, 1024), 80, focused=False)]) == (
        "colour    0       +32  ▲  +64     +96     +128    +160    +192    +224       565"
    )


def test_a_single_node_is_not_named() -> None:
    row = AxisRow(1024, 0, (Band(0, 1024, "node 0"),))
    assert "node" not in plain([axis_line(row, grid(80, 1, 1024), 80, focused=False)])


def test_under_big_cells_the_cursor_is_as_wide_as_they_are() -> None:
    """Cells of two columns, 32 colours each: colour 70 is in the third."""
    shape = grid(80, 1, 1024, big=True)
    line = axis_line(AxisRow(1024, 70), shape, 80, focused=False)
    assert (shape.bucket, shape.wide) == (32, 2)
    assert marked([line], "cursor")[0] == "▲▲"
    assert plain([line]).index("▲▲") == shape.left + 2 * 2


def test_the_label_is_short_in_a_narrow_gutter_and_shows_the_focus() -> None:
    line = axis_line(AxisRow(1024, 0), grid(40, 1, 1024), 40, focused=True)
    assert marked([line], "focus") == ["col   "]
    assert length(line) == 40


def test_no_number_is_cut_to_another_one() -> None:
    """At every size, for every cursor: each tick is the colour of the cell above it."""
    for width in (20, 22, 30, 40, 59, 75, 80, 120, 144):
        for height, colors in ((1, 1024), (4, 1024), (1, 64), (1, 4)):
            shape = grid(width, height, colors)
            for color in range(0, colors, max(colors // 97, 1)):
                shown = plain([axis_line(AxisRow(colors, color), shape, width, focused=False)])
                under = shown[shape.left : shape.left + shape.span].replace("▲", " ")
                for tick in re.finditer(r"\S+", under):
                    at = tick.start() // shape.wide * shape.bucket
                    assert tick[0].removeprefix("+") == str(at), (width, shown)
                assert shown.split()[-1].strip("▲") in (str(color), "") or shown.endswith("…"), shown


def test_a_nodes_name_is_whole_or_left_out() -> None:
    nodes = tuple(Band(64 * n, 64 * n + 64, f"node {n}") for n in range(16))
    for width in (40, 80, 120, 144):
        shape = grid(width, 1, 1024)
        for color in range(0, 1024, 13):
            shown = plain([axis_line(AxisRow(1024, color, nodes), shape, width, focused=False)])
            for name in re.findall(r"│(\S+(?: \d+)?)", shown.replace("▲", " ")):
                assert name in {node.label for node in nodes}, shown
