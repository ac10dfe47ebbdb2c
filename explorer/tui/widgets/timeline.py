"""The timeline: one line for the whole run; click or drag to go to a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.views.glyphs import LEVELS
from explorer.views.rows import TimelineRow
from explorer.views.spans import Line, Span, line, merged


def cell_of(step: int, total: int, width: int) -> int:
    """Return the cell of a step."""
    return min(step * (width - 1) // total, width - 1) if total else 0


def step_of(cell: int, total: int, width: int) -> int:
    """Return the step of a clicked cell; the first and the last step can be reached."""
    return round(max(min(cell, width - 1), 0) * total / max(width - 1, 1))


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
        cells[cell_of(step, row.total, width)] = (glyph, "bad" if glyph == "◆" else "warn")
    at = cell_of(row.step, row.total, width)
    cells[at] = (cells[at][0] if cells[at][0] in "◆▲⌥" else "┃", "new" if focused else "timeline-cursor")
    return merged(cells)


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
        """Return the line."""
        return [] if self.row is None else [timeline_line(self.row, focused=self.has_focus)]

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
            self.post_message(self.StepSelected(step_of(x, self.row.total, self.size.width)))
