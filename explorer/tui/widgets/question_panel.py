"""The widget that draws `explorer.tui.widgets.question`; it takes the place of the lesson."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.question import one_line, question_lines, question_title, target_at
from explorer.tui.widgets.scrolled_lines import ScrolledLines
from explorer.views.question import QuestionRow
from explorer.views.spans import Line


class QuestionPanel(ScrolledLines, can_focus=True):
    """A question, the verdict on its answer, or the card at the end of a run."""

    row: reactive[QuestionRow | None] = reactive(None, layout=False, repaint=False)

    class Clicked(Message):
        """A line was clicked that stands for a console line."""

        def __init__(self, verb: str) -> None:
            super().__init__()
            self.verb = verb

    def watch_row(self, old: QuestionRow | None, new: QuestionRow | None) -> None:
        """Show the new text."""
        if old is None or new is None or (old.kind, old.place) != (new.kind, new.place):
            self.go_to_top()
        self.update_lines()

    @property
    def overflows(self) -> bool:
        """Whether there are more lines than the panel has room for."""
        return bool(self.size) and len(self.all_lines(self.size.width)) > self.room

    def all_lines(self, width: int) -> Sequence[Line]:
        """Return the lines of the text."""
        return question_lines(self.row, width, self.room)

    def heading(self, width: int, part: str) -> Line:
        """Return the heading."""
        return question_title(self.row, width, part, focused=self.has_focus)

    def only_line(self, width: int) -> Line:
        """Return the heading and the first paragraph."""
        return one_line(self.row, width, focused=self.has_focus)

    def on_click(self, event: events.Click) -> None:
        """Carry out what the clicked line stands for."""
        verb = target_at(self.row, self.size.width, self.room, event.y - 1 + self.first_visible)
        if verb and event.y:
            self.post_message(self.Clicked(verb))
