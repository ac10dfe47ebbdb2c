"""What a session knows of the scenario's questions: the open one, the answers, the verdicts, the end card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from engine.questions.generated import Prediction

Place = tuple[int, int]
"""A branch and a step."""


@dataclass(frozen=True)
class Asked:
    """A question that is open at a place."""

    place: Place
    question: Prediction


@dataclass(frozen=True)
class Reply:
    """An answer, the index of a choice, to a question that is decided at a later step of a branch."""

    question: Prediction
    given: int
    branch: int

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.given == self.question.right

    @property
    def text(self) -> str:
        """The choice."""
        return self.question.choices[self.given]


@dataclass(frozen=True)
class Verdict:
    """The replies that were decided at a place, or before it."""

    place: Place
    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class Cut:
    """A motion that a question has stopped: where it started, and how to make it again; None for playback."""

    place: Place
    again: Callable[[], Iterator[None] | None] | None


@dataclass
class Learning:
    """The state of learn mode.

    on:      whether runs stop at questions.
    past:    whether the motion under way continues past questions.
    looking: whether that motion is looking for a step, so that where it is does not count.
    veiled:  whether what comes next is hidden although no question is open: one is printed beside a picture.
    seed:    of the order of the choices.
    asked:   the open question, or None; it is open only at its place.
    met:     the ids of the questions that were opened: a run does not stop at them again.
    unasked: the ids of those of them that could not be asked in this run.
    replies: by id, the answers to questions that are not decided yet.
    verdict: what the last replies came to, shown at its place.
    card:    where the card at the end of the run is shown; carded: whether it has been shown.
    cut:     the motion that the last question stopped, or None.
    """

    on: bool = False
    past: bool = False
    looking: bool = False
    veiled: bool = False
    seed: int = 0
    asked: Asked | None = None
    met: set[str] = field(default_factory=set)
    unasked: set[str] = field(default_factory=set)
    replies: dict[str, Reply] = field(default_factory=dict)
    verdict: Verdict | None = None
    card: Place | None = None
    carded: bool = False
    cut: Cut | None = None

    def close(self) -> None:
        """Close the open question, the verdict and the card."""
        self.asked = self.verdict = self.card = None

    def asked_at(self, place: Place) -> Prediction | None:
        """Return the question that is open at a place."""
        return self.asked.question if self.asked is not None and self.asked.place == place else None

    def verdict_at(self, place: Place) -> tuple[Reply, ...]:
        """Return the replies that were decided at a place."""
        return self.verdict.replies if self.verdict is not None and self.verdict.place == place else ()
