"""The map's cells: the grid of the colours, the content of a cell, and the gutters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from explorer.tui.widgets.map_cells import (
    ASKED,
    BUSY,
    CHANGED,
    COMET,
    CURSOR,
    DIFFERS,
    SOUGHT,
    TOUCHED,
    UNKNOWN,
    WIDEST,
    WIRED,
    cell_codes,
    cell_text,
    glyph,
    grid,
    left_texts,
    map_form,
    right_texts,
    short_count,
    tall_glyph,
)
from explorer.views.glyphs import LEVELS
from explorer.views.rows import Band, MapRow


@pytest.mark.parametrize(
    ("width", "height", "colors", "columns", "rows", "bucket"),
    [
        pytest.param(80, 1, 1024, 64, 1, 16, id="80 columns: 16 colours per cell"),
        pytest.param(80, 4, 1024, 64, 4, 4, id="120x40: four rows of 64"),
        pytest.param(144, 8, 1024, 128, 8, 1, id="200x60: a colour per cell"),
        pytest.param(40, 1, 1024, 32, 1, 32, id="40 columns"),
        pytest.param(80, 4, 16, 16, 1, 1, id="16 colours need one row"),
        pytest.param(80, 1, 1, 1, 1, 1, id="one colour"),
        pytest.param(3, 1, 1024, 1, 1, 1024, id="no room at all"),
        pytest.param(80, 3, 1024, 64, 2, 8, id="an odd height"),
    ],
)
def test_the_grid_is_as_fine_as_the_room_allows(
    width: int, height: int, colors: int, columns: int, rows: int, bucket: int
) -> None:
    shape = grid(width, height, colors)
    assert (shape.columns, shape.rows, shape.bucket) == (columns, rows, bucket)
    assert shape.columns * shape.rows * shape.bucket == colors


def test_a_cell_has_level_change_and_cursor() -> None:
    counts = np.array([0, 4, 8, 1, 0, 0, 0, 0], np.int64)
    row = MapRow("FREE", counts, 8, 13, 0, frozenset({1}), frozenset({4}), 2)
    assert cell_codes(row, 8).tolist() == [0, 4 | CHANGED, 8 | CURSOR, 1, TOUCHED, 0, 0, 0]
    assert cell_codes(row, 4).tolist() == [4 | CHANGED, 8 | CURSOR, TOUCHED, 0]


def test_busy_and_wired_pages_have_letters() -> None:
    counts = np.array([1, 1, 1, 1], np.int64)
    busy, wired = np.array([0, 1, 0, 1], np.int64), np.array([0, 0, 1, 1], np.int64)
    codes = cell_codes(MapRow("NONE", counts, 8, 4, busy=busy, wired=wired), 4).tolist()
    assert "".join(map(glyph, codes)) == "▁bwB"
    assert codes[3] == 1 | BUSY | WIRED


@pytest.mark.parametrize(
    ("count", "room", "text"),
    [
        (3711, 6, "3,711"),
        (14846, 6, "14.8k"),
        (16_700_000, 6, "16.7M"),
        (100_000, 6, "100k"),
        (5, 2, "5"),
        (50, 2, ""),
    ],
)
def test_counts_are_shortened_to_the_room(count: int, room: int, text: str) -> None:
    assert short_count(count, room) == text
    assert len(text) < room


def test_a_search_a_move_and_a_difference_have_their_own_marks() -> None:
    counts = np.full(4, 8, np.int64)
    row = MapRow("FREE", counts, 8, 32, sought=frozenset({0, 1}), asked=1, differs=frozenset({3}))
    codes = cell_codes(row, 4).tolist()
    assert codes == [8 | SOUGHT, 8 | SOUGHT | ASKED, 8, 8 | DIFFERS]
    assert "".join(map(glyph, codes)) == "█?█≠"
    assert glyph(8 | COMET | ASKED) == "●"


def test_the_left_gutter_has_the_name_the_pages_and_the_last_change() -> None:
    row = MapRow("INACTIVE", np.zeros(1024, np.int64), 8, 14846, -2)
    assert left_texts(row, grid(80, 4, 1024)) == ("▌INACTIVE ", " 14,846   ", " -2       ", " " * 10)
    assert left_texts(row, grid(80, 1, 1024)) == ("▌INACTIVE ",)
    assert left_texts(row, grid(40, 1, 1024)) == ("▌INAC ",)


@pytest.mark.parametrize("pages", [999_999, 10_234_567, 16_777_216])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_millions_of_pages_do_not_push_a_row(pages: int, width: int) -> None:
    shape = grid(width, 4, 1024)
    texts = left_texts(MapRow("FREE", np.zeros(1024, np.int64), 8, pages), shape)
    assert {len(text) for text in texts} == {shape.left}
    assert texts[1].strip() == short_count(pages, shape.left)
    assert texts[1].strip()


def test_the_right_gutter_has_the_total_or_the_first_colour_of_each_row() -> None:
    row = MapRow("FREE", np.zeros(1024, np.int64), 8, 14846)
    assert right_texts(row, grid(80, 1, 1024), 80) == (" 14.8k",)
    assert right_texts(row, grid(80, 4, 1024), 80) == ("     0", "   256", "   512", "   768")


def test_the_right_gutter_names_the_node_whose_colours_start_there() -> None:
    bands = (Band(0, 512, "node 0"), Band(512, 1024, "node 1"))
    row = MapRow("FREE", np.zeros(1024, np.int64), 8, 14846, bands=bands)
    assert right_texts(row, grid(80, 4, 1024), 80) == ("node 0", "   256", "node 1", "   768")


def test_beside_tall_cells_a_row_has_one_label() -> None:
    row = MapRow("FREE", np.zeros(1024, np.int64), 8, 14846)
    shape = grid(80, 4, 1024, big=True)
    assert (shape.rows, shape.tall, shape.per_row) == (2, 2, 512)
    assert [text.strip() for text in right_texts(row, shape, 80)] == ["0", "", "512", ""]


def test_a_colour_has_the_position_of_its_cell() -> None:
    """Four rows of 64 cells of 4 colours: row 2 starts at colour 512."""
    shape = grid(80, 4, 1024)
    assert [shape.cell(color) for color in (0, 3, 4, 511, 512, 1023)] == [
        (0, 0), (0, 0), (1, 0), (63, 1), (0, 2), (63, 3),
    ]  # fmt: skip
    assert (shape.per_row, shape.span, shape.lines) == (256, 64, 4)


def shapes() -> Iterator[tuple[int, int, int]]:
    for width in (1, 5, 30, 66, 80, 144, 240):
        for height in (1, 2, 3, 7, 16):
            for colors in (1, 2, 16, 1024):
                yield width, height, colors


def test_big_cells_hold_every_colour_and_fit() -> None:
    for width, height, colors in shapes():
        shape = grid(width, height, colors, big=True)
        assert shape.columns * shape.rows * shape.bucket == colors
        assert shape.lines <= height
        assert 2 <= shape.wide <= WIDEST
        if width >= 30:
            assert shape.left + shape.span <= width


def test_cells_of_few_colours_are_wide_and_have_gaps() -> None:
    for width, height, colors in shapes():
        shape = grid(width, height, colors)
        if width >= 80:
            assert shape.wide == {1: 8, 2: 8, 16: 4 if width < 144 else 8, 1024: 1}[colors]
            assert shape.left + shape.span <= width
        text = cell_text("█", shape)
        assert len(text) == shape.wide
        assert text.endswith(" ") == (shape.wide > 2)


def test_the_level_of_a_tall_cell_grows_from_the_bottom() -> None:
    halves = [tall_glyph(level, upper=True) + tall_glyph(level, upper=False) for level in range(9)]
    assert halves == [" ·", " ▂", " ▄", " ▆", " █", "▂█", "▄█", "▆█", "██"]
    heights = [sum(LEVELS.find(half) if half != " " else 0 for half in pair) for pair in halves]
    assert all(low < high for low, high in pairwise(heights))
    assert tall_glyph(1 | BUSY, upper=True) == "b"


def test_numbers_in_the_gutters_are_whole_marked_or_left_out() -> None:
    row = MapRow("FREE", np.zeros(1024, np.int64), 8, 16_777_216, -16_777_216)
    for width in (20, 40, 60, 80, 144):
        for height in (1, 2, 4, 8):
            shape = grid(width, height, 1024)
            texts = [*left_texts(row, shape), *right_texts(row, shape, width)]
            whole = {"", "16.8M", "16,777,216", "-16.8M", "-16,777,216"}
            whole |= {str(y * shape.per_row) for y in range(shape.rows)}
            for text in (text.strip() for text in texts):
                assert text in whole or text[0] == "▌" or text[-1] == "…"
            assert {len(text) for text in left_texts(row, shape)} == {shape.left}


def test_a_cell_with_an_unknown_colour_is_unknown_not_empty() -> None:
    row = MapRow("HOLD", np.array([0, 5, -1, 0, -1, -1, 8, 8], np.int64), 8, None)
    assert [glyph(code) for code in cell_codes(row, 8).tolist()] == list("·▅?·??██")
    assert cell_codes(row, 4).tolist() == [5, UNKNOWN, UNKNOWN, 8]
    assert {tall_glyph(UNKNOWN, upper=upper) for upper in (True, False)} == {"?"}
    assert left_texts(row, grid(80, 4, 8, big=True))[1].strip() == "unknown"
    assert right_texts(row, grid(80, 1, 8), 80)[0].strip() == "?"


def test_changes_of_most_of_a_sparse_row_are_not_marked() -> None:
    counts = np.ones(8, np.int64)
    half, most = frozenset(range(4)), frozenset(range(5))
    for sparse, changed, marked in ((True, half, 4), (True, most, 0), (False, most, 5)):
        row = MapRow("FREE", counts, 8, 8, 0, changed, sparse=sparse)
        assert np.count_nonzero(cell_codes(row, 8) & CHANGED) == marked


def test_a_type_of_which_nothing_is_known_leaves_its_lines_to_the_others() -> None:
    assert map_form(80, 27, 1024, types=4, others=2).lines == 4
    assert map_form(80, 27, 1024, types=4, others=2).height == 18
    assert map_form(80, 5, 1024, types=4, others=2).single
    assert map_form(80, 6, 1, types=0, others=6).height == 6
