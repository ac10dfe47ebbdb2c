"""How many lines each form takes, and where each page is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.tui.widgets.stage_grid import Grids, Step, grid_of, ladder, pitch_of, rooms_of, widths_of
from explorer.tui.widgets.stage_tiles import Form, tile_spans
from explorer.views.rows import Band
from explorer.views.spans import length
from tests.explorer.tui.widgets.stage_rows import lane, row, tile

NODES = tuple(Band(32 * n, 32 * n + 32, f"node {n}") for n in range(2))


def test_a_tile_keeps_its_column_where_a_name_fits() -> None:
    nodes = replace(row(), columns=NODES)
    steps = ladder(nodes, 40)
    assert steps.index(Step(Form.LETTER, True)) < steps.index(Step(Form.SHORT))
    assert not any(step.form in (Form.NAME, Form.LETTER) and step.in_columns for step in ladder(nodes, 24))
    assert sorted({form for form, *_ in ladder(row(), 40)}) == sorted(Form)
    assert ladder(row(), 40) == ladder(nodes, 40, apart=False)


def test_tiles_are_as_far_apart_as_badges_that_may_come_need() -> None:
    few = lane("NONE", [tile(1, 0, "app.m"), tile(2, 1, "app.n")])
    more = lane("NONE", [tile(1, 0, "app.m", "LWR"), tile(2, 1, "app.n")])
    grids = [grid_of(row(), shown, Step(Form.SHORT), 60, widths_of(shown)) for shown in (few, more)]
    assert grids[0] == grids[1]
    assert grids[0] is not None
    assert grids[0].per_line == 3
    assert grids[0].lines == 1


@pytest.mark.parametrize("form", [Form.RICH, Form.FULL, Form.SHORT, Form.NAME])
def test_the_place_of_a_tile_does_not_depend_on_the_form_or_on_other_tiles(form: Form) -> None:
    for more in ((), (tile(2, 3, "app.much.longer", "LW"),), (tile(3, 5, "x"), tile(4, 6, "heap[700]"))):
        shown = lane("NONE", [*more, tile(1, 1, "app.m")])
        grid = grid_of(row(), shown, Step(form), 90, widths_of(shown))
        assert grid is None or grid.pitch == 18


def test_a_tile_may_be_wide_where_the_next_place_is_free() -> None:
    def fits(*slots: int) -> bool:
        shown = lane("NONE", [tile(0xC000 + slot, slot, "app.m", "LWR") for slot in slots])
        return grid_of(row(), shown, Step(Form.FULL), 56, widths_of(shown)) is not None

    assert fits(0, 2)
    assert fits(0, 4)
    assert not fits(0, 1)


def test_a_long_name_has_room_in_a_run_that_has_one() -> None:
    assert [pitch_of(replace(row(), longest=n), 0, narrow=False) for n in (0, 8, 9, 16, 40)] == [
        18, 18, 22, 26, 26,
    ]  # fmt: skip
    assert pitch_of(replace(row(), longest=40), 2, narrow=True) == pitch_of(row(), 0, narrow=True) + 3


def test_lines_without_tiles_are_left_out_at_rest() -> None:
    holes = lane("ACTIVE", [tile(n, n) if n in (0, 70) else None for n in range(71)])
    step = Step(Form.CELL)
    rest, run = (grid_of(row(), holes, step, 10, widths_of(holes), whole=whole) for whole in (False, True))
    assert rest is not None
    assert run is not None
    assert (rest.lines, rest.rows) == (2, (0, 7))
    assert run.lines == 8
    wide = tuple(Band(n, n + 1, f"colour {n}") for n in range(2))
    sparse = lane("ACTIVE", [tile(0, 0), tile(1, 1)._replace(column=1, place=40)])
    columns = grid_of(
        replace(row(), columns=wide), sparse, Step(Form.CELL, True, False), 22, widths_of(sparse)
    )
    assert columns is not None
    assert columns.rows == (0, 4)


@pytest.mark.parametrize("form", [Form.RICH, Form.FULL, Form.SHORT, Form.NAME])
def test_the_widths_are_those_of_the_widest_tile(form: Form) -> None:
    tiles = [tile(1, 0, "app.m", "LWDMR"), tile(0xC030, 1, "a.very.long.name", "L")]
    widest = max(length(tile_spans(row(), "NONE", each, form)) for each in tiles)
    assert widest <= widths_of(lane("NONE", tiles)).tile(form) <= widest + 12
    alone = lane("NONE", tiles[1:])
    assert widths_of(alone).tile(form) == length(tile_spans(row(), "NONE", tiles[1], form))


def test_a_form_that_is_too_wide_does_not_fit() -> None:
    shown = lane("NONE", [tile(1, 0, "a.very.long.name")])
    widths = widths_of(shown)
    assert grid_of(row(), shown, Step(Form.SHORT), 17, widths) is None
    assert grid_of(row(), shown, Step(Form.NAME), 5, widths) is None
    assert grid_of(row(), shown, Step(Form.NAME), 6, widths) is not None
    grid = grid_of(row(), shown, Step(Form.SHORT), 18, widths)
    assert grid is not None
    assert (grid.lines, grid.per_line) == (1, 1)


def test_cells_and_levels_fit_everywhere_but_cells_need_tiles() -> None:
    crowd = lane("ACTIVE", [tile(page, page) for page in range(25)])
    cells = grid_of(row(), crowd, Step(Form.CELL), 10, widths_of(crowd))
    assert cells is not None
    assert cells.lines == 3
    uncounted = replace(crowd, tiles=())
    assert grid_of(row(), uncounted, Step(Form.CELL), 10, widths_of(uncounted)) is None
    assert grid_of(row(), uncounted, Step(Form.LEVEL), 10, widths_of(uncounted)) is not None


def test_close_tiles_have_the_free_columns_of_their_line() -> None:
    two = lane("ACTIVE", [tile(n, n, f"blue[{n}]", "DMR") for n in range(2)])
    grid = grid_of(row(), two, Step(Form.NAME, narrow=True), 27, widths_of(two))
    assert grid is not None
    assert (grid.per_line, grid.pitch) == (2, 14)
    assert set(rooms_of(two, grid).values()) == {13}


def test_packed_tiles_follow_one_another_and_keep_their_numbers_in_a_run() -> None:
    def order(*slots: int, kept: dict[int, int] | None = None) -> dict[int, int]:
        tiles = [tile(n, n) if n in slots else None for n in range(max(slots) + 1)]
        shown = lane("ACTIVE", tiles)
        step = Step(Form.LETTER, dense=True)
        grid = grid_of(row(), shown, step, 40, widths_of(shown), kept=kept)
        assert grid is not None
        return dict(grid.order)

    first = order(5, 9, 12)
    assert first == {5: 0, 9: 1, 12: 2}
    # A page that leaves does not move the others; the next one has its place.
    assert order(9, 12, kept=first) == {9: 1, 12: 2}
    assert order(2, 9, 12, kept=first) == {2: 0, 9: 1, 12: 2}
    # A page that changed its column may find its number taken.
    assert sorted(order(5, 9, kept={5: 1, 9: 1}).values()) == [0, 1]


def test_the_grids_of_a_lane_go_from_names_to_levels() -> None:
    shown = lane("ACTIVE", [tile(n, n, f"heap[{n}]", "DM") for n in range(8)])
    grids = list(Grids(row(), shown, 60, 1).every())
    assert [grid.form for grid in grids] == sorted(grid.form for grid in grids)
    assert {Form.LETTER, Form.CELL, Form.LEVEL} == {grid.form for grid in grids}
    assert [grid.rank for grid in grids] == sorted({grid.rank for grid in grids})
    last = Grids(row(), shown, 60, 1, rank=grids[-1].rank)
    assert last.first().form == Form.LEVEL
    assert last.after(last.first()) is None


def test_an_empty_lane_keeps_the_form_of_names_only() -> None:
    steps = ladder(row(), 60)
    names, cells = steps.index(Step(Form.LETTER)), steps.index(Step(Form.CELL))
    assert [Grids(row(), lane("ACTIVE"), 60, 1, rank=rank).first().rank for rank in (names, cells)] == [
        names,
        0,
    ]
