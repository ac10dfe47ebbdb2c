"""Curves in characters: every extent of every column is drawn, joined, with the glyph of its curve."""

from __future__ import annotations

import random

import pytest

from explorer.lenses.kit.plot import Extent, joined_points, plotted


def rows_with(lines: tuple[str, ...], glyph: str, x: int) -> set[int]:
    """The lines, from the bottom, in which a column has a glyph."""
    return {len(lines) - 1 - y for y, text in enumerate(lines) if text[x] == glyph}


@pytest.mark.parametrize(("width", "height"), [(2, 2), (30, 5), (120, 14), (190, 50)])
def test_every_extent_is_drawn_to_its_ends(width: int, height: int) -> None:
    chance = random.Random(width)
    extents: list[Extent] = []
    for _ in range(width):
        ends = sorted(chance.choices(range(height), k=2))
        extents.append((ends[0], ends[1]))
    lines = plotted((("f", tuple(extents)),), width, height)
    assert [len(line) for line in lines] == [width] * height
    for x, extent in enumerate(extents):
        assert extent is not None
        assert set(range(extent[0], extent[1] + 1)) <= rows_with(lines, "f", x)


def test_a_level_curve_is_one_line_without_a_gap() -> None:
    assert plotted((("a", ((1, 1),) * 10),), 10, 3) == (" " * 10, "a" * 10, " " * 10)


def test_a_jump_is_joined() -> None:
    lines = plotted((("a", ((0, 0), (4, 4))),), 2, 5)
    assert rows_with(lines, "a", 0) | rows_with(lines, "a", 1) == {0, 1, 2, 3, 4}


def test_the_first_curve_is_on_top() -> None:
    level = ((0, 0),) * 4
    assert plotted((("f", level), ("a", level)), 4, 2) == ("    ", "ffff")


def test_where_there_is_no_value_there_is_no_line() -> None:
    assert plotted((("a", (None, None)),), 2, 2) == ("  ", "  ")
    assert plotted((("a", (None, None, (1, 1), (1, 1))),), 4, 2) == ("  aa", "    ")
    assert plotted((("a", ((1, 1), None, None, (1, 1))),), 4, 2) == ("a  a", "    ")


def test_points_are_joined_within_their_parts_only() -> None:
    lines = joined_points(("a", (((0, 0), (4, 4)), ((8, 2),))), 10, 5)
    assert [rows_with(lines, "a", x) for x in (0, 2, 4, 6, 8)] == [{0}, {2}, {4}, set(), {2}]
    assert joined_points(("a", ()), 3, 2) == ("   ", "   ")
