"""Questions as a paper: plain text, Markdown to print, or one JSON object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from string import ascii_lowercase
from typing import Any

from explorer.papers.exercise import Exercise, Exercises
from explorer.papers.paper_head import moment_words, seed_words, settings_words
from explorer.papers.prose import escaped, markdown_of

# --- text -------------------------------------------------------------------------------------------------


def text_lines(papers: Iterable[Exercises], *, answers: bool) -> Iterator[str]:
    """Yield the lines of questions as text; answers: with the right answer and the reason below each."""
    papers = tuple(papers)
    seed = seed_words(paper.scenario for paper in papers)
    yield from [seed] if seed else []
    for number, paper in enumerate(papers):
        yield from ["", ""] if number or seed else []
        yield f"{paper.scenario.name}: {paper.scenario.title}"
        if words := settings_words(paper.scenario):
            yield f"({', '.join(words)})"
        for exercise in paper.asked:
            yield ""
            yield from _text_of(exercise, answers=answers)


def _text_of(exercise: Exercise, *, answers: bool) -> Iterator[str]:
    yield f"{exercise.number}. {_on_one_line(exercise.ask)}"
    if exercise.moment is not None:
        moment = moment_words(exercise)
        yield f"   [{exercise.id}{moment and f', asked {moment}'}]"
    for choice in lettered(exercise):
        yield f"   {choice}"
    if answers:
        yield f"   Answer: {lettered_answer(exercise)}"
        yield from [f"   {_on_one_line(exercise.why)}"] if exercise.why else []


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


# --- JSON -------------------------------------------------------------------------------------------------


def facts_of(papers: Iterable[Exercises], *, answers: bool) -> dict[str, Any]:
    """Return the facts of questions, ready for JSON.

    `asked` is the moment as the file writes it, or null if it has none.
    """
    found = [
        _facts(paper.scenario.name, exercise, answers=answers) for paper in papers for exercise in paper.asked
    ]
    return {"format": 1, "questions": found}


def _facts(scenario: str, exercise: Exercise, *, answers: bool) -> dict[str, Any]:
    facts = {
        "scenario": scenario,
        "number": exercise.number,
        "id": exercise.id,
        "asked": exercise.moment,
        "ask": _on_one_line(exercise.ask),
        "choices": list(exercise.choices),
    }
    key = {"answer": exercise.answer, "why": _on_one_line(exercise.why)}
    return {**facts, **key} if answers else facts


# --- Markdown ---------------------------------------------------------------------------------------------


def markdown_lines(papers: Iterable[Exercises], *, answers: bool) -> Iterator[str]:
    """Yield the lines of questions as Markdown; answers: with a key after all of them, to be kept back."""
    papers = tuple(papers)
    seed = seed_words(paper.scenario for paper in papers)
    yield "# Questions"
    yield from ["", seed] if seed else []
    for paper in papers:
        yield from ("", f"## {escaped(paper.scenario.title)}", "", _head_of(paper))
        for exercise in paper.asked:
            yield from ("", *question_markdown(exercise))
    if answers:
        yield from ("", "# Key")
        for paper in papers:
            yield from ("", f"## {escaped(paper.scenario.title)}")
            for exercise in paper.asked:
                yield from ("", *key_markdown(exercise))


def _head_of(paper: Exercises) -> str:
    scenario = paper.scenario
    return escaped(", ".join([scenario.name, scenario.form.level, *settings_words(scenario)]))


def question_markdown(exercise: Exercise) -> Iterator[str]:
    """Yield the lines of a question with its choices, or a line to write on."""
    moment = moment_words(exercise)
    place = f"{exercise.id}{moment and f', {moment}'}"
    last = "" if exercise.moment is None else f" *({escaped(place)})*"
    yield from _after(f"**{exercise.number}.** ", markdown_of(exercise.ask), last)
    yield ""
    for choice in lettered(exercise):
        yield f"- {escaped(choice)}"
    if not exercise.choices:
        yield r"Answer: \_\_\_\_\_\_\_\_\_\_\_\_"


def key_markdown(exercise: Exercise) -> Iterator[str]:
    """Yield the lines of the right answer and the reason."""
    yield f"**{exercise.number}.** {escaped(lettered_answer(exercise))}"
    if exercise.why.strip():
        yield from ("", *markdown_of(exercise.why).split("\n"))


def _after(first: str, text: str, last: str) -> Iterator[str]:
    """Yield the lines of Markdown with words before it, and after its first paragraph."""
    head, *rest = text.split("\n")
    yield f"{first}{head}{last}"
    yield from rest


def lettered(exercise: Exercise) -> list[str]:
    """Return the choices, each with its letter: `a) PQ_NONE`."""
    return [f"{letter}) {choice}" for letter, choice in zip(ascii_lowercase, exercise.choices, strict=False)]


def lettered_answer(exercise: Exercise) -> str:
    """Return the right answer, with its letter if it is one of the choices."""
    if not exercise.choices:
        return exercise.answer
    return lettered(exercise)[exercise.choices.index(exercise.answer)]
