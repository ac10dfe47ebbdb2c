"""The widget that draws `explorer.tui.widgets.question`; it takes the place of the lesson."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from explorer.tui.widgets.question import (
    choices_of,
    one_line,
    pinned_lines,
    question_lines,
    question_title,
    target_at,
)
from explorer.tui.widgets.scrolled_lines import ScrolledLines
from explorer.views.question import QuestionRow
from explorer.views.spans import Line


class QuestionPanel(ScrolledLines, can_focus=True):
    """A question, the verdict on its answer, or the card at the end of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k,left", "choose(-1)", show=False),
        Binding("down,j,right", "choose(1)", show=False),
        Binding("enter", "carry_out", show=False),
    ]

    row: reactive[QuestionRow | None] = reactive(None, layout=False, repaint=False)

    class Clicked(Message):
        """A line was clicked, or chosen with the keys, that stands for a console line."""

        def __init__(self, verb: str) -> None:
            super().__init__()
            self.verb = verb

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._chosen: int | None = None
        """The first line of the choice under the cursor."""

    def watch_row(self, old: QuestionRow | None, new: QuestionRow | None) -> None:
        """Show the new text."""
        if old is None or new is None or (old.kind, old.place) != (new.kind, new.place):
            self._chosen = None
            self.go_to_top()
        self.update_lines()

    def on_resize(self) -> None:
        """Wrap the text again; the lines of the choices are other ones then."""
        self._chosen = None
        super().on_resize()

    @property
    def overflows(self) -> bool:
        """Whether there are more lines than the panel has room for."""
        return bool(self.size) and len(self.all_lines(self.size.width)) > self.room

    def all_lines(self, width: int) -> Sequence[Line]:
        """Return the lines of the text."""
        return question_lines(self.row, width, self.room, self._chosen)

    def pinned(self, width: int) -> int:
        """Return the lines of the choices of a question, and of what to do next."""
        return pinned_lines(self.row, width, self.room)

    def heading(self, width: int, part: str) -> Line:
        """Return the heading."""
        return question_title(self.row, width, part, focused=self.has_focus)

    def only_line(self, width: int) -> Line:
        """Return the heading and the first paragraph."""
        return one_line(self.row, width, focused=self.has_focus)

    # --- choices ------------------------------------------------------------------------------------------

    def action_choose(self, by: int) -> None:
        """Choose the next or previous choice; one that is not visible is scrolled to, line by line."""
        choices = choices_of(self.row, self.size.width, self.room)
        here = self._chosen if self._is_visible(self._chosen) else None
        if here is None:
            here = self.first_visible - 1 if by > 0 else self.first_visible + self.scrolled_room
        later = [y for y in choices if (y - here) * by > 0]
        nearest = min(later, key=lambda y: abs(y - here), default=None)
        if not self._is_visible(nearest):
            self.action_scroll_lines(by)
        if self._is_visible(nearest):
            self._chosen = nearest
            self.update_lines()

    def _is_visible(self, line: int | None) -> bool:
        return line is not None and self.is_visible(line)

    def action_carry_out(self) -> None:
        """Carry out what the choice stands for; without one, choose the first."""
        verb = target_at(self.row, self.size.width, self.room, -1 if self._chosen is None else self._chosen)
        if verb and self._is_visible(self._chosen):
            self.post_message(self.Clicked(verb))
        else:
            self.action_choose(1)

    def on_click(self, event: events.Click) -> None:
        """Carry out what the clicked line stands for."""
        verb = target_at(self.row, self.size.width, self.room, self.line_at(event.y))
        if verb:
            self.post_message(self.Clicked(verb))
