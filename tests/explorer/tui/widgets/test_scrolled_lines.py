"""Panels that are scrolled: the threads, the page, a lens and the log, with keys and the wheel."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget

from explorer.commands.table import parse
from explorer.session import stepping
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.lens import LensPanel
from explorer.tui.widgets.log_panel import Log
from explorer.tui.widgets.scrolled_lines import FittedLines
from tests.explorer.screen_at_rest import lines_shown


def at_step(session: Session, step: int) -> PageqApp:
    for _ in stepping.go_to(session, step):
        pass
    return PageqApp(session)


async def text_of(pilot: Pilot[None], panel: Widget) -> list[str]:
    """Return what a panel shows."""
    await pilot.pause()
    place = panel.region
    return [
        line[place.x : place.right].rstrip() for line in (await lines_shown(pilot))[place.y : place.bottom]
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("key", "panel"), [("2", "page"), ("3", "threads")])
async def test_a_focused_panel_scrolls_to_every_line_that_did_not_fit(
    session: Session, key: str, panel: str
) -> None:
    async with at_step(session, 40).run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        widget = pilot.app.screen.query_one(f"#{panel}", FittedLines)
        before = await text_of(pilot, widget)
        assert "more ↓" in before[0]
        await pilot.press("down")
        seen = set(await text_of(pilot, widget))
        for _ in range(20):
            await pilot.press("down")
            seen |= set(await text_of(pilot, widget))
        for line in widget.all_lines(widget.size.width):
            assert "".join(text for text, _ in line).rstrip() in seen
        last = await text_of(pilot, widget)
        await pilot.press("home", "end")
        assert await text_of(pilot, widget) == last
        await pilot.press("home", "up")
        assert await text_of(pilot, widget) == before


async def test_a_lens_is_scrolled_and_its_clicks_follow(session: Session) -> None:
    async with at_step(session, 40).run_test(size=(80, 24)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        screen.do(*parse("view life"))
        await pilot.press("5")
        lens = screen.query_one("#lens", LensPanel)
        first = await text_of(pilot, lens)
        await pilot.press("pagedown")
        assert lens.is_scrolled
        assert await text_of(pilot, lens) != first
        spots = lens._whole[1].spots if lens._whole else ()
        spot = next(
            spot
            for spot in spots
            if spot.verb.startswith("goto ") and 0 <= spot.y - lens.first_visible < lens.room
        )
        await pilot.click(lens, offset=(spot.first, 1 + spot.y - lens.first_visible))
        await pilot.pause()
        assert session.history.step == int(spot.verb.split()[1])
        screen.do(*parse("view lanes"))
        await pilot.pause()
        assert not lens.is_scrolled


async def test_the_wheel_scrolls_a_panel_without_the_focus(session: Session) -> None:
    async with at_step(session, 40).run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        log = pilot.app.screen.query_one(Log)
        await pilot.press("1")
        wheel = events.MouseScrollUp(log, 5, 2, 0, -1, 0, False, False, False)
        log.post_message(wheel)
        await pilot.pause()
        assert log.pointed(40) == 37


# --- the log ------------------------------------------------------------------------------------------------


async def test_enter_in_the_log_goes_to_the_step_under_the_cursor(session: Session) -> None:
    async with at_step(session, 40).run_test(size=(120, 40)) as pilot:
        await pilot.press("5", "up", "up", "up")
        log = pilot.app.screen.query_one(Log)
        shown = await text_of(pilot, log)
        assert "Enter goes there" in shown[0]
        assert sum(line.startswith("▸   37 ") for line in shown) == 1
        await pilot.press("enter")
        assert session.history.step == 37
        assert log.pointed(37) is None


@pytest.mark.slow
async def test_the_log_shows_every_step_to_the_cursor(session: Session) -> None:
    async with at_step(session, 25).run_test(size=(80, 24)) as pilot:
        await pilot.press("5", "home")
        log = pilot.app.screen.query_one(Log)
        assert any(line.startswith("▸    0 boot") for line in await text_of(pilot, log))
        seen = 0
        for step in range(1, 25):
            await pilot.press("down")
            seen += any(line.startswith(f"▸ {step:>4} ") for line in await text_of(pilot, log))
        assert seen == 24
        await pilot.press("down")
        assert log.pointed(25) is None
        await pilot.press("pageup", "S")
        assert log.pointed(24) is None


async def test_the_source_goes_to_its_first_and_last_line(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("4", "end")
        assert session.line == (0, 8)
        await pilot.press("home")
        assert session.line == (0, 1)
