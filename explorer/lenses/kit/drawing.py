"""What lenses draw with: rows of pieces, some of which lead somewhere, set in tables and in running text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from explorer.lenses.kit.lens import Drawing, Spot
from explorer.views.spans import Line, fit, merged


class Piece(NamedTuple):
    """Some text, its style, and what a click on it does, as the console would spell it.

    verbs: one for the whole text, or one for each character.
    """

    text: str
    style: str = ""
    verbs: tuple[str, ...] = ()


Row = tuple[Piece, ...]


def row(*pieces: Piece | str) -> Row:
    """A row; a bare string has the plain style."""
    return tuple(Piece(piece) if isinstance(piece, str) else piece for piece in pieces)


def columns(pieces: Iterable[Piece]) -> int:
    """How many columns the pieces take."""
    return sum(len(piece.text) for piece in pieces)


def drawing(rows: Sequence[Row], width: int, height: int, *, what: str = "lines") -> Drawing:
    """The rows as lines and spots; where they are too many, the last line says how many are left out."""
    if len(rows) > height:
        kept = max(height - 1, 0)
        rows = [*rows[:kept], row(Piece(f"… {len(rows) - kept:,} more {what}", "dim"))][:height]
    lines = [_line(pieces, width) for pieces in rows]
    return Drawing(lines, tuple(spot for y, pieces in enumerate(rows) for spot in _spots(pieces, y, width)))


def _line(pieces: Row, width: int) -> Line:
    return fit(merged((text, style) for text, style, _ in pieces if text), width)


def _spots(pieces: Row, y: int, width: int) -> list[Spot]:
    found: list[Spot] = []
    x = 0
    for text, _, verbs in pieces:
        first, x = x, x + len(text)
        if len(verbs) > 1:
            found += [Spot(y, at, at + 1, verb) for at, verb in enumerate(verbs, first) if at < width]
        elif verbs and first < width:
            found.append(Spot(y, first, min(x, width), verbs[0]))
    return found


def table(rows: Sequence[Sequence[Piece]], align: str, gap: int = 2) -> list[Row]:
    """The rows with their cells in columns; `align` has an l or an r for each column."""
    widths = [
        max((len(cells[n].text) for cells in rows if n < len(cells)), default=0) for n in range(len(align))
    ]
    return [_set(cells, widths, align, gap) for cells in rows]


def _set(cells: Sequence[Piece], widths: list[int], align: str, gap: int) -> Row:
    pieces: list[Piece] = []
    for n, cell in enumerate(cells):
        space = Piece(" " * (widths[n] - len(cell.text)))
        between = Piece(" " * gap if n else "")
        pieces += [between, cell, space] if align[n] == "l" else [between, space, cell]
    return tuple(pieces)


def flow(parts: Iterable[Row], width: int, *, gap: int = 2, indent: int = 0) -> list[Row]:
    """The parts one after the other, in as many rows as they take; no part is broken."""
    rows: list[list[Piece]] = []
    for part in parts:
        if rows and columns(rows[-1]) + gap + columns(part) <= width:
            rows[-1] += [Piece(" " * gap), *part]
        else:
            rows.append([Piece(" " * indent if rows else ""), *part])
    return [tuple(pieces) for pieces in rows]


def flow_within(parts: Sequence[Row], width: int, height: int) -> list[Row]:
    """As flow, in at most `height` rows; how many parts found no room is said at the end."""
    rows = flow(parts, width)
    if len(rows) <= height or not height:
        return rows[:height]
    fitting = len(parts) - 1
    while fitting > 64 and len(flow(parts[: fitting // 2], width)) > height:
        fitting //= 2
    for kept in range(fitting, 0, -1):
        note = row(Piece(f"… {len(parts) - kept:,} more", "dim"))
        rows = flow([*parts[:kept], note], width)
        if len(rows) <= height:
            return rows
    return [(*parts[0], Piece(f"  … {len(parts) - 1:,} more", "dim"))]


def labelled(label: str, text: str, style: str = "") -> Row:
    """A name and its value."""
    return row(Piece(f"{label} ", "label"), Piece(text, style))
