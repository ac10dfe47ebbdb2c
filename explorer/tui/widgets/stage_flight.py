"""A page's move on the stage, as a tile that is between two lanes for a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def with_flights(lines: Sequence[Line], flights: Iterable[Flight], done: float, width: int) -> list[Line]:
    """Return the lines with the tiles at a fraction `done` (0 .. 1) of their way, their places left blank.

    A flight to a place that these lines do not have, as after a change of the size, is left out.
    """
    drawn = list(lines)
    flights = [one for one in flights if one.place.y < len(drawn) and one.place.beyond <= width]
    for flight in flights:
        place = flight.place
        drawn[place.y] = overlaid(drawn[place.y], place.first, ((" " * (place.beyond - place.first), ""),))
    for flight in flights:
        x = round(flight.x + (flight.place.first - flight.x) * done)
        y = round(flight.y + (flight.place.y - flight.y) * done)
        x = max(min(x, width - length(flight.tile)), 0)
        if 0 <= y < len(drawn):
            drawn[y] = overlaid(drawn[y], x, flight.tile)
    return drawn


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
