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
    assert text(Form.NAME) == "app.m"
    assert text(Form.SHORT, mark="n1") == "n1 app.m L R"


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
    assert (Form.NAME, True) in ladder(replace(nodes, by_color=True))
    assert (Form.NAME, True) not in ladder(nodes)
    assert ladder(row()) == [(form, False) for form in Form] == ladder(nodes, headed=False)


def test_tiles_are_as_far_apart_as_badges_that_may_come_need() -> None:
    few = lane("NONE", [tile(1, 0, "app.m"), tile(2, 1, "app.n")])
    more = lane("NONE", [tile(1, 0, "app.m", "LWR"), tile(2, 1, "app.n")])
    grids = [
        grid_of(row(), shown, Form.SHORT, 60, widths_of(shown), in_columns=False) for shown in (few, more)
    ]
    assert grids[0] == grids[1]
    assert grids[0] is not None
    assert grids[0].per_line == 3
    assert grids[0].lines == 1


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
    assert grid_of(row(), shown, Form.NAME, 17, widths, in_columns=False) is None
    grid = grid_of(row(), shown, Form.NAME, 18, widths, in_columns=False)
    assert grid is not None
    assert (grid.lines, grid.per_line) == (1, 1)


def test_cells_and_levels_fit_everywhere_but_cells_need_tiles() -> None:
    crowd = lane("ACTIVE", [tile(page, page) for page in range(25)])
    cells = grid_of(row(), crowd, Form.CELL, 10, widths_of(crowd), in_columns=False)
    assert cells is not None
    assert cells.lines == 3
    uncounted = replace(crowd, tiles=())
    assert grid_of(row(), uncounted, Form.CELL, 10, widths_of(uncounted), in_columns=False) is None
    assert grid_of(row(), uncounted, Form.LEVEL, 10, widths_of(uncounted), in_columns=False) is not None
