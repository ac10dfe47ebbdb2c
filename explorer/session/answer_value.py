"""Whether an answer has the right value, however it is spelt."""

from __future__ import annotations

from collections.abc import Iterator

from engine.constants import NULL
from engine.errors import BadInput
from engine.language.expressions import Expression
from engine.language.naming import parse_cell
from engine.run.history import History
from engine.scenario.loader import Scenario
from engine.scenario.question import Question, compile_answer
from explorer.session.cell_text import cell_text
from explorer.views.changes import cell_words
from explorer.views.labels import Labels
from explorer.views.spelling import is_value, spellings, without_letter
from explorer.views.values import watched


class RightAnswer:
    """The right answer to a question in one run, and the comparison of others with it.

    text: how it is written. The history's cursor has to be at the step that decides the question, and stays.
    """

    def __init__(self, scenario: Scenario, question: Question, history: History, text: str) -> None:
        self.text = text
        self._scenario, self._question, self._vm = scenario, question, history.vm
        self._value = self._value_of(question.value)
        choices = zip(question.choices, question.options, strict=True)
        self._choices = {_plain(choice): self._value_of(option) for choice, option in choices}
        self._words = {_plain(words) for words in _screen_words(scenario, question, history)}
        self._known: dict[str, bool] = {}

    def equals(self, given: str) -> bool:
        """Whether an answer is right; a text that is not an answer is wrong, not an error.

        A choice, whatever the case of its letters, is that choice. Another text is the choice of the same
        value, or, if there are no choices, is compared with the value.
        """
        if given not in self._known:
            self._known[given] = self._is_right(given)
        return self._known[given]

    def _is_right(self, given: str) -> bool:
        text = without_letter(given, self._question.choices)
        words = _plain(text)
        if words == _plain(self.text):
            return True
        if words in self._choices:
            return self._choices[words] == self._value
        return words in self._words or self._is_right_value(text)

    def _is_right_value(self, text: str) -> bool:
        found = (self._value_in(spelt) for spelt in spellings(text, self._question.value.text))
        values = [value for value in found if value is not None]
        if not self._choices:
            return self._value in values
        # The first spelling that is a choice decides: `none` is NULL if that is one, else PQ_NONE.
        choices = set(self._choices.values())
        return next((value == self._value for value in values if value in choices), False)

    def _value_in(self, text: str) -> int | None:
        """The value of a text, or None.

        Only numbers, constants, yes and no have one: an expression that reads the machine would always be
        right.
        """
        if not is_value(text):
            return None
        try:
            return self._value_of(compile_answer(text, self._scenario.names))
        except BadInput:
            return None

    def _value_of(self, expression: Expression) -> int | None:
        """The value of an expression, NULL as the answer -1; None if it has none."""
        try:
            value = expression.show(self._vm)
        except BadInput:
            return None
        return NULL if value is None else value


def _screen_words(scenario: Scenario, question: Question, history: History) -> Iterator[str]:
    """What the screen writes for the right value: where it prints an EXPR, and where it shows a cell."""
    labels, text = Labels(history.vm, history.programs, scenario.names), question.value.text
    yield watched(text, scenario.names).value(labels)
    try:
        cell = parse_cell(history.vm, cell_text(history, scenario.names, text), scenario.names)
    except BadInput:
        return
    if isinstance(cell, int):
        yield cell_words(labels, cell, history.vm.memory.cells[cell])[-1]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
