"""The places of the panels of a dump: no two overlap and none is outside, at any size."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from explorer.tui.dump_layout import dump_regions, has_timeline
from explorer.tui.widgets.map_cells import map_form


def map_height(width: int, height: int) -> int:
    return min(map_form(width, height, 1024, types=4, others=2).height, max(height, 0))


def test_no_panel_overlaps_another_or_leaves_the_screen() -> None:
    sizes = product((0, 1, 20, 39, 40, 71, 72, 80, 115, 116, 120, 183, 200, 300), range(62))
    for (width, lines), front in product(sizes, ("figures", "findings")):
        cells = np.zeros((lines, width), np.int64)
        for at in dump_regions(width, lines, map_height, front).values():
            assert at.x >= 0 <= at.y
            assert at.x + at.width <= width
            assert at.y + at.height <= lines
            cells[at.y : at.y + at.height, at.x : at.x + at.width] += 1
        assert cells.max(initial=0) <= 1, (width, lines)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((40, 2), {"map"}),
        ((40, 5), {"map", "color", "findings"}),
        ((80, 20), {"map", "color", "figures", "findings"}),
        ((120, 36), {"map", "color", "figures", "findings"}),
        ((130, 8), {"map", "color", "findings"}),
        ((300, 6), {"map", "color", "figures", "findings"}),
    ],
    ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_what_has_room_is_shown(size: tuple[int, int], shown: set[str]) -> None:
    assert set(dump_regions(*size, map_height)) == shown


def test_one_panel_fills_the_room_when_zoomed() -> None:
    (place,) = dump_regions(80, 20, map_height, zoomed="figures").values()
    assert (place.width, place.height) == (80, 20)


def test_a_low_screen_and_one_moment_have_no_timeline() -> None:
    assert has_timeline(24, 2)
    assert not has_timeline(24, 1)
    assert not has_timeline(7, 2)
