"""The output of an experiment: text in any width, CSV and JSON with every row."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import pytest

from explorer.text.experiment_output import csv_text, json_text, text_lines
from explorer.views.spans import columns
from tests.explorer.measured_by_hand import result


def test_the_text_has_the_claim_the_table_the_chart_the_verdicts_and_what_the_numbers_show() -> None:
    lines = list(text_lines(result(), 70, seconds=12.3))
    assert lines[:5] == [
        "contention: Contention against colours",
        "claim: coloured queues cut lock contention (1024-Color Page Queues)",
        "12 points: 3 machine.colors x 2 cpus x 2 seed, in 12 s",
        "",
        "mean of 2 seeds",
    ]
    parts = (
        "colors  cpus  contended  contended: min..max  waited  waited: min..max",
        "contended  run.steps",
        "contended over machine.colors, by cpus  a cpus = 1  b cpus = 4",
        "not  max(waited) < 3: 1,300",
    )
    places = [lines.index(part) for part in parts]
    assert places == sorted(places)
    assert lines[-4:] == [
        "",
        "With 16 colours no lock is contended.",
        "",
        "12 points; 1 part of the claim holds, 1 does not",
    ]
    assert list(text_lines(result(), 70, given=["cpus=4"]))[-2:] == [
        "Next: pageq tui, then :experiment contention cpus=4; Enter on a row",
        "opens its run.",
    ]


@pytest.mark.parametrize("width", [40, 60, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for each in (False, True):
        assert max(map(columns, text_lines(result(), width, each=each))) <= min(width, 100)


def test_rows_can_have_a_line_each_and_the_chart_can_be_left_out() -> None:
    assert "  8       4     4     1          -      40 !" in list(text_lines(result(), 80, each=True))
    assert "┤" not in "\n".join(text_lines(result(), 80, drawn=False))


def test_a_partial_table_judges_nothing() -> None:
    lines = list(text_lines(result(3), 80))
    assert lines[-1] == "partial: 3 of 12 points; the verdicts are not judged"
    assert not [line for line in lines if line.startswith(("ok ", "not "))]
    assert list(text_lines(result(0), 80))[-2:] == [
        "",
        "partial: 0 of 12 points; the verdicts are not judged",
    ]


def test_the_csv_has_every_row() -> None:
    head, *rows = csv.reader(io.StringIO(csv_text(result())))
    assert head == ["row", "machine.colors", "cpus", "seed", "contended", "waited", "outcome", "notes"]
    assert len(rows) == 12
    assert rows[2] == ["3", "1", "4", "0", "0.5", "1200", "completed", ""]
    assert rows[7] == ["8", "4", "4", "1", "", "40", "leak", "leak: a page is busied"]


def test_the_json_has_every_row_and_every_verdict() -> None:
    found = json.loads(json_text(result()))
    assert list(found) == ["format", "experiment", "claim", "rows", "verdicts"]
    assert found["rows"][2] == {
        "settings": {"machine.colors": 1, "cpus": 4, "seed": 0},
        "measured": {"contended": 0.5, "waited": 1200},
    }
    assert {key: found["rows"][7][key] for key in ("measured", "outcome", "note")} == {
        "measured": {"contended": None, "waited": 40}, "outcome": "leak", "note": "leak: a page is busied",
    }  # fmt: skip
    assert found["verdicts"] == [
        {
            "that": "ratio(contended, 'machine.colors', 1, 16) >= 8",
            "ok": True,
            "value": None,
            "note": "x / 0",
        },
        {"that": "max(waited) < 3", "ok": False, "value": 1300},
    ]


def test_the_json_of_a_partial_table_says_so() -> None:
    found = json.loads(json_text(result(3)))
    assert (found["partial"], len(found["rows"]), found["verdicts"]) == (True, 3, [])


def test_each_null_and_each_infinite_value_of_a_row_has_a_note() -> None:
    found = result()
    values: list[dict[str, int | float | None]]
    values = [{"contended": None, "waited": 1}, {"contended": math.inf, "waited": 2}]
    rows = [replace(row, measured=one) for row, one in zip(found.rows, values, strict=False)]
    facts = json.loads(json_text(replace(found, rows=rows)))["rows"]
    assert [row["measured"]["contended"] for row in facts] == [None, None]
    assert [row["note"] for row in facts] == [
        "contended is null: x/0, or not defined in this run",
        "contended is infinite",
    ]
