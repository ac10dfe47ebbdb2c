"""The widget that draws `explorer.tui.widgets.lesson`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.lesson import (
    Link,
    lesson_lines,
    lesson_title,
    link_after,
    links_of,
    one_line,
    pinned_lines,
)
from explorer.tui.widgets.scrolled_lines import ScrolledLines
from explorer.views.lesson import LessonRow
from explorer.views.spans import Line


class LessonPanel(ScrolledLines, can_focus=True):
    """The lesson; it keeps its place while time moves, and goes to the top for another text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose_link(-1)", show=False),
        Binding("right", "choose_link(1)", show=False),
        Binding("enter", "follow_link", show=False),
    ]

    row: reactive[LessonRow | None] = reactive(None, layout=False, repaint=False)

    @dataclass
    class LinkFollowed(Message):
        """The user followed a link of the text."""

        kind: str
        target: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._link = 0
        """The number of the chosen link, from 1; 0 for none."""

    def watch_row(self, old: LessonRow | None, new: LessonRow | None) -> None:
        """Show the new text."""
        if old is None or new is None or (old.text, old.place) != (new.text, new.place):
            self._link = 0
            self.go_to_top()
        self.update_lines()

    def all_lines(self, width: int) -> Sequence[Line]:
        """Return the lines of the text."""
        return lesson_lines(self.row, width, self._chosen(width))

    def pinned(self, width: int) -> int:
        """Return the lines of what to do next, and of what to look at if there is room."""
        return pinned_lines(self.row, width, self.room)

    def heading(self, width: int, part: str) -> Line:
        """Return the heading."""
        return lesson_title(self.row, width, part, focused=self.has_focus)

    def only_line(self, width: int) -> Line:
        """Return the first sentence, or the heading."""
        return one_line(self.row, width, focused=self.has_focus)

    @property
    def is_cut(self) -> bool:
        """Whether the panel is shown and has room for a part of the text only."""
        return self.size.height > 0 and len(self.all_lines(self.size.width)) > self.room

    def read_on(self, by: int) -> bool:
        """Scroll to the next or previous part of the text; return whether there was one."""
        before = self.first_visible
        if self.room:
            self.action_scroll_pages(by)
        return self.first_visible != before

    # --- links --------------------------------------------------------------------------------------------

    def _chosen(self, width: int) -> Link | None:
        links = links_of(self.row, width) if self._link else ()
        return links[self._link - 1] if self._link <= len(links) and links else None

    def action_choose_link(self, by: int) -> None:
        """Choose the next or previous link, and make it visible."""
        width = self.size.width
        links = links_of(self.row, width)
        link = link_after(links, self._chosen(width), by)
        if link is None:
            return
        self._link = links.index(link) + 1
        y = link.places[0][0]
        if not self.is_visible(y):
            self.scroll_to_line(y)
        self.update_lines()

    def action_follow_link(self) -> None:
        """Follow the chosen link; without one, choose the first."""
        link = self._chosen(self.size.width)
        if link is None:
            self.action_choose_link(1)
        else:
            self.post_message(self.LinkFollowed(link.kind, link.target))

    def on_click(self, event: events.Click) -> None:
        """Follow the link under the mouse."""
        y = self.line_at(event.y)
        for link in links_of(self.row, self.size.width):
            if link.is_at(event.x, y):
                self.post_message(self.LinkFollowed(link.kind, link.target))
                return
