"""The widget that draws `explorer.tui.widgets.log`."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.log import last_lines, log_lines
from explorer.views.rows import EventRow
from explorer.views.spans import Line


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
        last = len(last_lines(self.rows[-1], self.size.width, max(self.size.height - 2, 1)))
        older = self.rows[:-1][-max(self.size.height - 1 - last, 0) :]
        if 1 <= event.y <= len(older):
            self.post_message(self.StepSelected(older[event.y - 1].step))
