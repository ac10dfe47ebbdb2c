"""The places of the panels on a screen of each size."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.scenario.lesson import PANELS
from explorer.lenses.kit.registry import LENSES
from explorer.tui.layouts import (
    LARGE,
    LENS,
    LESSON,
    MAP_AND_LANES,
    NARROW,
    STANDING,
    WIDE,
    Part,
    Shown,
    heights,
    part,
    regions,
    siblings,
    tabs_of,
    timeline_height,
    with_question,
)
from explorer.tui.rect import Regions
from explorer.views.question import Part as Part_
from explorer.views.question import QuestionRow

ABOVE_AND_BELOW = 3
"""Lines of the status, the message and the footer; the timeline has lines of its own."""


PLAIN = Shown()


def placed(width: int, height: int, shown: Shown = PLAIN, banner: int = 0) -> Regions:
    return regions(width, height, lines_between(width, height, shown, banner), shown)


def lines_between(width: int, height: int, shown: Shown = PLAIN, banner: int = 0) -> int:
    """The lines of the panels on a screen of that size."""
    return max(height - ABOVE_AND_BELOW - timeline_height(width, height, shown) - banner, 0)


def covered(places: Regions, width: int, lines: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """How many panels cover each cell; (lines, width)."""
    cells = np.zeros((lines, width), np.int64)
    for at in places.values():
        cells[at.y : at.y + at.height, at.x : at.x + at.width] += 1
    return cells


WISHES = st.builds(
    Shown,
    centre=st.sampled_from(["stage", "map"]),
    colors=st.sampled_from([1, 16, 1024]),
    big=st.booleans(),
    lens=st.booleans(),
    front=st.permutations(["page", "code", "threads", "source", "log"]).map(tuple),
    zoom=st.sampled_from(["", "", "stage", "log"]),
    question=st.sampled_from([0, 0, 1, 7, 12, 30]),
    card=st.booleans(),
)


@settings(max_examples=150)
@given(width=st.integers(1, 260), height=st.integers(1, 90), shown=WISHES, banner=st.integers(0, 3))
def test_panels_do_not_overlap_and_leave_no_line_of_the_screen_empty(
    width: int, height: int, shown: Shown, banner: int
) -> None:
    lines = lines_between(width, height, shown, banner)
    places = placed(width, height, shown, banner)
    for at in places.values():
        assert at.x >= 0 <= at.y
        assert at.x + at.width <= width
        assert at.y + at.height <= lines
    cells = covered(places, width, lines)
    assert cells.max(initial=0) <= 1
    gaps = (len(places) - 1) * shown.gap
    assert (cells == 0).sum(axis=1).max(initial=0) <= min(gaps, 3 * shown.gap)


@pytest.mark.parametrize(
    ("size", "panels"),
    [
        ((40, 15), ["stage 40x5", "page 40x4", "lesson 40x1", "log 40x1"]),
        ((80, 24), ["stage 80x5", "page 39x5", "code 40x5", "lesson 80x7", "source 80x3"]),
        (
            (120, 40),
            [
                *("stage 74x17", "lesson 74x9", "log 74x10"),
                *("code 45x12", "page 45x14", "threads 45x5", "source 45x5"),
            ],
        ),
        (
            (200, 60),
            [
                *("stage 112x23", "lesson 112x9", "log 112x12", "code 46x26", "source 46x18", "page 40x14"),
                *("reason 40x9", "threads 40x6", "nodes 40x10", "tree 40x5", "lanes 200x6"),
            ],
        ),
    ],
    ids=str,
)
def test_the_panels_of_a_size(size: tuple[int, int], panels: list[str]) -> None:
    places = placed(*size)
    assert [f"{name} {at.width}x{at.height}" for name, at in places.items()] == panels


@pytest.mark.parametrize(
    ("size", "lines"), [((80, 24), 8), ((120, 28), 14), ((120, 40), 26), ((200, 60), 50), ((40, 15), 2)]
)
def test_a_map_has_exactly_the_lines_of_its_cells(size: tuple[int, int], lines: int) -> None:
    assert placed(*size, Shown(centre="map"))["map"].height == lines


@pytest.mark.parametrize("centre", ["stage", "map"])
@pytest.mark.parametrize("size", [(40, 15), (80, 24), (120, 40), (200, 60)], ids=str)
def test_a_question_takes_the_place_of_the_lesson_with_all_its_lines(
    size: tuple[int, int], centre: str
) -> None:
    places = placed(*size, Shown(centre=centre, question=7))
    assert places["question"].height >= 7
    assert places[centre].height >= 2
    assert "lesson" not in places


def test_a_question_leaves_the_centre_its_least_lines() -> None:
    places = placed(40, 15, Shown(question=30))
    assert (places["stage"].height, places["question"].height) == (4, 7)


@pytest.mark.parametrize("zoom", ["page", "log"])
def test_a_question_is_below_a_zoomed_panel_and_a_card_is_not(zoom: str) -> None:
    asked = placed(80, 24, Shown(question=6, zoom=zoom))
    assert {name: at.height for name, at in asked.items()} == {zoom: 14, "question": 6}
    assert list(placed(80, 24, Shown(question=6, card=True, zoom=zoom))) == [zoom]


@pytest.mark.parametrize("size", [(80, 24), (116, 28), (120, 40), (200, 60)], ids=str)
@pytest.mark.parametrize("centre", ["stage", "map"])
@pytest.mark.parametrize("card", [False, True])
def test_a_lens_leaves_a_question_and_the_card_their_lines(
    size: tuple[int, int], centre: str, card: bool
) -> None:
    places = placed(*size, Shown(centre=centre, question=11, card=card, lens=True), banner=2)
    assert places["question"].height >= 11
    assert places["lens"].height >= LENS
    assert places[centre].height >= 2


def test_on_a_narrow_screen_the_card_yields_to_a_lens() -> None:
    assert placed(40, 15, Shown(question=12, card=True, lens=True))["question"].height == 1


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
@pytest.mark.parametrize("lens", [False, True])
def test_a_short_question_moves_nothing(size: tuple[int, int], lens: bool) -> None:
    lesson, asked = placed(*size, Shown(lens=lens)), placed(*size, Shown(lens=lens, question=5))
    assert asked["question"] == lesson["lesson"]
    assert {name: at for name, at in asked.items() if name != "question"} == {
        name: at for name, at in lesson.items() if name != "lesson"
    }


@pytest.mark.parametrize(("size", "most"), [((80, 24), 9), ((120, 40), 10), ((200, 60), 9)], ids=str)
def test_a_question_that_is_longer_than_the_lesson_leaves_the_stage_where_it_is(
    size: tuple[int, int], most: int
) -> None:
    stage = placed(*size)["stage"]
    assert {placed(*size, Shown(question=lines))["stage"] for lines in range(1, most + 1)} == {stage}


def test_the_lines_of_a_question_are_those_at_its_width() -> None:
    row = QuestionRow("ask", "question", "1 of 2", (Part_("word " * 30),))
    lines = {size: with_question(PLAIN, row, *size).question for size in ((40, 15), (80, 24), (120, 40))}
    assert lines == {(40, 15): 5, (80, 24): 3, (120, 40): 4}
    assert with_question(PLAIN, None, 80, 24) == PLAIN


def test_a_map_of_few_colours_leaves_room_for_the_pages_of_a_queue() -> None:
    assert "chips" not in placed(120, 40, Shown(centre="map"))
    few = placed(120, 40, Shown(centre="map", colors=16))
    assert few["map"].height == 8
    assert few["chips"].y == 8


def test_fewer_lines_leave_out_the_scripts_and_shorten_the_lesson() -> None:
    seen = [placed(80, height) for height in range(24, 14, -1)]
    for taller, shorter in pairwise(seen):
        assert shorter.keys() <= taller.keys()
    assert "source" in seen[0]
    assert "source" not in seen[-1]
    assert [places["lesson"].height for places in seen] == [7, 7, 6, 5, 4, LESSON, 5, 4, 4, 3]
    assert placed(80, 14)["lesson"].height == 2
    assert placed(80, 13)["lesson"].height == 1
    assert all(places["stage"].height >= 4 for places in seen)


def test_on_a_narrow_screen_code_threads_and_scripts_take_the_place_of_the_page() -> None:
    for name in ("page", "code", "threads", "source"):
        places = placed(NARROW - 1, 15, Shown(front=(name, "page", "log")))
        assert {"page", "code", "threads", "source"} & places.keys() == {name}


@pytest.mark.parametrize("centre", ["stage", "map"])
@pytest.mark.parametrize("front", [("lesson", "log"), ("log", "lesson")], ids=str)
def test_a_lens_takes_the_place_of_the_log_and_leaves_the_lesson_its_lines(
    centre: str, front: tuple[str, ...]
) -> None:
    for size, lines in (((80, 24), 6), ((120, 30), 7), ((120, 40), 9), ((200, 60), 9)):
        places = placed(*size, Shown(centre, lens=True, front=front))
        assert "log" not in places
        assert places["lesson"].height >= (lines if centre == "stage" else 5)
        assert places["lens"].height > LENS - (centre == "map")
    assert placed(40, 15, Shown(centre, lens=True))["lesson"].height == 1


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 116, 150, 198, 230])
@pytest.mark.parametrize("question", [0, 7, 22])
@pytest.mark.parametrize("colors", [1, 16, 1024])
def test_at_every_size_centre_text_and_lens_are_shown_together(
    width: int, question: int, colors: int
) -> None:
    text = "question" if question else "lesson"
    for height, banner, centre in product(range(15, 80), range(4), ("stage", "map")):
        places = placed(width, height, Shown(centre, colors, lens=True, question=question), banner)
        assert {centre, text, "lens"} <= places.keys()
        assert min(places[text].height, places["lens"].height) >= (LENS if height >= 24 else 1)


@pytest.mark.parametrize("size", [(40, 15), (80, 24), (120, 40), (200, 60)], ids=str)
@pytest.mark.parametrize("centre", ["stage", "map"])
def test_a_closed_lesson_leaves_its_lines_to_the_others(size: tuple[int, int], centre: str) -> None:
    assert "lesson" in placed(*size, Shown(centre))
    assert "lesson" not in placed(*size, Shown(centre, lesson=False, front=("lesson",)))
    groups = siblings(*size, Shown(centre, lesson=False))
    assert all("lesson" not in group for group in groups)


def test_on_a_narrow_screen_the_lesson_shares_the_place_of_the_page_and_else_has_a_line() -> None:
    in_front, behind = placed(40, 15, Shown(front=("lesson",))), placed(40, 15, Shown(front=("page",)))
    assert "page" not in in_front
    assert in_front["lesson"].height == 7 > behind["page"].height == 4
    assert in_front["stage"].height == 4
    assert behind["lesson"].height == 1


@pytest.mark.parametrize(("zoom", "lens", "panel"), [("stage", False, "stage"), ("log", True, "lens")])
def test_a_zoomed_panel_fills_the_screen(zoom: str, lens: bool, panel: str) -> None:
    places = placed(80, 24, Shown(zoom=zoom, lens=lens))
    assert [(name, at.width, at.height) for name, at in places.items()] == [(panel, 80, 20)]


def test_the_panels_that_share_a_place_are_named_with_their_keys() -> None:
    shown = Shown(front=("log",))
    assert tabs_of(siblings(80, 24, shown), shown) == {"log": (("4", "source"), ("3", "threads"))}
    assert siblings(*WIDE, shown) == siblings(*LARGE, shown) == ()
    for group in siblings(NARROW - 1, 40, shown):
        assert set(group) <= set(PANELS)


@pytest.mark.parametrize("size", [WIDE, LARGE, (NARROW, 24)], ids=str)
def test_a_threshold_starts_another_layout(size: tuple[int, int]) -> None:
    here, narrower = placed(*size), placed(size[0] - 1, size[1])
    assert list(here) != list(narrower) or here["code"].x > narrower["code"].x


def test_the_panels_of_fixed_lenses_are_lenses() -> None:
    assert set(STANDING.values()) <= set(LENSES)


PARTS = st.lists(
    st.builds(
        lambda least, good, most, weight, keep: part(
            "x", least, least + good, least + good + most, weight, keep
        ),
        *(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9), st.integers(1, 4), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=6,
)


@given(parts=PARTS, room=st.integers(0, 60))
def test_heights_fill_the_room(parts: list[Part], room: int) -> None:
    lines = heights(parts, room)
    assert sum(lines) == room
    assert min(lines) >= 0
    if room >= sum(one.least for one in parts):
        assert all(high >= one.least for high, one in zip(lines, parts, strict=True))
    if room <= sum(one.most for one in parts):
        assert all(high <= one.most for high, one in zip(lines, parts, strict=True))


def test_good_lines_come_before_more_lines() -> None:
    parts = [part("a", 1, 5, 99, 9), part("b", 1, 5, 99, 1)]
    assert heights(parts, 8) == [5, 3]
    assert heights(parts, 20) == [14, 6]


@pytest.mark.parametrize(
    ("size", "centre", "lines"),
    [
        ((120, 40), "stage", 1), ((200, 60), "stage", 7), ((198, 55), "stage", 1),
        ((200, 60), "map", 1), ((200, 65), "map", 1), ((200, 66), "map", 7),
    ],
)  # fmt: skip
def test_a_large_screen_has_lanes_where_the_map_leaves_room(
    size: tuple[int, int], centre: str, lines: int
) -> None:
    assert timeline_height(*size, Shown(centre)) == lines


@pytest.mark.parametrize("size", [(40, 15), (80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize("centre", ["stage", "map"])
def test_a_zoomed_timeline_has_its_lanes_and_leaves_the_others_their_places(
    size: tuple[int, int], centre: str
) -> None:
    shown = Shown(centre, zoom="timeline")
    assert timeline_height(*size, shown) == 7
    places = placed(*size, shown)
    assert "timeline" not in places
    assert centre in places
    assert timeline_height(20, 6, shown) == 1


def test_lanes_leave_the_map_a_cell_for_each_colour() -> None:
    height = placed(200, MAP_AND_LANES, Shown("map"))["map"].height
    assert height == placed(200, 60, Shown("map"))["map"].height
