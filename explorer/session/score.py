"""The score of the questions that a user has answered."""

from __future__ import annotations

from dataclasses import dataclass, field

Key = tuple[int, int, str]
"""The identity of a predicted question: the branch and step that it is about, and its text."""


@dataclass
class Score:
    """The score of the user's predictions.

    answers: whether the first answer to each question was right; later answers do not count.
    """

    answers: dict[Key, bool] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """The number of questions answered."""
        return len(self.answers)

    @property
    def right(self) -> int:
        """The number of right answers."""
        return sum(self.answers.values())

    @property
    def short(self) -> str:
        """`3/5`; "" before the first question."""
        return f"{self.right}/{self.asked}" if self.answers else ""
