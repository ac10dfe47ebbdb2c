"""Sessions on the real screen: keys, mouse, sizes, errors, and what the user must see after each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from engine.errors import CapacityError, InvariantViolation
from explorer.commands.table import COMMANDS, parse
from explorer.session import running
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.log_panel import Log
from explorer.tui.widgets.queue_map import QueueMap
from explorer.tui.widgets.source_panel import Source
from explorer.tui.widgets.threads_panel import Threads
from tests.explorer.screen_at_rest import lines_shown
from tests.tiers import only_fast

MakeSession = Callable[..., Session]
Journey = Callable[[Pilot[None]], Any]
SIZES = [(80, 24), (120, 40), (200, 60), (40, 15)]


async def typed(pilot: Pilot[None], line: str) -> None:
    """Type a line into the console."""
    await pilot.press(":", *("space" if key == " " else key for key in line), "enter")


def on(session: Session) -> PageqApp:
    return PageqApp(session)


# --- the first minute ---------------------------------------------------------------------------------------


async def test_the_first_screen_says_what_to_press(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        lines = await lines_shown(pilot)
        assert "press s to take the first step" in lines[-2]
        assert lines[-1].startswith(" s step")
        assert "start" in lines[0]


async def test_a_step_shows_the_thread_the_function_the_action_and_the_cells(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("s")
        shown = "\n".join(await lines_shown(pilot))
        assert "▶    1 app vm_object_hold holds the object: heap hold_count 0 to 1" in shown
        assert "heap hold_count 0→1" in shown
        assert " t 1/1 100% last  cpu0:app" in shown


@pytest.mark.slow
async def test_stepping_back_shows_the_earlier_screen(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        seen = []
        for _ in range(12):
            await pilot.press("s")
            seen.append((await lines_shown(pilot))[1:-3])
        for n in range(11, 0, -1):
            await pilot.press("S")
            assert (await lines_shown(pilot))[1:30] == seen[n - 1][:29], f"step {n}"
        assert session.history.step == 1


async def test_an_allocated_page_appears_on_none_and_the_cursor_goes_with_it(session: Session) -> None:
    session.centre = "map"
    async with on(session).run_test(size=(80, 24)) as pilot:
        session.choose_thread(0)
        await pilot.press("n", "n")
        lines = await lines_shown(pilot)
        none = next(line for line in lines if line.startswith("▌NONE"))
        assert "b" in none[10:74]
        assert lines[8].startswith("colour")
        assert lines[8][10:74].index("▲") == none[10:74].index("b")


async def test_a_panic_has_a_banner_and_can_be_stepped_back_from(panic_session: Session) -> None:
    async with on(panic_session).run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await pilot.pause()
        shown = "\n".join(await lines_shown(pilot))
        assert " PANIC in vm_page_wakeup(), page 0x" in shown
        assert "LOCKED is not set" in shown
        assert "S steps back" in shown
        assert " PANIC " in (await lines_shown(pilot))[0]
        await pilot.press("S")
        await pilot.pause()
        assert "PANIC" not in "\n".join((await lines_shown(pilot))[:-3])


# --- sizes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("centre", ["stage", "map"])
@pytest.mark.parametrize(
    "size", only_fast(SIZES, (80, 24), (40, 15)), ids=lambda size: f"{size[0]}x{size[1]}"
)
async def test_every_size_shows_the_essentials(session: Session, size: tuple[int, int], centre: str) -> None:
    session.centre = centre
    async with on(session).run_test(size=size) as pilot:
        await pilot.press("n", "n", "s")
        if size == (40, 15):
            assert "── lesson ──" in "\n".join(await lines_shown(pilot))
            await pilot.press("2", "1")  # the page shares its place with the lesson
        lines = await lines_shown(pilot)
        assert len(lines) == size[1]
        assert all(len(line) == size[0] for line in lines)
        shown = "\n".join(lines)
        for word in ("free", "page ", "busy", "lesson", " s step", "? help", "NONE"):
            assert word in shown, word
        if size != (40, 15):
            for word in ("FREE", "INACTIVE", "HOLD", "threads", " line ", "code"):
                assert word in shown, word


@pytest.mark.parametrize(
    ("size", "shape"),
    [((80, 24), (64, 1, 16)), ((120, 40), (64, 4, 4)), ((200, 60), (128, 8, 1)), ((40, 15), (32, 1, 32))],
    ids=str,
)
async def test_the_level_of_detail_depends_on_the_size(
    session: Session, size: tuple[int, int], shape: tuple[int, int, int]
) -> None:
    session.centre = "map"
    async with on(session).run_test(size=size) as pilot:
        await pilot.pause()
        grid = pilot.app.screen.query_one("#map-free", QueueMap)._grid
        assert (grid.columns, grid.rows, grid.bucket) == shape


@pytest.mark.slow
async def test_no_size_is_refused_while_it_runs(session: Session) -> None:
    session.centre = "map"
    async with on(session).run_test(size=(80, 24)) as pilot:
        for size in (
            (1, 1),
            (5, 40),
            (300, 9),
            (77, 19),
            (116, 28),
            (197, 61),
            (240, 90),
            (39, 14),
            (120, 40),
        ):
            await pilot.resize_terminal(*size)
            await pilot.press("s")
            await pilot.pause()
            assert len(await lines_shown(pilot)) == size[1]
        assert "▌INACTIVE" in "\n".join(await lines_shown(pilot))
        assert session.history.step == 9


@pytest.mark.parametrize("colors", [1, 16])
async def test_a_machine_of_few_colours_fits(make_session: MakeSession, colors: int) -> None:
    session = make_session(colors=colors)
    session.centre = "map"
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("n", "n", "right", "down")
        await pilot.pause()
        assert pilot.app.screen.query_one("#map-free", QueueMap).size.height == 1
        assert "threads" in "\n".join(await lines_shown(pilot))


async def test_the_nodes_are_shown_at_the_map(make_session: MakeSession) -> None:
    session = make_session(spec="64MiB:2x4x2")
    session.centre = "map"
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        shown = "\n".join(await lines_shown(pilot))
        assert "node 0" in shown
        assert "node 1" in shown


# --- keys and mouse -----------------------------------------------------------------------------------------


async def test_arrows_move_over_colours_and_types(session: Session) -> None:
    session.centre = "map"
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("right", "l", "down", "j")
        assert session.place == ("ACTIVE", 2)
        await pilot.press("left", "k")
        assert session.place == ("INACTIVE", 1)
        assert "INACTIVE[1] of node 0 core 0: no pages" in (await lines_shown(pilot))[-2]


@pytest.mark.slow
async def test_enter_opens_the_pages_of_a_colour_and_escape_follows_again(session: Session) -> None:
    session.centre = "map"
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("right", "enter")
        first = session.pinned
        await pilot.press("enter")
        assert session.pinned not in (None, first)
        assert "pinned" in "\n".join(await lines_shown(pilot))
        await pilot.press("escape")
        assert session.pinned is None


async def test_a_click_selects_a_colour(session: Session) -> None:
    session.centre = "map"
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.click("#map-active", offset=(10 + 3, 0))
        assert session.place == ("ACTIVE", 48)


async def test_a_click_chooses_a_thread(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        threads = pilot.app.screen.query_one(Threads)
        row = next(y for y, line in enumerate(await lines_shown(pilot)) if "other cpu1" in line[75:])
        await pilot.click("#threads", offset=(3, row - threads.region.y))
        assert session.chosen == 1
        assert "s→other" in (await lines_shown(pilot))[0]


async def test_a_click_or_a_drag_on_the_timeline_seeks(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        total = session.history.total
        await pilot.click("#timeline", offset=(0, 0))
        assert session.history.step == 0
        await pilot.mouse_down("#timeline", offset=(40, 0))
        assert abs(session.history.step - total * 40 / 79) <= 1
        await pilot.hover("#timeline", offset=(79, 0))
        await pilot.mouse_up("#timeline", offset=(79, 0))
        assert session.history.step >= total * 40 // 79


@pytest.mark.slow
async def test_on_a_large_screen_the_timeline_has_lanes_beside_their_names(session: Session) -> None:
    async with on(session).run_test(size=(200, 60)) as pilot:
        await pilot.press("c")
        total = session.history.total
        shown = await lines_shown(pilot)
        names = ["writes", "marks", "moves", "sleeps", "wakeups", "faults", "ticks"]
        assert [line.split(" ")[0] for line in shown[51:58]] == names
        await pilot.click("#timeline", offset=(8, 3))
        assert session.history.step == 0
        await pilot.click("#timeline", offset=(199, 5))
        assert session.history.step == total
        await pilot.press("M")
        assert pilot.app.screen.query_one("#timeline").size.height == 1


async def test_the_message_comes_back_when_the_mouse_leaves_a_tile(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press(*"nnn")
        await pilot.pause()
        before = (await lines_shown(pilot))[-2]
        lines = await lines_shown(pilot)
        y = next(y for y, text in enumerate(lines) if "app.m" in text[:74])
        await pilot.hover(None, offset=(lines[y].index("app.m"), y))
        assert "page 0x" in (await lines_shown(pilot))[-2] != before
        await pilot.hover("#threads", offset=(3, 1))
        assert (await lines_shown(pilot))[-2] == before


async def test_a_click_on_a_logged_step_goes_there(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press(*"sssss")
        await pilot.pause()
        log = pilot.app.screen.query_one(Log)
        row = next(y for y, line in enumerate(await lines_shown(pilot)) if line.startswith("     2 "))
        await pilot.click("#log", offset=(12, row - log.region.y))
        assert session.history.step == 2


async def test_a_click_on_the_footer_does_what_the_key_does(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.click("#footer", offset=(2, 0))
        assert session.history.step == 1


async def test_choosing_a_thread_in_the_past_forks_with_a_message(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("c", "g", "s", ">", "s")
        assert len(session.history.branches) == 2
        assert "▸branch 1" in (await lines_shown(pilot))[0]
        await typed(pilot, "branch 0")
        assert "▸main" in (await lines_shown(pilot))[0]


# --- the console --------------------------------------------------------------------------------------------


async def test_the_console_goes_to_a_step_and_repeats(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        await typed(pilot, "25")
        assert session.history.step == 25
        await typed(pilot, "step 2")
        await pilot.press(":", "enter")
        assert session.history.step == 29
        await pilot.press(":", "up", "up", "enter")
        assert session.history.step == 25


REFUSALS = [
    ("dance", "unknown command 'dance'"),
    ("page 0xfffffff", "there is no page 0xfffffff"),
    ("page five", "'five' does not name a page"),
    ("goto -4", "steps start at 0"),
    ("color 1024", "there is no colour 1024"),
    ("thread ghost", "there is no thread 'ghost'; there are app, other"),
    ("branch 7", "there is no branch 7"),
]


async def test_an_error_is_one_line_and_nothing_is_lost(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("s", "s")
        for line, words in REFUSALS:
            await typed(pilot, line)
            said = (await lines_shown(pilot))[-2]
            assert words in said
            assert "✗" in said
            assert session.history.step == 2


async def test_escape_closes_the_console(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.press(":", "s", "escape", "s")
        assert session.history.step == 1


async def test_keys_that_come_all_at_once_are_a_line_for_the_console(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        for key in (":", "v", "i", "e", "w", " ", "q", "u", "e", "u", "e", "enter"):
            name = {":": "colon", " ": "space"}.get(key, key)
            pilot.app.post_message(events.Key(name, key if len(key) == 1 else None))
        for _ in range(5):
            await pilot.pause()
        assert pilot.app.is_running
        assert session.lens == "queue"


async def test_a_letter_that_comes_with_its_command_belongs_to_it(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        for key in ("s", "m", "s", "'", "q"):
            name = {"'": "apostrophe"}.get(key, key)
            pilot.app.post_message(events.Key(name, key))
        for _ in range(5):
            await pilot.pause()
        assert pilot.app.is_running
        assert session.marks == {1: "s"}
        assert session.note.text == "no step is marked 'q'; the marks are: s"


async def test_a_mark_has_a_letter_or_none_and_goes_away_again(session: Session) -> None:
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("s", "m", "space")
        assert session.marks == {1: ""}
        await pilot.press("m")
        assert session.marks == {}
        await pilot.press("m", "escape", "s")
        assert (session.marks, session.history.step) == ({}, 2)


@pytest.mark.slow
async def test_every_verb_without_an_argument_can_be_typed(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # one of them writes a file
    app = on(session)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        assert isinstance(screen, MainScreen)
        for name in COMMANDS:
            if name in ("quit", "help", "lesson", "edit", "predict"):
                continue
            command, argument = parse(name)
            screen.do(command, argument)
            screen.stop()
            await pilot.pause()
            if pilot.app.screen is not screen:
                await pilot.press("escape")
        assert pilot.app.screen is screen


async def test_a_full_history_gives_a_message(session: Session) -> None:
    session.history.limit = 400
    async with on(session).run_test(size=(120, 40)) as pilot:
        await pilot.press("c")
        assert "BOUND: the history is full" in "\n".join(await lines_shown(pilot))
        step = session.history.step
        await pilot.press("S")
        assert session.history.step == step - 1


@pytest.mark.parametrize(
    "error", [CapacityError("no more room"), InvariantViolation("no more room")], ids=repr
)
async def test_no_traceback_reaches_the_user(
    session: Session, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken() -> bool:
        raise error

    async with on(session).run_test(size=(120, 40)) as pilot:
        monkeypatch.setattr(session.history, "forward", broken)
        await pilot.press("s")
        assert "no more room" in (await lines_shown(pilot))[-2]
        assert pilot.app.is_running


# --- running and playing ------------------------------------------------------------------------------------


async def test_a_long_run_can_be_interrupted_and_loses_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SLICE", 1)
    async with on(session).run_test(size=(80, 24)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        screen.action_command("continue")
        assert screen.busy
        for _ in range(8):
            await asyncio.sleep(0)
        await pilot.press("ctrl+c")
        assert not screen.busy
        stopped = session.history.step
        assert 1 < stopped < 120
        assert f"stopped at step {stopped}" in (await lines_shown(pilot))[-2]
        await pilot.press("s")
        assert session.history.step == stopped + 1


async def test_ctrl_c_closes_the_console(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.press(*":step", "ctrl+c", "s")
        assert session.history.step == 1
        assert (await lines_shown(pilot))[-2].strip() == ":step"


async def test_space_plays_and_pauses_and_any_key_ends_it(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("+", "+", "+", "+", "space")
        await pilot.pause(0.4)
        await pilot.press("space")
        played = session.history.step
        assert played > 1
        await pilot.pause(0.2)
        assert session.history.step == played
        await pilot.press("space")
        await pilot.press("S")
        assert not pilot.app.screen.busy  # type: ignore[attr-defined]


@pytest.mark.slow
async def test_playing_ends_with_the_run(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        await typed(pilot, "goto 118")
        await pilot.press("+", "+", "+", "+", "+", "space")
        await pilot.pause(0.6)
        assert session.history.outcome == "completed"
        assert not pilot.app.screen.busy  # type: ignore[attr-defined]


async def test_a_click_on_a_lane_says_how_many_pages_it_has(session: Session) -> None:
    async with on(session).run_test(size=(80, 24)) as pilot:
        await pilot.click("#stage", offset=(2, 1))
        assert "NONE: 0 pages, 0 in play" in (await lines_shown(pilot))[-2]


async def test_a_click_below_a_wrapped_line_of_the_source_moves_the_cursor_to_the_line_shown_there(
    life: Session,
) -> None:
    async with PageqApp(life).run_test(size=(60, 24)) as pilot:
        await pilot.press("4", "z", "up")  # line 1, a comment that takes two lines
        await pilot.pause()
        lines = await lines_shown(pilot)
        source = pilot.app.screen.query_one(Source)
        row = next(n for n, text in enumerate(lines) if "vm_page_set_valid" in text)
        assert row - source.region.y > 4
        await pilot.click("#source", offset=(10, row - source.region.y))
        await pilot.pause()
        assert life.line == (0, 4)
