"""The questions of a scenario as they are asked: with choices, in a shuffled order, and the right answer.

A question is asked before the call that decides it. Its answer is what the recorded run does, or what the run
does when it continues; the run itself is left as it is.
"""

from __future__ import annotations

import random
from typing import Final

from engine.constants import NULL
from engine.errors import BadInput, CapacityError
from engine.questions.ahead import unchanged
from engine.questions.generated import MOST_CHOICES, MOST_KEYS, Prediction
from engine.run.history import History
from engine.scenario.question import Question

FARTHEST: Final = 200_000
"""Number of steps from the moment at which a question is asked to the one that decides it."""


def asked_by_scenario(question: Question, history: History, seed: int = 0) -> Prediction | None:
    """Return a scenario's question as a Prediction if it is asked at the cursor; else None.

    It is not asked if the run does not reach the step that decides it, or if no choice is right there.

    seed: of the order of its choices.
    Errors: InvariantViolation as Runner.take.
    """
    if not question.is_due(history):
        return None
    with unchanged(history):
        try:
            return _decided(question, history, seed)
        except (BadInput, CapacityError):
            return None


def _decided(question: Question, history: History, seed: int) -> Prediction | None:
    """The question, with the answer at the step that decides it. Moves the cursor, and may extend the run.

    Errors: BadInput if there is no such step or no value; CapacityError as Runner.take.
    """
    asked = history.step
    step = question.step(history, max(history.total, asked + FARTHEST))
    if step < asked or (question.asked is not None and step == asked):
        return None
    history.seek(step)
    answer, value = question.right_answer(history), question.value.show(history.vm)
    if answer is None:
        return None
    choices = shuffled(_choices(question, answer, value), seed, question.id)
    # The file's reason is about its own answer.
    why = question.why if answer == question.answer else f"{question.value.text} is {answer} here."
    right, why = choices.index(answer), " ".join(why.split())
    return Prediction("scenario", question.ask, choices, right, why, step, question.number, question.id)


def _choices(question: Question, answer: str, value: int | None) -> tuple[str, ...]:
    choices = question.choices or _numbers_near(answer, value)
    return choices if choices.index(answer) < MOST_KEYS else (*choices[: MOST_KEYS - 1], answer)


def shuffled(choices: tuple[str, ...], seed: int, name: str) -> tuple[str, ...]:
    """Return up to MOST_KEYS choices in an order that depends on the seed and the name of the question.

    A digit selects a choice, so a choice that is a digit is at its own place, if there are so many choices.
    """
    mixed = list(choices[:MOST_KEYS])
    random.Random(f"{seed}:{name}").shuffle(mixed)
    keys = [str(key) for key in range(1, len(mixed) + 1)]
    others = iter([choice for choice in mixed if choice not in keys])
    return tuple(key if key in mixed else next(others) for key in keys)


def _numbers_near(answer: str, value: int | None) -> tuple[str, ...]:
    """Return choices for a question that has none: its answer and some numbers near its value."""
    number = NULL if value is None else value
    smaller = [other for other in dict.fromkeys((number // 2, number - 1)) if 0 <= other < number]
    near = dict.fromkeys([number, *smaller, number + 1, 2 * number + 3, number + 2])
    return tuple(answer if other == number else str(other) for other in [*near][:MOST_CHOICES])
