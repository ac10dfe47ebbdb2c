"""The spellings of an answer that a quiz has to accept where the student types it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.run.history import History
from engine.scenario.loader import Scenario
from engine.scenario.question import WORDS, Question
from explorer.session.answer_value import RightAnswer
from explorer.views.spelling import PREFIXES

LONGEST: Final = 100
"""The longest spelling, in characters."""


def accepted_answers(scenario: Scenario, question: Question, answer: str, history: History) -> list[str]:
    """Return the right answer, then other spellings of it; `pageq grade` accepts each of them.

    history: with the cursor at the step that decides the question.
    """
    right = RightAnswer(scenario, question, history, answer)
    value = question.value.show(history.vm)
    found = [answer, *right.on_screen, *_numbers(value), *_words(value), *_short(answer)]
    texts = dict.fromkeys(" ".join(text.split()) for text in found)
    return [text for text in texts if text == answer or (len(text) <= LONGEST and right.equals(text))]


def _numbers(value: int | None) -> Iterator[str]:
    if value is None:
        yield "NULL"
    else:
        yield from (str(value), f"{value:,}", f"{value:#x}")


def _words(value: int | None) -> Iterator[str]:
    yield from (word for word, number in WORDS.items() if number == value)


def _short(answer: str) -> Iterator[str]:
    """Yield the answer as the screen writes constants, without the prefix, and without spaces around `|`."""
    yield answer.replace(" ", "")
    for prefix in PREFIXES:
        yield answer.replace(prefix, "").replace(" ", "")
