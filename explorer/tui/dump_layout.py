"""The places of the panels of a dump: the map, the colour under its cursor, the figures, the findings.

The map gets what its cells need. The figures are beside it on a wide screen, else below it, beside the
findings; on a narrow screen these two share a place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from explorer.tui.rect import Rect, Regions

PANELS: Final = ("map", "figures", "findings", "timeline")
"""The panels that can have the focus, in the order of Tab."""

WIDE: Final = (116, 20)
"""The columns and lines from which the figures are beside the map."""

NARROW: Final = 72
"""Fewer columns than this have no room for the figures beside the findings."""

FIGURES: Final = 41
"""The columns of the figures beside the findings; below it, the least that they get beside the map."""

BELOW: Final = 8
"""The lines that the map leaves to the panels below it, if there are enough."""

ALL_TYPES: Final = 6
"""The least lines of a map of all types, with its axis."""

LOW: Final = 8
"""Fewer lines than this have no timeline."""

MapHeight = Callable[[int, int], int]
"""The lines that the map takes of a place: (width, height) -> lines."""


def has_timeline(height: int, moments: int) -> bool:
    """Whether a screen of so many lines shows the timeline of so many moments."""
    return moments > 1 and height >= LOW


def dump_regions(
    width: int, lines: int, map_height: MapHeight, front: str = "findings", zoomed: str = ""
) -> Regions:
    """Return the place of each panel that is shown.

    width, lines: the room between the status line and the timeline.
    front:  of the figures and the findings, the one that is shown where only one of them has room.
    zoomed: the panel that fills the room, or "".
    """
    if lines < 1 or width < 1:
        return {}
    if zoomed in PANELS[:3]:
        return {zoomed: Rect(0, 0, width, lines)}
    if width >= WIDE[0] and lines >= ALL_TYPES:
        left = 144 if width - 145 >= FIGURES else 80
        right = Rect(left + 1, 0, width - left - 1, lines)
        if lines >= WIDE[1]:
            return {"figures": right} | _stack(left, lines, map_height, ("findings",))
        return _stack(left, lines, map_height, ()) | _below(right, front)
    others = tuple(name for name in ("figures", "findings") if name != front)
    return _stack(width, lines, map_height, (front, *others))


def _below(room: Rect, front: str) -> Regions:
    """The figures and the findings side by side, or one of them if there is only room for one."""
    if room.width < NARROW:
        return {front: room}
    left = min(FIGURES + max(room.width - 100, 0) // 4, room.width // 2)
    return {
        "figures": replace(room, width=left),
        "findings": replace(room, x=room.x + left + 1, width=room.width - left - 1),
    }


def _stack(width: int, lines: int, map_height: MapHeight, below: tuple[str, ...]) -> Regions:
    """The map, the line of the colour, and below them one panel, or two of them."""
    color = 1 if lines >= 3 else 0
    rest = min(BELOW, max(lines - color - ALL_TYPES, 0)) if below else 0
    top = min(map_height(width, lines - color - rest), lines - color)
    found = {"map": Rect(0, 0, width, top)}
    if color:
        found["color"] = Rect(0, top, width, 1)
    room = Rect(0, top + color, width, lines - top - color)
    if not below or room.height < 1:
        return found
    return found | ({below[0]: room} if len(below) == 1 else _below(room, below[0]))
