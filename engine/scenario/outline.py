"""What a scenario asks of its reader: the pages of its lesson and its questions, read without the model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.inputs.file_roles import SCENARIO
from engine.inputs.wrong_file import asking_for
from engine.scenario.file_text import read_text
from engine.scenario.toml_reader import parse_toml

_HEADING: Final = re.compile(r"^(?=## )", re.MULTILINE)


@dataclass(frozen=True)
class Outline:
    """The number of pages of a scenario's lesson, and the ids of its questions in their order."""

    pages: int = 0
    questions: tuple[str, ...] = ()


def read_outline(path: Path) -> Outline:
    """Read the outline of a scenario file; it is that of the loaded scenario if the file is valid.

    Errors: BadInput, with the line if the file is not TOML.
    """
    with asking_for(SCENARIO, path):
        return outline_of(parse_toml(read_text(path), str(path)))


def outline_of(document: dict[str, Any]) -> Outline:
    """Return the outline of a parsed scenario file; what has the wrong type counts as absent."""
    lesson = document.get("lesson")
    sections = sections_of(lesson) if isinstance(lesson, str) else []
    questions = enumerate(_tables(document, "question"), 1)
    return Outline(
        len(sections) + len(_tables(document, "page")),
        tuple(str(question.get("id", number)) for number, question in questions),
    )


def _tables(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = document.get(key)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def sections_of(lesson: str) -> list[str]:
    """Split the text of the key `lesson` into pages: a new one starts at each heading of the second level."""
    return [text for section in _HEADING.split(lesson) if (text := section.strip())]
