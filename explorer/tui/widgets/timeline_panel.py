"""The widget that draws `explorer.tui.widgets.timeline`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.timeline import GUTTER, step_of, timeline_lines
from explorer.views.rows import TimelineRow
from explorer.views.spans import Line


class Timeline(LinesPanel, can_focus=True):
    """The whole run; asks its parent to go to a step."""

    DEFAULT_CSS = """
    Timeline { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "screen.command('back')", show=False),
        Binding("right,l", "screen.command('step')", show=False),
    ]

    row: reactive[TimelineRow | None] = reactive(None, always_update=True, layout=False, repaint=False)

    @dataclass
    class StepSelected(Message):
        """The user clicked a step."""

        step: int

    def watch_row(self) -> None:
        """Show the new state."""
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the line, and the lanes if there are any."""
        return [] if self.row is None else timeline_lines(self.row, focused=self.has_focus)

    @property
    def cells(self) -> int:
        """The number of cells of a line: those of a timeline with lanes are beside their names."""
        return max(self.size.width - (GUTTER if self.size.height > 1 else 0), 1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go to the step under the mouse, and follow the mouse while its button is down."""
        self.capture_mouse()
        self._ask(event.x)

    def on_mouse_up(self) -> None:
        """Stop following the mouse."""
        self.release_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Follow the mouse while its button is down."""
        if event.button:
            self._ask(event.x)

    def _ask(self, x: int) -> None:
        if self.row is not None and self.row.total:
            at = x - (self.size.width - self.cells)
            self.post_message(self.StepSelected(step_of(at, self.row.total, self.cells)))
