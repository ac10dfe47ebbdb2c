"""The parts of a scenario file that teach and check: [[page]], [[question]] and [[expect]]."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.scenario.toml_reader import Section, either
from engine.words import plural

Moment = str | int
"""A place in time: a step, `start`, `end`, `THREAD:LINE`, `THREAD:@ANCHOR` or `when EXPR`."""

OUTCOMES: Final = ("completed", "blocked", "deadlock", "livelock", "unlock_order", "leak")

FEWEST_KEYS: Final = 2
MOST_KEYS: Final = 9
"""How many choices a question may have: each is selected by one digit."""


@dataclass(frozen=True)
class PageForm:
    """[[page]] of the lesson.

    at:   the moment to which it belongs; None if it belongs to that of the page before.
    say:  its text, Markdown.
    look: cells, as EXPR, or panels that are lit while it is open.
    do:   a console line that the reader is asked to carry out; "" for none.
    """

    at: Moment | None
    say: str
    look: tuple[str, ...]
    do: str
    section: Section


@dataclass(frozen=True)
class QuestionForm:
    """[[question]]; `moment` is the value of the key `after` if `after` is true, else of `before`.

    id:    its name; its number in the file, from 1, if the file gives none.
    asked: when it is asked; None: when its value holds.
    stays: whether its value may be the same when it is asked.
    """

    id: str
    asked: Moment | None
    stays: bool
    moment: Moment
    after: bool
    ask: str
    choices: tuple[str, ...]
    answer: str
    value: str
    why: str
    section: Section


@dataclass(frozen=True)
class ExpectForm:
    """[[expect]]: an expression at a moment, or, if `that` is empty, an outcome."""

    at: Moment
    that: str
    outcome: str
    section: Section


def whole_lesson(lesson: str, pages: Iterable[PageForm]) -> str:
    """Return the text of a lesson: the key `lesson`, then what the pages say."""
    return "\n\n".join(text for text in (lesson.strip("\n"), *(page.say.strip() for page in pages)) if text)


def read_page(part: Section, found: list[PageForm]) -> PageForm:
    """Read a [[page]].

    Errors: BadInput with file and line.
    """
    say = part.text("say")
    if not say.strip():
        raise part.error("say is empty; write one to four sentences", "say")
    return PageForm(
        at=_moment(part, "at") if part.has("at") else None,
        say=say,
        look=part.texts("look"),
        do=part.one_line("do", "") if part.text("do", "").strip() else "",
        section=part,
    )


def read_question(part: Section, found: list[QuestionForm]) -> QuestionForm:
    """Read a [[question]]; `found` are those before it.

    Errors: BadInput with file and line.
    """
    before, after = part.has("before"), part.has("after")
    if before is after:
        raise part.error('a question needs one moment; write before = "THREAD:LINE" or after = "THREAD:LINE"')
    answer = part.take("answer", (str, int))
    return QuestionForm(
        id=part.id("id", [other.id for other in found]) if part.has("id") else str(len(found) + 1),
        asked=_moment(part, "asked") if part.has("asked") else None,
        stays=part.flag("stays", False),
        moment=_moment(part, "after" if after else "before"),
        after=after,
        ask=_ask(part),
        choices=_choices(part),
        answer=str(answer),
        value=part.text("value"),
        why=part.text("why", ""),
        section=part,
    )


def _ask(part: Section) -> str:
    ask = part.text("ask")
    if not ask.strip():
        raise part.error("ask is empty; write the question", "ask")
    return ask


def _choices(part: Section) -> tuple[str, ...]:
    part.describe("choices", "list of strings", f"{FEWEST_KEYS} to {MOST_KEYS}", [])
    choices = part.texts("choices")
    if choices and not FEWEST_KEYS <= len(choices) <= MOST_KEYS:
        wrong = f"a question with {plural(len(choices), 'choice')}"
        right = f"write {FEWEST_KEYS} to {MOST_KEYS}, or none: then the program makes some"
        raise part.error(f"{wrong} cannot be asked; {right}", "choices")
    return choices


def read_expect(part: Section, found: list[ExpectForm]) -> ExpectForm:
    """Read an [[expect]]; `found` are those before it.

    Errors: BadInput with file and line.
    """
    part.describe("outcome", "string", either((*OUTCOMES, "panic:FUNCTION")))
    part.describe("that", "string")
    if not part.has("outcome"):
        return ExpectForm(_moment(part, "at", "end"), part.text("that"), "", part)
    if part.has("at") or part.has("that"):
        raise part.error("an [[expect]] has at and that, or an outcome; split it into two [[expect]]")
    outcome = part.one_line("outcome")
    if outcome not in OUTCOMES and re.fullmatch(r"panic:\w+", outcome) is None:
        words = f"{', '.join(OUTCOMES)} or panic:FUNCTION"
        raise part.error(f"{outcome[:40]!r} is not an outcome; use {words}", "outcome")
    if any(other.outcome for other in found):
        raise part.error("this is a second outcome; a scenario has only one", "outcome")
    return ExpectForm("end", "", outcome, part)


def _moment(part: Section, key: str, default: Moment | None = None) -> Moment:
    value: Moment = part.take(key, (str, int), default)
    if isinstance(value, int) and value < 0:
        raise part.error(f"{key} = {value} is not a step; steps start at 0", key)
    return value
