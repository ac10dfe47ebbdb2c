"""The questions of a scenario as they are asked: with choices, in a shuffled order, and the right answer.

A question is asked before the call that decides it. Its answer is what the recorded run does, or what the run
does when it continues; the run itself is left as it is.
"""

from __future__ import annotations

import random
from typing import Final

from engine.constants import NULL
from engine.errors import BadInput, CapacityError
from engine.language.expressions import Expression, same_value
from engine.machine.machine import Machine
from engine.questions.ahead import unchanged
from engine.questions.generated import MOST_CHOICES, Prediction
from engine.run.history import History
from engine.scenario.question import OF_ONE_SETTING, Question
from engine.words import plural

FARTHEST: Final = 200_000
"""Number of steps from the moment at which a question is asked to the one that decides it."""


def asked_by_scenario(question: Question, history: History, seed: int = 0) -> Prediction:
    """Return a scenario's question as a Prediction if it is asked at the cursor.

    seed: of the order of its choices.
    Errors: BadInput with the reason if it is not asked there: the run does not reach the step that decides
    it, it has no value there, or no choice is right. InvariantViolation as Runner.take.
    """
    if not question.is_due(history):
        raise BadInput("it is asked at another step")
    with unchanged(history):
        return _decided(question, history, seed)


def _decided(question: Question, history: History, seed: int) -> Prediction:
    """The question, with the answer at the step that decides it. Moves the cursor, and may extend the run.

    Errors: BadInput if it is not asked.
    """
    step = _deciding_step(question, history)
    history.seek(step)
    try:
        answer, value = question.right_answer(history), question.value.show(history.vm)
    except BadInput as error:
        raise BadInput(f"at the step that decides it, {error.message}") from None
    if answer is None and question.about_all:
        raise BadInput(OF_ONE_SETTING)
    if answer is None:
        raise BadInput(
            f"in this run, {'the answer is another one' if question.own else 'no choice is right'}"
        )
    choices = _distinct(question, answer, value, history.vm)
    mixed = shuffled(choices or _numbers_near(answer, value, seed, question.id), seed, question.id)
    # The file's reason is about its own answer.
    why = question.why if answer == question.answer else f"{question.value.text} is {answer} here."
    right, why = mixed.index(answer), " ".join(why.split())
    return Prediction("scenario", question.ask, mixed, right, why, step, question.number, question.id)


def _deciding_step(question: Question, history: History) -> int:
    """Return the step that decides a question that is asked at the cursor; may extend the run.

    Errors: BadInput if the run does not come to it, or not after the cursor.
    """
    asked = history.step
    try:
        step = question.step(history, max(history.total, asked + FARTHEST))
    except (BadInput, CapacityError):
        far = "" if history.branch.outcome is not None else f" within {plural(FARTHEST, 'step')}"
        raise BadInput(f"this run does not come to the moment that decides it{far}") from None
    if step < asked or (question.asked is not None and step == asked and not question.about_all):
        raise BadInput(f"in this run it is decided at step {step:,}, not after this one")
    return step


def _distinct(question: Question, answer: str, value: int | None, vm: Machine) -> tuple[str, ...]:
    """Return the choices without those that have the value of the right one and are spelled differently.

    Errors: BadInput if only the right one is left.
    """
    options = zip(question.choices, question.options, strict=True)
    kept = tuple(text for text, option in options if text == answer or not _has_value(option, value, vm))
    if len(kept) == 1:
        raise BadInput("in this run, all choices have the same value")
    return kept


def _has_value(option: Expression, value: int | None, vm: Machine) -> bool:
    try:
        return same_value(option.show(vm), value)
    except BadInput:
        return False


# --- the order of the choices -----------------------------------------------------------------------------


def shuffled(choices: tuple[str, ...], seed: int, name: str) -> tuple[str, ...]:
    """Return choices in an order that depends on the seed and the name of the question.

    A choice that is the digit of a place is at that place: digits answer, and `2` then always means 2.
    """
    mixed = list(choices)
    _random(seed, name).shuffle(mixed)
    places = [str(place) for place in range(1, len(mixed) + 1)]
    others = iter([choice for choice in mixed if choice not in places])
    return tuple(place if place in mixed else next(others) for place in places)


def _random(seed: int, name: str) -> random.Random:
    return random.Random(f"{seed}:{name}")


def _numbers_near(answer: str, value: int | None, seed: int, name: str) -> tuple[str, ...]:
    """Return choices for a question that has none: its answer and some numbers near its value.

    The seed chooses them, so that a right answer of 0 has no fixed place among the digits.
    """
    number = NULL if value is None else value
    smaller = [other for other in (number // 2, number - 1) if 0 <= other < number]
    near = list(dict.fromkeys([*smaller, number + 1, 2 * number + 3, number + 2, number + 4]))
    return answer, *map(str, _random(seed, name).sample(near, MOST_CHOICES - 1))
