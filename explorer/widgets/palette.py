"""Colours and glyphs: hues that protan, deutan and tritan sight tell apart, and never a hue alone."""

from __future__ import annotations

from typing import Final

from rich.style import Style
from textual.theme import Theme

HUES: Final = {
    "FREE": "#56B4E9",
    "INACTIVE": "#F0E442",
    "ACTIVE": "#D55E00",
    "CACHE": "#0072B2",
    "HOLD": "#CC79A7",
    "NONE": "#C8CCD2",
    "DMA": "#009E73",
}
"""The hue of each row of the map. CACHE is 3.6:1 on the background: fill only, never text."""

LEVELS: Final = "·▁▂▃▄▅▆▇█"
"""A cell's glyph by level, 0 to 8."""

BACKGROUND, TRACK, TEXT, DIM, FAINT = "#101418", "#181E24", "#D8DEE6", "#98A2AE", "#56606C"
ACCENT, WARN, BAD, GOOD = "#7FC8F8", "#F0E442", "#FF6B57", "#5FD7A7"

THEME: Final = Theme(
    name="pageq",
    primary=ACCENT,
    background=BACKGROUND,
    surface=TRACK,
    panel=TRACK,
    foreground=TEXT,
    warning=WARN,
    error=BAD,
    success=GOOD,
    dark=True,
)

STYLES: Final[dict[str, Style]] = {
    "": Style(color=TEXT),
    "bold": Style(color="#FFFFFF", bold=True),
    "dim": Style(color=DIM),
    "faint": Style(color=FAINT),
    "label": Style(color=DIM),
    "title": Style(color=DIM),
    "focus": Style(color=ACCENT, bold=True),
    "old": Style(color=DIM, strike=False),
    "new": Style(color="#FFFFFF", bold=True, reverse=True),
    "now": Style(color="#FFFFFF", bold=True),
    "key": Style(color=ACCENT, bold=True),
    "bar": Style(color=TEXT, bgcolor="#232B34"),
    "bar-key": Style(color=ACCENT, bgcolor="#232B34", bold=True),
    "timeline": Style(color="#6F7F90"),
    "timeline-cursor": Style(color="#FFFFFF", bold=True, bgcolor="#3A4652"),
    "bar-dim": Style(color=DIM, bgcolor="#232B34"),
    "bar-bold": Style(color="#FFFFFF", bgcolor="#232B34", bold=True),
    "bar-warn": Style(color="#101418", bgcolor=WARN, bold=True),
    "bar-bad": Style(color="#FFFFFF", bgcolor="#B3261E", bold=True),
    "bar-good": Style(color="#101418", bgcolor=GOOD, bold=True),
    "ran": Style(color=GOOD, bold=True),
    "next": Style(color=ACCENT, bold=True),
    "warn": Style(color=WARN),
    "bad": Style(color=BAD, bold=True),
    "good": Style(color=GOOD),
    "cursor": Style(color="#FFFFFF", bold=True),
    "code": Style(color=TEXT),
    "line": Style(color="#FFFFFF", bgcolor="#2A3A4A", bold=True),
    "thread-0": Style(color="#56B4E9"),
    "thread-1": Style(color="#E69F00"),
    "thread-2": Style(color="#CC79A7"),
    "thread-3": Style(color="#5FD7A7"),
    **{f"fill-{name}": Style(color=hue) for name, hue in HUES.items()},
    "reserve-changed": Style(color=HUES["DMA"], bold=True, reverse=True),
}  # fmt: skip
"""Every style by the name that formatting functions use."""


def thread_style(number: int) -> str:
    """The style of a thread's name; its name is always there too."""
    return f"thread-{number % 4}" if number >= 0 else "dim"
