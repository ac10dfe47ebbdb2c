"""The tiles of the stage as text, from all that fits to one cell for a page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import zip_longest
from typing import Final

from engine.constants import NULL
from explorer.views.in_play import Tile
from explorer.views.spans import Span, columns
from explorer.views.stage import LaneRow, StageRow


class Form(IntEnum):
    """The forms of a lane's pages, the largest first.

    RICH: name, number, object and index, badges, colour and since when. FULL: name, number, badges.
    SHORT: name, badges. NAME: the name. CELL: a letter for each page. LEVEL: a level for each colour.
    """

    RICH = 0
    FULL = 1
    SHORT = 2
    NAME = 3
    CELL = 4
    LEVEL = 5


BADGE_ROOM: Final = 6
"""Columns for badges of tiles that share a line: as many as a page commonly has."""

EDGES: Final = ("▌", "▐")
CHOSEN_EDGES: Final = ("▶", "◀")
_NAME_STEP: Final = 4
"""Names are given room in steps of this many columns, so that a longer name seldom moves other tiles."""


def badge_text(badges: str) -> str:
    """Return the badges with gaps if they are few: `L R`, else `LWDMR`."""
    return " ".join(badges) if len(badges) <= (BADGE_ROOM + 1) // 2 else badges


def mark_of(row: StageRow, tile: Tile) -> str:
    """Return the number of a tile's column, for tiles that are not in columns: `n1` or `c3`."""
    if len(row.columns) < 2:
        return ""
    return f"{'c' if row.by_color else 'n'}{tile.column}"


def words_of(tile: Tile, form: Form, mark: str = "") -> list[Span]:
    """Return the words of a tile in one of the four forms with a name, without edges and gaps."""
    words: list[Span] = [(mark, "dim")] if mark else []
    words.append((tile.name, "bold"))
    if form <= Form.FULL and tile.number != tile.name:
        words.append((tile.number, "dim"))
    if form <= Form.SHORT and tile.badges:
        words.append((badge_text(tile.badges), "now"))
    return [*words, *_rich_words(tile)] if form == Form.RICH else words


def _rich_words(tile: Tile) -> list[Span]:
    """Return what only the largest form has."""
    words: list[Span] = [(tile.where, "")] if tile.where and tile.where != tile.name else []
    words.append((f"colour {tile.color}", "dim"))
    words += [(f"in {tile.node}", "warn")] if tile.node else []
    return [*words, (f"since {tile.since:,}", "dim")] if tile.since else words


def tile_spans(row: StageRow, lane: str, tile: Tile, form: Form, mark: str = "") -> list[Span]:
    """Return a tile: its words between two edges in the hue of the lane.

    The page of the last step is reversed; the edges of the chosen page are arrows; the left edge says that
    the page was found by a search, or that it differs.
    """
    hue = hue_of(lane)
    left, right = ((edge, hue) for edge in EDGES)
    if tile.page in row.found:
        left = ("●", "warn")
    if tile.page in row.differs:
        left = ("≠", "warn")
    if tile.page == row.selected != NULL:
        left, right = ((edge, "focus") for edge in CHOSEN_EDGES)
    words = words_of(tile, form, mark)
    if tile.page == row.now:
        return [left, (" ".join(text for text, _ in words), "new"), right]
    gaps = [(" ", "")] * (len(words) - 1)
    inner = [span for pair in zip_longest(words, gaps) for span in pair if span is not None]
    return [left, *inner, right]


def hue_of(lane: str) -> str:
    """Return the style of a lane's hue."""
    return "fill-DMA" if lane == "RESERVE" else f"fill-{lane}"


# --- how many lines a form takes ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Grid:
    """The tiles or cells of a lane: in columns or not, `per_line` of each column on a line, `pitch` apart.

    wide: columns of the screen of each column of the lane; lines: what all of them take.
    """

    form: Form
    in_columns: bool
    wide: int
    per_line: int
    pitch: int
    lines: int


def ladder(row: StageRow, *, headed: bool = True) -> list[tuple[Form, bool]]:
    """Return the forms to try and whether each is in columns, the best first."""
    if len(row.columns) < 2 or not (headed or row.by_color):
        return [(form, False) for form in Form]
    named = [(Form.RICH, True), (Form.FULL, True), (Form.SHORT, True)]
    # A tile has its colour's column if at all possible; a node can be named in the tile.
    named += [(Form.NAME, True)] if row.by_color else []
    return [*named, (Form.SHORT, False), (Form.NAME, False), (Form.CELL, True), (Form.LEVEL, False)]


@dataclass(frozen=True)
class Widths:
    """The widest part of each kind in a lane's tiles: names, numbers, badges, and what only RICH has."""

    name: int = 0
    number: int = 0
    badges: int = 0
    rich: int = 0

    def tile(self, form: Form, mark: int = 0) -> int:
        """Return the most columns that a tile takes with its edges; mark: those of its column's number."""
        return _joined(mark, self.name, *self._more(form, self.badges)) + len(EDGES)

    def pitch(self, form: Form, mark: int = 0) -> int:
        """Return the columns from one tile to the next: with room for badges that may come."""
        name = -(-self.name // _NAME_STEP) * _NAME_STEP
        badges = BADGE_ROOM if form <= Form.SHORT else 0
        return _joined(mark, name, *self._more(form, badges)) + len(EDGES) + 1

    def _more(self, form: Form, badges: int) -> tuple[int, ...]:
        return (
            self.number if form <= Form.FULL else 0,
            badges if form <= Form.SHORT else 0,
            self.rich if form == Form.RICH else 0,
        )


def _joined(*parts: int) -> int:
    """Return the columns of parts with a gap between them; a part of no columns is left out."""
    shown = [part for part in parts if part]
    return sum(shown) + max(len(shown) - 1, 0)


def widths_of(lane: LaneRow) -> Widths:
    """Return the widths of a lane's tiles."""
    name = number = badges = rich = 0
    for tile in lane.pages:
        name = max(name, columns(tile.name))
        number = max(number, len(tile.number) if tile.number != tile.name else 0)
        badges = max(badges, len(badge_text(tile.badges)))
        rich = max(rich, sum(columns(text) + 1 for text, _ in _rich_words(tile)) - 1)
    return Widths(name, number, badges, rich)


def grid_of(
    row: StageRow, lane: LaneRow, form: Form, room: int, widths: Widths, *, in_columns: bool
) -> Grid | None:
    """Return the grid of a lane's pages in a form, on lines of `room` columns; None if they do not fit."""
    number = len(row.columns) if in_columns else 1
    wide = room // number
    if form == Form.LEVEL:
        return Grid(form, False, room, 1, 1, 1)
    if not lane.tiles and lane.number:
        return None
    if form == Form.CELL:
        per_line, pitch = max(wide - (number > 1), 1), 1
    else:
        mark = 0 if in_columns or len(row.columns) < 2 else 1 + len(str(len(row.columns) - 1))
        if widths.tile(form, mark) > wide - (number > 1):
            return None
        pitch = widths.pitch(form, mark)
        per_line = max((wide + 1) // pitch, 1)
    last = _last_place(lane, in_columns=in_columns)
    return Grid(form, in_columns, wide, per_line, pitch, max(-(-(last + 1) // per_line), 1))


def _last_place(lane: LaneRow, *, in_columns: bool) -> int:
    if not in_columns:
        return len(lane.tiles) - 1
    return max((tile.place for tile in lane.pages), default=-1)
