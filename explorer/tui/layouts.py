"""Which panels a screen of a size has, and how many columns and lines each gets.

`pageq.tcss` lays the widgets out so, and `explorer.tui.screen_text` the lines of an exported text; a test
compares the two at many sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Layout:
    """How the panels lie at a size.

    name:       tiny (one type, the page, the log), small (the map above page and threads), middle (the map
                beside page and threads) or large (as middle, the scripts at the side too).
    map_width:  columns of the map.
    map_height: lines that each queue type may take.
    top:        lines of the map and what lies beside it, least and most.
    inspector, why: lines of the page and of the reason of its last change, above the threads.
    chips:      lines of the selected queue's pages, under a map that leaves room.
    lanes:      lines of the threads' lanes above the timeline, where the map leaves room.
    """

    name: str
    map_width: int
    map_height: int = 1
    top: tuple[int, int] = (0, 0)
    inspector: int = 0
    why: int = 0
    chips: int = 0
    lanes: int = 0


SPARE: Final = 6
"""Lines under the map from which on something else is shown there."""

STANDING: Final = {
    "chips": "queue", "frames": "frames", "reason": "why",
    "nodes": "numa", "tree": "branches", "lanes": "lanes",
}  # fmt: skip
"""The lenses that are always looked through where there is room: a panel's id, and the lens."""

NODES_WIDTH: Final = 66
TREE_WIDTH: Final = 44
"""Columns of the matrix of nodes and of the branches, at the right of a large screen's log."""


def layout(width: int, height: int) -> Layout:
    """The layout of a screen of that size."""
    if width < 75 or height < 20:
        return Layout("tiny", width)
    if width < 116 or height < 28:
        return Layout("small", width)
    if width >= 198 and height >= 56:
        return Layout("large", 144, 8, (38, 50), inspector=13, why=9, chips=8, lanes=6)
    if height < 38:
        return Layout("middle", 80, 2, (14, 14), inspector=7, chips=6)
    return Layout("middle", 80, 4, (26, 26), inspector=13, why=5, chips=6)


def top_height(form: Layout, map_lines: int) -> int:
    """Lines of the map and of what lies beside it."""
    least, most = form.top
    return least if map_lines + SPARE <= least else most
