"""The score of the questions that a user has answered."""

from __future__ import annotations

from dataclasses import dataclass, field

Key = tuple[int, int, str]
"""The identity of a made-up question: the branch and step that it is about, and its text."""


@dataclass(frozen=True)
class Given:
    """The first answer to a question of the scenario: the choice, and whether it was right."""

    text: str
    right: bool


@dataclass
class Score:
    """The score of the user's answers; only the first answer to each question counts.

    answers: of the made-up questions: whether each was answered right.
    given:   of the scenario's questions, by id: the answers that are decided.
    """

    answers: dict[Key, bool] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """The number of questions answered."""
        return len(self.answers) + len(self.given)

    @property
    def right(self) -> int:
        """The number of right answers."""
        return sum(self.answers.values()) + sum(given.right for given in self.given.values())

    @property
    def short(self) -> str:
        """`3/5`, of the scenario's questions, before their first one of the made-up ones; "" without any."""
        answers = [given.right for given in self.given.values()] or list(self.answers.values())
        return f"{sum(answers)}/{len(answers)}" if answers else ""
