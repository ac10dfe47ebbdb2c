"""Looks: for each theme, the style of every name that formatting functions use, and Textual's theme.

A hue is never the only sign. On the map, a queue type is also a row with its name, a change is reversed or
underlined, the cursor has a background and the axis's ▲. A finding is a word in capitals and the timeline's
◆. A thread has its name. So the monochrome look has the same information as the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.style import Style
from textual.app import App
from textual.theme import Theme

from explorer.tui.widgets.inks import DARK, HIGH_CONTRAST, LIGHT, MONOCHROME, SIXTEEN, Ink


@dataclass(frozen=True)
class Look:
    """One theme: its colours, the style of every name, and the theme of Textual's widgets."""

    name: str
    ink: Ink
    styles: Mapping[str, Style]
    theme: Theme


def _styles(ink: Ink) -> dict[str, Style]:
    """Return every style by the name that formatting functions use."""

    def on_bar(color: str, *, bold: bool = False) -> Style:
        return Style(color=color, bgcolor=ink.bar, bold=bold)

    def bold_pair(pair: tuple[str, str]) -> Style:
        return Style(color=pair[0], bgcolor=pair[1], bold=True)

    return {
        "": Style(color=ink.text),
        "bold": Style(color=ink.bright, bold=True),
        "dim": Style(color=ink.dim),
        "faint": Style(color=ink.faint),
        "rule": Style(color=ink.rule),
        "empty": Style(color=ink.rule),
        "label": Style(color=ink.dim),
        "title": Style(color=ink.dim),
        "focus": Style(color=ink.accent, bold=True),
        "old": Style(color=ink.dim),
        "new": Style(color=ink.bright, bold=True, reverse=True),
        "now": Style(color=ink.bright, bold=True),
        "key": Style(color=ink.accent, bold=True),
        "bar": on_bar(ink.text),
        "bar-key": on_bar(ink.accent, bold=True),
        "bar-dim": on_bar(ink.dim),
        "bar-bold": on_bar(ink.bright, bold=True),
        "bar-warn": bold_pair(ink.bar_warn),
        "bar-bad": bold_pair(ink.bar_bad),
        "bar-good": bold_pair(ink.bar_good),
        "timeline": Style(color=ink.density),
        "timeline-cursor": bold_pair((ink.bright, ink.under_cursor)),
        "ran": Style(color=ink.good, bold=True),
        "next": Style(color=ink.accent, bold=True),
        "warn": Style(color=ink.warn),
        "bad": Style(color=ink.bad, bold=True),
        "good": Style(color=ink.good),
        "cursor": Style(color=ink.bright, bold=True),
        "code": Style(color=ink.text),
        "inline-code": Style(color=ink.accent),
        "lit": Style(color=ink.accent, bold=True, reverse=True),
        "emphasis": Style(color=ink.text, italic=True),
        "link": Style(color=ink.accent, underline=True),
        "line": bold_pair((ink.bright, ink.under_line)),
        **{f"thread-{n}": Style(color=color) for n, color in enumerate(ink.threads)},
        **{f"fill-{name}": Style(color=hue) for name, hue in ink.hues.items()},
        "cell-cursor": Style(color=ink.bright, bgcolor=ink.under_cursor),
        "cell-sought": Style(color=ink.bright, bgcolor=ink.under_search),
        "reserve-changed": Style(color=ink.hues["DMA"], bold=True, reverse=True),
    }


def _theme(name: str, ink: Ink, *, dark: bool) -> Theme:
    return Theme(
        name=name,
        primary=ink.accent,
        background=ink.ground,
        surface=ink.track,
        panel=ink.bar,
        foreground=ink.text,
        warning=ink.warn,
        error=ink.bad,
        success=ink.good,
        dark=dark,
    )


def _look(name: str, ink: Ink, *, dark: bool = True, more: Mapping[str, Style] | None = None) -> Look:
    return Look(name, ink, {**_styles(ink), **(more or {})}, _theme(name, ink, dark=dark))


_WITHOUT_HUE: Final = {
    "warn": Style(color=MONOCHROME.warn, underline=True),
    "bad": Style(color=MONOCHROME.bad, bold=True, underline=True),
}
"""Styles that are a hue in the other looks and an underline in grey."""

LOOKS: Final = {
    look.name: look
    for look in (
        _look("dark", DARK),
        _look("light", LIGHT, dark=False),
        _look("high-contrast", HIGH_CONTRAST),
        _look("monochrome", MONOCHROME, more=_WITHOUT_HUE),
    )
}
"""Every look by its name, which is also its theme's name; `explorer.THEMES` has the names."""

DEFAULT_LOOK: Final = LOOKS["dark"]

LOOK_16: Final = _look("sixteen-colours", SIXTEEN)
"""The look in a terminal of 16 colours, where the others' colours would fall together."""

STYLES: Final = DEFAULT_LOOK.styles
"""The styles of the dark look; every look has the same names."""


def look_of(theme: str) -> Look:
    """Return the look of a theme; for a theme of Textual's own, the dark look."""
    return LOOK_16 if theme == LOOK_16.name else LOOKS.get(theme, DEFAULT_LOOK)


def terminal_colors(app: App[Any]) -> str | None:
    """Return rich's name of the terminal's colours; None for a picture, which has no terminal."""
    return None if app.is_headless else app.console.color_system


def theme_for(theme: str, color_system: str | None) -> str:
    """Return the theme that shows the user's theme on a terminal.

    color_system: see terminal_colors; with `standard`, 16 colours, only `monochrome` is shown as it is.
    """
    return LOOK_16.name if color_system == "standard" and theme != "monochrome" else theme
