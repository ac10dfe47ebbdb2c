"""The pages of the lesson in text mode: a link is its words, and after them what to type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.errors import BadInput
from explorer.commands.lesson import asked_line, link_lines
from explorer.session.own_run import other_words
from explorer.session.session import Session
from explorer.text.sentences import sentence
from explorer.views.lesson import page_place
from explorer.views.markdown import FENCE, INLINE

NO_LESSON: Final = "This scenario has no lesson."

_ON_SCREEN: Final = ("panel", "step")
"""Kinds of links whose words are enough: text mode has no panels, and `r` goes to the pages' moments."""


def page_sentences(session: Session) -> list[str]:
    """Return the open page: which one it is, its text, and what to do."""
    reading, scenario = session.reading, session.scenario
    if scenario is None or not reading.pages:
        return [NO_LESSON]
    number = reading.page(session.history)
    place = page_place(scenario, number, other_words(session))
    head = f"Lesson, page {place}:" if len(reading.pages) > 1 else f"Lesson {place}".strip() + ":"
    return [head, *_text(session, number), *_what_to_do(session, number)]


def lesson_sentences(session: Session) -> list[str]:
    """Return all pages of the lesson, each after its number."""
    pages = session.reading.pages
    if not pages:
        return [NO_LESSON]
    lines = [sentence(session.title)] if session.title else []
    for number in range(len(pages)):
        lines += ["", *([f"Page {number + 1} of {len(pages)}:"] if len(pages) > 1 else [])]
        lines += _text(session, number)
    return lines


def _text(session: Session, number: int) -> list[str]:
    """Return the text of a page: a line for each of its lines, code and tables as they are."""
    lines, in_code = [], False
    for line in session.reading.pages[number].say.strip().split("\n"):
        in_code ^= (is_fence := line.lstrip().startswith(FENCE))
        lines.append(line if in_code or is_fence else _without_links(session, line))
    return lines


def _without_links(session: Session, text: str) -> str:
    """Return a text in which each link is its words and what to type."""

    def words(match: re.Match[str]) -> str:
        if match["link"] is None:
            return match[0]
        kind, _, target = match["target"].partition(":")
        typed = "" if kind in _ON_SCREEN else _typed(session, kind, target)
        return f"{match['link']} ({typed})" if typed else match["link"]

    return INLINE.sub(words, text)


def _typed(session: Session, kind: str, target: str) -> str:
    try:
        lines = link_lines(session, kind, target)
    except BadInput:
        return ""
    return f"explain {target}" if kind == "code" else lines[0]


def _what_to_do(session: Session, number: int) -> Iterator[str]:
    reading = session.reading
    if not reading.reaches(session.history):
        yield "This run does not come to the moment of this page."
    line = asked_line(session)
    if line and not reading.done:
        yield f"Type {line}."
    elif number + 1 < len(reading.pages):
        yield "Type r to read on."
