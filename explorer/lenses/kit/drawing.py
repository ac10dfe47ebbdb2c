"""Drawing tools for lenses: rows of text pieces, some clickable; tables, columns and flowing text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, chain, dropwhile, groupby, takewhile, zip_longest
from typing import Final, NamedTuple, TypeVar

from explorer.lenses.kit.lens import WHOLE, Drawing, Spot
from explorer.views.spans import Line, Span, columns, fit, length, merged

MARK: Final = "▸"
"""Precedes what the last step changed, in addition to the style: colour is never the only sign."""


class Piece(NamedTuple):
    """Some text, its style, and what a click on it does, as a console command.

    verb: one command for the whole text, or one for each character.
    """

    text: str
    style: str = ""
    verb: str | tuple[str, ...] = ""


Row = tuple[Piece, ...]

Part = Piece | Span | str
"""A part of a row: a piece, text and style, or text in the plain style."""

T = TypeVar("T")


def row(*parts: Part) -> Row:
    """Make a row of the parts."""
    return tuple(_piece(part) for part in parts)


def _piece(part: Part) -> Piece:
    if isinstance(part, Piece):
        return part
    return Piece(part) if isinstance(part, str) else Piece(*part)


def labelled(label: str, text: str, style: str = "") -> Row:
    """A name and its value."""
    return row((f"{label} ", "label"), (text, style))


# --- rows and drawings ------------------------------------------------------------------------------------


class Sheet:
    """The rows of a drawing, added top down; rows that do not fit are dropped.

    short: see Drawing.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.short = False
        self.rows: list[Row] = []

    @property
    def room(self) -> int:
        """The number of rows that still fit."""
        return self.height - len(self.rows)

    def add(self, *parts: Part) -> None:
        """Add a row if it fits."""
        if self.room > 0:
            self.rows.append(row(*parts))
        else:
            self.short = True

    def drawing(self) -> Drawing:
        """The added rows as a drawing."""
        drawn = _drawn(unfolded(self.rows, self.width, self.height), self.width, _spans)
        return replace(drawn, short=self.short)


def drawing(
    rows: Sequence[Row], width: int, height: int, *, what: str = "lines", short: bool = False
) -> Drawing:
    """Draw the rows: merge neighbours of one style, and end a row that is too long with an ellipsis.

    If there are too many rows, the last line says how many `what` are omitted. short: see Drawing.
    """
    rows = unfolded(rows, width, height)
    if len(rows) > height:
        kept = max(height - 1, 0)
        rows = [*rows[:kept], row((f"… {len(rows) - kept:,} more {what}", "dim"))][:height]
    return replace(_drawn(rows, width, lambda pieces: merged(_spans(pieces))), short=short)


def unfolded(rows: Sequence[Row], width: int, height: int) -> Sequence[Row]:
    """The rows of a drawing; in one with WHOLE lines, a row that is too long is wrapped."""
    return rows if height < WHOLE else [part for one in rows for part in _parts(one, width)]


def _parts(pieces: Row, width: int) -> Iterator[Row]:
    """Split a row before words, and indent its continuation; a row of cells with own commands stays whole."""
    if length(pieces) <= width or any(isinstance(piece.verb, tuple) for piece in pieces):
        yield pieces
        return
    cells = [piece._replace(text=character) for piece in pieces for character in piece.text]
    while cells and cells[-1].text == " ":
        cells.pop()  # a blank at the end, after a line that is exactly full, is not a line of its own
    indent = sum(1 for _ in takewhile(lambda cell: cell.text == " ", cells))
    hang = min(indent + 2, width // 2)
    while length(cells) > width:
        ends = list(accumulate(columns(cell.text) for cell in cells))
        fits = max(bisect_right(ends, width), hang + 1)
        blanks = [n for n in range(hang + 1, fits + 1) if cells[n].text == " "]
        at = blanks[-1] if blanks else fits
        yield _rejoined(cells[:at])
        cells = [*[Piece(" ")] * hang, *dropwhile(lambda cell: cell.text == " ", cells[at:])]
    yield _rejoined(cells)


def _rejoined(cells: Iterable[Piece]) -> Row:
    """Merge adjacent characters of one style and one command."""
    runs = groupby(cells, key=lambda cell: cell[1:])
    return tuple(Piece("".join(cell.text for cell in run), *kind) for kind, run in runs)


def joined(cells: Iterable[Piece]) -> Row:
    """Merge adjacent one-character pieces of one style into one piece that keeps each cell's command."""
    runs = ((style, list(run)) for style, run in groupby(cells, key=lambda cell: cell.style))
    return tuple(
        Piece("".join(cell.text for cell in run), style, tuple(str(cell.verb) for cell in run))
        for style, run in runs
    )


def _spans(pieces: Row) -> Line:
    return tuple((text, style) for text, style, _ in pieces if text)


def _drawn(rows: Sequence[Row], width: int, to_line: Callable[[Row], Line]) -> Drawing:
    lines = [fit(to_line(pieces), width) for pieces in rows]
    leading = ((y, pieces) for y, pieces in enumerate(rows) if any(verb for _, _, verb in pieces))
    return Drawing(lines, tuple(spot for y, pieces in leading for spot in _spots(pieces, y, width)))


def _spots(pieces: Row, y: int, width: int) -> list[Spot]:
    """The clickable spots of a row."""
    found: list[Spot] = []
    x = 0
    for text, _, verb in pieces:
        first, x = x, x + columns(text)
        if isinstance(verb, tuple):
            found += [Spot(y, at, at + 1, one) for at, one in enumerate(verb, first) if one and at < width]
        elif verb and first < min(x, width):
            found.append(Spot(y, first, min(x, width), verb))
    return found


# --- side by side -----------------------------------------------------------------------------------------


def table(rows: Sequence[Sequence[Part]], align: str, gap: int = 2) -> list[Row]:
    """Align the cells of the rows in columns; `align` has an l or an r for each column."""
    cells = [row(*parts) for parts in rows]
    turned = zip_longest(*cells, fillvalue=Piece(""))
    widths = [max(columns(cell.text) for cell in column) for column in turned]
    return [_set(pieces, widths, align, gap) for pieces in cells]


def _set(cells: Row, widths: list[int], align: str, gap: int) -> Row:
    pieces: list[Part] = []
    for n, cell in enumerate(cells):
        space = " " * (widths[n] - columns(cell.text))
        between = " " * gap if n else ""
        pieces += [between, cell, space] if align[n] == "l" else [between, space, cell]
    return row(*pieces)


def in_columns(cells: Iterable[Iterable[Part]], count: int, width: int) -> list[Row]:
    """Arrange cells row by row in `count` columns of equal width; a cell that is too long is cut.

    In a single column, the drawing cuts it, or wraps it.
    """
    if count <= 1:
        return [row(*cell) for cell in cells]
    room = max(width // max(count, 1), 1)
    sized = [_sized(row(*cell), room) for cell in cells]
    return [tuple(chain.from_iterable(sized[n : n + count])) for n in range(0, len(sized), count)]


def _sized(cell: Row, room: int) -> Row:
    """Pad or cut a cell to exactly `room` columns, the last of them blank."""
    spans = fit(_spans(cell), room - 1)
    verbs = (*(piece.verb for piece in cell if piece.text), "")
    pieces = [Piece(*span, verb) for span, verb in zip(spans, verbs, strict=False)]
    return row(*pieces, " " * (room - length(spans)))


def beside(rows: Sequence[Row], right: Sequence[Row], left: int) -> list[Row]:
    """Put two blocks of rows side by side; the right one starts at column `left`."""
    pairs = zip_longest(rows, right, fillvalue=())
    return [(*pieces, Piece(" " * (left - length(pieces))), *more) for pieces, more in pairs]


# --- flowing text -----------------------------------------------------------------------------------------


def flow(parts: Iterable[Row], width: int, *, gap: int = 2) -> list[Row]:
    """Arrange the parts from left to right in as many rows as needed; no part is broken."""
    rows: list[list[Piece]] = []
    for part in parts:
        if rows and length(rows[-1]) + gap + length(part) <= width:
            rows[-1] += [Piece(" " * gap), *part]
        else:
            rows.append([*part])
    return [tuple(pieces) for pieces in rows]


def flow_within(parts: Sequence[Row], width: int, height: int) -> list[Row]:
    """Like `flow`, in at most `height` rows; the end says how many parts do not fit."""
    rows = flow(parts, width)
    if len(rows) <= height or not height:
        return rows[:height]
    fitting = len(parts) - 1
    while fitting > 64 and len(flow(parts[: fitting // 2], width)) > height:
        fitting //= 2
    for kept in range(fitting, 0, -1):
        note = row((f"… {len(parts) - kept:,} more", "dim"))
        rows = flow([*parts[:kept], note], width)
        if len(rows) <= height:
            return rows
    return [row(*parts[0], (f"  … {len(parts) - 1:,} more", "dim"))]


def newest(items: Sequence[T], room: int) -> tuple[Sequence[T], int]:
    """The last items that fit in `room` rows, and how many are omitted; a note about them takes a row."""
    if len(items) <= room:
        return items, 0
    kept = max(room - 1, 0)
    return items[len(items) - kept :], len(items) - kept
