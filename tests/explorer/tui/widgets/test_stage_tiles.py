"""The tiles as text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.tui.widgets.stage_tiles import (
    Form,
    badge_text,
    hue_of,
    mark_of,
    short_name,
    tile_spans,
    words_of,
)
from explorer.views.rows import Band
from explorer.views.spans import plain
from explorer.views.stage import StageRow
from tests.explorer.tui.widgets.stage_rows import row, tile

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


def test_a_short_name_is_the_letter_of_the_object_and_the_index() -> None:
    assert short_name(tile(602, 0, "app.m", letter="b")) == "b[602]"
    assert short_name(tile(602, 0, "app.m", letter="B")) == "B[602]"
    assert short_name(tile(602, 0, letter="•")._replace(where="")) == "0x25a"
    assert short_name(tile(602, 0, letter="&")) == "0x25a"


@pytest.mark.parametrize(
    ("form", "room", "shown"),
    [
        (Form.NAME, 40, "▌heap30[701] DMR▐"), (Form.NAME, 16, "▌B[701] DMR▐"),
        (Form.NAME, 11, "▌B[701] MR▐"), (Form.LETTER, 40, "▌heap30[701] DMR▐"),
        (Form.LETTER, 11, "▌B[701] MR▐"), (Form.LETTER, 10, "▌B[701]▐"),
    ],
)  # fmt: skip
def test_a_name_without_room_is_never_cut(form: Form, room: int, shown: str) -> None:
    long = tile(1, 0, "heap30[701]", "DMR", "B")._replace(where="heap30[701]")
    assert plain([tuple(tile_spans(row(), "ACTIVE", long, form, room=room))]) == shown


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
