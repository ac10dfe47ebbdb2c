"""A sheet for a lens: lines are added top down while there is room; pieces of them may lead somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from explorer.lenses.kit.lens import Drawing, Spot
from explorer.views.spans import Line, fit

Piece = str | tuple[str, str] | tuple[str, str, str]
"""Text; text and style; or text, style and the verb that a click on it does."""

MARK: Final = "▸"
"""In front of what the last step changed, beside its style: nothing is told by colour alone."""

T = TypeVar("T")


class Sheet:
    """Lines of at most `width` columns, at most `height` of them; what comes later is dropped."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.lines: list[Line] = []
        self.spots: list[Spot] = []

    @property
    def room(self) -> int:
        """How many more lines fit."""
        return self.height - len(self.lines)

    def add(self, *pieces: Piece) -> None:
        """Add a line of pieces, if one more fits; a line too long ends in an ellipsis."""
        if self.room <= 0:
            return
        spans, x = [], 0
        for piece in pieces:
            text, style, verb = _parts(piece)
            if verb and text and x < self.width:
                self.spots.append(Spot(len(self.lines), x, min(x + len(text), self.width), verb))
            if text:
                spans.append((text, style))
            x += len(text)
        self.lines.append(fit(tuple(spans), self.width))

    def lead(self, first: int, beyond: int, verb: str) -> None:
        """Let columns first .. beyond - 1 of the line added last lead somewhere."""
        if first < min(beyond, self.width):
            self.spots.append(Spot(len(self.lines) - 1, first, min(beyond, self.width), verb))

    def drawing(self) -> Drawing:
        """What was drawn."""
        return Drawing(self.lines, tuple(self.spots))


def _parts(piece: Piece) -> tuple[str, str, str]:
    if isinstance(piece, str):
        return piece, "", ""
    return (piece[0], piece[1], "") if len(piece) == 2 else piece


def width_of(pieces: Iterable[Piece]) -> int:
    """Columns that the pieces take."""
    return sum(len(_parts(piece)[0]) for piece in pieces)


def newest(items: Sequence[T], room: int) -> tuple[Sequence[T], int]:
    """The last items that fit in `room` lines, and how many are left out: naming those takes a line too."""
    if len(items) <= room:
        return items, 0
    kept = max(room - 1, 0)
    return items[len(items) - kept :], len(items) - kept


def wrapped(text: str, width: int) -> list[str]:
    """A sentence in lines of whole words."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def in_columns(cells: Sequence[Sequence[Piece]], columns: int, width: int) -> list[list[Piece]]:
    """Cells laid out row by row in so many columns of equal width; a cell too long is cut."""
    room = max(width // max(columns, 1), 1)
    rows: list[list[Piece]] = []
    for first in range(0, len(cells), columns):
        row: list[Piece] = []
        for cell in cells[first : first + columns]:
            spans = fit(tuple(_parts(piece)[:2] for piece in cell), room - 1)
            row += [*spans, " " * (room - width_of(spans))]
        rows.append(row)
    return rows
