"""The widget that draws `explorer.tui.widgets.source`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.scrolled_lines import FAR, WHEEL
from explorer.tui.widgets.source import COLUMN, placed_lines, shown_rows, source_lines
from explorer.views.rows import SourceRow
from explorer.views.spans import Line


class Source(LinesPanel, can_focus=True):
    """Every script, scrolled so that the cursor's line, or the current line, is visible."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "point(-1)", show=False),
        Binding("down,j", "point(1)", show=False),
        Binding("pageup", "point(-10)", show=False),
        Binding("pagedown", "point(10)", show=False),
        Binding("home", f"point({-FAR})", show=False),
        Binding("end", f"point({FAR})", show=False),
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
            row = next((row for row in self.rows if row.cursor), shown_rows(self.rows, 1)[0])
            at = (row.cursor or row.line or 1) + lines
            self.post_message(self.Pointed(row.number, max(min(at, len(row.lines)), 1)))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor down."""
        event.stop()
        self.action_point(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor up."""
        event.stop()
        self.action_point(-WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line under the mouse."""
        width, height = self.size
        count = max(min(width // COLUMN, len(self.rows)), 1)
        shown = shown_rows(self.rows, count) if self.rows else ()
        column = min(event.x // max(width // count, 1), count - 1)
        if 0 < event.y < height and column < len(shown):
            row, each = shown[column], width // count
            own = each if column < count - 1 else width - each * (count - 1)
            placed = placed_lines(row, own, height - 1, focused=self.has_focus)
            if event.y <= len(placed) and placed[event.y - 1][0] <= len(row.lines):
                self.post_message(self.Pointed(row.number, placed[event.y - 1][0]))

    def format_lines(self) -> list[Line]:
        """Return the panel's lines."""
        return source_lines(self.rows, *self.size, focused=self.has_focus)
