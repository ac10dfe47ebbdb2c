"""Themes, ASCII and projector on the screen: the content, and what is repainted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.segment import Segment
from textual.pilot import Pilot

from explorer import THEMES
from explorer.commands.config import Settings
from explorer.commands.table import parse
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.palette import DEFAULT_LOOK, LOOKS
from explorer.tui.widgets.queue_map import QueueMap
from tests.tiers import only_fast

MakeSession = Callable[..., Session]
SIZES = [(80, 24), (120, 40), (200, 60), (40, 15)]

every_size = pytest.mark.parametrize(
    "size",
    only_fast(SIZES, (40, 15)),
    ids=lambda size: f"{size[0]}x{size[1]}",
)


# --- themes -------------------------------------------------------------------------------------------------


async def segments(pilot: Pilot[None]) -> list[Segment]:
    """Return what the screen shows when it is at rest."""
    await pilot.pause()
    return [segment for strip in pilot.app.screen._compositor.render_strips() for segment in strip]


def hexes(shown: list[Segment]) -> set[str]:
    """Return every colour in them."""
    styles = [segment.style for segment in shown if segment.style is not None]
    colors = [color for style in styles for color in (style.color, style.bgcolor) if color is not None]
    return {color.triplet.hex.upper() for color in colors if color.triplet is not None}


async def do(pilot: Pilot[None], line: str) -> None:
    """Execute a line of the console."""
    assert isinstance(pilot.app.screen, MainScreen)
    pilot.app.screen.do(*parse(line))
    await pilot.pause()


@every_size
async def test_a_theme_repaints_the_whole_screen(session: Session, size: tuple[int, int]) -> None:
    async with PageqApp(session).run_test(size=size) as pilot:
        await do(pilot, "step 11")
        before = hexes(await segments(pilot))
        await do(pilot, "theme light")
        light, dark = LOOKS["light"].ink, DEFAULT_LOOK.ink
        after = hexes(await segments(pilot))
        gone = {dark.ground, dark.bar, dark.text, dark.dim, dark.rule, dark.hues["FREE"]}
        assert gone <= before
        assert not gone & after
        assert {light.ground, light.bar, light.text, light.dim, light.hues["FREE"]} <= after
        await do(pilot, "theme dark")
        assert hexes(await segments(pilot)) == before


async def test_theme_without_a_name_is_the_next_one(session: Session) -> None:
    async with PageqApp(session, Settings(theme="high-contrast")).run_test(size=(80, 24)) as pilot:
        seen = []
        for _ in range(4):
            await do(pilot, "theme")
            seen.append(pilot.app.theme)
        assert seen == ["monochrome", "dark", "light", "high-contrast"]
        assert session.note.text == "theme: high-contrast"


async def test_an_unknown_theme_is_refused_with_a_message(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await do(pilot, "theme pink")
        assert session.note.text == f"there is no theme 'pink'; use {', '.join(THEMES)}"
        assert pilot.app.theme == "dark"


async def test_monochrome_has_no_hue_on_the_screen_nor_on_the_help_page(session: Session) -> None:
    async with PageqApp(session, Settings(theme="monochrome")).run_test(size=(120, 40)) as pilot:
        await do(pilot, "step 11")
        shown = await segments(pilot)
        await do(pilot, "help")
        shown += await segments(pilot)
        assert {color for color in hexes(shown) if len({color[1:3], color[3:5], color[5:]}) > 1} == set()


async def test_no_color_keeps_the_terminals_colours_in_every_theme(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await do(pilot, "theme light")
        assert hexes(await segments(pilot)) == set()
        assert "NO_COLOR keeps the terminal's own colours" in session.note.text


# --- ASCII --------------------------------------------------------------------------------------------------


async def glyphs(pilot: Pilot[None]) -> set[str]:
    """Return the characters on the screen that are not ASCII."""
    text = "".join(segment.text for segment in await segments(pilot))
    assert len(text) > 100
    return {character for character in text if not character.isascii()}


@every_size
async def test_ascii_mode_shows_only_ascii_characters(session: Session, size: tuple[int, int]) -> None:
    async with PageqApp(session, Settings(ascii=True)).run_test(size=size) as pilot:
        for line in ("step 11", "mark", "color 5", "fork", "step", "compare", "zoom", "lesson"):
            await do(pilot, line)
            assert await glyphs(pilot) == set(), line
        await pilot.press("escape", "?")
        assert await glyphs(pilot) == set()
        await pilot.press("escape", "ctrl+p")
        assert await glyphs(pilot) == set()


async def test_ascii_is_switched_on_and_off(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await do(pilot, "step 11")
        before = [segment.text for segment in await segments(pilot)][:-20]
        assert await glyphs(pilot) >= {"█", "▌", "─", "→"}
        await do(pilot, "ascii")
        assert await glyphs(pilot) == set()
        await do(pilot, "ascii")
        assert await glyphs(pilot) >= {"█", "▌", "─", "→"}
        assert "".join(before)[:2000] == "".join(s.text for s in await segments(pilot))[:2000]


@every_size
async def test_a_finding_is_shown_in_ascii_too(panic_session: Session, size: tuple[int, int]) -> None:
    async with PageqApp(panic_session, Settings(ascii=True)).run_test(size=size) as pilot:
        await do(pilot, "continue")
        assert await glyphs(pilot) == set()
        assert "PANIC" in "".join(segment.text for segment in await segments(pilot))


# --- projector ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((80, 24), (32, 1, 32, 2, 1)),
        ((120, 40), (32, 2, 16, 2, 2)),
        ((200, 60), (64, 4, 4, 2, 2)),
        ((40, 15), (16, 1, 64, 2, 1)),
    ],
    ids=str,
)
async def test_a_projector_has_fewer_and_bigger_cells(
    session: Session, size: tuple[int, int], shape: tuple[int, ...]
) -> None:
    session.centre = "map"
    async with PageqApp(session, Settings(projector=True)).run_test(size=size) as pilot:
        await pilot.pause()
        now = pilot.app.screen.query_one("#map-free", QueueMap)._grid
        assert (now.columns, now.rows, now.bucket, now.wide, now.tall) == shape


@every_size
async def test_projector_is_switched_on_and_off(session: Session, size: tuple[int, int]) -> None:
    session.centre = "map"
    async with PageqApp(session, Settings(motion="none")).run_test(size=size) as pilot:
        for line in ("thread app", "over", "over"):
            await do(pilot, line)
        before = "".join(segment.text for segment in await segments(pilot))
        await do(pilot, "projector")
        during = "".join(segment.text for segment in await segments(pilot))
        assert "bb" in during
        assert "▲▲" in during
        await do(pilot, "projector")
        after = "".join(segment.text for segment in await segments(pilot))
        width = size[0]
        assert after[: -3 * width] == before[: -3 * width]
        assert len(before) == len(during) == len(after)


@pytest.mark.parametrize("size", [(120, 40), (200, 60)], ids=str)
async def test_a_projector_leaves_more_room_between_panels(session: Session, size: tuple[int, int]) -> None:
    session.centre = "map"

    async def gap(projector: bool) -> int:
        app = PageqApp(session, Settings(projector=projector))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            return app.screen.query_one("#page").region.x - app.screen.query_one("#map").region.right

    assert await gap(True) > await gap(False)


async def test_a_click_on_a_big_cell_chooses_its_first_colour(session: Session) -> None:
    session.centre = "map"
    async with PageqApp(session, Settings(projector=True)).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        for offset in ((10 + 6, 2), (10 + 7, 3)):
            await pilot.click("#map-active", offset=offset)
            assert session.place == ("ACTIVE", 512 + 3 * 16)


async def test_a_step_repaints_both_lines_of_a_big_cell(session: Session) -> None:
    session.centre = "map"
    async with PageqApp(session, Settings(projector=True)).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        free = pilot.app.screen.query_one("#map-free", QueueMap)
        lines = range(free.size.height)
        before = [free.render_line(y) for y in lines]
        assert free.row is not None
        free.row = replace(free.row, changed=frozenset({600}))
        assert [free.render_line(y) != before[y] for y in lines] == [False, False, True, True]


@pytest.mark.parametrize("colors", [1, 16])
async def test_a_machine_of_few_colours_fits_a_projector(make_session: MakeSession, colors: int) -> None:
    session = make_session(colors=colors)
    session.centre = "map"
    async with PageqApp(session, Settings(projector=True)).run_test(size=(120, 40)) as pilot:
        await do(pilot, "step 11")
        assert pilot.app.screen.query_one("#map-free", QueueMap).size.height == 2
