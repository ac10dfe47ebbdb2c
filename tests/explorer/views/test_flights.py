"""Page moves across the map, and the search of an allocation drawn on it."""

from __future__ import annotations

import pytest

from engine.run.history import History
from engine.scenario.loader import load, load_text
from explorer.session.session import Session
from explorer.tui.app import make_app
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.map_cells import ASKED, COMET, SOUGHT, cell_codes, glyph
from explorer.tui.widgets.map_panel import FLIGHT, MapPanel
from explorer.views.flights import PageMove, next_move, page_moves
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


def moves_of(history: History, window: int) -> list[int]:
    """The step of every move, searched in windows of so many steps."""
    found, at = [], 0
    while at < history.total:
        step = next_move(history, at, min(at + window, history.total))
        found += [] if step is None else [step]
        at = min(at + window, history.total) if step is None else step
    return found


@pytest.mark.parametrize("window", [1, 7, 1_000])
def test_a_page_moves_when_it_joins_a_queue_or_when_its_call_ends_without(life: Session, window: int) -> None:
    life.history.extend(1_000)
    found = moves_of(life.history, window)
    ends = ("release the object token", "join the queue")
    assert [life.history.record(step).action for step in found] == [ends[n in (1, 2, 3, 4)] for n in range(6)]
    assert found == [24, 41, 65, 82, 112, 142]


def test_the_next_move_does_not_depend_on_later_steps(life: Session) -> None:
    history = life.history
    found = []
    while history.branch.outcome is None:
        begin = history.total
        history.extend(10)
        step = next_move(history, begin, history.total)
        if step is not None:
            found.append(step)
            history.forget(step)
    assert found[0] == 24
    assert found == moves_of(history, 1_000)


REQUEUED = """
format = 1
title = "to the tail"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
script = '''
m = vm_page_alloc(heap, 5, VM_ALLOC_NORMAL)
vm_page_deactivate(m)
x = 1
vm_page_deactivate(m)
vm_page_activate(m)
vm_page_activate(m)
'''
"""


def test_a_page_that_comes_back_to_its_queue_type_has_not_moved() -> None:
    history = load_text(REQUEUED).start()
    history.extend(1_000)
    found = moves_of(history, 1_000)
    moved = [page_moves(history, first, last) for first, last in zip([0, *found], found, strict=False)]
    assert [(every[0].source, every[-1].target) for every in moved] == [
        ("FREE", "NONE"), ("NONE", "INACTIVE"), ("INACTIVE", "ACTIVE"),
    ]  # fmt: skip


def test_colours_visited_by_a_search_have_their_own_glyph(life: Session) -> None:
    life.history.extend(5)
    free = queue_rows(life.history, life.unqueued, "FREE", 9, path_under_way(life.history))[0]
    codes = cell_codes(free, 64)
    assert codes[0] & SOUGHT
    assert codes[0] & ASKED
    assert glyph(int(codes[0])) == "?"
    assert not codes[1] & (SOUGHT | ASKED)


@pytest.mark.slow
async def test_a_comet_flies_after_a_step_that_moved_a_page_and_lands() -> None:
    scenario = load("life-of-a-page")
    app = make_app(scenario, scenario.start())
    app.session.centre = "map"
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
    app.session.centre = "map"
    async with app.run_test(size=(120, 40)) as pilot:
        app.animation_level = "none"
        await pilot.press(*"s" * 11)
        assert app.screen.query_one(MapPanel)._flight is None
