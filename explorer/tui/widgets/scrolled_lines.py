"""The base of panels with more lines than room: a heading, and the part of the lines that is scrolled to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType

from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.panel_title import visible_part
from explorer.views.spans import Line

WHEEL: Final = 3
"""Lines of a turn of the wheel."""

MORE: Final = "more ↓"
"""The hint in the heading of a panel that hides lines below the visible ones."""

FAR: Final = 1 << 40
"""More lines than any text has."""


class ScrolledLines(LinesPanel):
    """A heading over a part of `all_lines`, scrolled with keys and wheel; a subclass makes the lines.

    The subclass calls `update_lines` when its row has changed, `go_to_top` before it for another text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_lines(-1)", show=False),
        Binding("down,j", "scroll_lines(1)", show=False),
        Binding("pageup", "scroll_pages(-1)", show=False),
        Binding("pagedown", "scroll_pages(1)", show=False),
        Binding("home", f"scroll_lines({-FAR})", show=False),
        Binding("end", f"scroll_lines({FAR})", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._offset = 0
        self._total = 0
        self._pinned = 0
        """The last lines, which are not scrolled; none of them if all lines fit."""

    # --- what a subclass makes ----------------------------------------------------------------------------

    def all_lines(self, width: int) -> Sequence[Line]:
        """Return every line under the heading; it is called for each frame, so it should be cached."""
        raise NotImplementedError

    def heading(self, width: int, part: str) -> Line:
        """Return the top line; part: the part of the lines that is visible, such as "2/3", or ""."""
        raise NotImplementedError

    def pinned(self, width: int) -> int:  # noqa: ARG002 - a panel without such lines has no use for it
        """Return how many of the last lines stay visible at the bottom while the others are scrolled."""
        return 0

    def only_line(self, width: int) -> Line:
        """Return the line of a panel that has only one."""
        return self.heading(width, MORE if self._total else "")

    # --- where it is --------------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """The lines under the heading."""
        return max(self.size.height - 1, 0)

    @property
    def scrolled_room(self) -> int:
        """The lines of the part that is scrolled: those between the heading and the pinned ones."""
        return self.room - self._pinned

    @property
    def first_visible(self) -> int:
        """The number of lines above the visible ones."""
        return self._offset

    def go_to_top(self) -> None:
        """Go to the first line, at the next update."""
        self._offset = 0

    def scroll_to_line(self, number: int) -> None:
        """Make line `number` the first visible one, or the nearest that leaves no room empty."""
        self._offset = max(min(number, self._total - self.scrolled_room), 0)
        self.update_lines()

    def line_at(self, y: int) -> int:
        """Return which of all lines is on line `y` of the panel; -1 for the heading."""
        below = y - 1 - self.scrolled_room
        if y < 1:
            return -1
        return self._total + below if self._pinned and below >= 0 else self._offset + y - 1

    def is_visible(self, number: int) -> bool:
        """Whether line `number` of all lines is visible."""
        return number >= self._total or 0 <= number - self._offset < self.scrolled_room

    def part(self) -> str:
        """Which part of the lines is visible."""
        return visible_part(self._offset, self.scrolled_room, self._total)

    # --- painting and input -------------------------------------------------------------------------------

    def format_lines(self) -> list[Line]:
        """Return the panel's lines."""
        width, height = self.size
        lines = self.all_lines(width)
        self._pinned = self.pinned(width) if len(lines) > self.room else 0
        self._keep_place(len(lines) - self._pinned)
        if height == 1:
            return [self.only_line(width)]
        scrolled = lines[self._offset : self._offset + self.scrolled_room]
        return [self.heading(width, self.part()), *scrolled, *lines[self._total :][: self._pinned]]

    def _keep_place(self, total: int) -> None:
        """Stay at the same part of the text although it is wrapped into another number of lines."""
        if self._total and total != self._total:
            self._offset = self._offset * total // self._total
        self._total = total
        self._offset = max(min(self._offset, total - self.scrolled_room), 0)

    def action_scroll_lines(self, by: int) -> None:
        """Scroll by a number of lines."""
        self.scroll_to_line(self._offset + by)

    def action_scroll_pages(self, by: int) -> None:
        """Scroll by a number of panels."""
        self.scroll_to_line(self._offset + by * max(self.scrolled_room, 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.action_scroll_lines(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.action_scroll_lines(-WHEEL)


class FittedLines(ScrolledLines):
    """A panel whose lines are made to fit its size; while the user scrolls, it shows the whole of them."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._scrolled = False

    @property
    def is_scrolled(self) -> bool:
        """Whether the panel shows a part of all lines instead of those that fit."""
        return self._scrolled

    def fitted_lines(self, more: str) -> list[Line]:
        """Return the lines that fit into the panel, the heading included; more: a hint in the heading."""
        raise NotImplementedError

    def format_lines(self) -> list[Line]:
        """Return the lines that fit, or the part of all lines that the user scrolled to."""
        if self._scrolled and self.room:
            return super().format_lines()
        return self.fitted_lines(MORE if self.has_focus and self.hides_lines() else "")

    def hides_lines(self) -> bool:
        """Whether there are more lines than the panel has room for."""
        return self.room > 0 and len(self.all_lines(self.size.width)) > self.room

    def go_to_top(self) -> None:
        """Show the lines that fit, at the next update."""
        super().go_to_top()
        self._scrolled = False

    def scroll_to_line(self, number: int) -> None:
        """Show all lines, from line `number` on; above the first line are the lines that fit."""
        lines = self.all_lines(self.size.width)
        self._total = len(lines)
        if self._total <= self.room or (number < 0 and not self._offset):
            self.go_to_top()
            self.update_lines()
            return
        if not self._scrolled and number < self._total and self._fits_otherwise(lines):
            number = 0
        self._scrolled = True
        super().scroll_to_line(number)

    def _fits_otherwise(self, lines: Sequence[Line]) -> bool:
        """Whether the lines that fit are not the first of all lines."""
        return self.fitted_lines("")[1 : self.room] != list(lines[: self.room - 1])
