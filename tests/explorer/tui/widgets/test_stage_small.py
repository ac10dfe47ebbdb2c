"""The stage on few lines: lanes share the last line, or follow one another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.debug.in_play import LANES
from explorer.tui.widgets.stage import drawn_stage
from explorer.tui.widgets.stage_small import counted, groups_of, small_stage
from explorer.views.rows import Band
from explorer.views.spans import plain
from explorer.views.stage import StageRow, Travel
from tests.explorer.tui.widgets.drawings import drawn
from tests.explorer.tui.widgets.stage_rows import lane, row, tile


def text(shown: StageRow, width: int, height: int) -> str:
    canvas, *_ = small_stage(shown, width, height, focused=False)
    return plain(canvas.lines()).rstrip("\n")


def test_lanes_with_tiles_have_a_line_and_the_rest_shares_one() -> None:
    shown = row(lane("CACHE", [tile(1, 0, "app.m", "R")]), lane("HOLD", [tile(2, 0)]))
    assert text(shown, 60, 4) == drawn(
        """
▌FREE       0 ·
▌NONE 0 ▌ACTIVE 0 ▌INACTIVE 0
▌CACHE      1 ▌app.m 0x1 R▐
▌HOLD 1   ▌0x2▐                         ▌DMA reserve 0 free
"""
    )


def test_a_move_is_on_the_line_that_the_page_left() -> None:
    travel = Travel(1, "app.m", "NONE", "ACTIVE", "vm_page_activate", "app", 41)
    shown = row(lane("ACTIVE", [tile(1, 0, "app.m")]), travels=(travel,))
    assert text(shown, 60, 4).split("\n")[1] == "▌NONE       0 ·  ┆ vm_page_activate  app, step 41"


def test_a_move_from_a_full_line_is_after_the_tile() -> None:
    travel = Travel(1, "app.m", "FREE", "NONE", "vm_page_alloc", "app", 11)
    shown = row(lane("FREE", others=7), lane("NONE", [tile(1, 0, "app.m")]), travels=(travel,))
    assert text(shown, 60, 4).split("\n")[1] == "▌NONE       1 ▌app.m 0x1▐  ← vm_page_alloc  app, step 11"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (34, "▌app.long.name DM▐ +30"), (36, "▌app.long.name D M▐ +30"),
        (40, "▌app.long.name 0x1 D M▐ +30"), (46, "▌app.long.name 0x1 D M▐ +30"),
    ],
)  # fmt: skip
def test_pages_without_a_tile_are_counted_before_numbers_and_letters_of_names_are_shown(
    width: int, shown: str
) -> None:
    only = row(lane("ACTIVE", [tile(1, 0, "app.long.name", "DM")], others=30))
    assert text(only, width, 4).split("\n")[2].partition("31 ")[2] == shown


def test_more_lanes_than_lines_follow_one_another() -> None:
    names = ("FREE", "NONE", "ACTIVE", "INACTIVE", "CACHE")
    shown = row(*(lane(name, [tile(n, 0, f"app.p{n}", "L")]) for n, name in enumerate(names)))
    assert text(shown, 60, 3) == drawn(
        """
▌FREE 1 ▌app.p0 L▐ ▌NONE 1 ▌app.p1 L▐ ▌ACTIVE 1 ▌app.p2 L▐
▌INACTIVE 1 ▌app.p3 L▐ ▌CACHE 1 ▌app.p4 L▐ ▌HOLD 0
▌DMA reserve 0 free
"""
    )
    assert "app.p4" in text(shown, 60, 2)


@pytest.mark.parametrize("height", [1, 2, 3])
def test_a_crowd_on_few_lines_is_counted(height: int) -> None:
    shown = row(*(lane(name, [tile(n, n) for n in range(200)]) for name in ("ACTIVE", "CACHE", "HOLD")))
    picture = text(shown, 40, height)
    assert "ACTIVE 200" in picture or "ACTV 200" in picture
    assert all(len(line) <= 40 for line in picture.split("\n"))


def test_lanes_without_tiles_share_lines_first_and_all_keep_their_order() -> None:
    assert groups_of([0], 5) == [[0], [1], [2], [3], [4, 5, 6]]
    assert groups_of([0, 1, 2, 3, 4], 5) == [[0], [1], [2], [3], [4, 5, 6]]
    assert groups_of([0, 1, 6], 5) == [[0], [1], [2], [3, 4, 5], [6]]
    for height in range(1, 8):
        assert [number for group in groups_of([0, 4], height) for number in group] == list(range(7))
        assert len(groups_of([0, 4], height)) == height


def test_a_shared_line_shortens_names_before_it_leaves_lanes_out() -> None:
    def last(width: int) -> str:
        return text(row(lane("INACTIVE", others=900)), width, 4).split("\n")[-1]

    assert last(70) == "▌INACTIVE 900 ▌CACHE 0 ▌HOLD 0 ▌DMA reserve 0 free"
    assert last(37) == "▌INAC 900 ▌CACH 0 ▌HOLD 0 ▌DMA 0 free"
    assert last(28) == "▌INAC 900 ▌CACH 0 ▌HOLD 0"


def test_a_lane_on_a_shared_line_has_its_tiles_there() -> None:
    used = replace(lane("CACHE"), been=True)
    shown = row(*(lane(name, [tile(n, 0, f"app.p{n}")]) for n, name in enumerate(LANES[:4])), used)
    assert text(shown, 60, 5).split("\n")[-1] == "▌CACHE 0".ljust(32) + "▌HOLD 0 ▌DMA reserve 0 free"
    shown = row(*shown.lanes[:4], lane("CACHE", [tile(9, 0, "app.m", "L")]))
    assert text(shown, 60, 5).split("\n")[-1] == (
        "▌CACHE 1   ▌app.m 0x9 L▐".ljust(32) + "▌HOLD 0 ▌DMA reserve 0 free"
    )


@pytest.mark.parametrize(
    ("width", "last"),
    [
        (60, "▌CACHE 0 ▌HOLD 0 ▌DMA reserve 0 free  a heap  b file"),
        (40, "▌CACHE 0 ▌HOLD 0  a heap  b file"),
    ],
)
def test_the_letters_of_cells_are_explained_where_there_is_room(width: int, last: str) -> None:
    letters = [tile(n, n, letter="aB"[n % 2]) for n in range(20)]
    shown = row(*(lane(name, letters) for name in ("FREE", "NONE", "ACTIVE", "INACTIVE")))
    assert text(shown, width, 5).split("\n")[-1] == last


def test_a_lane_is_counted_with_its_hue() -> None:
    assert counted(lane("CACHE"), short=False)[0] == ("▌", "fill-CACHE")
    assert plain([tuple(counted(lane("INACTIVE"), short=True))]) == "▌INAC 0"


def test_the_small_stage_is_that_of_fewer_lines_than_lanes() -> None:
    shown = row(lane("ACTIVE", [tile(1, 0)]))
    assert drawn_stage(shown, 60, 6).plan is None
    assert drawn_stage(shown, 60, 6).lanes[2] >= 0
    assert drawn_stage(shown, 60, 7).plan is not None


def test_the_nodes_are_named_above_the_lanes() -> None:
    nodes = tuple(Band(32 * n, 32 * n + 32, f"node {n}") for n in range(2))
    shown = replace(row(lane("FREE", others=9), lane("ACTIVE", [tile(1, 0)])), columns=nodes)
    drawn_lines = text(shown, 80, 5).split("\n")
    assert drawn_lines[0] == " " * 14 + "node 0: 0-31".ljust(33) + "node 1: 32-63"
    assert [line[:9] for line in drawn_lines[1:]] == ["▌FREE    ", "▌NONE    ", "▌ACTIVE  ", "▌INACTIVE"]
    assert "node" not in text(replace(shown, columns=nodes[:1]), 80, 5)
    _, tops, _ = small_stage(shown, 80, 5, focused=False)
    assert tops == (1, 2, 3, -1, -1, -1, -1)


def test_without_a_line_to_spare_the_nodes_are_named_on_a_lane_without_pages() -> None:
    nodes = tuple(Band(32 * n, 32 * n + 32, f"node {n}") for n in range(2))
    shown = replace(row(lane("FREE", others=9), lane("ACTIVE", [tile(1, 0)])), columns=nodes)
    assert (
        text(shown, 80, 4).split("\n")[1] == "▌NONE       0 · node 0: 0-31".ljust(14 + 33) + "node 1: 32-63"
    )
    assert text(shown, 40, 4).split("\n")[1] == "▌NONE     0 · node 0".ljust(12 + 14) + "node 1"
    assert "node" not in text(replace(shown, columns=nodes[:1]), 80, 4)
    full = row(*(lane(name, [tile(n, 0)]) for n, name in enumerate(LANES)))
    assert "node" not in text(replace(full, columns=nodes), 80, 5)
