"""The places of panels on a screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rect:
    """The place of a panel: its left column and top line, and its size."""

    x: int
    y: int
    width: int
    height: int


Regions = dict[str, Rect]
"""The place of each panel that is shown."""
