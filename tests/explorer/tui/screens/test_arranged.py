"""The centre, the focus and the zoom: which panels are on the screen, and which one has the keys."""

from __future__ import annotations

import pytest

from explorer.commands.table import parse
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.layouts import LENS
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.code_panel import Code
from explorer.tui.widgets.inspector_panel import Inspector
from explorer.tui.widgets.lens import LensPanel
from explorer.tui.widgets.lesson_panel import LessonPanel
from explorer.tui.widgets.log_panel import Log
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.source_panel import Source
from explorer.tui.widgets.stage_panel import Stage
from explorer.tui.widgets.threads_panel import Threads
from explorer.tui.widgets.timeline_panel import Timeline
from tests.explorer.screen_at_rest import lines_shown, until_at_rest


def on(session: Session) -> PageqApp:
    return PageqApp(session)


async def test_m_switches_between_the_stage_and_the_map(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("M")
        assert session.centre == "map"
        assert "\ncolour " in "\n".join(await lines_shown(pilot))
        assert pilot.app.focused is not None
        assert pilot.app.focused.id == "map"
        await pilot.press("M")
        assert session.centre == "stage"
        assert "256 free" in "\n".join(await lines_shown(pilot))
        assert pilot.app.focused.id == "stage"
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        screen.do(*parse("centre attic"))
        assert session.note.text == "'attic' is not a centre; use stage or map"


async def test_tab_cycles_through_the_panels_and_the_focus_is_visible(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        seen = []
        for _ in range(8):
            await pilot.press("tab")
            await pilot.pause()
            assert pilot.app.focused is not None
            seen.append(type(pilot.app.focused))
            if seen[-1] in (Inspector, Threads, Log, Source, Code, LessonPanel):
                assert "━━" in "\n".join(await lines_shown(pilot))
        assert seen == [Inspector, Threads, Source, Log, Timeline, Code, LessonPanel, Stage]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (200, 60), (40, 15)], ids=str)
async def test_z_lets_a_panel_fill_the_screen_and_back(session: Session, size: tuple[int, int]) -> None:
    async with on(session).run_test(size=size) as pilot:
        await pilot.press("n")
        for key, panel in enumerate(("stage", "page", "threads", "source", "log"), 1):
            await pilot.press(str(key))
            before = await lines_shown(pilot)
            await pilot.press("z")
            focused = pilot.app.focused
            assert focused is not None
            assert focused.id is not None
            assert focused.id == panel
            assert focused.region.width == size[0]
            assert focused.region.height >= min(size[1] - 5, 8)
            await pilot.press("z")
            assert (await lines_shown(pilot))[1:-3] == before[1:-3], panel


async def test_at_40x15_each_panel_can_be_opened(session: Session) -> None:
    async with on(session).run_test(size=(40, 15)) as pilot:
        await pilot.press("s")
        for key, words in (("2", "page"), ("3", "threads"), ("4", "p = vm_page_alloc(NULL"), ("2", "page")):
            await pilot.press(key)
            await pilot.pause()
            assert words in "\n".join(await lines_shown(pilot)), key


async def test_a_panel_of_a_shared_place_comes_to_the_front_and_its_siblings_are_named(
    session: Session,
) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        assert "3 threads 5 log" in "\n".join(await lines_shown(pilot))
        await pilot.press("3")
        shown = "\n".join(await lines_shown(pilot))
        assert "4 source 5 log" in shown
        assert isinstance(pilot.app.focused, Threads)
        await pilot.press("v")
        assert "4 source 3 threads" in "\n".join(await lines_shown(pilot))
        assert pilot.app.screen.query_one("#lens", LensPanel).size.height > LENS


@pytest.mark.parametrize("size", [(40, 15), (80, 24)], ids=str)
async def test_a_panel_that_is_not_shown_has_no_size(session: Session, size: tuple[int, int]) -> None:
    async with on(session).run_test(size=size) as pilot:
        await pilot.pause()
        shown = {panel.id for panel in pilot.app.screen.query("#main > *") if panel.size}
        assert "map" not in shown
        assert {"stage", "lesson"} <= shown
        await pilot.resize_terminal(200, 60)
        await until_at_rest()
        assert {"reason", "nodes", "tree", "lanes"} <= {
            panel.id for panel in pilot.app.screen.query("#main > *") if panel.size
        }


async def test_another_session_shows_its_own_centre_unzoomed(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("z")
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        assert screen.query_one(Stage).size.width == 120
        other = Session(session.history)
        other.centre = "map"
        screen.open(other)
        await until_at_rest()
        assert screen.query_one(MapPanel).size.width == 80


async def test_escape_closes_what_was_opened_last_and_then_follows(session: Session) -> None:
    session.history.extend(20)
    async with on(session).run_test(size=(120, 40)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        await pilot.press("v", "z")
        assert (session.lens, screen.zoomed) == ("why", "lens")
        session.pin(5)
        await pilot.press("escape")
        assert (session.lens, screen.zoomed) == ("why", "")
        await pilot.press("escape")
        assert (session.lens, session.pinned) == ("log", 5)
        await pilot.press("escape")
        assert session.pinned is None
        await pilot.press("z", "v")
        assert (session.lens, screen.zoomed) == ("why", "stage")
        await pilot.press("escape")
        assert (session.lens, screen.zoomed) == ("log", "stage")
        await pilot.press("escape")
        assert screen.zoomed == ""


async def test_escape_in_a_lens_leaves_the_focus_on_the_log(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("s", "v", "5")
        assert isinstance(pilot.app.focused, LensPanel)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.focused, Log)


async def test_z_zooms_an_open_lens_before_the_centre_and_returns(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("s", "v", "z")
        await pilot.pause()
        assert pilot.app.screen.query_one("#lens", LensPanel).size.width == 120
        assert isinstance(pilot.app.focused, LensPanel)
        await pilot.press("z")
        await pilot.pause()
        assert isinstance(pilot.app.focused, Stage)
        await pilot.press("2", "z")
        await pilot.pause()
        assert pilot.app.screen.query_one(Inspector).size.width == 120


async def test_the_footer_follows_the_situation(panic_session: Session) -> None:
    async with on(panic_session).run_test(size=(80, 24)) as pilot:
        assert "L lesson" in (await lines_shown(pilot))[-1]
        await pilot.press("c")
        assert "Esc close  v next lens" in (await lines_shown(pilot))[-1]  # the why opens by itself
        await pilot.press("escape")
        assert "W why" in (await lines_shown(pilot))[-1]
        await pilot.press("v")
        line = (await lines_shown(pilot))[-1]
        assert "v next lens" in line
        assert "Esc close" in line


@pytest.mark.parametrize("size", [(80, 24), (40, 15)])
async def test_z_gives_the_timeline_its_lanes(session: Session, size: tuple[int, int]) -> None:
    async with on(session).run_test(size=size) as pilot:
        await pilot.press("n", "6", "z")
        assert [line.split()[0] for line in (await lines_shown(pilot))[-9:-2]] == [
            "writes", "marks", "moves", "sleeps", "wakeups", "faults", "ticks",
        ]  # fmt: skip
        await pilot.press("z")
        assert "wakeups" not in "\n".join(await lines_shown(pilot))


async def test_beside_a_zoomed_timeline_z_zooms_another_panel_and_escape_shows_all(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        await pilot.press("n", "6", "z", "2")
        await lines_shown(pilot)
        assert (screen.zoomed, screen.panel_in_focus) == ("timeline", "page")
        await pilot.press("escape")
        await lines_shown(pilot)
        assert (screen.zoomed, screen.panel_in_focus) == ("", "page")
        await pilot.press("6", "z", "2", "z")
        await lines_shown(pilot)
        assert screen.query_one("#page").size.width == 80
        await pilot.press("z")
        await lines_shown(pilot)
        assert (screen.zoomed, screen.panel_in_focus) == ("", "page")
