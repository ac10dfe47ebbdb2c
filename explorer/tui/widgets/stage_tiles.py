"""The tiles of the stage as text, from all that fits to one cell for a page."""

from __future__ import annotations

from enum import IntEnum
from itertools import zip_longest
from typing import Final

from engine.constants import NULL
from explorer.views.in_play import Tile
from explorer.views.spans import Span, columns
from explorer.views.stage import StageRow


class Form(IntEnum):
    """The forms of a lane's pages, the largest first.

    RICH: name, number, object and index, badges, colour and since when. FULL: name, number, badges.
    SHORT: name, badges. NAME: the same, and a name that is too long for its place is a short one.
    LETTER: short name, and badges if they fit. CELL: a letter for each page. LEVEL: a level for each colour.
    """

    RICH = 0
    FULL = 1
    SHORT = 2
    NAME = 3
    LETTER = 4
    CELL = 5
    LEVEL = 6


BADGE_ROOM: Final = 6
"""Columns for badges of tiles that share a line: as many as a page commonly has."""

NAME_ROOM: Final = (8, 16)
"""The fewest and the most columns for names of tiles that share a line."""

NARROW: Final = 10
"""Columns for name and badges where many tiles share a line."""

EDGES: Final = ("▌", "▐")
CHOSEN_EDGES: Final = ("▶", "◀")


def badge_text(badges: str) -> str:
    """Return the badges with gaps if they are few: `L R`, else `LWDMR`."""
    return " ".join(badges) if len(badges) <= (BADGE_ROOM + 1) // 2 else badges


def mark_of(row: StageRow, tile: Tile) -> str:
    """Return the number of a tile's column, for tiles that are not in columns: `n1` or `c3`."""
    if len(row.columns) < 2:
        return ""
    return f"{'c' if row.by_color else 'n'}{tile.column}"


def short_name(tile: Tile) -> str:
    """Return the letter of a page's object and the index there, `b[602]`, upper case if the page is dirty.

    A page without an object, and one whose object has no letter of its own, has its number.
    """
    if not tile.where or not tile.letter.isalpha():
        return tile.number
    return tile.letter + tile.where[tile.where.rfind("[") :]


def words_of(tile: Tile, form: Form, mark: str = "", room: int = 1 << 30) -> list[Span]:
    """Return the words of a tile in one of the five forms with a name, without edges and gaps.

    room: columns of all words together; NAME and LETTER have the short name if the name does not fit, and
    LETTER has no badges if they do not fit.
    """
    words: list[Span] = [(mark, "dim")] if mark else []
    name, badges = _name_and_badges(tile, form, room - (len(mark) + 1 if mark else 0))
    words.append((name, "bold"))
    if form <= Form.FULL and tile.number != tile.name:
        words.append((tile.number, "dim"))
    if badges:
        words.append((badges, "now"))
    return [*words, *rich_words(tile)] if form == Form.RICH else words


def _name_and_badges(tile: Tile, form: Form, room: int) -> tuple[str, str]:
    """Return a tile's name and badges, the longest that fit into `room` columns."""
    if form <= Form.SHORT:
        return tile.name, badge_text(tile.badges)
    short, badges = short_name(tile), tile.badges
    # The letter of a dirty page is in upper case.
    clean = badges.replace("D", "") if short[0].isupper() else badges
    forms = [(tile.name, badges), (short, badges), (short, clean)]
    return next(
        (words for words in forms if _width(*words) <= room), (short, "" if form == Form.LETTER else clean)
    )


def _width(*texts: str) -> int:
    """Return the columns of texts with a gap between them."""
    return sum(columns(text) + 1 for text in texts if text) - 1


def rich_words(tile: Tile) -> list[Span]:
    """Return what only the largest form has."""
    words: list[Span] = [(tile.where, "")] if tile.where and tile.where != tile.name else []
    words.append((f"colour {tile.color}", "dim"))
    words += [(f"in {tile.node}", "warn")] if tile.node else []
    return [*words, (f"since {tile.since:,}", "dim")] if tile.since else words


def tile_spans(
    row: StageRow, lane: str, tile: Tile, form: Form, mark: str = "", room: int = 1 << 30
) -> list[Span]:
    """Return a tile: its words between two edges in the hue of the lane.

    room: its columns at most, for NAME and LETTER.

    The page of the last step is reversed; the edges of the chosen page are arrows; the left edge says that
    the page was found by a search, that it differs, or that the lesson is about it.
    """
    hue = hue_of(lane)
    left, right = ((edge, hue) for edge in EDGES)
    if tile.page in row.lit:
        left = ("◈", "lit")
    if tile.page in row.found:
        left = ("●", "warn")
    if tile.page in row.differs:
        left = ("≠", "warn")
    if tile.page == row.selected != NULL:
        left, right = ((edge, "focus") for edge in CHOSEN_EDGES)
    words = words_of(tile, form, mark, room - len(EDGES))
    if tile.page == row.now:
        return [left, (" ".join(text for text, _ in words), "new"), right]
    gaps = [(" ", "")] * (len(words) - 1)
    inner = [span for pair in zip_longest(words, gaps) for span in pair if span is not None]
    return [left, *inner, right]


def hue_of(lane: str) -> str:
    """Return the style of a lane's hue."""
    return "fill-DMA" if lane == "RESERVE" else f"fill-{lane}"
