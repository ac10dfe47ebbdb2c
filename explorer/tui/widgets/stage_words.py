"""The words of the stage: a page's move, and the legend of badges and letters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from engine.debug.in_play import LANES
from explorer.tui.widgets.stage_parts import Canvas
from explorer.views.in_play import BADGES
from explorer.views.spans import Span, columns, length
from explorer.views.stage import RESERVE, StageRow, Travel

NOTHING_YET: Final = "a page gets its tile here when a thread first works on it"


def travel_texts(travel: Travel, arrow: str = "") -> list[list[Span]]:
    """Return a move in words, the longest form first.

    arrow: instead of the one that shows whether the page came down or up; `┆` is on the line that it left.
    A lane that is not next to the one where the page arrived is named.
    """
    down = travel.edge < LANES.index(travel.target)
    head = (f"{arrow or ('↓' if down else '↑')} ", "now" if travel.now else "dim")
    function = (travel.function, "bold" if travel.now else "")
    far = abs(LANES.index(travel.source) - LANES.index(travel.target)) > 1 and arrow != "┆"
    origin: list[Span] = [(f" from {_lane_word(travel.source)}", "")] if far else []
    who = [head, function, *origin, (f"  {travel.thread}, step {travel.step:,}", "dim")]
    now: list[Span] = [("  ← now", "now")] if travel.now and not arrow else []
    short = [head, function, *origin]
    return [[*who, *now], [*short, (f" ({travel.thread})", "dim")], short]


def _lane_word(name: str) -> str:
    return "the reserve" if name == RESERVE else name


def put_travel_beside(canvas: Canvas, travel: Travel, lines: Mapping[int, int]) -> None:
    """Write a move where there is room on the line of the lane that the page left, else on that of its tile.

    The move of the last step is on another line if there is no room on these two.
    lines: lane -> line.
    """
    place = next((place for place in canvas.places if place.page == travel.page), None)
    source, target = (lines.get(LANES.index(name), -1) for name in (travel.source, travel.target))
    ways = [(source, "┆"), (target if place is None else place.y, "←")]
    tries = [(y, spans) for y, arrow in ways if y >= 0 for spans in travel_texts(travel, arrow)]
    if travel.now:
        way, function = (f"{travel.source}→{travel.target} ", "dim"), travel_texts(travel)[-1]
        shorter = [way, *function[1:2]], function, function[:2]
        tries += [(y, spans) for y in range(canvas.height - 1, -1, -1) for spans in shorter]
    for y, spans in tries:
        x = _free(canvas, y, length(spans))
        if x >= 0:
            canvas.write(travel.page, x, y, spans)
            return


def _free(canvas: Canvas, y: int, wide: int) -> int:
    """Return where a line has free columns: at its end, else between its tiles; -1 if nowhere."""
    end = _end(canvas, y, wide)
    return _between(canvas, y, wide) if end < 0 else end


def _end(canvas: Canvas, y: int, wide: int) -> int:
    x = canvas.end(y) + 2 if canvas.pieces[y] else 0
    return x if x + wide <= canvas.width else -1


def _between(canvas: Canvas, y: int, wide: int) -> int:
    x = canvas.last_gap(y, canvas.first(y), wide + 3) + 1
    return x if x > 0 else -1


def column_names(row: StageRow, wide: int) -> list[str]:
    """Return the names of the columns of the lanes, each in fewer than `wide` columns.

    All have the longest form that fits.
    """
    labels = [column.label for column in row.columns]
    short = [label.replace("colour ", "c").replace("node ", "n") for label in labels]
    forms = [labels, short, [str(number) for number in range(len(labels))]]
    if not row.by_color:
        forms.insert(0, [f"{column.label}: {column.first}-{column.beyond - 1}" for column in row.columns])
    return next((texts for texts in forms if max(map(len, texts)) < wide), [""] * len(labels))


def header_of_marks(row: StageRow, room: int) -> list[Span]:
    """Return what the numbers in tiles that are not in columns mean."""
    letter, word = ("c", "colour") if row.by_color else ("n", "node")
    last = len(row.columns) - 1
    texts = f"{letter}0 .. {letter}{last} in a tile: the {word} of its page", f"{letter}0: {word} 0"
    return [(next((text for text in texts if len(text) <= room), ""), "label")]


def put_header(canvas: Canvas, row: StageRow, gutter: int, *, marked: bool) -> None:
    """Name the columns of the lanes on the first line; marked: whether tiles name their column instead."""
    room = canvas.width - gutter
    if marked:
        canvas.put(gutter, 0, header_of_marks(row, room))
        return
    wide = room // len(row.columns)
    for number, name in enumerate(column_names(row, wide)):
        canvas.put(gutter + number * wide, 0, [(name, "label")])


def badge_legend(row: StageRow, width: int) -> list[Span]:
    """Return the meaning of the badges; before a page is in play, how the first one comes."""
    if not any(lane.number for lane in row.lanes):
        return [(NOTHING_YET, "dim")] if len(NOTHING_YET) <= width else []
    return _badges(row, width)


def letters_of(row: StageRow, shown: Collection[str], gap: int = 1) -> list[Span]:
    """Return the meaning of the letters that are drawn."""
    return _fitting(_words_of(row, shown), 1 << 30, gap)


def _words_of(row: StageRow, shown: Collection[str]) -> list[tuple[str, str]]:
    words = [
        (f"{letter} ", name) for letter, name in row.objects if letter in shown or letter.upper() in shown
    ]
    return [*words, *([("• ", "no object")] if "•" in shown else [])]


def put_letters(canvas: Canvas, row: StageRow) -> None:
    """Write the objects of the letters that are drawn on the lowest line with room, else one by one."""
    words = _words_of(row, canvas.letters)
    if not words:
        return
    dirty = [("A ", "dirty")] if any(map(str.isupper, canvas.letters)) else []
    lines = range(canvas.height - 1, -1, -1)
    texts = [
        _fitting(entries, 1 << 30, gap) for entries, gap in (([*words, *dirty], 2), (words, 2), (words, 1))
    ]
    if any(_put(canvas, y, spans, _end) for y in lines for spans in texts):
        return
    if any(_put(canvas, y, spans, _between) for y in lines for spans in texts):
        return
    # One by one, wherever there is room.
    for entry in words:
        spans = _fitting([entry], canvas.width)
        any(_put(canvas, y, spans, find) for find in (_end, _between) for y in lines)


def _put(canvas: Canvas, y: int, spans: list[Span], find: Callable[[Canvas, int, int], int]) -> bool:
    """Draw spans where `find` finds room on a line; return whether it does."""
    x = find(canvas, y, length(spans))
    if x >= 0:
        canvas.put(x, y, spans)
    return x >= 0


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
