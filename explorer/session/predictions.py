"""Predictions: the made-up question to ask now, the reply to an answer, and the score.

They come only on request. Independent of the screen: the dialog, text mode and the tests use it. The
scenario's own questions are in `explorer.session.questions`.
"""

from __future__ import annotations

from engine.questions.generated import Prediction, predictions
from explorer.session.score import Key
from explorer.session.session import Session


def next_question(session: Session) -> Prediction | None:
    """A question about the next step; unanswered ones first.

    None, with a message, if there is nothing to ask here. The history does not change.
    Errors: InvariantViolation as Runner.take.
    """
    history = session.history
    found = predictions(history)
    fresh = (question for question in found if _key(session, question) not in session.score.answers)
    question = next(fresh, found[0] if found else None)
    if question is None:
        ended = history.outcome is not None
        session.say(
            "the run has ended: nothing left to predict; S steps back"
            if ended
            else "nothing to predict about the next step; s takes it"
        )
    return question


def settle(session: Session, question: Prediction, given: int | None) -> None:
    """Record the user's answer, the index of a choice or None for a skipped question, and report the score.

    Only the first answer to a question counts.
    """
    if given is None:
        session.say(f"skipped; {score_text(session)}")
        return
    answers, key, right = session.score.answers, _key(session, question), given == question.right
    counts = key not in answers
    answers.setdefault(key, right)
    verdict = "right" if right else f"no, it is {question.choices[question.right]}"
    again = "" if counts else " (answered before, not counted)"
    session.say(f"{verdict}{again}; {score_text(session)}")


def score_text(session: Session) -> str:
    """The score in words."""
    score = session.score
    return f"{score.right} of {score.asked} predicted right" if score.asked else "nothing predicted yet"


def question_lines(question: Prediction) -> list[str]:
    """The question and its numbered choices, one line each."""
    return [question.ask, *(choice_line(question, number) for number in range(len(question.choices)))]


def choice_line(question: Prediction, number: int, given: int | None = None) -> str:
    """A choice with its number; after an answer, also whether it is the right or the given one."""
    mark = " "
    if given is not None:
        mark = "✓" if number == question.right else "✗" if number == given else " "
    return f"{mark} {number + 1}  {question.choices[number]}"


def verdict_lines(question: Prediction, given: int) -> list[str]:
    """The verdict on an answer, and the explanation."""
    right = question.choices[question.right]
    verdict = "Right." if given == question.right else f"No: it is {right}."
    return [verdict, question.why]


def _key(session: Session, question: Prediction) -> Key:
    """The identity of a question: its text, and the step and branch that it is about."""
    return session.history.owner(question.step), question.step, question.ask
