"""A question, a verdict, or the card at the end of a run, in lines without drawings."""

from __future__ import annotations

from typing import Final

from explorer.text.sentences import sentence
from explorer.views.question import Part, QuestionRow

_MARKS: Final = {"▸": "", "✓": "right:", "✗": "wrong:", "→": ""}


def question_sentences(row: QuestionRow) -> list[str]:
    """Return the heading and the paragraphs, each as a line; the message before it names a question."""
    head = [] if row.kind == "ask" else [sentence(f"{row.title} {row.place}")]
    return [*head, *map(_line, row.parts)]


def _line(part: Part) -> str:
    if part.mark == "▸":
        return sentence(part.text)
    mark = _MARKS.get(part.mark, part.mark)
    return f"  {f'{mark} ' if mark else ''}{part.text}" if part.mark else part.text
