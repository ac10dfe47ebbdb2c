"""Every visible panel shows the current step, and a hidden panel gets no rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from explorer.commands.keys import Keys
from explorer.session import running, stepping
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.screens.panels import (
    Activity,
    show_centre,
    show_details,
    show_slow,
    show_time,
)
from explorer.tui.widgets.axis_panel import Axis
from explorer.tui.widgets.banner_panel import Banner
from explorer.tui.widgets.footer import Footer
from explorer.tui.widgets.inspector_panel import Inspector
from explorer.tui.widgets.lens import FixedLens, LensPanel
from explorer.tui.widgets.log_panel import Log
from explorer.tui.widgets.queue_map import QueueMap
from explorer.tui.widgets.source_panel import Source
from explorer.tui.widgets.status_panel import StatusLine
from explorer.tui.widgets.threads_panel import Threads
from explorer.tui.widgets.timeline_panel import Timeline
from explorer.views.spans import plain
from tests.explorer.screen_at_rest import until_at_rest

MakeSession = Callable[..., Session]

STILL = Activity("", begun=True)


@asynccontextmanager
async def screen_of(session: Session, size: tuple[int, int] = (120, 40)) -> AsyncIterator[MainScreen]:
    """Return the main screen of a session, at rest; it does not show later changes of the session."""
    async with PageqApp(session).run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(pilot.app.screen, MainScreen)
        yield pilot.app.screen


def to(session: Session, step: int) -> None:
    for _ in stepping.go_to(session, step):
        pass


async def test_time_is_shown_above_and_below_the_panels(session: Session) -> None:
    async with screen_of(session) as screen:
        to(session, 12)
        show_time(screen, session, STILL, Keys())
        status, timeline = screen.query_one(StatusLine).row, screen.query_one(Timeline).row
        assert status is not None
        assert timeline is not None
        assert (status.step, timeline.step) == (12, 12)
        assert len(timeline.density) == 120
        assert screen.query_one(Banner).end is None


async def test_during_a_run_there_is_no_banner_and_the_footer_has_other_keys(
    panic_session: Session,
) -> None:
    async with screen_of(panic_session) as screen:
        for _ in running.run(panic_session):
            pass
        show_time(screen, panic_session, Activity("running, Esc stops", begun=True), Keys())
        moving = screen.query_one(Footer).tips
        assert screen.query_one(Banner).end is None
        show_time(screen, panic_session, STILL, Keys())
        told = screen.query_one(Banner).end
        assert told is not None
        assert told.bad
        assert screen.query_one(Footer).tips != moving


async def test_details_are_those_of_the_step_and_the_log_fills_its_panel(session: Session) -> None:
    async with screen_of(session) as screen:
        to(session, 40)
        show_details(screen, session, Keys())
        show_slow(screen, session)
        log, page = screen.query_one(Log), screen.query_one(Inspector).row
        assert [row.step for row in log.rows] == list(range(41 - log.size.height, 41))
        assert page is not None
        assert page.number == session.vm.page_number(session.page)
        assert [row.name for row in screen.query_one(Threads).rows] == ["app", "other"]
        assert [row.name for row in screen.query_one(Source).rows] == ["app", "other"]


async def test_a_lens_takes_the_logs_place(session: Session) -> None:
    async with screen_of(session) as screen:
        log, panel = screen.query_one(Log), screen.query_one("#lens", LensPanel)
        session.look_through("lanes")
        screen.show()
        await until_at_rest()
        assert (bool(log.size), bool(panel.size)) == (False, True)
        assert panel._lens is not None
        assert panel._lens.name == "lanes"
        session.look_through("log")
        screen.show()
        await until_at_rest()
        assert (bool(log.size), bool(panel.size)) == (True, False)


async def test_the_map_and_its_axis_have_the_cursor(session: Session) -> None:
    session.centre = "map"
    async with screen_of(session) as screen:
        session.select("HOLD", 9)
        show_centre(screen, session)
        free, hold = (screen.query_one(f"#map-{name}", QueueMap).row for name in ("free", "hold"))
        axis = screen.query_one(Axis).row
        assert free is not None
        assert hold is not None
        assert axis is not None
        assert (free.cursor, hold.cursor, axis.cursor) == (-1, 9, 9)


async def test_of_the_fixed_lenses_only_the_visible_ones_get_rows(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.centre = "map"
    for size, visible in (((120, 40), []), ((200, 60), ["numa", "branches"])):
        async with screen_of(session, size) as screen:
            seen: list[str] = []
            with monkeypatch.context() as patch:
                patch.setattr(FixedLens, "look", lambda _self, lens, _row, seen=seen: seen.append(lens.name))
                show_slow(screen, session)
            assert sorted(seen) == sorted(visible)


@pytest.mark.slow
async def test_a_fixed_lens_that_becomes_visible_has_the_current_row(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        reason = pilot.app.screen.query_one("#reason", FixedLens)
        to(session, 40)
        await pilot.resize_terminal(200, 60)
        await pilot.pause()
        assert "why is page" in plain(reason.format_lines())
