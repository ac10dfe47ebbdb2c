"""The status line: always as wide as the screen; the least important parts are left out first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.tui.widgets.status import status_line
from explorer.views.rows import StatusRow
from explorer.views.spans import length, plain
from tests.explorer.tui.widgets.drawings import marked

STATUS = StatusRow(1204, 5210, True, "main", 1, "cpu0:app", "", 8120, 41, 2048)


@pytest.mark.parametrize(
    ("width", "drawing"),
    [
        (90, " t 1,204/5,210 23%  cpu0:app  ▸main  Life              free 8,120  min 2,048  reserved 41"),
        (60, " t 1,204/5,210 23%  cpu0:app  ▸main   free 8,120  min 2,048"),
        (40, " t 1,204/5,210  cpu0:app     free 8,120"),
    ],
)
def test_the_status_leaves_out_the_least_important_parts(width: int, drawing: str) -> None:
    assert plain([status_line(STATUS, width, "Life")]) == drawing


def test_the_status_fits_every_width() -> None:
    for width in range(24, 200):
        assert length(status_line(STATUS, width, "Life")) == width


def test_an_outcome_is_in_the_status_at_any_width() -> None:
    ended = StatusRow(9, 9, False, "branch 1", 2, "cpu0:app", "", 8120, 41, 2048, "panic")
    assert "PANIC" in plain([status_line(ended, 40, "Life")])


def test_the_last_step_is_100_percent_and_a_score_is_shown_if_there_is_room() -> None:
    newest = StatusRow(9, 9, True, "main", 1, "cpu0:app", "", 8120, 41, 2048, score="3/5")
    assert " t 9/9 100% last " in plain([status_line(newest, 100, "Life")])
    assert "  predicted 3/5  " in plain([status_line(newest, 100, "Life")])
    assert " t 0/0 start " in plain([status_line(replace(newest, step=0, total=0), 100, "Life")])
    assert " t 9/9 100% end " in plain([status_line(replace(newest, open=False), 100, "Life")])


@pytest.mark.parametrize(
    ("outcome", "style"), [("completed", "bar-good"), ("blocked", "bar-warn"), ("deadlock", "bar-bad")]
)
def test_an_outcome_is_a_word_and_a_style(outcome: str, style: str) -> None:
    assert marked([status_line(replace(STATUS, outcome=outcome), 80, "")], style) == [f" {outcome.upper()} "]


def test_a_run_and_the_chosen_thread_are_shown_at_any_width() -> None:
    row = replace(STATUS, stepping="pager", activity="playing 4/s")
    assert plain([status_line(row, 46, "Life")]) == " t 1,204/5,210  s→pager  playing 4/s"


OTHER = replace(STATUS, machine="64MiB:2x4x2", rules="source", own=False)


@pytest.mark.parametrize(
    ("row", "width", "named"),
    [(OTHER, 80, True), (OTHER, 120, True), (replace(OTHER, step=0, total=0), 40, True),
     (replace(OTHER, own=True), 120, False), (replace(OTHER, own=True), 200, True)],
)  # fmt: skip
def test_machine_and_rules_are_named_if_they_are_others_or_the_screen_is_wide(
    row: StatusRow, width: int, named: bool
) -> None:
    text = plain([status_line(row, width, "Life")])
    assert ("64MiB:2x4x2 · source" in text) == named
    style = "bar-dim" if row.own else "bar-warn"
    assert ("  64MiB:2x4x2 · source" in marked([status_line(row, width, "")], style)) == named


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_values_that_are_not_the_defaults_are_named_at_every_width(width: int) -> None:
    line = status_line(replace(STATUS, parameters="n = 6"), width, "Some pages")
    assert "n = 6" in plain([line])
    assert length(line) == width
