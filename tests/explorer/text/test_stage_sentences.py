"""The stage in sentences."""

from __future__ import annotations

from dataclasses import replace

from explorer.session.session import Session
from explorer.text.sentences import in_ascii
from explorer.text.stage_sentences import stage_sentences, travel_sentence
from explorer.views.rows import Band
from explorer.views.stage import Travel, stage_row
from tests.explorer.tui.widgets.stage_rows import lane, row, tile


def test_each_lane_has_a_sentence_and_the_last_move_one(life: Session) -> None:
    life.history.extend(41)
    assert stage_sentences(stage_row(life)) == [
        "FREE: 3,710 pages.",
        "NONE: 0 pages.",
        "ACTIVE: 1 page. In play: app.m, page 0xc03, locked, wanted, referenced, changed by this step.",
        "INACTIVE: 0 pages.",
        "CACHE: 0 pages.",
        "HOLD: 0 pages.",
        "Reserve: 256 free pages.",
        "In this step, 41, vm_page_activate of app moved app.m from NONE to ACTIVE.",
    ]


def test_before_the_first_page_it_says_so(life: Session) -> None:
    assert stage_sentences(stage_row(life))[-1] == "No page is in play yet: no thread has worked on one."


def test_of_many_pages_the_rest_is_counted() -> None:
    crowd = lane("ACTIVE", [tile(page, page) for page in range(20)])
    (text,) = (text for text in stage_sentences(row(crowd)) if text.startswith("ACTIVE"))
    assert text.startswith("ACTIVE: 20 pages. In play: 0x0; 0x1; ")
    assert text.endswith("; 0xb; 8 more.")
    untold = replace(crowd, tiles=(), count=20)
    assert "ACTIVE: 20 pages. In play: 20 pages." in stage_sentences(row(untold))


def test_marks_are_words() -> None:
    shown = replace(
        row(lane("NONE", [tile(1, 0, "app.m", "L")]), selected=1),
        found=frozenset({1}), differs=frozenset({1}),
    )  # fmt: skip
    assert "app.m, page 0x1, locked, selected, found by the search, different." in stage_sentences(shown)[1]


def test_a_column_is_named() -> None:
    nodes = replace(row(lane("NONE", [tile(1, 0)])), columns=(Band(0, 32, "node 0"), Band(32, 64, "node 1")))
    assert "In play: 0x1, node 0." in stage_sentences(nodes)[1]
    assert "In play: 0x1, colour 0." in stage_sentences(replace(nodes, by_color=True))[1]


def test_memory_of_another_node_than_that_of_the_colour_is_named() -> None:
    lent = tile(1, 0)._replace(node="node 1")
    assert "In play: 0x1, memory of node 1." in stage_sentences(row(lane("NONE", [lent])))[1]


def test_a_move_of_the_reserve_and_an_earlier_one() -> None:
    travel = Travel(1, "fake 1", "NONE", "RESERVE", "vm_page_initfake", "driver", 3)
    assert travel_sentence(travel) == (
        "The last move was in step 3: vm_page_initfake of driver moved fake 1 from NONE to the reserve."
    )
    assert in_ascii(travel_sentence(travel)) == travel_sentence(travel)
