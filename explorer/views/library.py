"""The library for a reader: each scenario with what it teaches, and a preview of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from engine.errors import BadInput
from engine.inputs.file_roles import SCENARIO
from engine.inputs.wrong_file import asking_for
from engine.scenario.file_text import read_text
from engine.scenario.format import form_of, places_of
from engine.scenario.library import OWN, Library, Listing
from engine.scenario.toml_reader import parse_toml
from engine.words import plural
from explorer.views.markdown import INLINE


def is_found(one: Listing, text: str) -> bool:
    """Whether a scenario contains every word of a text."""
    searched = _searched(one)
    return all(word in searched for word in text.lower().split())


@cache
def _searched(one: Listing) -> str:
    return " ".join((one.name, one.title, one.level, one.teaches, *one.covers)).lower()


@lru_cache(200)
def _checked(path: Path, text: str) -> Mapping[str, Any]:
    """Parse a scenario's file, whose keys all have their types; parameters have their default values.

    Errors: BadInput with file and line.
    """
    document = parse_toml(text, str(path))
    form_of(document, places_of(text, ()), text, path, (), None, None)
    return document


def _document(name: str, library: Library) -> Mapping[str, Any]:
    """Return the tables of a scenario's file.

    Errors: BadInput with file and line.
    """
    path = library.find(name)
    with asking_for(SCENARIO, path):
        return _checked(path, read_text(path))


def preview(one: Listing, done: str, library: Library = OWN, *, brief: bool = False) -> tuple[str, ...]:
    """Return the lines of a scenario's preview: title, what it teaches, machine, progress, its lesson.

    A file that is not a scenario has the error as its preview.
    done:  what was done in it, in words.
    brief: whether to leave out the lesson and the headings that it covers.
    """
    try:
        file = _document(one.name, library)
    except BadInput as error:
        return (str(error),)
    said = [f"Done so far: {done}."] if done else []
    lines = [one.title, *said, one.teaches, _about(one, file)]
    if brief:
        return tuple(lines)
    covers = ", ".join(part.replace("`", "") for part in one.covers)
    return (*lines, f"Covers: {covers}." if covers else "", *_lesson_start(_first_page(file)))


def _about(one: Listing, file: Mapping[str, Any]) -> str:
    """Say in a line what a scenario runs on, and how many threads and questions it has."""
    threads, questions = len(file.get("thread", ())), len(file.get("question", ()))
    about = [_machine_words(file.get("machine", {})), f"rules {one.rules}", plural(threads, "thread")]
    return ", ".join([*about, *([plural(questions, "question")] if questions else [])])


def _machine_words(machine: Mapping[str, Any]) -> str:
    if "hwloc" in machine:
        return f"machine {machine['hwloc']}"
    parts = [str(machine[key]) for key in ("memory", "topology") if key in machine]
    colors = [f"{machine['colors']} colours"] if "colors" in machine else []
    counters = ["the counters of a real machine"] if "counters" in machine else []
    return ", ".join([*parts, *colors, *counters]) or "the default machine"


def _first_page(file: Mapping[str, Any]) -> str:
    """Return the Markdown with which the lesson begins."""
    pages = file.get("page", ())
    return str(file.get("lesson") or (pages[0]["say"] if pages else ""))


def _lesson_start(lesson: str) -> list[str]:
    """Return the first paragraphs of a lesson, each as a line, without its heading."""
    blocks = [" ".join(block.split()) for block in lesson.strip().split("\n\n")]
    prose = [block for block in blocks if not block.startswith(("#", "|", "-", "```"))]
    return ["", *(_plain(block) for block in prose[:3])]


def _plain(text: str) -> str:
    """Return the words of a paragraph of Markdown: those of a link, of what is bold, of code."""

    def words(found: re.Match[str]) -> str:
        code, *others = found.group("code", "bold", "emphasis", "link")
        return code or _plain(next(filter(None, others)))

    return INLINE.sub(words, text)
