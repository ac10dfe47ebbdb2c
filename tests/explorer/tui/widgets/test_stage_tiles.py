"""The tiles as text, and how many lines each form takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.tui.widgets.stage_tiles import (
    Form,
    badge_text,
    grid_of,
    hue_of,
    ladder,
    mark_of,
    pitch_of,
    shortened,
    tile_spans,
    widths_of,
    words_of,
)
from explorer.views.rows import Band
from explorer.views.spans import length, plain
from explorer.views.stage import StageRow
from tests.explorer.tui.widgets.stage_rows import lane, row, tile

NODES = tuple(Band(32 * n, 32 * n + 32, f"node {n}") for n in range(2))


def text(form: Form, badges: str = "LR", name: str = "app.m", mark: str = "") -> str:
    return " ".join(word for word, _ in words_of(tile(0xC03, 0, name, badges), form, mark))


def test_each_form_has_less() -> None:
    assert text(Form.RICH) == "app.m 0xc03 L R heap[3075] colour 0 since 7"
    assert text(Form.FULL) == "app.m 0xc03 L R"
    assert text(Form.SHORT) == "app.m L R"
    assert text(Form.NAME) == "app.m LR"
    assert text(Form.NAME, badges="") == "app.m"
    assert text(Form.SHORT, mark="n1") == "n1 app.m L R"


@pytest.mark.parametrize(
    ("name", "room", "shown"),
    [
        ("heap30[701]", 11, "heap30[701]"), ("heap30[701]", 8, "…30[701]"), ("app.m", 4, "…p.m"),
        ("setup.severe", 7, "…severe"), ("app.m", 0, "…"),
    ],
)  # fmt: skip
def test_a_name_without_room_keeps_its_end(name: str, room: int, shown: str) -> None:
    assert shortened(name, room) == shown


def test_a_name_loses_letters_before_a_badge_is_left_out() -> None:
    long = tile(1, 0, "heap30[701]", "DMR")
    assert plain([tuple(tile_spans(row(), "ACTIVE", long, Form.NAME, room=14))]) == "▌…30[701] DMR▐"
    assert plain([tuple(tile_spans(row(), "ACTIVE", long, Form.NAME, room=40))]) == "▌heap30[701] DMR▐"


def test_a_name_that_is_the_number_or_the_place_is_not_repeated() -> None:
    assert text(Form.FULL, name="0xc03") == "0xc03 L R"
    assert text(Form.RICH, name="heap[3075]") == "heap[3075] 0xc03 L R colour 0 since 7"


def test_memory_of_another_node_is_named() -> None:
    strange = tile(1, 0)._replace(node="node 0", where="")
    assert [word for word, _ in words_of(strange, Form.RICH)][1:] == ["colour 0", "in node 0", "since 7"]


@pytest.mark.parametrize(("badges", "shown"), [("", ""), ("L", "L"), ("LWR", "L W R"), ("LWDR", "LWDR")])
def test_many_badges_have_no_gaps(badges: str, shown: str) -> None:
    assert badge_text(badges) == shown


def test_marks_are_seen_without_colour() -> None:
    def drawn(shown: StageRow) -> tuple[str, list[str]]:
        spans = tuple(tile_spans(shown, "ACTIVE", tile(5, 0, "app.m", "L"), Form.SHORT))
        return plain([spans]), [style for _, style in spans]

    assert drawn(row()) == ("▌app.m L▐", ["fill-ACTIVE", "bold", "", "now", "fill-ACTIVE"])
    assert drawn(row(selected=5))[0] == "▶app.m L◀"
    assert drawn(row(now=5)) == ("▌app.m L▐", ["fill-ACTIVE", "new", "fill-ACTIVE"])
    assert drawn(replace(row(), found=frozenset({5})))[0] == "●app.m L▐"
    assert drawn(replace(row(), differs=frozenset({5})))[0] == "≠app.m L▐"


def test_the_reserve_has_the_hue_of_dma() -> None:
    assert [hue_of(name) for name in ("CACHE", "RESERVE")] == ["fill-CACHE", "fill-DMA"]


def test_a_tile_outside_columns_says_its_own() -> None:
    other = tile(1, 0)._replace(column=1)
    nodes = replace(row(), columns=NODES)
    assert [mark_of(shown, other) for shown in (row(), nodes, replace(nodes, by_color=True))] == [
        "",
        "n1",
        "c1",
    ]


def test_a_colour_keeps_its_column_longer_than_a_node() -> None:
    nodes = replace(row(), columns=NODES)
    assert (Form.NAME, True, True) in ladder(replace(nodes, by_color=True))
    assert (Form.NAME, True, True) not in ladder(nodes)
    assert [form for form, *_ in ladder(row())] == sorted([*Form, Form.NAME])
    assert ladder(row()) == ladder(nodes, headed=False)


def test_tiles_are_as_far_apart_as_badges_that_may_come_need() -> None:
    few = lane("NONE", [tile(1, 0, "app.m"), tile(2, 1, "app.n")])
    more = lane("NONE", [tile(1, 0, "app.m", "LWR"), tile(2, 1, "app.n")])
    grids = [grid_of(row(), shown, (Form.SHORT, False, False), 60, widths_of(shown)) for shown in (few, more)]
    assert grids[0] == grids[1]
    assert grids[0] is not None
    assert grids[0].per_line == 3
    assert grids[0].lines == 1


@pytest.mark.parametrize("form", [Form.RICH, Form.FULL, Form.SHORT, Form.NAME])
def test_the_place_of_a_tile_does_not_depend_on_the_form_or_on_other_tiles(form: Form) -> None:
    for more in ((), (tile(2, 3, "app.much.longer", "LW"),), (tile(3, 5, "x"), tile(4, 6, "heap[700]"))):
        shown = lane("NONE", [*more, tile(1, 1, "app.m")])
        grid = grid_of(row(), shown, (form, False, False), 90, widths_of(shown))
        assert grid is None or grid.pitch == 18


def test_a_tile_may_be_wide_where_the_next_place_is_free() -> None:
    def fits(*slots: int) -> bool:
        shown = lane("NONE", [tile(0xC000 + slot, slot, "app.m", "LWR") for slot in slots])
        return grid_of(row(), shown, (Form.FULL, False, False), 56, widths_of(shown)) is not None

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
    step = Form.CELL, False, False
    rest, run = (grid_of(row(), holes, step, 10, widths_of(holes), whole=whole) for whole in (False, True))
    assert rest is not None
    assert run is not None
    assert (rest.lines, rest.rows) == (2, (0, 7))
    assert run.lines == 8
    wide = tuple(Band(n, n + 1, f"colour {n}") for n in range(2))
    sparse = lane("ACTIVE", [tile(0, 0), tile(1, 1)._replace(column=1, place=40)])
    columns = grid_of(replace(row(), columns=wide), sparse, (Form.CELL, True, False), 22, widths_of(sparse))
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
    assert grid_of(row(), shown, (Form.SHORT, False, False), 17, widths) is None
    assert grid_of(row(), shown, (Form.NAME, False, False), 5, widths) is None
    assert grid_of(row(), shown, (Form.NAME, False, False), 6, widths) is not None
    grid = grid_of(row(), shown, (Form.SHORT, False, False), 18, widths)
    assert grid is not None
    assert (grid.lines, grid.per_line) == (1, 1)


def test_cells_and_levels_fit_everywhere_but_cells_need_tiles() -> None:
    crowd = lane("ACTIVE", [tile(page, page) for page in range(25)])
    cells = grid_of(row(), crowd, (Form.CELL, False, False), 10, widths_of(crowd))
    assert cells is not None
    assert cells.lines == 3
    uncounted = replace(crowd, tiles=())
    assert grid_of(row(), uncounted, (Form.CELL, False, False), 10, widths_of(uncounted)) is None
    assert grid_of(row(), uncounted, (Form.LEVEL, False, False), 10, widths_of(uncounted)) is not None
