"""The parts of the stage: names with counts, cells with marks, strips of levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.tui.widgets.stage_grid import Grid, Grids
from explorer.tui.widgets.stage_parts import (
    Canvas,
    name_of,
    position,
    put_name,
    put_rest,
    put_strip,
    put_tiles,
)
from explorer.tui.widgets.stage_tiles import Form
from explorer.views.rows import Band
from explorer.views.spans import plain
from explorer.views.stage import LaneRow, StageRow
from tests.explorer.tui.widgets.stage_rows import lane, row, tile


def strip(counts: list[int], room: int, lines: int = 1, **more: object) -> tuple[list[str], list[str]]:
    """The lines of a strip, and the styles of its first line."""
    shown = replace(lane("FREE"), others=np.array(counts), counts=np.array(counts), **more)  # type: ignore[arg-type]
    canvas = Canvas(80, lines)
    put_strip(canvas, replace(row(), full=8), shown, (0, len(counts)), 0, 0, room, lines)
    drawn = canvas.lines()
    return plain(drawn).split("\n"), [style for _, style in drawn[0]]


def test_a_cell_shows_the_fullest_of_its_colours() -> None:
    assert strip([0, 1, 8, 3], 4)[0] == ["·▁█▃"]
    assert strip([0, 1, 8, 3], 2)[0] == ["▁█"]
    assert strip([9] * 8, 8)[0] == ["████████"]


def test_few_colours_are_wide_with_a_gap_between_them() -> None:
    assert strip([4, 8], 10)[0] == ["▄▄▄▄ ████"]
    assert strip([4, 8, 2], 6)[0] == ["▄▄██▂▂"]
    assert strip([4], 6)[0] == ["▄▄▄▄▄▄"]


def test_a_strip_of_several_lines_has_a_cell_for_fewer_colours() -> None:
    assert strip([1, 2, 3, 4, 5, 6, 7, 8], 4, 2)[0] == ["▁▂▃▄", "▅▆▇█"]
    assert strip([1, 2, 3, 4, 5, 6, 7, 8], 7, 2)[0] == ["▁▂▃▄", "▅▆▇█"]


def test_no_colour_is_left_out_of_a_strip_with_fewer_cells_than_colours() -> None:
    for color in range(32):
        levels = [0] * 32
        levels[color] = 8
        for lines in (1, 2):
            assert "".join(strip(levels, 27, lines)[0]).count("█") == 1, color


def test_the_colours_that_the_step_changed_are_reversed() -> None:
    assert strip([8, 8, 8, 8], 4, changed=frozenset({1}))[1] == ["fill-FREE", "new", "fill-FREE"]
    assert strip([0, 8], 2)[1] == ["empty", "fill-FREE"]


def test_pages_that_the_setup_took_are_grey() -> None:
    canvas = Canvas(40, 1)
    put_strip(canvas, row(), lane("NONE", others=3), (0, 64), 0, 0, 32, 1)
    assert {style for _, style in canvas.lines()[0]} == {"empty", "faint"}


@pytest.mark.parametrize(
    ("name", "count", "room", "shown"),
    [
        ("INACTIVE", 970, 12, ("INACTIVE", "970")), ("INACTIVE", 3_710, 10, ("INAC", "3,710")),
        ("FREE", 14_835, 12, ("FREE", "14,835")), ("FREE", 1_234_567, 12, ("FREE", "1235k")),
        ("RESERVE", 256, 20, ("DMA reserve", "256 free")), ("RESERVE", 256, 12, ("DMA", "256 free")),
        ("RESERVE", 1_024, 12, ("DMA", "1,024")),
    ],
)  # fmt: skip
def test_a_lane_without_room_has_a_short_name(
    name: str, count: int, room: int, shown: tuple[str, str]
) -> None:
    found = name_of(replace(lane(name), count=count), room, 6)
    assert found == shown or (count > 1_000_000 and found[1].endswith(("k", "M")))


def gutter(shown: LaneRow, width: int, *, focused: bool = False) -> str:
    canvas = Canvas(40, 1)
    put_name(canvas, shown, 0, width, focused=focused)
    return plain(canvas.lines())


def test_the_change_of_the_last_step_is_beside_the_count() -> None:
    moved = replace(lane("ACTIVE", [tile(1, 0)]), delta=1)
    assert gutter(moved, 18) == "▌ACTIVE     1 +1"
    assert gutter(moved, 14) == "▌ACTIVE     1"
    assert gutter(lane("ACTIVE"), 18) == "▌ACTIVE     0"


def cells(shown: StageRow, tiles: LaneRow) -> Canvas:
    canvas = Canvas(40, 3)
    grid = next(grid for grid in Grids(shown, tiles, 10, 1).every() if grid.form == Form.CELL)
    put_tiles(canvas, shown, tiles, grid, 0, 0)
    return canvas


def test_cells_are_letters_with_their_marks() -> None:
    crowd = lane("ACTIVE", [tile(page, page, letter="aB"[page % 2]) for page in range(14)])
    shown = replace(row(now=3, selected=4), found=frozenset({5}), differs=frozenset({6}))
    canvas = cells(shown, crowd)
    first, second, *_ = canvas.lines()
    assert plain([first, second]) == "aBaBaB≠BaB\naBaB"
    assert [span for span in first if span[1]] == [("B", "new"), ("a", "line"), ("B", "cell-sought")]
    assert [place.page for line in canvas.cells for place in line.places()] == list(range(14))


def test_a_free_slot_is_blank() -> None:
    holes = [None if page in (1, 2) else tile(page, page) for page in range(6)]
    assert plain(cells(row(), lane("ACTIVE", holes)).lines()).split("\n")[0] == "a  aaa"


def test_a_tile_has_its_position_by_its_slot_or_by_its_place_in_its_column() -> None:
    one = tile(1, 5)._replace(column=1, place=2)
    flat = Grid(Form.NAME, False, 40, 4, 10, 2)
    columns = Grid(Form.NAME, True, 20, 2, 10, 2)
    assert position(one, flat, 3) == (13, 1)
    assert position(one, columns, 3) == (23, 1)


def test_cells_in_columns_are_below_their_names() -> None:
    bands = (Band(0, 32, "node 0"), Band(32, 64, "node 1"))
    tiles = [tile(n, n, letter="ab"[n % 2])._replace(column=n % 2, place=n // 2) for n in range(7)]
    canvas = cells(replace(row(), columns=bands), lane("ACTIVE", tiles))
    assert plain(canvas.lines()).split("\n")[0] == "aaaa bbb"


@pytest.mark.parametrize(
    ("width", "others", "shown"),
    [(40, 777, "+777"), (28, 777, "+777"), (27, 77_777, "+78k"), (23, 777, "")],
)
def test_pages_without_a_tile_are_a_strip_or_counted(width: int, others: int, shown: str) -> None:
    canvas = Canvas(width, 1)
    canvas.put(0, 0, [("x" * 22, "")])
    put_rest(canvas, row(), lane("ACTIVE", [tile(1, 0)], others), 12, 0)
    assert plain(canvas.lines())[22:].strip() == shown


def test_the_number_of_pages_without_a_tile_is_between_tiles_if_they_end_with_the_line() -> None:
    canvas = Canvas(29, 1)
    for x in (12, 25):
        canvas.put(x, 0, [("x" * 4, "")])
    assert canvas.last_gap(0, 12, 9) == 16
    assert canvas.last_gap(0, 12, 10) == -1
    put_rest(canvas, row(), lane("ACTIVE", [tile(1, 0)], 777), 12, 0)
    assert plain(canvas.lines())[12:] == "xxxx    +777 xxxx"


def test_a_line_knows_where_its_last_piece_ends() -> None:
    canvas = Canvas(20, 1)
    assert canvas.end(0) == 0
    assert canvas.put(3, 0, [("ab", ""), ("c", "dim")]) == 6
    assert canvas.end(0) == 6
    assert canvas.put(0, 7, [("outside", "")]) == 7
    assert plain(canvas.lines()) == "   abc"


def test_a_strip_keeps_its_columns_beside_a_tile() -> None:
    two = replace(row(), columns=(Band(0, 1, "colour 0"), Band(1, 2, "colour 1")), by_color=True)
    shown = replace(lane("NONE"), others=np.array([3, 7]), counts=np.array([3, 7]))

    def drawn(*tiles: tuple[int, str]) -> str:
        canvas = Canvas(52, 1)
        for x, text in tiles:
            canvas.put(x, 0, [(text, "")])
        put_rest(canvas, two, shown, 12, 0)
        return plain(canvas.lines()).ljust(52)[12:]

    assert drawn() == "▃" * 19 + " " + "▇" * 19 + " "
    assert drawn((32, "▌red[0]▐")) == "▃" * 19 + " ▌red[0]▐ " + "▇" * 10 + " "
    assert drawn((14, "▌red[0]▐"), (34, "▌x▐")) == "▃ ▌red[0]▐ " + "▃" * 8 + " ▇ ▌x▐ " + "▇" * 13 + " "


def test_free_columns_are_those_without_a_gap_beside_each_piece() -> None:
    canvas = Canvas(20, 1)
    assert list(canvas.free(0, 3)) == [(3, 20)]
    canvas.put(5, 0, [("ab", "")])
    canvas.put(12, 0, [("c" * 8, "")])
    assert list(canvas.free(0, 3)) == [(3, 4), (8, 11)]
    assert canvas.first(0) == 7
