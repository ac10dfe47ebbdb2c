"""Which panels a screen of a size has, and how many columns and lines each gets: all the numbers are here.

`pageq.tcss` says where the widgets lie and takes the numbers as variables such as `$large-top`;
`explorer.tui.screen_text` does so for the lines of an exported text. A test compares the two at many sizes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
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

WIDTHS: Final = (0, 75, 116, 198)
HEIGHTS: Final = (0, 20, 28, 38, 56)
"""Columns and lines from which on a screen has more room; its style classes are -w75, ..., -h20, ..."""

_LOW: Final = Layout("middle", 80, 2, (14, 14), inspector=7, chips=6)
_MIDDLE: Final = Layout("middle", 80, 4, (26, 26), inspector=13, why=5, chips=6)
_LARGE: Final = Layout("large", 144, 8, (38, 50), inspector=13, why=9, chips=8, lanes=6)


def layout(width: int, height: int) -> Layout:
    """The layout of a screen of that size."""
    if width < WIDTHS[1] or height < HEIGHTS[1]:
        return Layout("tiny", width)
    if width < WIDTHS[2] or height < HEIGHTS[2]:
        return Layout("small", width)
    if width >= WIDTHS[3] and height >= HEIGHTS[4]:
        return _LARGE
    return _LOW if height < HEIGHTS[3] else _MIDDLE


def breakpoints(sizes: tuple[int, ...], letter: str) -> list[tuple[int, str]]:
    """The style class that a screen has from each size on, as Textual takes it: (75, "-w75")."""
    return [(size, f"-{letter}{size}") for size in sizes]


def css_variables() -> dict[str, str]:
    """The numbers of `low`, `middle` and `large` screens by name: `large-map-width`, `large-top-least`."""
    found = {"nodes-width": str(NODES_WIDTH), "tree-width": str(TREE_WIDTH)}
    for name, form in {"low": _LOW, "middle": _MIDDLE, "large": _LARGE}.items():
        numbers = {field.name: getattr(form, field.name) for field in fields(form)}
        numbers["top_least"], numbers["top"] = form.top
        del numbers["name"]
        found |= {f"{name}-{key.replace('_', '-')}": str(value) for key, value in numbers.items()}
    return found


def top_height(form: Layout, map_lines: int) -> int:
    """Lines of the map and of what lies beside it."""
    least, most = form.top
    return least if map_lines + SPARE <= least else most
