"""The library for a reader: each scenario with what it teaches, and a preview of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.scenario.file_text import read_text
from engine.scenario.format import form_of, places_of
from engine.scenario.library import OWN, Library, Listing
from engine.scenario.toml_reader import parse_toml
from engine.words import plural


@dataclass(frozen=True)
class Progress:
    """What was done in a scenario in this session: recorded steps, how the run ended, answers, right ones."""

    steps: int = 0
    outcome: str = ""
    answered: int = 0
    right: int = 0

    def words(self, questions: int) -> str:
        """Say it in a few words; questions: those of the scenario."""
        parts = [plural(self.steps, "step"), *([self.outcome] if self.outcome else [])]
        if self.answered:
            parts.append(f"{self.right} of {self.answered} answers right ({plural(questions, 'question')})")
        return ", ".join(parts)


def found(text: str, library: Library = OWN) -> tuple[Listing, ...]:
    """Return the scenarios that contain every word of `text`, by level.

    A file that cannot be listed is there too, with the error as its title.
    """
    words = text.lower().split()
    listed = library.listings(broken=True)
    return tuple(one for one in listed if all(word in _searched(one) for word in words))


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
    return _checked(path, read_text(path))


def questions_of(name: str, library: Library = OWN) -> int:
    """Return the number of questions of a scenario; 0 if its file is not a scenario."""
    try:
        return len(_document(name, library).get("question", ()))
    except BadInput:
        return 0


def preview(
    one: Listing, done: Progress | None, library: Library = OWN, *, brief: bool = False
) -> tuple[str, ...]:
    """Return the lines of a scenario's preview: title, what it teaches, machine, progress, its lesson.

    A file that is not a scenario has the error as its preview.
    brief: whether to leave out the lesson and the headings that it covers.
    """
    try:
        file = _document(one.name, library)
    except BadInput as error:
        return (str(error),)
    questions = len(file.get("question", ()))
    lines = [one.title, one.teaches, _about(one, file)]
    if done is not None:
        lines.append(f"In this session: {done.words(questions)}.")
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
    return ", ".join([*parts, *colors]) or "the default machine"


def _first_page(file: Mapping[str, Any]) -> str:
    """Return the text with which the lesson begins: links as their words."""
    pages = file.get("page", ())
    text = file.get("lesson") or (pages[0]["say"] if pages else "")
    return _LINK.sub(r"\1", text)


_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")


def _lesson_start(lesson: str) -> list[str]:
    """Return the first paragraphs of a lesson, each as a line, without its heading."""
    blocks = [" ".join(block.split()) for block in lesson.strip().split("\n\n")]
    prose = [block for block in blocks if not block.startswith(("#", "|", "-", "```"))]
    return ["", *(re.sub(r"[*`]", "", block) for block in prose[:3])]
