"""The event log: one line per step, newest last, up to the current step."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.palette import thread_style
from explorer.views.rows import Change, EventRow
from explorer.views.spans import Line, Span, columns, length, line, rule

NARROW = 64
"""Below this width, a line does not have room for function, action and cells."""


def log_lines(rows: tuple[EventRow, ...], width: int, height: int, *, focused: bool) -> list[Line]:
    """Format the panel: one line for each row, and the last row with every cell that it changed."""
    title = rule(line(("log", "title")), width, focused=focused)
    if not rows:
        return [title]
    last = _last_lines(rows[-1], width, max(height - 2, 1))
    older = [_one_line(row, width) for row in rows[:-1]]
    room = max(height - 1 - len(last), 0)
    return [title, *older[len(older) - min(room, len(older)) :], *last]


def _who(row: EventRow) -> list[Span]:
    mark = ("▶", "ran") if row.now else (" ", "")
    return [mark, (f"{row.step:>5,} ", "dim"), (f"{row.thread} ", thread_style(row.number))]


def _one_line(row: EventRow, width: int) -> Line:
    """Format thread, function, action and cells; on a narrow panel, the action before the function."""
    if width < NARROW:
        return line(*_who(row), (row.action, ""), (f"  {row.function}", "dim"))
    spans = [*_who(row), (f"{row.function} " if row.function else "", ""), (row.action, "dim")]
    for n, change in enumerate(row.changes):
        spans += [("  " if n else "  · ", "faint"), (str(change), "")]
    return tuple(spans)


def _last_lines(row: EventRow, width: int, room: int) -> list[Line]:
    """Format the newest step: the action, on two lines if needed, then as many cells as fit."""
    head = line(*_who(row), (f"{row.function} " if row.function else "", "now"))
    what = line((row.action, "now" if not row.function else ""))
    split = length(head) + length(what) > width and room > 1
    lines: list[Line] = [head, ((" " * 7, ""), *what)] if split else [(*head, *what)]
    cells: list[Span] = []
    used = 7
    for change in row.changes:
        text = f"{change.subject} {change.cell} "
        values = _values(change)
        size = columns(text) + length(values) + 2
        if cells and used + size > width:
            lines.append(((" " * 7, ""), *cells))
            cells, used = [], 7
        cells += [(text, ""), *values, ("  ", "")]
        used += size
    if cells:
        lines.append(((" " * 7, ""), *cells))
    return lines[:room]


def _values(change: Change) -> list[Span]:
    if change.difference:
        return [(change.difference, "new")]
    return [(change.old, "dim"), ("→", "dim"), (change.new, "new")]


class Log(LinesPanel, can_focus=True):
    """The steps up to the current one; a click on a step requests to go there."""

    rows: reactive[tuple[EventRow, ...]] = reactive((), always_update=True, layout=False, repaint=False)

    @dataclass
    class StepSelected(Message):
        """The user clicked a step."""

        step: int

    def watch_rows(self) -> None:
        """Show the new rows."""
        self.update_lines()

    def on_resize(self) -> None:
        """Request older steps if there is more room and older steps exist."""
        if self.rows and len(self.rows) < self.size.height and self.rows[0].step > 1:
            self.post_message(self.RowsWanted())

    def format_lines(self) -> list[Line]:
        """Return the panel's lines."""
        return log_lines(self.rows, *self.size, focused=self.has_focus)

    def on_click(self, event: events.Click) -> None:
        """Request the step of the line under the mouse, if it is an older one."""
        if not self.rows:
            return
        last = len(_last_lines(self.rows[-1], self.size.width, max(self.size.height - 2, 1)))
        older = self.rows[:-1][-max(self.size.height - 1 - last, 0) :]
        if 1 <= event.y <= len(older):
            self.post_message(self.StepSelected(older[event.y - 1].step))
