"""The widget that draws `explorer.tui.widgets.lesson`."""

from __future__ import annotations

from collections.abc import Sequence

from textual.reactive import reactive

from explorer.tui.widgets.lesson import lesson_lines, lesson_title, one_line
from explorer.tui.widgets.scrolled_lines import ScrolledLines
from explorer.views.lesson import LessonRow
from explorer.views.spans import Line


class LessonPanel(ScrolledLines, can_focus=True):
    """The lesson; it keeps its place while time moves, and goes to the top for another text."""

    row: reactive[LessonRow | None] = reactive(None, layout=False, repaint=False)

    def watch_row(self, old: LessonRow | None, new: LessonRow | None) -> None:
        """Show the new text."""
        if old is None or new is None or (old.text, old.place) != (new.text, new.place):
            self.go_to_top()
        self.update_lines()

    def all_lines(self, width: int) -> Sequence[Line]:
        """Return the lines of the text."""
        return lesson_lines(self.row, width)

    def heading(self, width: int, part: str) -> Line:
        """Return the heading."""
        return lesson_title(self.row, width, part, focused=self.has_focus)

    def only_line(self, width: int) -> Line:
        """Return the first sentence, or the heading."""
        return one_line(self.row, width, focused=self.has_focus)
