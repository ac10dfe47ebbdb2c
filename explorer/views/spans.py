"""Lines of styled text, for panels and for text mode. Does not import Textual.

Only this module measures, cuts and pads text. An East Asian character or an emoji takes two columns, a
combining mark takes none; rich counts them as Textual does. Rich is imported when the first non-ASCII text is
measured, so that commands without a screen start without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

Span = tuple[str, str]
"""A piece of text and the name of its style."""

Line = tuple[Span, ...]


def columns(text: str) -> int:
    """The number of columns that a text takes."""
    return len(text) if text.isascii() else _cells(text)


@lru_cache(4096)
def _cells(text: str) -> int:
    from rich.cells import cell_len  # noqa: PLC0415

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """The first `width` columns of a text; half a wide character becomes a space."""
    if text.isascii():
        return text[: max(width, 0)]
    from rich.cells import set_cell_size  # noqa: PLC0415

    return set_cell_size(text, max(min(columns(text), width), 0))


def shortened(text: str, width: int) -> str:
    """The text, cut to `width` columns with an ellipsis if it is longer."""
    return text if columns(text) <= width else cut(text, width - 1) + "…" * (width > 0)


def axis(labels: Iterable[tuple[int, str]], width: int, pointer: range = range(0)) -> str:
    """A line of `width` columns with labels, each at its column.

    A label that does not fit, touches an earlier one, or is under the `pointer`, is left out: if it were cut,
    it would be another number.
    """
    line = [" "] * width
    for at, text in labels:
        beyond = at + len(text)
        near = line[max(at - 1, 0) : beyond + 1]
        if beyond <= width and not "".join(near).strip() and not {*range(at, beyond)} & {*pointer}:
            line[at:beyond] = text
    return "".join(line)


def padded(text: str, width: int) -> str:
    """The text, padded with spaces to `width` columns."""
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int) -> list[str]:
    """A sentence, wrapped into lines of whole words."""
    lines = [""]
    for word in text.split():
        if lines[-1] and columns(lines[-1]) + 1 + columns(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def wrapped_spans(spans: Line, width: int) -> list[Line]:
    """A line of spans, wrapped into lines of whole words; a word longer than `width` columns is split."""
    lines: list[list[Span]] = [[]]
    used = 0
    for gap, word in _words(spans):
        for n, piece in enumerate(_pieces(word, max(width, 1))):
            space = gap if n == 0 and lines[-1] else ()
            size = length(piece)
            if lines[-1] and used + len(space) + size > width:
                lines.append([])
                used, space = 0, ()
            lines[-1] += [*space, *piece]
            used += len(space) + size
    return [merged(one) for one in lines]


_SPACE: Final = re.compile("([ \t\n]+)")


def _words(spans: Line) -> Iterator[tuple[Line, Line]]:
    """Yield each word, which may have several styles, after the space before it: one column, or nothing."""
    gap: Line = ()
    word: list[Span] = []
    for text, style in spans:
        for part in filter(None, _SPACE.split(text)):
            if not part.isspace():
                word.append((part, style))
                continue
            if word:
                yield gap, tuple(word)
            gap, word = ((" ", style),), []
    if word:
        yield gap, tuple(word)


def _pieces(word: Line, width: int) -> Iterator[Line]:
    """Yield a word as it is or, if it is longer than `width` columns, in pieces that are not."""
    if length(word) <= width:
        yield word
        return
    for text, style in word:
        rest = text
        while rest:
            # Half a wide character, which `cut` makes a space, belongs to the next piece.
            head = rest[: max(len(cut(rest, width).removesuffix(" ")), 1)]
            yield ((head, style),)
            rest = rest[len(head) :]


def line(*spans: Span | str) -> Line:
    """A line of spans; a bare string has the plain style."""
    return tuple((span, "") if isinstance(span, str) else span for span in spans if span)


def length(spans: Iterable[str | Span | tuple[str, str, object]]) -> int:
    """The number of columns that a line of spans, bare strings or pieces takes."""
    total = 0
    for span in spans:
        text = span if isinstance(span, str) else span[0]
        # `columns`, inlined: every line of every frame is measured here, and a call doubles the cost.
        total += len(text) if text.isascii() else _cells(text)
    return total


def fit(spans: Line, width: int) -> Line:
    """The line, cut to `width` columns with an ellipsis if it is longer."""
    if length(spans) <= width:
        return spans
    return (*cut_line(spans, width - 1), ("…" if width else "", "dim"))


def cut_line(spans: Line, width: int) -> Line:
    """The first `width` columns of a line, padded with spaces if it is shorter."""
    kept: list[Span] = []
    room = max(width, 0)
    for text, style in spans:
        kept.append((cut(text, room), style))
        room -= columns(kept[-1][0])
    return (*kept, (" " * room, "")) if room else tuple(kept)


def filled(spans: Line, width: int, style: str = "") -> Line:
    """The line, padded with spaces to `width` columns."""
    return (*spans, (" " * (width - length(spans)), style))


def spread(left: Line, right: Line, width: int, style: str = "") -> Line:
    """Two parts at the ends of a line; the left one is cut if they do not fit."""
    room = width - length(right)
    return (*filled(fit(left, max(room - 1, 0)), room, style), *right)


def rule(title: Line, width: int, *, focused: bool, right: Line = ()) -> Line:
    """A panel's top line: `── title ─────`, heavy when the panel has the focus."""
    dash, style = ("━", "focus") if focused else ("─", "rule")
    head: Line = ((dash * 2 + " ", style), *title, (" ", style)) if title else ()
    tail: Line = ((" ", style), *right, (" " + dash, style)) if right else ()
    head = fit(head, max(width - length(tail), 0))
    return (*head, (dash * (width - length(head) - length(tail)), style), *tail)


def merged(spans: Iterable[Span]) -> Line:
    """Merge adjacent spans of one style, to send fewer bytes to the terminal."""
    found: list[Span] = []
    for text, style in spans:
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + text, style)
        else:
            found.append((text, style))
    return tuple(found)


def plain(lines: Iterable[Line]) -> str:
    """The plain text of lines, for tests."""
    return "\n".join("".join(text for text, _ in spans).rstrip() for spans in lines)


def thread_style(number: int) -> str:
    """Return the style of a thread's name; the colour is never shown without the name."""
    return f"thread-{number % 4}" if number >= 0 else "dim"
