"""Lines of text in styles: what panels are made of, and what a text mode prints. Needs no Textual."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[str, str]
"""A piece of text and the name of its style."""

Line = tuple[Span, ...]


def line(*spans: Span | str) -> Line:
    """A line of spans; a bare string has the plain style."""
    return tuple((span, "") if isinstance(span, str) else span for span in spans if span)


def length(spans: Iterable[Span]) -> int:
    """Columns that a line takes; every character here is one column wide."""
    return sum(len(text) for text, _ in spans)


def fit(spans: Line, width: int) -> Line:
    """The line cut to `width` columns, with an ellipsis where something is lost."""
    if length(spans) <= width:
        return spans
    kept: list[Span] = []
    room = max(width - 1, 0)
    for text, style in spans:
        kept.append((text[:room], style))
        room -= len(text[:room])
    return (*kept, ("…" if width else "", "dim"))


def spread(left: Line, right: Line, width: int, style: str = "") -> Line:
    """Two pieces at both ends of a line; the left one is cut if they do not fit."""
    room = width - length(right)
    left = fit(left, max(room - 1, 0))
    return (*left, (" " * max(room - length(left), 0), style), *right)


def rule(title: Line, width: int, *, focused: bool, right: Line = ()) -> Line:
    """A panel's top line: `── title ─────`, heavy when the panel has the focus."""
    dash, style = ("━", "focus") if focused else ("─", "rule")
    head: Line = ((dash * 2 + " ", style), *title, (" ", style)) if title else ()
    tail: Line = ((" ", style), *right, (" " + dash, style)) if right else ()
    head = fit(head, max(width - length(tail), 0))
    return (*head, (dash * max(width - length(head) - length(tail), 0), style), *tail)


def merged(spans: Iterable[Span]) -> Line:
    """Neighbours of one style as one span: fewer bytes to the terminal."""
    found: list[Span] = []
    for text, style in spans:
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + text, style)
        else:
            found.append((text, style))
    return tuple(found)


def plain(lines: Iterable[Line]) -> str:
    """The text of lines, as tests compare it."""
    return "\n".join("".join(text for text, _ in spans).rstrip() for spans in lines)
