"""The layout of a screen of each size."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import explorer
from explorer.lenses.kit.registry import LENSES
from explorer.tui.layouts import NODES_WIDTH, SPARE, STANDING, TREE_WIDTH, css_variables, layout, top_height


@pytest.mark.parametrize(
    ("size", "name", "map_width"),
    [
        ((40, 15), "tiny", 40),
        ((74, 60), "tiny", 74),
        ((200, 19), "tiny", 200),
        ((75, 20), "small", 75),
        ((115, 60), "small", 115),
        ((200, 27), "small", 200),
        ((116, 28), "middle", 80),
        ((197, 60), "middle", 80),
        ((198, 55), "middle", 80),
        ((198, 56), "large", 144),
    ],
)
def test_each_threshold_starts_another_layout(size: tuple[int, int], name: str, map_width: int) -> None:
    form = layout(*size)
    assert (form.name, form.map_width) == (name, map_width)


@pytest.mark.parametrize(("height", "map_height", "inspector", "why"), [(37, 2, 7, 0), (38, 4, 13, 5)])
def test_a_middle_screen_of_38_lines_has_the_full_page_and_its_reason(
    height: int, map_height: int, inspector: int, why: int
) -> None:
    form = layout(120, height)
    assert (form.map_height, form.inspector, form.why) == (map_height, inspector, why)


@pytest.mark.parametrize(("map_lines", "height"), [(8, 38), (38 - SPARE, 38), (39 - SPARE, 50), (50, 50)])
def test_a_map_that_leaves_room_for_another_panel_gets_fewer_lines(map_lines: int, height: int) -> None:
    assert top_height(layout(200, 60), map_lines) == height


def test_the_panels_of_fixed_lenses_are_lenses_and_leave_room_for_the_log() -> None:
    assert set(STANDING.values()) <= set(LENSES)
    assert 198 - NODES_WIDTH - TREE_WIDTH - 2 >= 64


def test_the_style_sheet_uses_every_number_of_a_layout() -> None:
    sheet = (Path(explorer.__file__).parent / "tui" / "pageq.tcss").read_text(encoding="utf-8")
    layouts = sheet[sheet.index("/* Middle") : sheet.index("/* Tiny")]
    used = set(re.findall(r"\$((?:low|middle|large|nodes|tree)-[a-z-]+)", layouts))
    variables = css_variables()
    assert used <= variables.keys()
    assert {"low-top", "middle-map-width", "large-top-least", "large-lanes", "tree-width"} <= used
    assert re.findall(r"\b(?:width|height): \d+;", layouts) == []


def test_the_numbers_of_a_layout_have_its_name() -> None:
    variables, large = css_variables(), layout(200, 60)
    assert (variables["large-map-width"], variables["large-lanes"]) == (
        str(large.map_width),
        str(large.lanes),
    )
    assert (variables["large-top-least"], variables["large-top"]) == tuple(map(str, large.top))
    assert variables["low-top"] == variables["low-top-least"] == str(layout(120, 30).top[1])
