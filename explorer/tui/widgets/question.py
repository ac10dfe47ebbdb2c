"""The panel of a question: a heading, and paragraphs, each with a mark before it, wrapped to the panel."""

from __future__ import annotations

from typing import Final

from explorer.views.markdown import inline
from explorer.views.question import Part, QuestionRow
from explorer.views.spans import Line, fit, length, line, rule, wrapped_spans

ALL: Final = 999
"""More lines than any panel has."""

LEAST_TEXT: Final = 3
"""The least lines that are scrolled above those that stay visible."""


def question_lines(
    row: QuestionRow | None, width: int, room: int = ALL, chosen: int | None = None
) -> tuple[Line, ...]:
    """Format the paragraphs, any number of lines; if they do not fit, those that are not optional.

    chosen: the line that starts the paragraph under the panel's cursor.
    """
    found = _laid_out(row, width, room)
    part = None if chosen is None or chosen >= len(found) else found[chosen][0]
    return tuple(_reversed(one) if here is part else one for here, one in found)


def pinned_lines(row: QuestionRow | None, width: int, room: int) -> int:
    """Return how many of the last lines stay visible while those above are scrolled.

    They are what to do next, after the choices of a question.
    """
    found = [part for part, _ in _laid_out(row, width, room)]
    asks = row is not None and row.kind == "ask"
    last = [y for y, part in enumerate(found) if part.style == "next" or (asks and part.target)]
    lines = len(found) - min(last, default=len(found))
    return lines if room - lines >= LEAST_TEXT else 0


def choices_of(row: QuestionRow | None, width: int, room: int) -> tuple[int, ...]:
    """Return the first line of each paragraph that stands for a console line."""
    parts = [part for part, _ in _laid_out(row, width, room)]
    return tuple(y for y, part in enumerate(parts) if part.target and (not y or parts[y - 1] is not part))


def _reversed(spans: Line) -> Line:
    """Format a line of the paragraph under the cursor: all but the space before it is reversed."""
    return tuple((text, "new" if text.strip() else style) for text, style in spans)


def _laid_out(row: QuestionRow | None, width: int, room: int) -> list[tuple[Part, Line]]:
    """Return each line with the paragraph that it belongs to."""
    parts = row.parts if row else ()
    lines = [(part, one) for part in parts for one in _wrapped(part, width)]
    return lines if len(lines) <= room else [(part, one) for part, one in lines if not part.optional]


def _wrapped(part: Part, width: int) -> list[Line]:
    head = line((f" {part.mark} ", "key" if part.target else part.style)) if part.mark else line(" ")
    indent = length(head)
    spans = inline(part.text, part.style) if part.prose else line((part.text, part.style))
    lines = wrapped_spans(spans, max(width - indent, 8))
    return [(*(line(" " * indent) if n else head), *one) for n, one in enumerate(lines)]


def question_title(row: QuestionRow | None, width: int, part: str, *, focused: bool) -> Line:
    """Format the heading; part: the part of the lines that is visible."""
    title = line((row.title, "warn"), (f" {row.place}", "bold")) if row else ()
    return rule(title, width, focused=focused, right=line((part, "dim")) if part else ())


def one_line(row: QuestionRow | None, width: int, *, focused: bool) -> Line:
    """Format a panel of one line."""
    if row is None:
        return ()
    head = line((f"{row.title} {row.place}  ", "focus" if focused else "warn"))
    return fit((*head, (row.brief, "")), width)


def target_at(row: QuestionRow | None, width: int, room: int, y: int) -> str:
    """Return the console line that a click on line `y` under the heading carries out; "" for none."""
    lines = _laid_out(row, width, room)
    return lines[y][0].target if 0 <= y < len(lines) else ""
