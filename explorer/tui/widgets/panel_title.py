"""What the top line of a panel says beside its title: the panels that share its place, the visible part."""

from __future__ import annotations

from explorer.views.spans import Line, length

Tabs = tuple[tuple[str, str], ...]
"""The key and the name of each panel that shares a panel's place."""


def with_tabs(title: Line, tabs: Tabs) -> Line:
    """Name the panels that share the place in the top line of the one that is shown, if there is room.

    title: a line of `rule`, or several side by side; the last one becomes shorter, or loses its right text.
    """
    at = max((n for n, (text, _) in enumerate(title) if len(text) > 1 and not text.strip("─━")), default=-1)
    if at < 0:
        return title
    (text, style), right = title[at], title[at + 1 :]
    keys: Line = tuple((f" {key}", "key") for key, _ in tabs)
    for spans in ((*right, *_names(tabs)), _names(tabs), (*right, *keys), keys):
        left = len(text) + length(right) - length(spans) - 2
        if left >= 1:
            return (*title[:at], (text[0] * left, style), *spans, (f" {text[0]}", style))
    return title


def _names(tabs: Tabs) -> Line:
    return tuple(span for key, name in tabs for span in ((f" {key} ", "key"), (name, "dim")))


def visible_part(offset: int, room: int, total: int) -> str:
    """Which part of `total` lines is visible: "" for all, `2/3` for the second of three panels.

    offset: the lines above the visible ones; room: the visible lines.
    """
    if total <= room or not room:
        return ""
    pages = -(-total // room)
    at_end = offset + room >= total
    return f"{pages if at_end else offset // room + 1}/{pages}{'' if at_end else ' ↓'}"
