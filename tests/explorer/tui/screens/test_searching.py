"""Exploring on the screen: the search in its thread, Esc, an outcome by key and by mouse, and the funnel."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.explore.exploration import Exploration
from engine.explore.limits import Progress
from engine.scenario.loader import Scenario, load
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.lens import LensPanel
from tests.explorer.explored_by_hand import FOUND, PICTURE, explored
from tests.explorer.screen_at_rest import presses
from tests.tiers import only_fast

SIZES = ((120, 40), (80, 24), (200, 60), (40, 15))
each_size = pytest.mark.parametrize(
    "size", only_fast(SIZES, (120, 40), (40, 15)), ids=lambda size: f"{size[0]}x{size[1]}"
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("trylock-skips")


@pytest.fixture
def trylock(scenario: Scenario) -> Session:
    return Session(scenario.start(), scenario)


class Gated:
    """A search that ends when its gate is open, or when it is stopped."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.options: dict[str, Any] = {}

    def __call__(
        self, _: Scenario, *, progress: Callable[[Progress], bool], **options: object
    ) -> Exploration:
        self.options = options
        while not self.gate.wait(0.005):
            if not progress(Progress(4_096, 9_000)):
                return replace(FOUND, complete=False, bound="stopped")
        return FOUND


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Gated:
    gated = Gated()
    monkeypatch.setattr("engine.explore.explore", gated, raising=False)
    monkeypatch.setattr("explorer.views.exploration_picture.picture_of", lambda _: PICTURE)
    return gated


def screen_of(pilot: Pilot[None]) -> MainScreen:
    assert isinstance(pilot.app.screen, MainScreen)
    return pilot.app.screen


async def typed(pilot: Pilot[None], line: str) -> None:
    await presses(pilot, ":", *("space" if letter == " " else letter for letter in line), "enter")


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> str:
    for _ in range(1_000):
        if holds():
            return await presses(pilot)
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come to hold")


@each_size
async def test_a_search_shows_how_far_it_is_and_then_what_it_found(
    trylock: Session, search: Gated, size: tuple[int, int]
) -> None:
    async with PageqApp(trylock).run_test(size=size) as pilot:
        await typed(pilot, "explore")
        both = ("searching  4,096 states", "exploring 4,096, Esc stops")
        shown = await until(pilot, lambda: all(text in screen_text(pilot) for text in both))
        assert "exploring 4,096, Esc stops" in shown
        assert "stop search" in shown
        search.gate.set()
        shown = await until(pilot, lambda: trylock.search is None)
        assert "complete: 1,508 states" in shown
        assert "▸ 1 completed" in shown
        assert "2 panic" in shown
        assert "exploring" not in shown


def screen_text(pilot: Pilot[None]) -> str:
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


@pytest.mark.slow
async def test_exploring_a_scenario_leads_to_the_race_that_breaks_it(trylock: Session) -> None:
    async with PageqApp(trylock).run_test(size=(120, 40)) as pilot:
        await typed(pilot, "explore")
        await until(pilot, lambda: trylock.search is None)
        assert trylock.note.text == ("every schedule is searched: 2 outcomes; ↑↓ and Enter open one")
        shown = await presses(pilot, "down", "enter", "z")
        assert trylock.explored is not None
        found = trylock.explored.exploration.outcomes[1]
        assert found.inevitable is not None
        assert found.race is not None
        assert [one.name for one in trylock.history.branches] == ["main", "panic", "completed-instead"]
        assert [one.outcome for one in trylock.history.branches[1:]] == ["panic", "completed"]
        assert (trylock.history.branch.name, trylock.history.step) == ("panic", found.inevitable.step)
        assert f"race on {found.race.cell}: {found.race.first.thread} " in shown
        assert f"cursor at step {found.inevitable.step}" in shown
        assert "panic at step" in await presses(pilot, "d")


async def test_the_session_moves_while_a_search_runs(trylock: Session, search: Gated) -> None:
    async with PageqApp(trylock).run_test(size=(120, 40)) as pilot:
        await typed(pilot, "explore")
        await presses(pilot, "s", "s")
        assert (trylock.history.step, trylock.search is not None) == (2, True)
        search.gate.set()
        await until(pilot, lambda: trylock.search is None)
        assert trylock.history.step == 2


async def test_esc_stops_the_search_and_keeps_what_it_found(trylock: Session, search: Gated) -> None:
    async with PageqApp(trylock).run_test(size=(120, 40)) as pilot:
        await typed(pilot, "explore")
        await presses(pilot, "escape")
        shown = await until(pilot, lambda: trylock.search is None)
        assert "bounded (by Esc): 1,508 states" in shown
        assert trylock.lens == "explore"
        await typed(pilot, "explore")
        assert trylock.search is not None  # what Esc cut short is searched again
        search.gate.set()
        assert "complete: 1,508 states" in await until(pilot, lambda: trylock.search is None)


async def test_options_reach_the_search_and_wrong_ones_are_refused(trylock: Session, search: Gated) -> None:
    async with PageqApp(trylock).run_test(size=(120, 40)) as pilot:
        search.gate.set()
        await typed(pilot, "explore --expr count(FREE) --states 9")
        await until(pilot, lambda: trylock.search is None)
        assert (search.options["exprs"], search.options["limits"].states) == (("count(FREE)",), 9)
        shown = await presses(pilot, ":", *"explore", "space", *"fast", "enter")
        assert "'fast' is not an option" in shown


async def test_another_scenario_ends_the_search(trylock: Session, search: Gated) -> None:
    async with PageqApp(trylock).run_test(size=(120, 40)) as pilot:
        await typed(pilot, "explore")
        running = trylock.search
        assert running is not None
        await typed(pilot, "open life-of-a-page")
        assert await asyncio.to_thread(running.wait, 5)
        assert screen_of(pilot).session.search is None
        assert screen_of(pilot).session.explored is None


# --- an outcome -------------------------------------------------------------------------------------------


@each_size
async def test_enter_opens_an_outcome_at_its_point_of_no_return_and_d_compares(
    trylock: Session, size: tuple[int, int]
) -> None:
    trylock.explored = explored()
    async with PageqApp(trylock).run_test(size=size) as pilot:
        await typed(pilot, "view explore")
        shown = await presses(pilot, "5", "down", "enter")
        history = trylock.history
        assert [branch.name for branch in history.branches] == ["main", "panic", "completed-instead"]
        assert (history.branch.name, history.step) == ("panic", 65)
        assert "▸ 2 panic" in shown
        shown = await presses(pilot, "z")
        assert "race on setup.m.queue: taker read it" in shown
        shown = await presses(pilot, "d")
        assert "panic at step 65" in shown
        assert "completed-instead at step 65" in shown or size[0] < 80
        assert trylock.lens == "compare"


async def test_the_keyboard_goes_through_the_outcomes_and_then_scrolls(trylock: Session) -> None:
    trylock.explored = explored()
    async with PageqApp(trylock).run_test(size=(80, 24)) as pilot:
        await typed(pilot, "view explore")
        assert "▸ 1 completed" in await presses(pilot, "5")
        assert "▸ 2 panic" in await presses(pilot, "j")
        assert "complete: 1,508" not in await presses(pilot, "j", "j")
        assert "complete: 1,508" in await presses(pilot, "home")
        assert "▸ 1 completed" in await presses(pilot, "k", "k")


async def test_enter_in_a_lens_without_choices_is_the_command_of_that_key(trylock: Session) -> None:
    async with PageqApp(trylock).run_test(size=(80, 24)) as pilot:
        await typed(pilot, "view stats")
        await presses(pilot, "5", "enter")
        assert trylock.note.text.startswith(("page", "FREE", "no page", "NONE"))


async def test_a_click_opens_an_outcome_and_one_in_the_funnel_goes_to_its_depth(trylock: Session) -> None:
    trylock.explored = explored()
    async with PageqApp(trylock).run_test(size=(120, 40)) as pilot:
        await typed(pilot, "view explore")
        panel = screen_of(pilot).query_one("#lens", LensPanel)
        spot = next(one for one in panel._drawing.spots if one.verb == "explore open 2")
        await pilot.click("#lens", offset=(spot.first + 1, spot.y + 1))
        assert (trylock.history.branch.name, trylock.history.step) == ("panic", 65)
        await presses(pilot, "5", "z")
        spot = next(one for one in panel._drawing.spots if one.verb == "explore depth 20")
        await pilot.click("#lens", offset=(spot.first, spot.y + 1))
        assert (trylock.history.branch.name, trylock.history.step) == ("panic", 20)
        assert "cursor at step 20" in await presses(pilot)


async def test_undo_goes_back_to_where_the_outcome_was_opened(trylock: Session) -> None:
    trylock.explored = explored()
    async with PageqApp(trylock).run_test(size=(120, 40)) as pilot:
        await presses(pilot, "s", "s", "s")
        await typed(pilot, "explore open panic")
        await presses(pilot, "backspace")
        assert (trylock.history.current, trylock.history.step) == (0, 3)


async def test_it_is_read_without_colour_and_in_ascii(trylock: Session) -> None:
    trylock.explored = explored()
    async with PageqApp(trylock).run_test(size=(120, 40)) as pilot:
        await typed(pilot, "ascii")
        await typed(pilot, "explore open panic")
        shown = await presses(pilot, "5", "z")
        assert shown.isascii()
        assert "c only completed  p only panic  O completed or panic" in shown
        assert ") 1 completed" in shown
        assert "o 2 panic" in shown
