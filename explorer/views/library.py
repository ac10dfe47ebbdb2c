"""The library for a reader: each scenario with what it teaches, and a preview of one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from engine.scenario.library import OWN, Listing
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


def found(text: str) -> tuple[Listing, ...]:
    """Return the scenarios that contain every word of `text`, in the order of `pageq list`."""
    words = text.lower().split()
    return tuple(one for one in scenarios() if all(word in _searched(one) for word in words))


@cache
def scenarios() -> tuple[Listing, ...]:
    """Return the scenarios of the library; they are read once."""
    return OWN.listings()


@cache
def _searched(one: Listing) -> str:
    return " ".join((one.name, one.title, one.level, one.teaches, *one.covers)).lower()


@cache
def _document(name: str) -> Mapping[str, Any]:
    return tomllib.loads((OWN.path / f"{name}.toml").read_text(encoding="utf-8"))


def questions_of(name: str) -> int:
    """Return the number of questions of a scenario."""
    return len(_document(name).get("question", ()))


def preview(one: Listing, done: Progress | None, *, brief: bool = False) -> tuple[str, ...]:
    """Return the lines of a scenario's preview: title, what it teaches, machine, progress, its lesson.

    brief: whether to leave out the lesson and the headings that it covers.
    """
    file = _document(one.name)
    threads = [thread["name"] for thread in file.get("thread", ())]
    about = [_machine_words(file.get("machine", {})), f"rules {one.rules}", plural(len(threads), "thread")]
    questions = questions_of(one.name)
    about += [plural(questions, "question")] if questions else []
    lines = [one.title, one.teaches, ", ".join(about)]
    if done is not None:
        lines.append(f"In this session: {done.words(questions)}.")
    if brief:
        return tuple(lines)
    covers = ", ".join(part.replace("`", "") for part in one.covers)
    return (*lines, f"Covers: {covers}." if covers else "", *_lesson_start(_first_page(file)))


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
