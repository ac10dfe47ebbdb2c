"""The spellings of an answer that a quiz has to accept where the student types it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.loader import Scenario
from engine.scenario.question import WORDS, Question
from explorer.views.labels import Labels
from explorer.views.spelling import is_value, spellings
from explorer.views.values import watched

MOST: Final = 100
"""Longest answer that is accepted, in characters."""


def accepted_answers(scenario: Scenario, question: Question, answer: str, history: History) -> list[str]:
    """Return the right answer and other spellings of its value, each of which `pageq grade` accepts.

    history: with the cursor at the step that decides the question.
    """
    value = question.value.show(history.vm)
    found = [answer, *_spelt(value), *_on_screen(scenario, question, history)]
    short = (text for text in dict.fromkeys(found) if text and len(text) <= MOST)
    return [text for text in short if text == answer or _is_right(scenario, question, text, history)]
