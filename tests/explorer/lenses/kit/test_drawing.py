"""The drawing tools of lenses: omitted parts are counted, and clickable spots stay inside the panel."""

from __future__ import annotations

import pytest

from engine.words import plural
from explorer.lenses.kit.drawing import (
    Piece,
    Sheet,
    beside,
    drawing,
    flow,
    flow_within,
    in_columns,
    joined,
    newest,
    row,
    table,
)
from explorer.lenses.kit.lens import WHOLE, Drawing, Spot
from explorer.views.spans import plain

PARTS = [row("alpha"), row("beta"), row("gamma"), row("delta")]


def text(rows: list[tuple[Piece, ...]]) -> list[str]:
    return ["".join(piece.text for piece in pieces) for pieces in rows]


def test_a_spot_ends_with_the_panel_and_one_outside_is_dropped() -> None:
    rows = [row("ab", Piece("cdef", "key", "page 0x1"), Piece("gh", "", "page 0x2"))]
    assert drawing(rows, 5, 1).spots == (Spot(0, 2, 5, "page 0x1"),)


def test_each_character_of_a_piece_can_have_its_own_command() -> None:
    rows = [row(" ", Piece("xyz", "", ("page 0x1", "page 0x2", "page 0x3")))]
    assert [(spot.first, spot.beyond, spot.verb[-1]) for spot in drawing(rows, 3, 1).spots] == [
        (1, 2, "1"),
        (2, 3, "2"),
    ]


def test_wide_characters_move_the_pieces_after_them() -> None:
    rows = [row("页", Piece("面", "key", "page 0x1"), Piece("!", "", "page 0x2"))]
    drawn = drawing(rows, 5, 1)
    assert drawn.spots == (Spot(0, 2, 4, "page 0x1"), Spot(0, 4, 5, "page 0x2"))
    assert plain(drawing(rows, 4, 1).lines) == "页 …"


def test_a_row_is_made_from_pieces_spans_and_strings() -> None:
    assert row("a", ("b", "dim"), Piece("c", "key", "quit")) == (
        Piece("a"), Piece("b", "dim"), Piece("c", "key", "quit"),
    )  # fmt: skip


def test_cells_of_one_style_are_joined_and_keep_their_commands() -> None:
    cells = [Piece("a", "now", "goto 1"), Piece("b", "now"), Piece("c", "dim", "goto 3")]
    assert joined(cells) == (Piece("ab", "now", ("goto 1", "")), Piece("c", "dim", ("goto 3",)))
    assert drawing([joined(cells)], 9, 1).spots == (Spot(0, 0, 1, "goto 1"), Spot(0, 2, 3, "goto 3"))


def test_a_sheet_drops_rows_that_do_not_fit() -> None:
    sheet = Sheet(6, 2)
    sheet.add("first")
    sheet.add("second ", ("one", "now"))
    assert sheet.room == 0
    sheet.add(Piece("third", "key", "quit"))
    lines = [(("first", ""),), (("secon", ""), ("", "now"), ("…", "dim"))]
    assert sheet.drawing() == Drawing(lines, short=True)


def test_the_newest_items_are_kept_and_the_others_counted() -> None:
    assert newest("abcd", 4) == ("abcd", 0)
    assert newest("abcd", 3) == ("cd", 2)
    assert newest("abcd", 0) == ("", 4)


def test_lines_that_do_not_fit_are_counted() -> None:
    assert plain(drawing(PARTS, 20, 3).lines).split("\n") == ["alpha", "beta", "… 2 more lines"]
    assert plain(drawing(PARTS, 20, 4).lines).split("\n") == ["alpha", "beta", "gamma", "delta"]


def test_a_table_aligns_its_cells_in_columns() -> None:
    cells = [[Piece("a"), Piece("1,000")], [Piece("bcd"), Piece("7")]]
    assert text(table(cells, "lr")) == ["a    1,000", "bcd      7"]


def test_a_table_counts_screen_columns() -> None:
    assert text(table([["页面", ("1", "now")], ["ab", "10"]], "lr")) == ["页面   1", "ab    10"]


def test_cells_in_columns_of_equal_width_are_cut() -> None:
    cells = [row("one"), row("two ", ("three", "dim")), row(Piece("页面", "", "page 0x1"))]
    rows = in_columns(cells, 2, 12)
    assert text(rows) == ["one   two … ", "页面  "]
    assert rows[1][0].verb == "page 0x1"


def test_blocks_beside_each_other_end_with_the_longer_one() -> None:
    assert text(beside([row("页面")], [row("a"), row("b")], 6)) == ["页面  a", "      b"]


def test_flowing_text_breaks_only_between_parts() -> None:
    assert text(flow(PARTS, 13)) == ["alpha  beta", "gamma  delta"]


@pytest.mark.parametrize(
    ("width", "height", "lines"),
    [
        (30, 1, ["alpha  beta  gamma  delta"]),
        (22, 1, ["alpha  beta  … 2 more"]),
        (11, 2, ["alpha  beta", "… 2 more"]),
        (9, 1, ["alpha  … 3 more"]),
        (9, 0, []),
    ],
)
def test_parts_that_do_not_fit_are_counted(width: int, height: int, lines: list[str]) -> None:
    assert text(flow_within(PARTS, width, height)) == lines
    assert len(flow_within(PARTS, width, height)) <= height


def test_of_many_parts_as_many_are_kept_as_of_few() -> None:
    many = [row(f"{n:03}") for n in range(1000)]
    assert text(flow_within(many, 24, 2)) == ["000  001  002  003  004", "005  006  … 993 more"]


def test_a_count_of_one_is_singular() -> None:
    assert (plural(1, "page"), plural(2048, "page")) == ("1 page", "2,048 pages")


def test_a_long_row_of_a_scrolled_drawing_is_wrapped_with_its_commands() -> None:
    rows = [
        row(
            "  ", Piece("step 9", "key", "goto 9"), " app: ", ("wire_count", "now"), " 0 and a-very-long-word"
        )
    ]
    drawn = drawing(rows, 16, WHOLE)
    assert plain(drawn.lines) == "  step 9 app:\n    wire_count 0\n    and\n    a-very-long-\n    word"
    assert drawn.spots == (Spot(0, 2, 8, "goto 9"),)
    assert drawn.lines[1] == (("    ", ""), ("wire_count", "now"), (" 0", ""))
    assert plain(drawing(rows, 16, WHOLE - 1).lines) == "  step 9 app: w…"


def test_a_row_of_cells_is_never_broken() -> None:
    cells = joined(Piece("x", "", f"goto {n}") for n in range(20))
    assert len(drawing([cells], 10, WHOLE).lines) == 1


def test_a_blank_after_a_line_that_is_exactly_full_is_not_another_line() -> None:
    rows = [row(("read one,", "dim"), " ")]
    assert [plain([line]) for line in drawing(rows, 9, WHOLE).lines] == ["read one,"]
