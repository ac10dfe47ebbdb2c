"""On the screen: at a bad end the why of its condition is open, with the fields that it is about."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load_text
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from tests.explorer.screen_at_rest import lines_shown
from tests.explorer.session.test_ending import PANIC


def opened() -> PageqApp:
    scenario = load_text(PANIC)
    return PageqApp(Session(scenario.start(), scenario))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 15)])
async def test_a_panic_opens_its_why_and_shows_its_fields(size: tuple[int, int]) -> None:
    app = opened()
    async with app.run_test(size=size) as pilot:
        await lines_shown(pilot)
        await pilot.press("c")
        lines = await lines_shown(pilot)
        screen = app.screen
        assert isinstance(screen, MainScreen)
        assert screen.session.history.outcome == "panic"
        assert screen.session.lens == "why"
        assert screen.panel_in_focus == "centre"
        text = "\n".join(lines)
        assert "freed: no - wired since step" in text
        assert "wire 1" in text
        assert ("why is page" in text) == (size[0] >= 75)


async def test_escape_closes_it_and_going_back_does_too() -> None:
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await lines_shown(pilot)
        await pilot.press("escape")
        assert "why is page" not in "\n".join(await lines_shown(pilot))
        await pilot.press("S", "s")
        assert "why is page" in "\n".join(await lines_shown(pilot))
        await pilot.press("S")
        assert "why is page" not in "\n".join(await lines_shown(pilot))


async def test_at_40x15_the_footer_offers_what_is_seen_and_w_brings_the_why_to_the_front() -> None:
    app = opened()
    async with app.run_test(size=(40, 15)) as pilot:
        await pilot.press("c")
        assert "W why" in (await lines_shown(pilot))[-1]
        await pilot.press("W")
        lines = await lines_shown(pilot)
        assert "why is page" in "\n".join(lines)
        assert "Esc close" in lines[-1]


@pytest.mark.slow
async def test_the_open_lens_comes_to_the_front_when_it_is_chosen_again() -> None:
    app = opened()
    async with app.run_test(size=(40, 15)) as pilot:
        screen = app.screen
        assert isinstance(screen, MainScreen)
        for keys in ("", "2"):
            await pilot.press(*keys)
            screen.enter_line("view reserve")
            assert "Esc close" in (await lines_shown(pilot))[-1]
            assert screen.query_one("#lens").size
