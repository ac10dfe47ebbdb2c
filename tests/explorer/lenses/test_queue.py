"""The queue lens: a chip for each page from head to tail; pages that do not fit are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.lenses.kit.lens import Spot
from explorer.lenses.queue import Chip, QueueRow, draw
from explorer.views.spans import length, plain

CHIPS = (
    Chip("0x40", 0x40, "", False, False),
    Chip("0x41", 0x41, "LW", True, False),
    Chip("0x42", 0x42, "", False, True),
    Chip("0x43", 0x43, "d", False, False),
)
ROW = QueueRow("ACTIVE[5]", CHIPS, 4, 7, 12)


def test_the_chips_are_in_reading_order_and_lead_to_their_pages() -> None:
    drawing = draw(ROW, 40, 4)
    assert plain(drawing.lines).split("\n") == [
        "ACTIVE[5] 4 pages, head first   lastq 7…",
        "[0x40] *0x41:LW] ▸0x42] [0x43:d]",
    ]
    for first, beyond, verb in ((0, 6, "page 0x40"), (7, 16, "page 0x41"), (17, 23, "page 0x42")):
        found = {spot for spot in drawing.spots if first <= spot.first < beyond}
        assert {(spot.y, spot.verb) for spot in found} == {(1, f"page {int(verb[5:], 0)}")}
        assert sum(spot.beyond - spot.first for spot in found) == beyond - first


@pytest.mark.parametrize(
    ("height", "lines"),
    [
        (5, ["[0x40] *0x41:LW]", "▸0x42] [0x43:d]"]),
        (3, ["[0x40] *0x41:LW]", "... and 2 more"]),
        (2, ["... and 4 more"]),
        (1, []),
    ],
)
def test_pages_that_do_not_fit_are_counted(height: int, lines: list[str]) -> None:
    drawing = draw(ROW, 17, height)
    assert plain(drawing.lines).split("\n")[1:] == lines
    assert all(length(line) <= 17 for line in drawing.lines)


def test_pages_missing_from_the_row_are_counted_too() -> None:
    assert plain(draw(replace(ROW, total=2048), 80, 4).lines).endswith("... and 2,044 more")


def test_one_page_is_singular_and_an_empty_queue_says_what_to_do() -> None:
    assert plain(draw(QueueRow("NONE[5]", CHIPS[:1], 1, None, None), 80, 4).lines).split("\n") == [
        "NONE[5] 1 page, head first",
        "[0x40]",
    ]
    assert "no pages here" in plain(draw(QueueRow("HOLD[5]", (), 0, 1, 2), 80, 4).lines)


def test_the_space_between_chips_is_not_clickable() -> None:
    assert not any(spot.first <= 6 < spot.beyond for spot in draw(ROW, 40, 4).spots)
    assert Spot(1, 0, 1, "page 64") in draw(ROW, 40, 4).spots
