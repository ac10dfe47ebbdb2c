"""A question beside the screen: what is asked, the verdict on an answer, and the card at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.questions.generated import Prediction
from engine.words import listed

Word = Callable[[str], str]
"""How the reader gives a command, by its id: its key on the screen, its verb in text mode."""


@dataclass(frozen=True)
class Part:
    """A paragraph.

    style: of its text; mark: a glyph or a number before it; target: the console line of a click on it.
    optional: whether it is left out where there is too little room for all. prose: whether it is Markdown.
    """

    text: str
    style: str = ""
    mark: str = ""
    target: str = ""
    optional: bool = False
    prose: bool = False


@dataclass(frozen=True)
class QuestionRow:
    """What is shown in the place of the lesson.

    kind:  ask, verdict or card.
    title: its heading; place: which question of how many, or the score.
    parts: its paragraphs, the most important ones first.
    brief: what a panel of one line says after the heading.
    """

    kind: str
    title: str
    place: str
    parts: tuple[Part, ...]
    brief: str = ""


@dataclass(frozen=True)
class Decided:
    """A question with its answer: the indices of the given and the right choice."""

    question: Prediction
    given: int


def asked_row(question: Prediction, total: int, word: Word) -> QuestionRow:
    """An open question with its choices."""
    choices = (Part(choice, "", f"{n})", f"answer {n}") for n, choice in enumerate(question.choices, 1))
    leave = f"{word('interrupt')} leaves it, {word('continue-past')} continues past questions"
    hint = f"1-{len(question.choices)} answers, {leave}"
    parts = (Part(question.ask, prose=True), *choices, Part(hint, "next", "▸"))
    return QuestionRow("ask", "question", f"{question.number} of {total}", parts, question.ask)


def verdict_row(decided: Iterable[Decided], total: int, hint: str) -> QuestionRow:
    """What answers came to, with the reasons; hint: what to do next."""
    decided = tuple(decided)
    several = len(decided) > 1
    parts = [part for one in decided for part in _verdict(one, several=several)]
    numbers = listed(str(one.question.number) for one in decided)
    title = f"question{'s' * several} {numbers} of {total}:"
    words = verdict_words([one.given == one.question.right for one in decided])
    return QuestionRow("verdict", title, words, (*parts, Part(hint, "next", "▸")), hint)


def verdict_words(right: Sequence[bool]) -> str:
    """Say what answers came to: `right`, `wrong`; for several, `1 of 2 right`."""
    if len(right) == 1:
        return "right" if right[0] else "wrong"
    return f"{sum(right)} of {len(right)} right"


def _verdict(one: Decided, *, several: bool) -> Iterator[Part]:
    question = one.question
    right, given = question.choices[question.right], question.choices[one.given]
    ask = f"{question.number}. {question.ask}" if several else question.ask
    yield Part(ask, "dim", optional=True, prose=True)
    number = f"{question.number}. " if several else ""
    if one.given == question.right:
        yield Part(f"{number}{right}: your answer is right.", "good", "✓")
    else:
        yield Part(f"{number}{given}: your answer.", "bad", "✗")
        yield Part(f"{number}{right} is right.", "good", "✓")
    if question.why.strip():
        yield Part(question.why, prose=True)


def card_row(
    score: str,
    missed: Iterable[tuple[int, str, str]],
    further: Iterable[tuple[str, str]],
    close: str,
    word: Word,
) -> QuestionRow:
    """The card at the end of a run.

    score:   in words.
    missed:  for each question that was not answered right: its number, its text, what became of it.
    further: the names and titles of the next scenarios. close: how to close the card.
    """
    again = [
        Part(f"{ask} ({what}) :question {number}", "", str(number), f"question {number}", prose=True)
        for number, ask, what in missed
    ]
    more = [Part(f"{title} :open {name}", "", "→", f"open {name}") for name, title in further]
    head = Part("To see these again:", "dim") if again else Part("You answered every question right.", "good")
    next_ones = [Part("Next:", "dim"), *more] if more else []
    parts = (head, *again, *next_ones, Part(close, "next", "▸"))
    brief = f"{word('panel-9')} and {word('zoom')} show the rest, {close}"
    return QuestionRow("card", "the end:", score, parts, brief)
