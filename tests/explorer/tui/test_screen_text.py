"""The screen as text: every line that the screen of that size shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from textual.pilot import Pilot

from explorer.commands.table import parse
from explorer.session import running, stepping
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.export import export_text
from explorer.tui.rect import Rect
from explorer.tui.screen_text import BELOW, block, composed, map_lines, screen_lines
from explorer.tui.screens.main import MainScreen
from explorer.views.rows import MapRow
from explorer.views.spans import Line, plain
from tests.explorer.screen_at_rest import lines_shown

MakeSession = Callable[..., Session]

SIZES = [
    (40, 15), (20, 8), (74, 60), (75, 20), (80, 24), (81, 25), (115, 37), (116, 27), (116, 28), (120, 40),
    (133, 38), (150, 56), (197, 60), (198, 20), (198, 28), (199, 38), (200, 55), (200, 60), (241, 75),
    (120, 15),
]  # fmt: skip

EACH_SIZE = [pytest.param(size, marks=() if n % 3 == 0 else pytest.mark.slow) for n, size in enumerate(SIZES)]


async def above_the_console(pilot: Pilot[None]) -> list[str]:
    """Return the lines of the screen above its console."""
    return [line.rstrip() for line in await lines_shown(pilot)][:-BELOW]


async def compared(session: Session, size: tuple[int, int]) -> tuple[list[str], list[str]]:
    """Return the lines of the screen, and those of the text."""
    async with PageqApp(session).run_test(size=size) as pilot:
        on_screen = await above_the_console(pilot)
        return on_screen, export_text(session, size).splitlines()


@pytest.mark.parametrize("size", EACH_SIZE, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("centre", ["stage", pytest.param("map", marks=pytest.mark.slow)])
async def test_the_text_is_what_the_screen_of_that_size_shows(
    make_session: MakeSession, size: tuple[int, int], centre: str
) -> None:
    session = make_session(spec="64MiB:2x4x2")
    session.centre = centre
    for _ in stepping.go_to(session, 40):
        pass
    on_screen, text = await compared(session, size)
    assert text == on_screen


async def test_the_text_of_a_machine_of_few_colours_is_that_of_the_screen(make_session: MakeSession) -> None:
    session = make_session(colors=16)
    session.centre = "map"
    for size in ((120, 40), (200, 60), (80, 24)):
        on_screen, text = await compared(session, size)
        assert text == on_screen


async def test_the_text_of_a_panic_has_its_banner(panic_session: Session) -> None:
    for _ in running.run(panic_session):
        pass
    on_screen, text = await compared(panic_session, (120, 40))
    assert text == on_screen
    assert any(line.startswith(" PANIC in vm_page_wakeup(), page 0xc03") for line in text)


LOOKS = ("20", "mark a", "break app:4", "page 0x802", "next-field", "color 9", "fork", "step", "compare 0")


async def test_the_text_shows_the_pin_marks_breakpoints_and_the_lens(session: Session) -> None:
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        for line in LOOKS:
            screen.do(*parse(line))
            await pilot.pause()
        on_screen = await above_the_console(pilot)
        text = export_text(session, (120, 40)).splitlines()
    assert text == on_screen
    assert any("two moments" in line for line in text)


LETTERS: list[Line] = [((letter * 3, "now"),) for letter in "abc"]


@pytest.mark.parametrize(
    ("width", "height", "drawing"),
    [(3, 3, "aaa\nbbb\nccc"), (2, 2, "a…\nb…"), (3, 5, "aaa\nbbb\nccc\n\n"), (3, 0, "")],
)
def test_a_block_has_its_height_and_at_most_its_width(width: int, height: int, drawing: str) -> None:
    assert plain(block(LETTERS, width, height)) == drawing


def test_blocks_are_put_in_their_places() -> None:
    places = {"right": Rect(5, 1, 3, 2), "left": Rect(0, 0, 4, 3)}
    lines = composed(places, {"left": LETTERS, "right": block(LETTERS[:1], 3, 2)}, 4)
    assert plain(lines) == "aaa\nbbb  aaa\nccc\n"


def test_a_queue_type_has_its_gutters_and_a_glyph_per_cell() -> None:
    """Four colours in cells of eight columns; the last column of a cell is blank."""
    row = MapRow("FREE", np.array([0, 8, 4, 1], np.int64), 8, 13, 1)
    (line,) = map_lines(row, 80, 1)
    cells = "".join(glyph * 7 + " " for glyph in "·█▄▁")
    assert plain([line]) == "▌FREE     " + cells + "13".rjust(80 - 10 - len(cells))


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (40, 3), (300, 100)], ids=str)
def test_no_size_is_refused(session: Session, size: tuple[int, int]) -> None:
    lines = screen_lines(session, *size)
    assert len(lines) == max(size[1] - BELOW, 2)
