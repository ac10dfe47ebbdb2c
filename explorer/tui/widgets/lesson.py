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

LEAST_TEXT: Final = 3
"""The lines of its text that a page keeps before the values of cells do."""

_LOOK: Final[Line] = (("◈", "lit"), (" ", ""))
_BETWEEN: Final[Line] = ((" · ", "dim"),)


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
    """Format the text and, under it, the values of cells and the hint; any number of lines.

    chosen: the link under the panel's cursor.
    """
    if row is None:
        return ()
    text = (_with_links(spans, y, chosen) for y, spans in enumerate(markdown_lines(row.text, width)))
    return (*text, *_values(row.values, width), *_hint(row, width))


def pinned_lines(row: LessonRow | None, width: int, room: int) -> int:
    """Return how many of the last lines of a lesson stay visible while the text is scrolled.

    The hint does; the values do too, if the text keeps LEAST_TEXT lines.
    """
    if row is None:
        return 0
    hint, values = len(_hint(row, width)), len(_values(row.values, width))
    every = hint + values
    return every if room - every >= LEAST_TEXT else min(hint, max(room - 1, 0))


def _hint(row: LessonRow, width: int) -> list[Line]:
    """Format what the reader can do next."""
    mark, style = ("✓ ", "good") if row.done else ("▸ ", "next")
    return wrapped_spans(line((mark, style), (row.hint, style)), width) if row.hint else []


def _values(values: tuple[tuple[str, str], ...], width: int) -> list[Line]:
    """Format the cells that the page asks to look at, with their values: as many on a line as fit."""
    room, lines = max(width - length(_LOOK), 1), list[Line]()
    for text, words in values:
        fact = line((text, "label"), " = ", (words, "now"))
        if lines and length(lines[-1]) + length(_BETWEEN) + length(fact) <= room:
            lines[-1] = (*lines[-1], *_BETWEEN, *fact)
        else:
            lines += wrapped_spans(fact, room)
    return [(*(line(" " * length(_LOOK)) if n else _LOOK), *spans) for n, spans in enumerate(lines)]


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
    what = "more" if part.endswith("↓") else what
    return line((key, "key"), (f" {what}", "dim")) if what else ()


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
