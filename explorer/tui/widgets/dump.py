"""The lines of the panels of a dump: its status, its figures, its findings, and its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from explorer.tui.widgets.map_cells import short_count
from explorer.tui.widgets.timeline import cell_of, timeline_line
from explorer.views.dump import NOT_KNOWN, DumpStatus, Figure, Figures, FindingsRow
from explorer.views.glyphs import LEVELS
from explorer.views.rows import TimelineRow
from explorer.views.spans import Line, Span, columns, length, line, merged, padded, shortened, wrapped

MARK: Final = "▲"
"""The marked moment on the timeline."""


# --- status -----------------------------------------------------------------------------------------------


def dump_status_line(row: DumpStatus, width: int) -> Line:
    """Format the status line in `width` columns; the least important parts are left out first."""
    left: list[Span] = [(" t ", "bar-dim"), (f"{row.number:,}/{row.total:,}", "bar-bold")]
    since: list[Span] = []
    if row.since:
        since = [(" since ", "bar-dim"), (f"{row.since:,}", "bar")]
        since += [(f" {MARK} ", "bar-warn")] if row.marked else []
    place: list[Span] = [("  ", "bar-dim"), (row.place, "bar")]
    free: list[Span] = [("free+cache ", "bar-dim"), (_number(row.free), "bar-bold")]
    minimum: list[Span] = [("  min ", "bar-dim"), (_number(row.minimum), "bar")]
    forms: tuple[tuple[list[Span], list[Span]], ...] = (
        ([*left, *since, *place], [*free, *minimum]),
        ([*left, *since], [*free, *minimum]),
        ([*left, *since], free),
        ([*left], free),
        ([*left], []),
    )
    for front, back in forms:
        room = width - length(front) - length(back) - 1
        if room >= 1:
            break
    return (*front, (" " * max(room, 0), "bar"), *back, (" ", "bar"))


def _number(value: int | None) -> str:
    return NOT_KNOWN if value is None else f"{value:,}"


# --- figures ----------------------------------------------------------------------------------------------


def figure_lines(groups: tuple[Figures, ...], width: int) -> list[Line]:
    """Format the figures: name, value and change, then what there is to say about them if there is room."""
    rows = [one for group in groups for one in group.rows]
    value = max((columns(_number(one.value)) for one in rows), default=0)
    name = max((columns(one.name) for one in rows), default=0)
    name = max(min(name, width - value - 2), 1)
    lines: list[Line] = []
    for group in groups:
        lines += [*([()] if lines else []), line((f" {group.title}", "title"))]
        lines += [_figure_line(one, width, name, value) for one in group.rows]
    return lines


def _figure_line(one: Figure, width: int, name: int, value: int) -> Line:
    """Format a figure; name, value: the columns for its name and its value."""
    style = "bold" if one.here else "dim" if one.value is None else ""
    spans: list[Span] = [
        ("▶" if one.here else " ", "next"),
        (padded(shortened(one.name, name), name), style or "label"),
        (f" {_number(one.value).rjust(value)}", style),
    ]
    if one.change:
        spans.append((f" {change_text(one.change, width - length(spans) - 1)}", "now"))
    return line(*spans, *_about(one, width - length(spans)))


def change_text(change: int, room: int) -> str:
    """Format a change in at most `room` columns if possible: `-14,391`, `-14.4k`, `-14k`."""
    return "+" * (change > 0) + (short_count(change, room + (change < 0)) or f"{change:,}")


def fitting(forms: Sequence[str], width: int) -> str:
    """Return the first of some forms that fits, or the last."""
    return next((text for text in forms if columns(text) <= width), forms[-1])


def _about(one: Figure, room: int) -> list[Span]:
    """What there is to say about a figure, in the longest form that fits."""
    for text in one.forms:
        if columns(text) + 2 <= room:
            return [(f"  {text}", "bad" if one.below else "dim")]
    return [(" !", "bad")] if one.below and room >= 2 else []


# --- findings ---------------------------------------------------------------------------------------------


def findings_lines(row: FindingsRow, width: int) -> list[Line]:
    """Format the findings at a moment, and below it what could not be read, as wrapped sentences."""
    if row.findings is None:
        lines = [line((" looking for what is odd", "dim"))]
    elif row.findings:
        lines = [one for text in row.findings for one in _point(text, width, "◆", "bad")]
    else:
        lines = [line((" no findings at this moment", "good"))]
    if row.notes:
        lines += [(), line((" not read", "title"))]
        lines += [one for text in row.notes for one in _point(text, width, "•", "warn")]
    return lines


def _point(text: str, width: int, glyph: str, style: str) -> list[Line]:
    """A sentence after a glyph; a word that is longer than the line is split."""
    room = max(width - 4, 1)
    pieces = [piece for part in wrapped(text, room) for piece in _split(part, room)]
    return [
        line((f" {glyph} " if number == 0 else "   ", style), (piece, ""))
        for number, piece in enumerate(pieces)
    ]


def _split(text: str, room: int) -> list[str]:
    return [text[at : at + room] for at in range(0, len(text), room)] or [""]


# --- timeline ---------------------------------------------------------------------------------------------


def moments_line(row: TimelineRow, *, focused: bool) -> Line:
    """Format the timeline: a bar for the colours that changed at a moment, `•` if none did."""
    width = len(row.density)
    if row.total >= width:
        return timeline_line(row, focused=focused)
    most = max(1, *row.density)
    cells: list[Span] = [("─", "faint")] * width
    for moment in range(row.total + 1):
        at = cell_of(moment, row.total, width)
        count = row.density[at]
        cells[at] = (LEVELS[-(-count * 8 // most)] if count else "•", "timeline")
    for moment, glyph in row.marks:
        cells[cell_of(moment, row.total, width)] = (glyph, "warn")
    at = cell_of(row.step, row.total, width)
    shown = cells[at][0] if cells[at][0] == MARK else "┃"
    cells[at] = (shown, "new" if focused else "timeline-cursor")
    return merged(cells)
