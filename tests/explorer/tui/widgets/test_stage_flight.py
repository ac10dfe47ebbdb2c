"""A page under way between two lanes."""

from __future__ import annotations

import pytest

from engine.constants import NULL
from explorer.session.session import Session
from explorer.tui.widgets.stage import DrawnStage, drawn_stage
from explorer.tui.widgets.stage_flight import Flight, fixed_places, flights_of, overlaid, with_flights
from explorer.tui.widgets.stage_parts import Place
from explorer.views.flights import PageMove, page_moves
from explorer.views.spans import Line, plain
from explorer.views.stage import stage_row
from tests.explorer.tui.widgets.stage_rows import lane, row, tile

BEFORE = row(lane("NONE", [tile(1, 0, "app.m")]))
AFTER = row(lane("ACTIVE", [tile(1, 0, "app.m")]))
MOVE = PageMove(0, "NONE", "ACTIVE", 1)


def flights(before: DrawnStage | None, *moves: PageMove) -> tuple[Flight, ...]:
    return flights_of(AFTER, before, drawn_stage(AFTER, 74, 16), moves, 18)


def test_a_tile_goes_from_where_it_was_to_where_it_is() -> None:
    before, after = drawn_stage(BEFORE, 74, 16), drawn_stage(AFTER, 74, 16)
    (flight,) = flights(before, MOVE)
    start, end = before.place_of(1), after.place_of(1)
    assert start is not None
    assert end is not None
    assert (flight.x, flight.y, flight.place) == (start.first, start.y, end)
    height = end.y - start.y
    for done in (0.0, 0.5, 1.0):
        lines = plain(with_flights(after.lines, [flight], done, 74)).split("\n")
        assert [y for y, text in enumerate(lines) if "app.m" in text] == [round(start.y + height * done)]
    assert "since" not in plain(with_flights(after.lines, [flight], 0.5, 74))


def test_a_page_without_a_tile_before_comes_from_its_lane() -> None:
    (flight,) = flights(None, MOVE)
    assert (flight.x, flight.y) == (18, drawn_stage(AFTER, 74, 16).lanes[1])


def test_several_moves_of_a_page_are_one_flight() -> None:
    assert len(flights(drawn_stage(BEFORE, 74, 16), PageMove(0, "FREE", "NONE", 1), MOVE)) == 1


def test_a_page_that_is_not_drawn_does_not_fly() -> None:
    assert flights(None, PageMove(0, "NONE", "ACTIVE", 99), PageMove(0, "NONE", "ACTIVE", NULL)) == ()
    assert flights(drawn_stage(AFTER, 74, 16), MOVE) == (), "it is where it was"


@pytest.mark.parametrize(
    ("x", "text"), [(0, "XYcdef"), (2, "abXYef"), (4, "abcdXY"), (5, "abcdeXY"), (8, "abcdef  XY")]
)
def test_spans_cover_a_part_of_a_line(x: int, text: str) -> None:
    line: Line = (("abc", "dim"), ("def", ""))
    assert plain([overlaid(line, x, (("XY", "now"),))]) == text


def test_a_tile_at_the_edge_stays_inside() -> None:
    flight = Flight(70, 0, Place(1, 1, 70, 74), (("▌app.m▐", "now"),))
    lines = with_flights([(), ()], [flight], 0.0, 74)
    assert plain(lines[:1]) == " " * 67 + "▌app.m▐"


def test_a_page_of_the_library_flies_down(life: Session) -> None:
    life.reading.open = False  # nothing is lit
    life.history.extend(41)
    life.history.seek(40)
    before = drawn_stage(stage_row(life), 74, 16)
    life.history.seek(41)
    shown = stage_row(life)
    moves = page_moves(life.history, 40, 41)
    (flight,) = flights_of(shown, before, drawn_stage(shown, 74, 16), moves, 18)
    assert flight.y < flight.place.y
    assert flight.place.page == life.page


def test_a_tile_under_way_leaves_the_words_of_its_move_readable(life: Session) -> None:
    life.reading.open = False  # nothing is lit
    life.history.extend(41)
    life.history.seek(40)
    before = drawn_stage(stage_row(life), 74, 16)
    life.history.seek(41)
    shown = stage_row(life)
    after = drawn_stage(shown, 74, 16)
    flights = flights_of(shown, before, after, page_moves(life.history, 40, 41), 18)
    fixed = list(fixed_places(after, flights))
    assert [place.page for place in fixed if place in after.labels] == [life.page, life.page]
    beside = 0
    for part in range(9):
        picture = plain(with_flights(after.lines, flights, part / 8, 74, fixed))
        assert "↓ vm_page_activate  app, step 41  ← now" in picture
        (line,) = (line for line in picture.split("\n") if "↓ vm_page_activate" in line)
        beside += "▌app.m" in line
    assert beside > 0


def test_tiles_under_way_do_not_cover_one_another() -> None:
    two = [Flight(20, 0, Place(page, 1, 20, 27), ((f"▌app.{page}▐", ""),)) for page in (1, 2)]
    lines = plain(with_flights([(), ()], two, 0.0, 40)).split("\n")
    assert lines[0].strip() in ("▌app.1▐▌app.2▐", "▌app.2▐▌app.1▐")
    fixed = [Place(9, 0, 0, 36)]
    assert "app" not in plain(with_flights([(), ()], two, 0.0, 40, fixed)).split("\n")[0]
