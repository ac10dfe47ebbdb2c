"""Where the authored questions of a scenario are asked in the recorded steps, without extending the run."""

from __future__ import annotations

from collections.abc import Sequence

from engine.debug.expression_curve import EVALUATIONS
from engine.debug.moments import AtStep
from engine.debug.recorded_moments import RecordedMoments, Wanted
from engine.run.history import History
from engine.scenario.question import Question


class DueSteps:
    """The steps at which questions are asked, for each branch of each history."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._moments = RecordedMoments([_wanted(question) for question in questions])

    def of(self, history: History) -> tuple[int, ...]:
        """Return the recorded steps of the branch at which a question is asked, ascending and unique."""
        return tuple(sorted({step for step in self.by_question(history) if step is not None}))

    def by_question(self, history: History, most: int | None = EVALUATIONS) -> tuple[int | None, ...]:
        """Return the step at which each question is asked; None where that is not recorded.

        most: as for RecordedMoments.of.
        """
        return self._moments.of(history, most)


def _wanted(question: Question) -> Wanted:
    if question.asked is not None:
        return Wanted(question.asked)
    if isinstance(question.decided, AtStep) and not question.after:
        return Wanted(AtStep(max(question.decided.number - 1, 0)))
    return Wanted(question.decided, question.after)
