"""The table of an experiment: what fits, what is divided, and what is known of single runs."""

from __future__ import annotations

from engine.experiments.table import Row
from explorer.views.experiment_table import MOST_NOTES, fixed_words, table_lines
from explorer.views.spans import columns
from tests.explorer.measured_by_hand import experiment, rows

ONE = experiment()
ROWS = rows(ONE)


def table(width: int, **options: bool) -> list[str]:
    lines = table_lines(ONE, ROWS, width, **options)
    assert all(columns(line.text) <= width for line in lines)
    return [line.text for line in lines]


def test_a_group_has_its_means_and_where_they_differ_their_range() -> None:
    assert table(80) == [
        "   row  colors  cpus  contended  contended: min..max  waited  waited: min..max",
        "  1..2       1     1          0                            0",
        "  3..4       1     4      0.375  0.25..0.5             1,250  1,200..1,300",
        "  5..6       4     1          0                            0",
        "  7..8       4     4       0.05  1 of 2                   40 !",
        " 9..10      16     1          0                            0",
        "11..12      16     4          0                            0",
        "! row 8: leak: a page is busied",
    ]


def test_each_run_can_have_a_line_that_leads_to_it() -> None:
    lines = table_lines(ONE, ROWS, 80, each=True)
    assert [line.number for line in lines] == [0, *range(1, 13), 0]
    assert lines[8].text == "  8       4     4     1          -      40 !"
    assert [line.kind for line in lines[7:10]] == ["run", "problem", "run"]


def test_a_narrow_table_is_divided_then_without_ranges_then_stacked() -> None:
    heads = [line for line in table(50, numbers=False) if line.startswith("colors")]
    assert heads == ["colors  cpus  contended  contended: min..max", "colors  cpus  waited  waited: min..max"]
    heads = [line for line in table(33) if "colors" in line]
    assert heads == ["   row  colors  cpus  contended", "   row  colors  cpus  waited"]
    assert table(16, numbers=False)[3:7] == ["colors 1, cpus 4", "  contended", "  0.375", "  (0.25..0.5)"]


def test_what_all_lines_have_in_common_is_said_once() -> None:
    assert fixed_words(ONE, ROWS) == "mean of 2 seeds"
    assert fixed_words(ONE, ROWS, each=True) == ""
    one = experiment(cpus=[4])
    found = [row for row in ROWS if row.settings["cpus"] == 4]
    assert fixed_words(one, found) == "all with cpus 4; mean of 2 seeds"
    once = experiment(seed=[0])
    found = [row for row in ROWS if row.settings["seed"] == 0]
    assert fixed_words(once, found) == "all with seed 0; each row is one run of one schedule"


def test_a_note_of_many_runs_is_said_once_and_there_are_not_too_many() -> None:
    same = [Row(row.settings, row.measured, ("bound",), number=row.number) for row in ROWS]
    assert table_lines(ONE, same, 80)[-1].text == "! row 1 and 11 others: bound"
    many = [Row(row.settings, row.measured, (f"note {row.number}",), number=row.number) for row in ROWS]
    assert table_lines(ONE, many, 80)[-1].text == f"! {12 - MOST_NOTES} more notes"


def test_without_rows_there_is_no_table() -> None:
    assert table_lines(ONE, [], 80) == []
