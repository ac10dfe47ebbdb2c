"""The widget that draws `explorer.tui.widgets.log`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.log import log_lines, placed_lines
from explorer.tui.widgets.scrolled_lines import FAR, WHEEL
from explorer.views.rows import EventRow
from explorer.views.spans import Line


class Log(LinesPanel, can_focus=True):
    """The steps up to the current one; Enter or a click on a step requests to go there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "point(-1)", show=False),
        Binding("down,j", "point(1)", show=False),
        Binding("pageup", "point_pages(-1)", show=False),
        Binding("pagedown", "point_pages(1)", show=False),
        Binding("home", f"point({-FAR})", show=False),
        Binding("end", f"point({FAR})", show=False),
        Binding("enter", "go", show=False),
    ]

    rows: reactive[tuple[EventRow, ...]] = reactive((), always_update=True, layout=False, repaint=False)

    @dataclass
    class StepSelected(Message):
        """The user chose a step."""

        step: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._pointed: int | None = None
        self._now = 0

    def pointed(self, now: int) -> int | None:
        """Return the step under the cursor of the log while the run is at step `now`; None without a cursor.

        The cursor ends as soon as the run moves.
        """
        if now != self._now:
            self._now, self._pointed = now, None
        return self._pointed

    def window(self, now: int) -> tuple[int, int]:
        """Return the last step that the panel shows, and the number of steps up to it that it needs."""
        at, height = self.pointed(now), max(self.size.height, 2)
        return (now if at is None else min(at + (height - 1) // 3, now)), height

    def watch_rows(self) -> None:
        """Show the new rows."""
        self.update_lines()

    def on_resize(self) -> None:
        """Request older steps if there is more room and older steps exist."""
        if self.rows and len(self.rows) < self.size.height and self.rows[0].step > 0:
            self.post_message(self.RowsWanted())

    def format_lines(self) -> list[Line]:
        """Return the panel's lines."""
        return log_lines(self.rows, *self.size, focused=self.has_focus, at=self._pointed)

    def action_point(self, by: int) -> None:
        """Move the cursor by a number of steps; at the newest step it ends."""
        at = max((self._now if self._pointed is None else self._pointed) + by, 0)
        self._pointed = None if at >= self._now else at
        self.post_message(self.RowsWanted())

    def action_point_pages(self, by: int) -> None:
        """Move the cursor by about a panel."""
        self.action_point(by * max(self.size.height - 2, 1))

    def action_go(self) -> None:
        """Request the step under the cursor."""
        if self._pointed is not None:
            self.post_message(self.StepSelected(self._pointed))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor to later steps."""
        event.stop()
        self.action_point(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor to earlier steps."""
        event.stop()
        self.action_point(-WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Request the step of the line under the mouse, if it is an older one."""
        placed = placed_lines(self.rows, *self.size, at=self._pointed)
        if 1 <= event.y <= len(placed) and not placed[event.y - 1][0].now:
            self.post_message(self.StepSelected(placed[event.y - 1][0].step))
