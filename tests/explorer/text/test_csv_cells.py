"""CSV for spreadsheets: no cell is a formula, and none controls a terminal."""

from __future__ import annotations

import pytest

from explorer.text.csv_cells import csv_cell, csv_lines

CELLS: list[tuple[object, str]] = [
    (None, ""), (True, "true"), (0, "0"), (-3, "-3"), (1.5e-07, "1.5e-07"), (-2.5, "-2.5"),
    (float("inf"), "inf"), (float("-inf"), "-inf"), ("=1+1", "'=1+1"), ("+x", "'+x"), ("-x", "'-x"),
    ("@SUM(A1)", "'@SUM(A1)"), ("\uff1d1", "'\uff1d1"), ("a\n b", "a b"), ("-1e5", "-1e5"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "cell"), CELLS)
def test_a_cell(value: object, cell: str) -> None:
    assert csv_cell(value) == cell


def test_a_table_has_its_heading_and_no_control_character() -> None:
    assert csv_lines(("a", "b"), [(1, "x,\x1b"), (None, '"')]) == 'a,b\n1,"x,\\u001b"\n,""""\n'
