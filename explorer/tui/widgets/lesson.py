"""The lesson's panel: a heading, and the text wrapped to the panel; one line has the most that fits."""

from __future__ import annotations

from explorer.views.lesson import LessonRow
from explorer.views.markdown import first_sentence, markdown_lines
from explorer.views.spans import Line, fit, line, rule, wrapped_spans


def lesson_lines(row: LessonRow | None, width: int) -> tuple[Line, ...]:
    """Format the text and, under it, the hint; any number of lines."""
    if row is None:
        return ()
    lines = markdown_lines(row.text, width)
    if not row.hint:
        return lines
    return (*lines, *wrapped_spans(line(("▸ ", "next"), (row.hint, "next")), width))


def lesson_title(row: LessonRow | None, width: int, part: str, *, focused: bool) -> Line:
    """Format the heading: what the text is, its page of the lesson, and which part of it is visible."""
    title = line(
        (row.title if row else "lesson", "title"), (f" {row.place}" if row and row.place else "", "bold")
    )
    return rule(title, width, focused=focused, right=line((part, "dim")) if part else ())


def one_line(row: LessonRow | None, width: int, *, focused: bool) -> Line:
    """Format a panel of one line: the first sentence, or as much of it as fits; else the heading."""
    said = first_sentence(row.text) if row else ()
    if not said or row is None:
        return lesson_title(row, width, "more ↓" if row else "", focused=focused)
    head = line((f"{row.title} {row.place}".strip() + "  ", "focus" if focused else "title"))
    return fit((*head, *said), width)
