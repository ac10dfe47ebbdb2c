"""The timeline: density, marks, the cursor, and the step of a click."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.timeline import cell_of, step_of, timeline_line, timeline_lines
from explorer.views.rows import TimelineRow
from explorer.views.spans import plain
from tests.explorer.tui.widgets.drawings import marked


def test_the_timeline_shows_density_marks_and_cursor() -> None:
    row = TimelineRow(5, 10, False, (0, 4, 8, 0, 0, 0, 0, 1, 0, 0), ((2, "▲"), (10, "◆")))
    assert plain([timeline_line(row, focused=False)]) == "▁▲█▁┃▁▁▁▁◆"


def test_the_timeline_before_the_first_step_shows_a_hint() -> None:
    assert "s steps" in plain([timeline_line(TimelineRow(0, 0, True, (0,) * 60), focused=False)])


@pytest.mark.parametrize("total", [1, 7, 40, 41, 1_000_000])
def test_a_click_on_either_end_of_the_timeline_reaches_that_end(total: int) -> None:
    assert step_of(0, total, 40) == 0
    assert step_of(39, total, 40) == total
    assert step_of(99, total, 40) == total
    assert cell_of(total, total, 40) == 39


def test_a_finding_under_the_cursor_stays_a_finding() -> None:
    row = TimelineRow(10, 10, False, (1,) * 5, ((10, "◆"),))
    assert plain([timeline_line(row, focused=False)]) == "████◆"
    assert marked([timeline_line(row, focused=True)], "new") == ["◆"]


def test_a_finding_and_a_mark_have_different_styles() -> None:
    line = timeline_line(TimelineRow(0, 10, False, (0,) * 11, ((4, "▲"), (10, "◆"))), focused=False)
    assert (marked([line], "warn"), marked([line], "bad")) == (["▲"], ["◆"])
    assert marked([line], "timeline-cursor") == ["┃"]


@pytest.mark.parametrize("width", [1, 2, 40, 200])
@pytest.mark.parametrize("total", [1, 30, 1000])
def test_a_click_on_the_cell_of_a_step_leads_near_it(total: int, width: int) -> None:
    """A step and the step of its cell are at most one cell apart."""
    for step in range(0, total + 1, max(total // 30, 1)):
        assert abs(step_of(cell_of(step, total, width), total, width) - step) <= total / max(width - 1, 1) + 1


def test_a_run_without_steps_is_one_cell() -> None:
    assert cell_of(0, 0, 40) == 0
    assert step_of(-5, 100, 40) == 0


def test_a_breakpoint_and_a_question_have_glyphs_of_their_own() -> None:
    line = timeline_line(TimelineRow(0, 10, False, (0,) * 11, ((4, "●"), (7, "?"))), focused=False)
    assert plain([line]) == "┃▁▁▁●▁▁?▁▁▁"
    assert (marked([line], "bad"), marked([line], "key")) == (["●"], ["?"])


def test_each_kind_of_event_has_a_lane_below_with_the_cursor_in_it() -> None:
    lanes = (("moves", (0, 4, 1, 0, 2)), ("ticks", (0, 0, 0, 0, 0)))
    lines = timeline_lines(TimelineRow(2, 4, False, (1, 1, 1, 1, 1), (), lanes), focused=False)
    assert plain(lines).split("\n") == ["writes  ██┃██", "marks     ┃", "moves    █▂ ▄", "ticks     ┃"]
    assert marked(lines, "timeline-cursor") == ["┃", "┃", "▂", "┃"]


def test_beside_lanes_the_marks_have_a_lane_and_hide_no_density() -> None:
    marks = ((0, "?"), (2, "▲"), (4, "◆"))
    row = TimelineRow(2, 4, False, (1, 1, 1, 1, 1), marks, (("ticks", (0, 0, 0, 0, 0)),))
    lines = timeline_lines(row, focused=False)
    assert plain(lines).split("\n") == ["writes  ██┃██", "marks   ? ▲ ◆", "ticks     ┃"]
    assert (marked(lines, "key"), marked(lines, "bad")) == (["?"], ["◆"])


def test_without_lanes_the_timeline_is_one_line() -> None:
    row = TimelineRow(2, 4, False, (1, 1, 1, 1, 1))
    assert timeline_lines(row, focused=False) == [timeline_line(row, focused=False)]
