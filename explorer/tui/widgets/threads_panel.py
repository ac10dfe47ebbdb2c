"""The widget that draws `explorer.tui.widgets.threads`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.scrolled_lines import FittedLines
from explorer.tui.widgets.threads import MOST, laid_out, thread_lines, threads_title
from explorer.views.rows import ThreadRow
from explorer.views.spans import Line


class Threads(FittedLines, can_focus=True):
    """Every thread; asks its parent to choose a clicked thread."""

    rows: reactive[tuple[ThreadRow, ...]] = reactive((), always_update=True, layout=False, repaint=False)

    @dataclass
    class ThreadChosen(Message):
        """The user clicked this thread."""

        number: int

    def watch_rows(self) -> None:
        """Show the new states."""
        self.update_lines()

    def fitted_lines(self, more: str) -> list[Line]:
        """Return as many lines for each thread as fit."""
        return thread_lines(self.rows, *self.size, focused=self.has_focus, more=more)

    def all_lines(self, width: int) -> Sequence[Line]:  # noqa: ARG002 - that of the panel
        """Return every line of every thread."""
        return self._laid_out()[0]

    def heading(self, width: int, part: str) -> Line:
        """Return the title."""
        return threads_title(width, focused=self.has_focus, part=part)

    def _laid_out(self) -> tuple[list[Line], list[int]]:
        return laid_out(self.rows, self.size.width, MOST * max(len(self.rows), 1) + 1)

    def on_click(self, event: events.Click) -> None:
        """Request the thread under the mouse."""
        owners = self._laid_out()[1] if self.is_scrolled else laid_out(self.rows, *self.size)[1]
        at = event.y - 1 + self.first_visible
        if event.y >= 1 and at < len(owners):
            self.post_message(self.ThreadChosen(owners[at]))
