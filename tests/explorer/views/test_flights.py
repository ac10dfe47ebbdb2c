"""Page moves across the map, and the search of an allocation drawn on it."""

from __future__ import annotations

from engine.scenario.loader import load
from explorer.session.session import Session
from explorer.tui.app import make_app
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.map_cells import ASKED, COMET, SOUGHT, cell_codes, glyph
from explorer.tui.widgets.map_panel import FLIGHT, MapPanel
from explorer.views.flights import PageMove, page_moves
from explorer.views.queues import path_under_way, queue_rows


def test_a_page_that_changes_queues_is_a_move(life: Session) -> None:
    history = life.history
    history.extend(1_000)
    every = page_moves(history, 0, history.total)
    m = life.page
    assert every[:4] == (
        PageMove(0, "FREE", "NONE", m),
        PageMove(0, "NONE", "ACTIVE", m),
        PageMove(0, "ACTIVE", "NONE", m),
        PageMove(0, "NONE", "INACTIVE", m),
    )
    assert page_moves(history, 0, 10) == ()
    assert page_moves(history, 10, 11) == every[:1]
    assert len(page_moves(history, 0, history.total, most=2)) == 2


def test_colours_visited_by_a_search_have_their_own_glyph(life: Session) -> None:
    life.history.extend(5)
    free = queue_rows(life.history, life.unqueued, "FREE", 9, path_under_way(life.history))[0]
    codes = cell_codes(free, 64)
    assert codes[0] & SOUGHT
    assert codes[0] & ASKED
    assert glyph(int(codes[0])) == "?"
    assert not codes[1] & (SOUGHT | ASKED)


async def test_a_comet_flies_after_a_step_that_moved_a_page_and_lands() -> None:
    scenario = load("life-of-a-page")
    app = make_app(scenario, scenario.start())
    async with app.run_test(size=(120, 40)) as pilot:
        app.animation_level = "full"
        screen = app.screen
        assert isinstance(screen, MainScreen)
        panel = screen.query_one(MapPanel)
        await pilot.press(*"s" * 11)
        assert panel._flight is not None
        flying = [part for part in panel.query("QueueMap") if (part._codes & COMET).any()]  # type: ignore[attr-defined]
        assert len(flying) == 1
        await pilot.press("S")
        assert panel._flight is None
        await pilot.press("s")
        await pilot.pause(FLIGHT * 4)
        assert panel._flight is None
        assert not any((part._codes & COMET).any() for part in panel.query("QueueMap"))


async def test_nothing_flies_where_motion_is_unwanted() -> None:
    scenario = load("life-of-a-page")
    app = make_app(scenario, scenario.start())
    async with app.run_test(size=(120, 40)) as pilot:
        app.animation_level = "none"
        await pilot.press(*"s" * 11)
        assert app.screen.query_one(MapPanel)._flight is None
