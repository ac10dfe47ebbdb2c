"""The widget that draws `explorer.tui.widgets.code`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.code import Layout, action_at_line, code_lines, frame_at, laid_out, moved_cursor
from explorer.tui.widgets.lines import LinesPanel
from explorer.views.code import CodeRow
from explorer.views.spans import Line


class Code(LinesPanel, can_focus=True):
    """The function that took the last step; its cursor is on an atomic action."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "point(-1)", show=False),
        Binding("down,j", "point(1)", show=False),
        Binding("pageup", "point(-5)", show=False),
        Binding("pagedown", "point(5)", show=False),
        Binding("home", "point(-100000)", show=False),
        Binding("end", "point(100000)", show=False),
        Binding("left", "turn_frame(-1)", show=False),
        Binding("right", "turn_frame(1)", show=False),
    ]

    row: reactive[CodeRow] = reactive(CodeRow(), always_update=True, layout=False, repaint=False)

    @dataclass
    class Pointed(Message):
        """The user moved the cursor to an action of a function."""

        function: str
        action: int

    @dataclass
    class FrameChosen(Message):
        """The user chose a frame of the call stack, by its index from the outermost."""

        index: int

    def watch_row(self) -> None:
        """Show the new step."""
        self.update_lines()

    def action_point(self, actions: int) -> None:
        """Move the cursor by a number of actions."""
        self._point(moved_cursor(self.row, actions))

    def action_turn_frame(self, by: int) -> None:
        """Choose the frame `by` calls further in."""
        last = len(self.row.crumbs) - 1
        if last >= 0:
            self.post_message(self.FrameChosen(min(max(self.row.frame + by, 0), last)))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor to the next action."""
        event.stop()
        self.action_point(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor to the previous action."""
        event.stop()
        self.action_point(-1)

    def on_click(self, event: events.Click) -> None:
        """Choose the frame under the mouse, or move the cursor to the action there."""
        laid = self._laid_out()
        frame = frame_at(laid, event.x, event.y, self.size.height)
        if frame is not None:
            self.post_message(self.FrameChosen(frame))
        else:
            self._point(action_at_line(self.row, laid, event.y))

    def _point(self, action: int) -> None:
        if action:
            self.post_message(self.Pointed(self.row.function, action))

    def _laid_out(self) -> Layout:
        return laid_out(self.row, *self.size, focused=self.has_focus, outline=self.row.folded)

    def format_lines(self) -> list[Line]:
        """Return the panel's lines."""
        return code_lines(self.row, *self.size, focused=self.has_focus, outline=self.row.folded)
