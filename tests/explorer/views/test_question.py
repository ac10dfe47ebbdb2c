"""The rows of a question: the open one, the verdict, and the card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.questions.generated import Prediction
from explorer.views.question import Decided, Part, asked_row, card_row, verdict_row, verdict_words

ONE = Prediction(
    "scenario", "Which queue?", ("PQ_FREE", "PQ_NONE"), 1, "No function moves it.", 24, 3, "queue"
)
TWO = Prediction("scenario", "And then?", ("yes", "no"), 0, "It does.", 24, 4, "then")

KEYS = {"interrupt": "Esc", "continue-past": "!", "panel-9": "9", "zoom": "z"}


def texts(parts: tuple[Part, ...]) -> list[str]:
    return [f"{part.mark} {part.text}".strip() for part in parts]


def test_an_open_question_has_its_choices_and_how_to_answer() -> None:
    row = asked_row(ONE, 7, KEYS.__getitem__)
    assert (row.kind, row.title, row.place) == ("ask", "question", "3 of 7")
    assert texts(row.parts) == [
        "Which queue?", "1) PQ_FREE", "2) PQ_NONE",
        "▸ 1-2 answers, Esc leaves it, ! continues past questions",
    ]  # fmt: skip
    assert [part.target for part in row.parts] == ["", "answer 1", "answer 2", ""]


def test_a_verdict_has_the_right_choice_and_the_reason() -> None:
    row = verdict_row([Decided(ONE, 1)], 7, "n continues")
    assert (row.title, row.place) == ("question 3 of 7:", "right")
    assert texts(row.parts) == [
        "Which queue?", "✓ PQ_NONE: your answer is right.", "No function moves it.", "▸ n continues",
    ]  # fmt: skip
    row = verdict_row([Decided(ONE, 0)], 7, "")
    assert row.place == "wrong"
    assert texts(row.parts)[1:3] == ["✗ PQ_FREE: your answer.", "✓ PQ_NONE is right."]


def test_a_question_without_a_reason_has_no_empty_line() -> None:
    row = verdict_row([Decided(replace(ONE, why=""), 1)], 7, "n continues")
    assert texts(row.parts) == ["Which queue?", "✓ PQ_NONE: your answer is right.", "▸ n continues"]


def test_the_verdict_on_several_names_each() -> None:
    row = verdict_row([Decided(ONE, 1), Decided(TWO, 1)], 7, "")
    assert (row.title, row.place) == ("questions 3 and 4 of 7:", "1 of 2 right")
    assert "4. And then?" in texts(row.parts)


@pytest.mark.parametrize(
    ("right", "words"),
    [([True], "right"), ([False], "wrong"), ([True, False], "1 of 2 right"), ([False] * 3, "0 of 3 right")],
)
def test_the_words_of_a_verdict(right: list[bool], words: str) -> None:
    assert verdict_words(right) == words


def test_the_card_has_the_way_back_and_the_next_scenarios() -> None:
    row = card_row(
        "1 of 2 right",
        [(3, "Which queue?", "you said PQ_FREE")],
        [("tour", "A tour")],
        "Esc closes this",
        KEYS.__getitem__,
    )
    assert (row.kind, row.title, row.place) == ("card", "the end:", "1 of 2 right")
    assert texts(row.parts) == [
        "To see these again:", "3 Which queue? (you said PQ_FREE) :question 3",
        "Next:", "→ A tour :open tour", "▸ Esc closes this",
    ]  # fmt: skip
    assert [part.target for part in row.parts] == ["", "question 3", "", "open tour", ""]
    assert row.brief == "9 and z show the rest, Esc closes this"
    assert (
        texts(card_row("2 of 2 right", [], [], "", KEYS.__getitem__).parts)[0]
        == "You answered every question right."
    )
