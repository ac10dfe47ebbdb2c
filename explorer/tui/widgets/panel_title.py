"""What the top line of a panel says beside its title: the panels that share its place, the visible part."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from explorer.views.spans import Line, length

Tabs = tuple[tuple[str, str], ...]
"""The key and the name of each panel that shares a panel's place."""


def with_tabs(title: Line, tabs: Tabs, lit: Collection[str] = ()) -> Line:
    """Name the panels that share the place in the top line of the one that is shown, if there is room.

    title: a line of `rule`, or several side by side; the last one becomes shorter, or loses its right text.
    lit: the panels that the lesson asks to look at.
    """
    at = max((n for n, (text, _) in enumerate(title) if len(text) > 1 and not text.strip("─━")), default=-1)
    if at < 0:
        return title
    (text, style), right = title[at], title[at + 1 :]
    names, keys = _names(tabs, lit), _keys(tabs, lit)
    for spans in ((*right, *names), names, (*right, *keys), keys):
        left = len(text) + length(right) - length(spans) - 2
        if left >= 1:
            return (*title[:at], (text[0] * left, style), *spans, (f" {text[0]}", style))
    return title


def lit_title(title: Line) -> Line:
    """Mark the top line of a panel that the lesson asks to look at: `◈` first, and its first words reversed.

    title: a line of `rule`; of the stage, which has none, the line of the first lane.
    """
    spans = [span for span in title if span[0]]
    if not spans:
        return title
    (first, _), *rest = spans
    words = [(text, "lit") for text, _ in rest[:1]]
    return (("◈" + first[1:], "lit"), *words, *rest[1:])


def _names(tabs: Tabs, lit: Collection[str]) -> Line:
    keys = zip(_keys(tabs, lit), tabs, strict=True)
    return tuple(
        span for key, (_, name) in keys for span in (key, (f" {name}", "lit" if name in lit else "dim"))
    )


def _keys(tabs: Tabs, lit: Collection[str]) -> Line:
    return tuple((f"◈{key}", "lit") if name in lit else (f" {key}", "key") for key, name in tabs)


def first_part(lines: Sequence[Line], room: int, pinned: int) -> tuple[str, list[Line]]:
    """Return the lines of a panel that is not scrolled, and which part of the others they are.

    room: the lines under the heading; pinned: how many of the last lines stay visible if not all fit.
    """
    kept = pinned if len(lines) > room else 0
    total = len(lines) - kept
    return visible_part(0, room - kept, total), [*lines[: room - kept], *lines[total:][:kept]]


def visible_part(offset: int, room: int, total: int) -> str:
    """Which part of `total` lines is visible: "" for all, `2/3` for the second of three panels.

    offset: the lines above the visible ones; room: the visible lines.
    """
    if total <= room or not room:
        return ""
    pages = -(-total // room)
    at_end = offset + room >= total
    return f"{pages if at_end else offset // room + 1}/{pages}{'' if at_end else ' ↓'}"
