"""The columns of a table of measures: their cells, their widths, and names that have no blanks."""

from __future__ import annotations

from explorer.views.experiment import grouped
from explorer.views.experiment_columns import Column, first_columns, in_pieces, line_of, width_of
from tests.explorer.measured_by_hand import experiment, rows


def test_numbers_are_at_the_right_and_words_at_the_left() -> None:
    part = [Column(("cpus", "1", "16")), Column(("rule", "none", "formula"), right=False)]
    assert [line_of(part, n) for n in range(3)] == ["cpus  rule", "   1  none", "  16  formula"]
    assert width_of(part) == len("  16  formula")


def test_the_settings_have_a_column_each() -> None:
    groups = grouped(experiment(), rows(experiment()))
    (column,) = first_columns(groups, ["machine.colors"], {"machine.colors": "colors"})
    assert column.cells == ("colors", "1", "1", "4", "4", "16", "16")


def test_a_long_name_is_divided_and_nothing_of_it_is_lost() -> None:
    assert in_pieces("made:loop:pages=100", 8) == ["made:loo", "p:pages=", "100"]
