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
"""How a run can end, besides a panic: with `panic:FUNCTION`."""

OUTCOMES_OF_ALL: Final = (*OUTCOMES, "script error", "invariant")
"""How a schedule of a search can end, besides a panic."""

EVERY: Final = "every"
SOME: Final = "some"
ALWAYS: Final = "always"
ABOUT_ALL: Final = (EVERY, SOME, ALWAYS)
"""The keys of an [[expect]] that is about all schedules."""

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
    value: "" if the question is about all schedules; `moment` is then that of `asked`.
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

    @property
    def about_all(self) -> bool:
        """Whether it is about all schedules."""
        return not self.value


@dataclass(frozen=True)
class ExpectForm:
    """[[expect]]: an expression at a moment, or, if `that` is empty, an outcome.

    over: `every`, `some` or `always` if it is about all schedules, else "".
    """

    at: Moment
    that: str
    outcome: str
    section: Section
    over: str = ""


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
    before, after, valued, asked = (part.has(key) for key in ("before", "after", "value", "asked"))
    about_all = asked and not (before or after or valued)
    if before is after and not about_all:
        or_all = "" if before or valued else "; one about all schedules has asked alone, and no value"
        raise part.error(f"{_ONE_MOMENT}{or_all}")
    answer = part.take("answer", (str, int))
    return QuestionForm(
        id=part.id("id", [other.id for other in found]) if part.has("id") else str(len(found) + 1),
        asked=_moment(part, "asked") if asked else None,
        stays=part.flag("stays", False),
        moment=_moment(part, "asked" if about_all else "after" if after else "before"),
        after=after,
        ask=_ask(part),
        choices=_choices(part),
        answer=str(answer),
        value="" if about_all else _value(part),
        why=part.text("why", ""),
        section=part,
    )


_ONE_MOMENT: Final = 'a question needs one moment; write before = "THREAD:LINE" or after = "THREAD:LINE"'


def _value(part: Section) -> str:
    value = part.text("value")
    if not value.strip():
        raise part.error("value is empty; write an EXPR that has the value of the answer", "value")
    return value


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
    for over in (EVERY, SOME):
        part.describe(over, "string", either(("end",)))
    part.describe(ALWAYS, "string")
    given = [over for over in ABOUT_ALL if part.has(over)]
    if given:
        return _about_all(part, given)
    if not part.has("outcome"):
        return ExpectForm(_moment(part, "at", "end"), part.text("that"), "", part)
    if part.has("at") or part.has("that"):
        raise part.error("an [[expect]] has at and that, or an outcome; split it into two [[expect]]")
    outcome = _outcome(part, OUTCOMES)
    if any(other.outcome and not other.over for other in found):
        raise part.error("this is a second outcome; a scenario has only one", "outcome")
    return ExpectForm("end", "", outcome, part)


def _about_all(part: Section, given: list[str]) -> ExpectForm:
    """Read an [[expect]] about all schedules, which has the keys `given` of ABOUT_ALL."""
    over = given[0]
    if given[1:]:
        words = f"an [[expect]] has one of {', '.join(ABOUT_ALL)}; split it into {len(given)} [[expect]]"
        raise part.error(words, given[1])
    if over == ALWAYS:
        if other := [key for key in ("at", "that", "outcome") if part.has(key)]:
            words = f"always has the EXPR that holds after every step; remove {' and '.join(other)}"
            raise part.error(words, other[0])
        return ExpectForm("end", part.text(ALWAYS), "", part, over)
    if part.text(over) != "end":
        words = f'{over} = {part.text(over)[:40]!r} is not possible; write {over} = "end"'
        raise part.error(words, over)
    if part.has("at"):
        raise part.error(f"an [[expect]] with {over} is about the end of schedules; remove at", "at")
    that, outcome = part.has("that"), part.has("outcome")
    if that is outcome:
        right = "split it into two [[expect]]" if that else 'add that = "EXPR" or outcome = "..."'
        raise part.error(f"an [[expect]] with {over} has that or an outcome; {right}", over)
    if that:
        return ExpectForm("end", part.text("that"), "", part, over)
    return ExpectForm("end", "", _outcome(part, OUTCOMES_OF_ALL), part, over)


def _outcome(part: Section, known: tuple[str, ...]) -> str:
    outcome = part.one_line("outcome")
    if wrong := wrong_outcome(outcome, known):
        raise part.error(wrong, "outcome")
    return outcome


def wrong_outcome(outcome: str, known: tuple[str, ...] = OUTCOMES_OF_ALL) -> str:
    """Return what is wrong with an outcome, and what would be right; "" if nothing is.

    known: the outcomes that are possible besides `panic:FUNCTION`.
    """
    if outcome in known or re.fullmatch(r"panic:\w+", outcome, re.ASCII):
        return ""
    return f"{outcome[:40]!r} is not an outcome; use {', '.join(known)} or panic:FUNCTION"


def _moment(part: Section, key: str, default: Moment | None = None) -> Moment:
    value: Moment = part.take(key, (str, int), default)
    if isinstance(value, int) and value < 0:
        raise part.error(f"{key} = {value} is not a step; steps start at 0", key)
    return value
