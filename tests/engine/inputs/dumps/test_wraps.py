"""Lists whose lines were wrapped."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.inputs.dumps.wraps import MAX_LENGTH, ListRow, ListRows, unwrapped


def listed(*rows: str, queue: str = "FREE") -> ListRows:
    """A list after a label of 8 columns."""
    found = ListRows(queue, 1, 0, [])
    for number, row in enumerate(rows):
        found.add(ListRow(number + 1, row, len(row) + 8 * (number == 0), 0), "pasted")
    return found


NOTED = "the lists from line 1 on can be read in two ways;"

SPACED = "11 2 0 0 44 55 66 7 80 0 10 11 12 13 0 0 5"

READINGS = [
    ("eight between", (" 10 11 12 13", "14 15 16 17"), "10 11 12 13 14 15 16 17", None),
    ("eight inside", (" 10 11 12 1", "7 14 15 16 18"), "10 11 12 17 14 15 16 18", None),
    ("rows of other widths", (" 10 11", "12 13 14 15", "16 17"), "10 11 12 13 14 15 16 17", None),
    (
        "a blank at the end is lost",
        (" 1 2 33", "44 5 67 8 9 10 1", "1 2 3 4 5 6 7"),
        "1 2 33 44 5 67 8 9 10 11 2 3 4 5 6 7",
        None,
    ),
    (
        "neither count, one row",
        (" 1 11 1", "7 14 15"),
        "1 11",
        f"{NOTED} the digits around a line end may be one number or two",
    ),
    (
        "neither count, three rows",
        (" 11 2 3", "3 44 55 66 71 8", "9 10 11 12 13 1", "4 5"),
        "11 2 33 44 55 66 71 89 10 11 12 13 14 5",
        f"{NOTED} the line ends are taken to be inside numbers",
    ),
    ("no number is 00", (" 11 2 0", "0 44 55 66 7 80", "0 10 11 12 13 0", "0 5"), SPACED, None),
]


@pytest.mark.parametrize(
    ("rows", "text", "note"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS]
)
def test_width_and_count_decide_where_a_number_ends(
    rows: tuple[str, ...], text: str, note: str | None
) -> None:
    (found,), noted = unwrapped([listed(*rows)])
    assert (found.split(), noted) == (text.split(), note)


def test_the_other_lists_of_a_moment_decide_for_one_that_is_cut() -> None:
    whole, cut = (" 10 11 12 1", "7 14 15 16 18"), (" 20 21 22 2", "7 24 2")
    assert unwrapped([listed(*whole), listed(*cut, queue="CACHE")])[0][1].split() == [
        "20",
        "21",
        "22",
        "27",
        "24",
        "2",
    ]


def test_indents_are_those_of_the_first_row() -> None:
    rows = ListRows("FREE", 1, 4, [])
    for line, row in enumerate([" 10 11 12 1", "    7 14 15 16 18"], 1):
        rows.add(ListRow(line, row, 19 + 4 if line == 1 else len(row), 0), "pasted")
    assert unwrapped([rows])[0][0].split() == ["10", "11", "12", "17", "14", "15", "16", "18"]


def test_a_list_without_end_is_refused() -> None:
    rows = listed(" 1")
    with pytest.raises(BadInput, match="pasted:1: PQ_FREE is too long"):
        rows.add(ListRow(2, "1" * MAX_LENGTH, 1, 0), "pasted")
