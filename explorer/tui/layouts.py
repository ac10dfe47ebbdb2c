"""The layouts of the screen: which panels fit at each size, and the columns and lines of each panel.

All numbers are here. `pageq.tcss` positions the widgets and uses the numbers as variables such as
`$large-top`; `explorer.tui.screen_text` does the same for exported text. A test compares both at many sizes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True)
class Layout:
    """The layout of the panels at a size.

    name:       tiny (one type, the page, the log), small (the map above page and threads), middle (the map
                beside page and threads) or large (as middle, the scripts at the side too).
    map_width:  columns of the map.
    map_height: maximum lines of each queue type.
    top:        minimum and maximum lines of the map and the panels beside it.
    inspector, why: lines of the page and of the reason for its last change, above the threads.
    chips:      lines of the selected queue's pages, if there is room under the map.
    lanes:      lines of the threads' lanes above the timeline, if the map leaves room.
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
"""Minimum number of free lines under the map for another panel there."""

STANDING: Final = {
    "chips": "queue", "frames": "frames", "reason": "why",
    "nodes": "numa", "tree": "branches", "lanes": "lanes",
}  # fmt: skip
"""The lenses that are always shown if there is room: panel id -> lens."""

NODES_WIDTH: Final = 66
TREE_WIDTH: Final = 44
"""Columns of the matrix of nodes and of the branches, to the right of a large screen's log."""

WIDTHS: Final = (0, 75, 116, 198)
HEIGHTS: Final = (0, 20, 28, 38, 56)
"""Columns and lines at which the layout changes; the style classes are -w75, ..., -h20, ..."""

_LOW: Final = Layout("middle", 80, 2, (14, 14), inspector=7, chips=6)
_MIDDLE: Final = Layout("middle", 80, 4, (26, 26), inspector=13, why=5, chips=6)
_LARGE: Final = Layout("large", 144, 8, (38, 50), inspector=13, why=9, chips=8, lanes=6)


def layout(width: int, height: int) -> Layout:
    """Return the layout of a screen of that size."""
    if width < WIDTHS[1] or height < HEIGHTS[1]:
        return Layout("tiny", width)
    if width < WIDTHS[2] or height < HEIGHTS[2]:
        return Layout("small", width)
    if width >= WIDTHS[3] and height >= HEIGHTS[4]:
        return _LARGE
    return _LOW if height < HEIGHTS[3] else _MIDDLE


def breakpoints(sizes: tuple[int, ...], letter: str) -> list[tuple[int, str]]:
    """Return the style class of each size or larger in Textual's form: (75, "-w75")."""
    return [(size, f"-{letter}{size}") for size in sizes]


def css_variables() -> dict[str, str]:
    """Return the numbers of the low, middle and large layouts by name, such as `large-map-width`."""
    found = {"nodes-width": str(NODES_WIDTH), "tree-width": str(TREE_WIDTH)}
    for name, form in {"low": _LOW, "middle": _MIDDLE, "large": _LARGE}.items():
        numbers = {field.name: getattr(form, field.name) for field in fields(form)}
        numbers["top_least"], numbers["top"] = form.top
        del numbers["name"]
        found |= {f"{name}-{key.replace('_', '-')}": str(value) for key, value in numbers.items()}
    return found


def top_height(form: Layout, map_lines: int) -> int:
    """Return the lines of the map and the panels beside it."""
    least, most = form.top
    return least if map_lines + SPARE <= least else most
