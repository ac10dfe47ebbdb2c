"""The lesson's panel: a heading, and the text wrapped to the panel; one line has the most that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from explorer.views.lesson import LessonRow
from explorer.views.markdown import LINK, first_sentence, markdown_lines
from explorer.views.spans import Line, columns, fit, length, line, rule, wrapped_spans

NARROW: Final = 60
"""Fewer columns than this have no room for all of the heading."""


@dataclass(frozen=True)
class Link:
    """A link of the text: where it goes, and its places as (line, first column, column after it)."""

    kind: str
    target: str
    places: tuple[tuple[int, int, int], ...]

    def is_at(self, x: int, y: int) -> bool:
        """Whether a column and a line of the text are on the link."""
        return any(y == line and first <= x < beyond for line, first, beyond in self.places)


def lesson_lines(row: LessonRow | None, width: int, chosen: Link | None = None) -> tuple[Line, ...]:
    """Format the text and, under it, the hint and the values of cells; any number of lines.

    chosen: the link under the panel's cursor.
    """
    if row is None:
        return ()
    lines = tuple(_with_links(spans, y, chosen) for y, spans in enumerate(markdown_lines(row.text, width)))
    if row.hint:
        mark, style = ("✓ ", "good") if row.done else ("▸ ", "next")
        lines = (*lines, *wrapped_spans(line((mark, style), (row.hint, style)), width))
    return (*lines, *wrapped_spans(_values(row), width)) if row.values else lines


def _values(row: LessonRow) -> Line:
    """Format the cells that the page asks to look at, with their values."""
    found = [line(("◈ ", "lit"), (text, "label"), " = ", (words, "now"), " ") for text, words in row.values]
    return tuple(span for spans in found for span in spans)


def _with_links(spans: Line, y: int, chosen: Link | None) -> Line:
    """Give links their style on the screen; the chosen one is reversed."""
    if not any(style.startswith(LINK) for _, style in spans):
        return spans
    found, x = [], 0
    for text, style in spans:
        on = chosen is not None and chosen.is_at(x, y)
        found.append((text, ("new" if on else "link") if style.startswith(LINK) else style))
        x += columns(text)
    return tuple(found)


def links_of(row: LessonRow | None, width: int) -> tuple[Link, ...]:
    """Return the links of the text in the order of reading; a link that is wrapped has several places."""
    links: list[Link] = []
    last = ""
    for y, spans in enumerate(markdown_lines(row.text, width) if row else ()):
        x = 0
        for text, style in spans:
            if style.startswith(LINK):
                at = (y, x, x + columns(text))
                if style == last:
                    links[-1] = Link(links[-1].kind, links[-1].target, (*links[-1].places, at))
                else:
                    kind, _, target = style.removeprefix(LINK).partition(":")
                    links.append(Link(kind, target, (at,)))
            last = style if style.startswith(LINK) or text.strip() else last
            x += columns(text)
    return tuple(links)


def lesson_title(row: LessonRow | None, width: int, part: str, *, focused: bool) -> Line:
    """Format the heading: what the text is, its page, which part of it is visible, and the key to read on."""
    title = line(
        (row.title if row else "lesson", "title"), (f" {row.place}" if row and row.place else "", "bold")
    )
    turn = _turn(row, part)
    # On a narrow panel, whose heading has the keys of others too, the key says that there is more.
    shown: Line = ((part, "dim"),) if part and not (turn and width < NARROW) else ()
    right = (*shown, *((("  ", ""),) if shown and turn else ()), *turn)
    if length(title) + length(right) + 10 > width:
        right = ((part, "dim"),) if part else ()
    return rule(title, width, focused=focused, right=right)


def _turn(row: LessonRow | None, part: str) -> Line:
    """Format the key that reads on: to the part of the text that is not visible, else to the next page."""
    if row is None or not row.turn:
        return ()
    key, _, what = row.turn.partition(" ")
    return line((key, "key"), (" more" if part.endswith("↓") else f" {what}", "dim"))


def one_line(row: LessonRow | None, width: int, *, focused: bool) -> Line:
    """Format a panel of one line: the first sentence, or as much of it as fits; else the heading."""
    said = first_sentence(row.text) if row else ()
    if not said or row is None:
        return lesson_title(row, width, "more ↓" if row else "", focused=focused)
    head = line((f"{row.title} {row.place}".strip() + "  ", "focus" if focused else "title"))
    return fit((*head, *_with_links(said, 0, None)), width)


def link_after(links: Sequence[Link], chosen: Link | None, by: int) -> Link | None:
    """Return the next or previous link, around the ends; from none, the first or the last one."""
    if not links:
        return None
    if chosen not in links:
        return links[0 if by > 0 else -1]
    return links[(links.index(chosen) + by) % len(links)]
