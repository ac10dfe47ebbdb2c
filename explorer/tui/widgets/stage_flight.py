"""A page's move on the stage, as a tile that is between two lanes for a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from explorer.tui.widgets.stage import DrawnStage
from explorer.tui.widgets.stage_parts import Place
from explorer.tui.widgets.stage_tiles import Form, tile_spans
from explorer.views.flights import PageMove
from explorer.views.spans import Line, Span, columns, cut, filled, length
from explorer.views.stage import StageRow


@dataclass(frozen=True)
class Flight:
    """A tile under way: from a column and line to the place where the page is drawn now."""

    x: int
    y: int
    place: Place
    tile: tuple[Span, ...]


def flights_of(
    row: StageRow, before: DrawnStage | None, now: DrawnStage, moves: Iterable[PageMove], gutter: int
) -> tuple[Flight, ...]:
    """Return the flights of pages that have a tile now; several moves of a page are one flight.

    before: the drawing of the moment before; a page that had no tile there starts at its lane.
    """
    found: dict[int, Flight] = {}
    names = [lane.name for lane in row.lanes]
    for move in moves:
        place, shown = now.place_of(move.page), row.tile(move.page)
        if place is None or shown is None or move.page in found:
            continue
        start = before.place_of(move.page) if before is not None else None
        x, y = (gutter, now.lanes[names.index(move.source)]) if start is None else (start.first, start.y)
        if y >= 0 and (x, y) != (place.first, place.y):
            lane, tile = shown
            spans = tile_spans(row, lane.name, tile, Form.NAME)
            found[move.page] = Flight(x, y, place, tuple(spans))
    return tuple(found.values())


def with_flights(
    lines: Sequence[Line], flights: Iterable[Flight], done: float, width: int, fixed: Iterable[Place] = ()
) -> list[Line]:
    """Return the lines with the tiles at a fraction `done` (0 .. 1) of their way, their places left blank.

    fixed: what stays readable, as the words of moves and other tiles: a tile goes beside it, or is not shown
    where there is no room. A flight to a place that these lines do not have, as after a change of the size,
    is left out.
    """
    drawn = list(lines)
    flights = [one for one in flights if one.place.y < len(drawn) and one.place.beyond <= width]
    for flight in flights:
        place = flight.place
        drawn[place.y] = overlaid(drawn[place.y], place.first, ((" " * (place.beyond - place.first), ""),))
    taken = [place[1:] for place in fixed]
    for flight in flights:
        wide = length(flight.tile)
        y = round(flight.y + (flight.place.y - flight.y) * done)
        near = max(min(round(flight.x + (flight.place.first - flight.x) * done), width - wide), 0)
        x = _beside([(first, beyond) for line, first, beyond in taken if line == y], near, wide, width)
        if x >= 0 and 0 <= y < len(drawn):
            drawn[y] = overlaid(drawn[y], x, flight.tile)
            taken.append((y, x, x + wide))
    return drawn


def _beside(taken: Sequence[tuple[int, int]], near: int, wide: int, width: int) -> int:
    """Return the column nearest to `near` where `wide` columns are free; -1 if there is none."""
    ends = [x for first, beyond in taken for x in (first - wide, beyond)]
    free = [
        x
        for x in (near, *ends)
        if 0 <= x <= max(width - wide, 0) and all(x >= beyond or x + wide <= first for first, beyond in taken)
    ]
    return min(free, key=lambda x: abs(x - near), default=-1)


def fixed_places(drawn: DrawnStage, flights: Iterable[Flight]) -> Iterator[Place]:
    """Yield the tiles of a drawing that stay where they are, and the words of its moves."""
    under_way = {flight.place.page for flight in flights}
    yield from (place for place in drawn.tiles if place.page not in under_way)
    yield from drawn.labels


def overlaid(spans: Line, x: int, over: Line) -> Line:
    """Return the line with other spans on top of it from column x on."""
    return (*filled(_until(spans, x), x), *over, *_since(spans, x + length(over)))


def _until(spans: Line, width: int) -> Line:
    kept: list[Span] = []
    for text, style in spans:
        kept.append((cut(text, width), style))
        width -= columns(kept[-1][0])
    return tuple(span for span in kept if span[0])


def _since(spans: Line, x: int) -> Line:
    kept: list[Span] = []
    for text, style in spans:
        wide = columns(text)
        if x <= 0:
            kept.append((text, style))
        elif wide > x:
            kept.append((text[len(cut(text, x)) :], style))
        x -= wide
    return tuple(kept)
