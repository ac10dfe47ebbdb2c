"""The timeline: the whole run in a line, and a lane for each kind of event; click or drag to go to a step."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from explorer.views.glyphs import LEVELS
from explorer.views.rows import TimelineRow
from explorer.views.spans import Line, Span, line, merged

_MARK_STYLES: Final = {"◆": "bad", "●": "bad", "?": "key"}


def cell_of(step: int, total: int, width: int) -> int:
    """Return the cell of a step."""
    return min(step * (width - 1) // total, width - 1) if total else 0


def step_of(cell: int, total: int, width: int) -> int:
    """Return the step of a clicked cell; the first and the last step can be reached."""
    return round(max(min(cell, width - 1), 0) * total / max(width - 1, 1))


GUTTER: Final = 8
"""Columns for the names of the lanes, to the left of the cells."""


def timeline_lines(row: TimelineRow, *, focused: bool) -> list[Line]:
    """Format the timeline: its line; with lanes, marks and events below it, and the cursor through all."""
    if not row.lanes:
        return [timeline_line(row, focused=focused)]
    head = timeline_line(replace(row, marks=()), focused=focused)
    lanes = [("writes", head), ("marks", _marks(row)), *((name, _lane(row, n)) for name, n in row.lanes)]
    return [((name.ljust(GUTTER), "dim"), *spans) for name, spans in lanes]


def _marks(row: TimelineRow) -> Line:
    """Format the lane of questions, breakpoints, marks, branches and findings."""
    width = len(row.density)
    cells: list[Span] = [(" ", "")] * width
    for step, glyph in row.marks:
        cells[cell_of(step, row.total, width)] = (glyph, _MARK_STYLES.get(glyph, "warn"))
    if row.total:
        at = cell_of(row.step, row.total, width)
        cells[at] = ("┃" if cells[at][0] == " " else cells[at][0], "timeline-cursor")
    return merged(cells)


def _lane(row: TimelineRow, counts: tuple[int, ...]) -> Line:
    """Format the events of a kind: the more in a cell, the higher it is."""
    most = max(1, *counts)
    cells: list[Span] = [(LEVELS[-(-count * 8 // most)] if count else " ", "timeline") for count in counts]
    if row.total:
        at = cell_of(row.step, row.total, len(counts))
        cells[at] = (cells[at][0] if counts[at] else "┃", "timeline-cursor")
    return merged(cells)


def timeline_line(row: TimelineRow, *, focused: bool) -> Line:
    """Format the line: the density of writes, marks, and `┃` at the cursor."""
    width = len(row.density)
    if row.total == 0:
        return line(("┃", "cursor"), (" start of the run; s steps, c runs to its end", "dim"))
    most = max(1, *row.density)
    cells: list[Span] = [
        (LEVELS[-(-count * 8 // most)] if count else "▁", "timeline" if count else "faint")
        for count in row.density
    ]
    for step, glyph in row.marks:
        cells[cell_of(step, row.total, width)] = (glyph, _MARK_STYLES.get(glyph, "warn"))
    at = cell_of(row.step, row.total, width)
    cells[at] = (cells[at][0] if cells[at][0] in "◆▲⌥●?" else "┃", "new" if focused else "timeline-cursor")
    return merged(cells)
