"""The words of the stage: a page's move, and the legend of badges and letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from engine.debug.in_play import LANES
from explorer.tui.widgets.stage_parts import Canvas
from explorer.tui.widgets.stage_plan import Plan
from explorer.tui.widgets.stage_tiles import Form
from explorer.views.in_play import BADGES, Tile
from explorer.views.spans import Span, columns, length
from explorer.views.stage import StageRow, Travel

NOTHING_YET: Final = "a page gets its tile here when a thread first works on it: press s"


def travel_texts(travel: Travel, arrow: str = "") -> list[list[Span]]:
    """Return a move in words, the longest form first.

    arrow: instead of the one that shows whether the page came down or up.
    """
    down = travel.edge < LANES.index(travel.target)
    head = (f"{arrow or ('↓' if down else '↑')} ", "now" if travel.now else "dim")
    function = (travel.function, "bold" if travel.now else "")
    who = [head, function, (f"  {travel.thread}, step {travel.step:,}", "dim")]
    now: list[Span] = [("  ← now", "now")] if travel.now and not arrow else []
    return [[*who, *now], [head, function, (f" ({travel.thread})", "dim")], [head, function]]


def put_travel_beside(canvas: Canvas, travel: Travel, tops: Sequence[int]) -> None:
    """Write a move on the line of the lane that the page left, else after its tile, where there is room.

    tops: by lane its line, or -1.
    """
    place = next((place for place in canvas.places if place.page == travel.page), None)
    source = tops[LANES.index(travel.source)]
    for y, arrow in (source, "┆"), (-1 if place is None else place.y, "←"):
        for spans in travel_texts(travel, arrow) if y >= 0 else ():
            x = canvas.end(y) + 2
            if x + length(spans) <= canvas.width:
                canvas.put(x, y, spans)
                return


def header_of_marks(row: StageRow, room: int) -> list[Span]:
    """Return what the numbers in tiles that are not in columns mean."""
    letter, word = ("c", "colour") if row.by_color else ("n", "node")
    last = len(row.columns) - 1
    texts = f"{letter}0 .. {letter}{last} in a tile: the {word} of its page", f"{letter}0: {word} 0"
    return [(next((text for text in texts if len(text) <= room), ""), "label")]


def legend_lines(row: StageRow, plan: Plan, width: int) -> list[list[Span]]:
    """Return the meaning of the badges, and of the letters of objects if there are cells."""
    if not any(lane.number for lane in row.lanes):
        return [[(NOTHING_YET, "dim")]] if len(NOTHING_YET) <= width else [[]]
    lines = [_badges(row, width)]
    if any(lane.grid.form == Form.CELL and lane.tiles for lane in plan.lanes):
        lines.append(_fitting([("A ", "dirty"), ("• ", "no object"), *_letters(row)], width))
    return lines[: plan.legend]


def letters_in(row: StageRow, tiles: Iterable[Tile | None], width: int) -> list[Span]:
    """Return the objects of the letters of these pages, as far as they fit."""
    shown = {tile.letter.lower() for tile in tiles if tile is not None}
    return _fitting([pair for pair in _letters(row) if pair[0][0] in shown], width, 1)


def _letters(row: StageRow) -> list[tuple[str, str]]:
    return [(f"{letter} ", name) for letter, name in row.objects]


def _badges(row: StageRow, width: int) -> list[Span]:
    """Return all badges if they fit, else those that are shown."""
    words = [(f"{letter} ", word) for letter, word in BADGES.items()]
    for gap in (2, 1):
        spans = _fitting(words, width, gap)
        if len(spans) >= 3 * len(words) - 1:
            return spans
    shown = {letter for lane in row.lanes for tile in lane.pages for letter in tile.badges}
    return _fitting([pair for pair in words if pair[0][0] in shown], width)


def _fitting(words: list[tuple[str, str]], width: int, gap: int = 2) -> list[Span]:
    """Return as many entries of a legend as fit, each a sign and a word."""
    spans: list[Span] = []
    used = 0
    for sign, word in words:
        used += columns(sign) + columns(word) + (gap if spans else 0)
        if used > width:
            break
        spans += [(" " * gap, "")] if spans else []
        spans += [(sign, "now"), (word, "dim")]
    return spans
