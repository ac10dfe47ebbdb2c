"""The scenario's scripts, side by side if there is room, with the current line of each thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.palette import thread_style
from explorer.views.rows import SourceRow
from explorer.views.spans import Line, Span, filled, fit, line, rule

COLUMN = 38
"""Minimum width of a script's column."""


def source_lines(
    rows: tuple[SourceRow, ...], width: int, height: int, *, focused: bool, scroll: int = 0
) -> list[Line]:
    """Format the panel: a column per thread, or only the current threads if not all fit."""
    if not rows:
        return [rule(line(("source", "title")), width, focused=focused)]
    count = max(min(width // COLUMN, len(rows)), 1)
    shown = _shown(rows, count)
    rest = [_elsewhere(row, width) for row in rows if row not in shown][: max((height - 3) // 3, 0)]
    height -= len(rest)
    each = width // count
    columns = [
        _column(row, each if n < count - 1 else width - each * (count - 1), height, focused, scroll)
        for n, row in enumerate(shown)
    ]
    return [*(tuple(span for column in columns for span in column[y]) for y in range(height)), *rest]


def _elsewhere(row: SourceRow, width: int) -> Line:
    """Format a thread without a column: its name and its current line."""
    text = row.lines[row.line - 1].strip() if row.line else "ended"
    spans = line(
        (f"{row.name} ", thread_style(row.number)),
        (f"{row.line} " if row.line else "", "faint"),
        (text, "dim"),
    )
    return fit(spans, width)


def _shown(rows: tuple[SourceRow, ...], count: int) -> tuple[SourceRow, ...]:
    """Return the `count` rows around the current thread."""
    at = next((n for n, row in enumerate(rows) if row.next), None)
    if at is None:
        at = next((n for n, row in enumerate(rows) if row.ran), 0)
    begin = min(max(at - count + 1, 0), len(rows) - count)
    return rows[begin : begin + count]


def _column(row: SourceRow, width: int, height: int, focused: bool, scroll: int) -> list[Line]:
    """Format a thread's column, exactly `height` lines of exactly `width` columns."""
    place = f"line {row.line}" if row.line else "ended"
    title = line((row.name, thread_style(row.number)), (f" cpu{row.cpu}", "dim"))
    lines = [rule(title, width, focused=focused, right=line((place, "dim")))]
    begin = _begin(row, height - 1, scroll)
    for number in range(begin + 1, begin + height):
        lines.append(filled(_code_line(row, number, width), width))
    return lines[:height]


def _begin(row: SourceRow, room: int, scroll: int) -> int:
    """Return the number of lines above the window that shows the current line."""
    beyond = max(len(row.lines) - room, 0)
    at = row.cursor or row.line or (len(row.lines) if row.done else 1)
    return min(max(at - 1 - room // 2 + scroll, 0), beyond)


def _code_line(row: SourceRow, number: int, width: int) -> Line:
    if number > len(row.lines):
        return ()
    current = number == row.line
    mark = ("▶" if row.next else "•" if row.ran else "▷") if current else " "
    style = "next" if row.next else "ran" if row.ran else "dim"
    text = row.lines[number - 1].expandtabs(4)
    body: Span = (text, "line" if current else "dim" if text.lstrip().startswith("#") else "code")
    gutter: Span = ("▸" if number == row.cursor else " ", "focus")
    if number in row.breaks:
        gutter = ("◉" if number == row.cursor else "●", "bad")
    return fit(line((mark, style), (f"{number:>3}", "faint"), gutter, body), width - 1)


class Source(LinesPanel, can_focus=True):
    """Every script, scrolled so that the cursor's line, or the current line, is visible."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "point(-1)", show=False),
        Binding("down,j", "point(1)", show=False),
        Binding("pageup", "point(-10)", show=False),
        Binding("pagedown", "point(10)", show=False),
    ]

    rows: reactive[tuple[SourceRow, ...]] = reactive((), always_update=True, layout=False, repaint=False)

    @dataclass
    class Pointed(Message):
        """The user moved the cursor to a line of a thread's script."""

        thread: int
        line: int

    def watch_rows(self) -> None:
        """Show the new current lines and cursor."""
        self.update_lines()

    def action_point(self, lines: int) -> None:
        """Move the cursor by a number of lines, within its script."""
        if self.rows:
            row = next((row for row in self.rows if row.cursor), _shown(self.rows, 1)[0])
            at = (row.cursor or row.line or 1) + lines
            self.post_message(self.Pointed(row.number, max(min(at, len(row.lines)), 1)))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line under the mouse."""
        width, height = self.size
        count = max(min(width // COLUMN, len(self.rows)), 1)
        shown = _shown(self.rows, count) if self.rows else ()
        column = min(event.x // max(width // count, 1), count - 1)
        if 0 < event.y < height and column < len(shown):
            row = shown[column]
            at = _begin(row, height - 1, 0) + event.y
            if at <= len(row.lines):
                self.post_message(self.Pointed(row.number, at))

    def format_lines(self) -> list[Line]:
        """Return the panel's lines."""
        return source_lines(self.rows, *self.size, focused=self.has_focus)
