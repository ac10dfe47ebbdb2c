"""The screen of a dump: each key, the mouse, what is typed, sizes, and `:map` over a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine.inputs.dumps.reader import dump_text
from explorer.commands.config import Settings
from explorer.commands.dump_table import DUMP_COMMANDS
from explorer.commands.keys import Keys
from explorer.session.dump import DumpPlace
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.dump_app import DumpApp
from explorer.tui.screens.dump import _ACTIONS, DumpScreen
from explorer.tui.screens.main import MainScreen
from explorer.tui.screens.text_box import TextBox
from explorer.tui.widgets.dump_panels import FindingsPanel
from explorer.tui.widgets.map_cells import CHANGED
from explorer.tui.widgets.queue_map import QueueMap
from tests.explorer.dumps_by_hand import moment, three_moments
from tests.explorer.screen_at_rest import lines_shown, presses

MOMENTS = three_moments()


def screen_of(pilot: Pilot[None]) -> DumpScreen:
    """Return the screen of the dump."""
    screen = pilot.app.screen
    assert isinstance(screen, DumpScreen)
    return screen


async def test_the_first_frame_says_what_is_known_and_what_is_unknown() -> None:
    async with DumpApp(MOMENTS).run_test(size=(80, 24)) as pilot:
        lines = [line.rstrip() for line in await lines_shown(pilot)]
    assert lines[0].split() == ["t", "1/3", "ddb.txt:3", "free+cache", "40", "min", "30"]
    assert lines[1] == f"▌FREE     {'▄▄▄▄▄▄▄ ' * 8}    32"
    (hold,) = (line for line in lines if line.startswith("▌HOLD"))
    assert hold.endswith("?")
    assert "▅" not in hold
    assert lines[6:8] == [
        "colour    ▲▲▲▲▲▲▲▲1       2       3       │node 1 5       6       7            0",
        "colour 0 (node 0): FREE 4, INACTIVE 7, ACTIVE 9, CACHE 1, HOLD unknown",
    ]
    assert lines[12].split()[:2] == ["ACTIVE", "unknown"]
    assert lines[-1].split()[:2] == ["s", "next"]


KEYS: list[tuple[str, Callable[[DumpPlace], object], object]] = [
    ("s s", lambda place: place.at, 2),
    ("s s s", lambda place: (place.at, place.note.text), (2, "this is the last moment")),
    ("G S", lambda place: place.at, 1),
    ("end home", lambda place: place.at, 0),
    ("G m g", lambda place: (place.at, place.mark, place.since), (0, 2, 2)),
    ("G m g ' m s", lambda place: (place.mark, place.since), (None, 1)),
    ("right l down", lambda place: (place.base, place.color), ("INACTIVE", 2)),
    ("pagedown left k j j up", lambda place: (place.base, place.color), ("INACTIVE", 6)),
    ("pagedown pageup h", lambda place: place.color, 0),
    ("3 enter", lambda place: place.at, 2),
    ("colon 2 enter", lambda place: place.at, 1),
    ("2 backspace backspace s", lambda place: place.at, 1),
    ("2 escape", lambda place: place.at, 0),
    ("9 9 enter", lambda place: place.note.text, "there is no moment 99; use 1 to 3"),
    (
        "colon c o l o r space h o l d space 5 enter",
        lambda place: (place.base, place.color),
        ("HOLD", 5),
    ),
    ("colon d a n c e enter", lambda place: place.note.kind, "error"),
    ("shift+tab right right h", lambda place: place.at, 1),
    ("escape", lambda place: place.note.text, "q quits"),
]


async def test_each_key_does_what_it_does_on_the_main_screen() -> None:
    async with DumpApp(MOMENTS).run_test(size=(80, 24)) as pilot:
        for keys, seen, value in KEYS:
            screen = screen_of(pilot)
            screen.place = DumpPlace(MOMENTS)
            screen.set_focus(screen.query_one("#map"))
            await pilot.press(*keys.split())
            assert seen(screen.place) == value, keys
        await pilot.press("q")
    assert pilot.app.return_code == 0


def test_every_command_does_something() -> None:
    assert set(_ACTIONS) == set(DUMP_COMMANDS)


@pytest.mark.slow
async def test_changed_colours_are_in_reverse_video_and_counted() -> None:
    async with DumpApp(MOMENTS).run_test(size=(120, 40)) as pilot:
        before = await presses(pilot, "s")
        row = screen_of(pilot).query_one("#map-free", QueueMap)
        assert [bool(code & CHANGED) for code in row._codes.tolist()] == [n == 4 for n in range(8)]
        assert " FREE 31 -1 in 1" in " ".join(before.split())
        after = await presses(pilot, "s", "space")
        assert not any(code & CHANGED for code in screen_of(pilot).query_one("#map-cache", QueueMap)._codes)
        assert "not read" in after
        assert "• line 9 ends early" in after
        assert "colour 0 (node 0): FREE 4, INACTIVE 9 (+1)" in after


@pytest.mark.slow
async def test_what_is_odd_follows_its_frame() -> None:
    async with DumpApp(MOMENTS).run_test(size=(120, 40)) as pilot:
        assert "no findings at this moment" in await presses(pilot)
        shown = await presses(pilot, "G")
        assert "── findings (1) ──" in shown
        (odd,) = screen_of(pilot).query_one(FindingsPanel).row.findings or ()
        assert odd.startswith("18 free pages and 8 cached are fewer than v_free_min, 30")
        assert screen_of(pilot)._changes.done


async def test_a_click_chooses_a_colour_a_moment_and_a_key() -> None:
    async with DumpApp(MOMENTS).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click("#map-active", offset=(10 + 8 * 3, 0))
        place = screen_of(pilot).place
        assert (place.base, place.color) == ("ACTIVE", 3)
        await pilot.click("#timeline", offset=(79, 0))
        assert place.at == 2
        await pilot.click("#footer", offset=(10, 0))
        assert place.at == 1


@pytest.mark.slow
async def test_tab_goes_through_the_panels_and_z_fills_the_screen() -> None:
    async with DumpApp(MOMENTS).run_test(size=(40, 15)) as pilot:
        screen = screen_of(pilot)
        seen = []
        for _ in range(4):
            await pilot.press("tab")
            await pilot.pause()
            seen.append((screen.panel_in_focus, bool(screen.query_one(f"#{screen.panel_in_focus}").size)))
        assert seen == [("figures", True), ("findings", True), ("timeline", True), ("map", True)]
        shown = await presses(pilot, "tab", "z")
        assert "v_inactive_target" not in shown
        assert "v_free_severe 15 above" in " ".join((await presses(pilot, "down", "down")).split())
        assert not screen.query_one("#map").size
        await presses(pilot, "escape")
        assert (screen.zoomed, bool(screen.query_one("#map").size)) == ("", True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "size", [(40, 15), (120, 40), (200, 60), (20, 5), (300, 10), (1, 1), (72, 7), (116, 9)], ids=str
)
async def test_every_size_shows_the_moment_and_survives_every_command(size: tuple[int, int]) -> None:
    async with DumpApp((*MOMENTS, moment({}, {"v_free_count": 3}))).run_test(size=size) as pilot:
        lines = await lines_shown(pilot)
        assert len(lines) == size[1]
        assert "t 1/4".startswith(lines[0].strip()[:5].rstrip("…"))
        for name in DUMP_COMMANDS:
            if name not in ("quit", "help"):
                screen_of(pilot).do(DUMP_COMMANDS[name], "")
                await pilot.pause()
        screen_of(pilot).enter_line("4")
        assert {len(line) for line in await lines_shown(pilot)} == {size[0]}


@pytest.mark.slow
async def test_ascii_and_no_colour_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    settings = Settings(ascii=True, theme="monochrome", projector=True, keys=Keys({"step": ("f2",)}))
    async with DumpApp(MOMENTS, settings).run_test(size=(120, 40)) as pilot:
        shown = await presses(pilot, "f2", "m", "f2")
        assert shown.isascii()
        assert "t 3/3 since 2 ^ " in shown
        assert "????" in next(line for line in shown.split("\n") if line.startswith("|HOLD"))
        await pilot.press("colon", *"ascii", "enter")
        assert "▲" in "\n".join(await lines_shown(pilot))


@pytest.mark.slow
async def test_help_names_every_command_and_hostile_names_are_harmless() -> None:
    evil = moment({"FREE": [1]}, notes=("\x1b]0;x\x07 note",), file="a\x1b[31mb\u202e.txt")
    async with DumpApp((evil,)).run_test(size=(120, 40)) as pilot:
        shown = await presses(pilot)
        assert "a\\u001b[31mb\\u202e.txt:3" in shown
        assert "\\u001b]0;x\\u0007 note" in shown
        assert all(line.isprintable() for line in shown.split("\n"))
        assert "m compare" not in shown
        assert ":mark-goto" in await presses(pilot, "?")
        assert isinstance(pilot.app.screen, TextBox)
        await pilot.press("escape")
        screen_of(pilot)


@pytest.mark.slow
async def test_map_over_a_run_and_back_keeps_the_session(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    path.write_text("".join(dump_text(one) for one in MOMENTS))
    app = PageqApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        main = app.screen
        assert isinstance(main, MainScreen)
        await pilot.press("s", "s", "m", "a")
        digest = session.vm.memory.digest()
        main.enter_line(f"map {path}")
        await pilot.pause()
        assert "Esc back to the run" in await presses(pilot, "G", "2", "enter")
        assert screen_of(pilot).place.at == 1
        await pilot.press("colon", *"theme light", "enter", "colon", *"ascii", "enter", "ctrl+p", "escape")
        assert app.screen is main
        assert (session.history.step, session.marks, session.vm.memory.digest()) == (2, {2: "a"}, digest)
        assert (main.look[:2], app.theme) == (("light", True), "light")
        shown = await presses(pilot, "s")
        assert shown.isascii()
        assert session.history.step == 3
        main.enter_line("map no-such-file")
        assert session.note.text.startswith("no-such-file: cannot read the file")
