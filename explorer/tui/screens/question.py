"""The screen of a question: the user chooses, then sees the answer and the reason."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.questions.generated import Prediction
from engine.scenario.lesson_forms import MOST_KEYS
from explorer.session.predictions import choice_line, verdict_lines
from explorer.tui.screens.steady import Steady


class Choice(Static):
    """One numbered choice; a click on it is the answer."""

    class Chosen(Message):
        """The user clicked the choice."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, question: Prediction, number: int) -> None:
        super().__init__(choice_line(question, number), markup=False)
        self.question = question
        self.number = number

    def reveal(self, given: int) -> None:
        """Show whether this is the right choice, or the user's wrong one."""
        self.update(choice_line(self.question, self.number, given))
        self.set_class(self.number == self.question.right, "-right")
        self.set_class(self.number == given != self.question.right, "-wrong")

    def on_click(self) -> None:
        """Report the click, which is the same as typing the digit."""
        self.post_message(self.Chosen(self.number))


class PredictScreen(Steady, ModalScreen[int | None]):
    """Asks a question; a digit answers and shows the reason. Returns the answer, or None if skipped."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n + 1), f"answer({n})", show=False) for n in range(MOST_KEYS)),
        Binding("escape,q", "close", show=False),
        Binding("enter,space,p", "close_answered", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(self, question: Prediction) -> None:
        super().__init__()
        self.question = question
        self.given: int | None = None

    def compose(self) -> ComposeResult:
        """Create the question, its choices, and an empty line for the reason."""
        with VerticalScroll() as page:
            page.border_title = f"predict (1-{len(self.question.choices)} answers, Esc skips)"
            yield Static(self.question.ask, markup=False)
            for number in range(len(self.question.choices)):
                yield Choice(self.question, number)
            yield Static("", id="verdict", markup=False)

    def action_answer(self, number: int) -> None:
        """Take the first answer, and show the right one and the reason."""
        if self.given is not None or number >= len(self.question.choices):
            return
        self.given = number
        for choice in self.query(Choice):
            choice.reveal(number)
        self.query_one("#verdict", Static).update("\n".join(verdict_lines(self.question, number)))
        page = self.query_one(VerticalScroll)
        page.border_title = "predict (Esc closes)"
        page.scroll_end(animate=False)

    def on_choice_chosen(self, message: Choice.Chosen) -> None:
        """Take a clicked choice as the answer."""
        self.action_answer(message.number)

    def action_close(self) -> None:
        """Close the screen, answered or not."""
        self.dismiss(self.given)

    def action_close_answered(self) -> None:
        """Close the screen if the question is answered; these keys are easily pressed by accident."""
        if self.given is not None:
            self.dismiss(self.given)

    def action_scroll(self, by: int) -> None:
        """Scroll a line."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
