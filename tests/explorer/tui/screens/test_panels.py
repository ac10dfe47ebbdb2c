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
    leave_room,
    map_rows,
    show_details,
    show_map,
    show_standing,
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


def test_the_rows_of_the_map_are_the_six_types_and_one_has_the_cursor(session: Session) -> None:
    session.select("INACTIVE", 7)
    rows = map_rows(session)
    assert [row.name for row in rows] == ["FREE", "INACTIVE", "ACTIVE", "CACHE", "HOLD", "NONE"]
    assert [row.cursor for row in rows] == [-1, 7, -1, -1, -1, -1]


async def test_time_is_shown_above_and_below_the_panels(session: Session) -> None:
    async with screen_of(session) as screen:
        to(session, 12)
        show_time(screen, session, STILL, Keys())
        status, timeline = screen.query_one(StatusLine).row, screen.query_one(Timeline).row
        assert status is not None
        assert timeline is not None
        assert (status.step, timeline.step) == (12, 12)
        assert len(timeline.density) == 120
        assert screen.query_one(Banner).verdict is None


async def test_during_a_run_there_is_no_banner_and_the_footer_has_other_keys(
    panic_session: Session,
) -> None:
    async with screen_of(panic_session) as screen:
        for _ in running.run(panic_session):
            pass
        show_time(screen, panic_session, Activity("running, Esc stops", begun=True), Keys())
        moving = screen.query_one(Footer).tips
        assert screen.query_one(Banner).verdict is None
        show_time(screen, panic_session, STILL, Keys())
        told = screen.query_one(Banner).verdict
        assert told is not None
        assert told.bad
        assert screen.query_one(Footer).tips != moving


async def test_details_are_those_of_the_step_and_the_log_fills_its_panel(session: Session) -> None:
    async with screen_of(session) as screen:
        to(session, 40)
        show_details(screen, session)
        log, page = screen.query_one(Log), screen.query_one(Inspector).row
        assert [row.step for row in log.rows] == list(range(41 - log.size.height, 41))
        assert page is not None
        assert page.number == session.vm.page_number(session.page)
        assert [row.name for row in screen.query_one(Threads).rows] == ["app", "other"]
        assert all([row.name for row in source.rows] == ["app", "other"] for source in screen.query(Source))


async def test_a_lens_takes_the_logs_place(session: Session) -> None:
    async with screen_of(session) as screen:
        session.look_through("lanes")
        show_details(screen, session)
        assert screen.has_class("-lens")
        panel = screen.query_one("#lens", LensPanel)
        assert panel._lens is not None
        assert panel._lens.name == "lanes"
        session.look_through("log")
        show_details(screen, session)
        assert not screen.has_class("-lens")


async def test_the_map_and_its_axis_have_the_cursor(session: Session) -> None:
    async with screen_of(session) as screen:
        session.select("HOLD", 9)
        show_map(screen, session)
        free, hold = (screen.query_one(f"#map-{name}", QueueMap).row for name in ("free", "hold"))
        axis = screen.query_one(Axis).row
        assert free is not None
        assert hold is not None
        assert axis is not None
        assert (free.cursor, hold.cursor, axis.cursor) == (-1, 9, 9)


@pytest.mark.parametrize(
    ("colors", "size", "few"),
    [(1024, (120, 40), False), (16, (120, 40), True), (1024, (80, 24), False), (16, (80, 24), False)],
)
async def test_a_map_of_few_colours_at_the_side_leaves_room_under_it(
    make_session: MakeSession, colors: int, size: tuple[int, int], few: bool
) -> None:
    session = make_session(colors=colors)
    async with screen_of(session, size) as screen:
        assert screen.has_class("-few") == few
        screen.set_class(not few, "-few")
        leave_room(screen, session)
        assert screen.has_class("-few") == few


async def test_of_the_fixed_lenses_only_the_visible_ones_get_rows(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with screen_of(session) as screen:
        seen: list[str] = []
        monkeypatch.setattr(FixedLens, "look", lambda _self, lens, _row: seen.append(lens.name))
        show_standing(screen, session)
        assert seen == ["why"]


async def test_a_fixed_lens_that_becomes_visible_has_the_current_row(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        reason = screen.query_one("#reason", FixedLens)
        assert "why is page" not in plain(reason.format_lines())
        reason.display = False
        to(session, 40)
        screen.show()
        await pilot.pause()
        reason.display = True
        await pilot.pause()
        assert "why is page" in plain(reason.format_lines())
