"""The plan of the stage: all its lines are used, and the form of a lane depends on the room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.tui.widgets.stage_grid import Grids
from explorer.tui.widgets.stage_plan import Floor, Plan, floor_of, grids_of, gutter_of, plan_of
from explorer.tui.widgets.stage_tiles import Form
from explorer.views.rows import Band
from explorer.views.stage import StageRow, Travel
from tests.explorer.tui.widgets.stage_rows import lane, row, tile

ONE = row(lane("ACTIVE", [tile(1, 0, "app.m")]))
MOVED = replace(ONE, travels=(Travel(1, "app.m", "NONE", "ACTIVE", "vm_page_activate", "app", 41),))


def plan(shown: StageRow, width: int, height: int, floor: Floor | None = None) -> Plan:
    found = plan_of(shown, width, height, floor)
    assert found is not None
    return found


def used(found: Plan) -> int:
    return found.header + sum(own.lines for own in found.lanes) + len(found.edges) + found.legend


@pytest.mark.parametrize("height", range(7, 60))
@pytest.mark.parametrize("shown", [row(), ONE, MOVED], ids=["empty", "one page", "moved"])
def test_what_is_left_is_below_the_lanes(shown: StageRow, height: int) -> None:
    found = plan(shown, 74, height)
    assert used(found) <= height
    assert found.legend or used(found) == height
    assert [own.lines for own in found.lanes[1:]] == [1] * 6


def test_without_a_line_for_each_lane_there_is_no_plan() -> None:
    assert plan_of(ONE, 74, 6) is None
    assert plan_of(ONE, 74, 7) is not None


def test_the_column_names_come_with_nine_lines() -> None:
    nodes = replace(ONE, columns=(Band(0, 32, "node 0"), Band(32, 64, "node 1")))
    assert [plan(nodes, 74, height).header for height in (8, 9)] == [False, True]
    assert not plan(ONE, 74, 9).header


def test_the_lines_between_lanes_come_first_where_a_page_moved() -> None:
    assert plan(MOVED, 74, 8).edges == {1}
    assert plan(MOVED, 74, 11).edges == {1}
    assert plan(MOVED, 74, 12).edges == {0, 1, 2, 3, 4}


def test_the_fullest_lane_shrinks_first() -> None:
    crowd = [tile(page, page, f"app.page{page}") for page in range(40)]
    shown = row(lane("ACTIVE", crowd), lane("NONE", [tile(99, 0, "app.m")]))
    forms = [own.grid.form for own in plan(shown, 74, 16).lanes]
    assert forms[2] == Form.CELL
    assert forms[1] == Form.RICH


def test_names_give_way_to_letters_at_a_third_of_the_stage() -> None:
    crowd = lane("ACTIVE", [tile(page, page, f"app.page{page}") for page in range(40)])
    forms = {grid.form for grid in Grids(row(), crowd, 56, 10).every()}
    assert forms == {Form.NAME, Form.LETTER, Form.CELL, Form.LEVEL}
    assert {grid.form for grid in Grids(row(), crowd, 56, 5).every()} == {Form.CELL, Form.LEVEL}


def test_names_give_way_to_letters_before_letters_give_way_to_levels() -> None:
    few = lane("INACTIVE", [tile(page, page, f"heap[{page}]", "DM") for page in range(20)])
    crowd = lane("ACTIVE", [tile(100 + page, page) for page in range(600)])
    free = lane("FREE", [tile(1_000 + page, page) for page in range(120)])
    forms = [own.grid.form for own in plan(row(few, crowd, free), 74, 18).lanes]
    assert forms[:4] == [Form.LEVEL, Form.RICH, Form.CELL, Form.CELL]


def test_levels_are_one_strip_of_all_pages() -> None:
    crowd = lane("ACTIVE", [tile(page, page) for page in range(4_000)], others=50)
    (own,) = (own for own in plan(row(crowd), 74, 18).lanes if own.grid.form == Form.LEVEL)
    assert own.strip == 1


def test_the_reserve_does_not_push_the_lanes_above_it() -> None:
    tiles = [tile(page, page, f"driver.{page}") for page in range(7)]
    plans = [plan(row(lane("RESERVE", tiles[:n])), 74, 18) for n in range(1, 8)]
    assert len({tuple(own.lines for own in found.lanes[:-1]) for found in plans}) == 1


def test_a_strip_without_a_line_of_its_own_has_the_rest_of_the_tiles_line() -> None:
    shown = row(lane("NONE", [tile(1, 0, "app.m")], others=5), lane("FREE", [tile(2, 0)], others=9))
    small = plan(shown, 74, 7)
    assert [own.beside for own in small.lanes[:2]] == [True, True]
    large = plan(shown, 74, 16)
    assert [(own.strip, own.beside) for own in large.lanes[:2]] == [(1, False), (1, False)]


def test_the_first_tile_on_free_takes_a_line_that_was_kept_for_it() -> None:
    before = plan(row(lane("FREE", others=9)), 74, 16)
    after = plan(row(lane("FREE", [tile(2, 0)], others=9)), 74, 16)
    assert [own.lines for own in before.lanes] == [own.lines for own in after.lanes]


def test_a_floor_keeps_lines_forms_and_edges() -> None:
    crowd = row(lane("ACTIVE", [tile(page, page, f"app.page{page}") for page in range(12)]))
    floor = floor_of(plan(crowd, 74, 18, Floor()))
    kept = plan(ONE, 74, 18, floor)
    assert [own.lines for own in kept.lanes] == floor.lines
    assert kept.lanes[2].grid.rank >= floor.ranks[2] > 0
    assert floor_of(kept).lines == floor.lines
    assert plan(MOVED, 74, 8, floor_of(plan(MOVED, 74, 8, Floor()))).edges == {1}


def test_in_a_run_a_lane_takes_the_lines_that_are_left_and_then_a_smaller_form() -> None:
    floor, before = Floor(), [1] * 7
    for number in range(1, 40):
        crowd = lane("ACTIVE", [tile(page, page, f"app.page{page}", "DMR") for page in range(number)])
        found = plan(row(crowd, lane("NONE", [tile(99, 0, "app.m")], others=3)), 74, 18, floor)
        lines = [own.lines for own in found.lanes]
        assert all(now >= then for now, then in zip(lines, before, strict=True))
        assert used(found) <= 18
        assert found.lanes[1].grid.form == Form.RICH
        floor, before = floor_of(found), lines
    assert found.lanes[2].grid.form > Form.NAME
    assert before[2] > 4


def test_in_a_run_an_edge_without_a_move_gives_its_line_to_a_lane() -> None:
    before = plan(MOVED, 74, 16, Floor())
    assert before.edges == {0, 1, 2, 3, 4}
    assert before.moved == {1}
    crowd = replace(MOVED, lanes=row(lane("ACTIVE", [tile(page, page) for page in range(15)])).lanes)
    after = plan(crowd, 74, 16, floor_of(before))
    assert {1} <= after.edges < before.edges
    assert after.lanes[2].lines > before.lanes[2].lines


def test_each_lane_has_its_own_grids() -> None:
    found = grids_of(ONE, 56, 3, Floor(ranks=[1] * 7))
    assert [own.lane.name for own in found] == [own.name for own in ONE.lanes]
    assert found[2].first().rank == 1
    assert found[2].whole


@pytest.mark.parametrize(("width", "gutter"), [(38, 12), (60, 14), (74, 18), (78, 14), (80, 14), (130, 18)])
def test_the_gutter_leaves_64_cells_at_78_columns(width: int, gutter: int) -> None:
    assert gutter_of(width) == gutter
