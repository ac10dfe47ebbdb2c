"""The widget that draws `explorer.tui.widgets.threads`."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.threads import laid_out, thread_lines
from explorer.views.rows import ThreadRow
from explorer.views.spans import Line


class Threads(LinesPanel, can_focus=True):
    """Every thread; asks its parent to choose a clicked thread."""

    rows: reactive[tuple[ThreadRow, ...]] = reactive((), always_update=True, layout=False, repaint=False)

    @dataclass
    class ThreadChosen(Message):
        """The user clicked this thread."""

        number: int

    def watch_rows(self) -> None:
        """Show the new states."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the panel's lines."""
        return thread_lines(self.rows, *self.size, focused=self.has_focus)

    def on_click(self, event: events.Click) -> None:
        """Request the thread under the mouse."""
        _, owners = laid_out(self.rows, *self.size, focused=self.has_focus)
        if event.y < len(owners) and owners[event.y] >= 0:
            self.post_message(self.ThreadChosen(owners[event.y]))
