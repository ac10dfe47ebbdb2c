"""Themes, ASCII and projector: what can be read, what is told without hue, and what is repainted."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from rich.segment import Segment
from rich.style import Style
from textual.pilot import Pilot

import explorer
from explorer import THEMES
from explorer.cli.entry import build_parser
from explorer.commands.config import Settings
from explorer.commands.keys import Keys
from explorer.commands.table import parse
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.glyphs import in_ascii
from explorer.tui.widgets.map_cells import (
    CHANGED,
    CURSOR,
    TOUCHED,
    cell_style,
)
from explorer.tui.widgets.palette import DEFAULT_LOOK, LOOKS, STYLES, Look
from explorer.tui.widgets.queue_map import QueueMap
from explorer.views.glyphs import LEVEL_TWINS, LEVELS, LINES, MARKS, TWINS, WORDS
from explorer.views.timeline import FINDING, FORK, MARK

MakeSession = Callable[..., Session]
Linear = npt.NDArray[np.float64]
SIZES = [(80, 24), (120, 40), (200, 60), (40, 15)]
QUEUES = ("FREE", "INACTIVE", "ACTIVE", "CACHE", "HOLD")

every_look = pytest.mark.parametrize("look", list(LOOKS.values()), ids=list(LOOKS))
every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


# --- colour as it is measured -------------------------------------------------------------------------------


def linear(color: str) -> Linear:
    """A hex colour as linear RGB."""
    encoded = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def luminance(color: str) -> float:
    return float(linear(color) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(color: Linear) -> Linear:
    """Linear RGB as CIE L*a*b*, white point D65."""
    ratio = (TO_XYZ @ color) / (TO_XYZ @ np.ones(3))
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SIGHTS = {
    "protan": (0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998),
    "deutan": (0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881),
    "tritan": (1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900),
}
"""Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB."""


def nearest(colors: list[str], sight: str) -> float:
    """The smallest difference between two of the colours as that sight sees them."""
    simulation = np.array(SIGHTS[sight]).reshape(3, 3)
    seen = [lab(np.clip(simulation @ linear(color), 0, 1)) for color in colors]
    return min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2))


def hue(color: str) -> float:
    _, a, b = lab(linear(color))
    return math.degrees(math.atan2(b, a))


def color_of(style: Style) -> str:
    assert style.color is not None
    assert style.color.triplet is not None
    return style.color.triplet.hex.upper()


def ground_of(style: Style, look: Look) -> str:
    return style.bgcolor.triplet.hex if style.bgcolor and style.bgcolor.triplet else look.ink.ground


def is_fill(name: str) -> bool:
    """Whether a style is never worn by a text: cells, bars and rules."""
    return name.startswith("fill-") or name in ("rule", "empty", "timeline", "reserve-changed")


# --- the tables ---------------------------------------------------------------------------------------------


def test_there_are_the_four_themes_and_the_command_line_knows_them() -> None:
    assert tuple(LOOKS) == THEMES == ("dark", "light", "high-contrast", "monochrome")
    assert build_parser().parse_args(["tui", "--theme", "light"]).theme == "light"
    assert Settings().theme == DEFAULT_LOOK.name


@every_look
def test_every_theme_has_every_style(look: Look) -> None:
    assert look.styles.keys() == STYLES.keys()
    assert look.theme.name == look.name
    assert look.theme.background == look.ink.ground


@every_look
def test_text_and_fills_stand_out_from_their_ground(look: Look) -> None:
    text, fill = (7.0, 4.5) if look.name == "high-contrast" else (4.5, 3.0)
    found = {name: contrast(color_of(style), ground_of(style, look)) for name, style in look.styles.items()}
    assert {name: ratio for name, ratio in found.items() if ratio < (fill if is_fill(name) else text)} == {}


@every_look
def test_textuals_own_widgets_can_be_read_on_their_grounds(look: Look) -> None:
    theme = look.theme
    for ground in (theme.background, theme.surface, theme.panel):
        for color in (theme.foreground, theme.primary):
            assert color is not None
            assert ground is not None
            assert contrast(color, ground) >= 4.5


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
@pytest.mark.parametrize(("sight", "least"), [("protan", 18.5), ("deutan", 23.5), ("tritan", 23.5)])
def test_the_queues_hues_differ_for_every_kind_of_sight(name: str, sight: str, least: float) -> None:
    assert nearest([LOOKS[name].ink.hues[queue] for queue in QUEUES], sight) >= least


@pytest.mark.parametrize("name", ["light", "high-contrast"])
def test_a_queue_keeps_its_hue_from_theme_to_theme(name: str) -> None:
    for queue in QUEUES:
        apart = abs(hue(LOOKS[name].ink.hues[queue]) - hue(DEFAULT_LOOK.ink.hues[queue])) % 360
        assert min(apart, 360 - apart) < 15, queue


@every_look
def test_levels_are_monotone_in_grey(look: Look) -> None:
    faintest = contrast(look.ink.rule, look.ink.ground)
    assert all(faintest < contrast(color, look.ink.ground) for color in look.ink.hues.values())
    heights = [int(level) for level in (ord(glyph) - ord("▁") + 1 for glyph in LEVELS[1:])]
    assert heights == sorted(heights) == list(range(1, 9))
    ink = [" .:-=+*#@".index(twin) for twin in LEVEL_TWINS]
    assert ink == list(range(9))


def told_apart(one: Style, other: Style, look: Look) -> bool:
    """Whether two styles differ by more than hue: by weight, line or reverse, or by how light they are."""
    marks = [(bool(s.bold), bool(s.underline), bool(s.reverse), bool(s.italic)) for s in (one, other)]
    lighter = max(
        contrast(color_of(one), color_of(other)), contrast(ground_of(one, look), ground_of(other, look))
    )
    return marks[0] != marks[1] or lighter >= 1.35


@every_look
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("new", "now", id="inspector and log: changed, or important"),
        pytest.param("new", "", id="inspector and log: changed, or not"),
        pytest.param("now", "faint", id="inspector: a bit that is set, or not"),
        pytest.param("new", "old", id="lenses: the new value, or the old one"),
        pytest.param("line", "code", id="source: the line where a thread stands, or another"),
        pytest.param("timeline-cursor", "timeline", id="timeline: the cursor, or a bar"),
        pytest.param("bad", "warn", id="timeline: a finding, or a mark"),
        pytest.param("focus", "title", id="a panel with the focus, or without"),
        pytest.param("bar-bad", "bar-good", id="banner: a finding, or completed"),
        pytest.param("bar-bad", "bar-warn", id="banner: a finding, or blocked"),
        pytest.param("bar-key", "bar-dim", id="footer: a key, or what it does"),
        pytest.param("reserve-changed", "fill-DMA", id="reserve: changed, or not"),
    ],
)
def test_no_meaning_hangs_on_a_hue_alone(look: Look, one: str, other: str) -> None:
    assert told_apart(look.styles[one], look.styles[other], look)


@every_look
@pytest.mark.parametrize("queue", QUEUES)
def test_a_changed_a_touched_and_a_pointed_cell_are_told_apart_in_grey(look: Look, queue: str) -> None:
    styles = [cell_style(queue, 4 | mark, look) for mark in (0, CHANGED, TOUCHED, CURSOR)]
    assert all(told_apart(one, other, look) for one, other in combinations(styles, 2))


def test_red_green_and_blue_would_not_do() -> None:
    """As bright as they come, plain hues are worse than any theme's."""
    plain = ["#4040FF", "#C0C000", "#FF4040", "#40C040", "#C040C0"]
    assert min(nearest(plain, sight) for sight in SIGHTS) < 18.5


def test_a_hue_alone_would_not_do() -> None:
    assert not told_apart(Style(color="#C06000"), Style(color="#00904C"), DEFAULT_LOOK)


def test_a_finding_has_its_own_glyph_on_the_timeline() -> None:
    assert len({FINDING, FORK, MARK, *LEVELS}) == 3 + len(LEVELS)


def test_the_monochrome_theme_has_no_hue_at_all() -> None:
    for name, style in LOOKS["monochrome"].styles.items():
        for color in (style.color, style.bgcolor):
            assert color is None or len(set(color.triplet or ())) == 1, name


# --- themes on the screen -----------------------------------------------------------------------------------


async def segments(pilot: Pilot[None]) -> list[Segment]:
    """What the screen shows, once it has come to rest."""
    await pilot.pause()
    return [segment for strip in pilot.app.screen._compositor.render_strips() for segment in strip]


def hexes(shown: list[Segment]) -> set[str]:
    """Every colour in them."""
    styles = [segment.style for segment in shown if segment.style is not None]
    colors = [color for style in styles for color in (style.color, style.bgcolor) if color is not None]
    return {color.triplet.hex.upper() for color in colors if color.triplet is not None}


async def do(pilot: Pilot[None], line: str) -> None:
    """Do a line of the console."""
    assert isinstance(pilot.app.screen, MainScreen)
    pilot.app.screen.do(*parse(line))
    await pilot.pause()


@every_size
async def test_a_theme_repaints_everything_there_is(session: Session, size: tuple[int, int]) -> None:
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
        assert session.note.text == "the theme is high-contrast"


async def test_a_theme_that_is_not_there_is_refused_in_words(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await do(pilot, "theme pink")
        assert session.note.text == f"there is no theme 'pink'; there are {', '.join(THEMES)}"
        assert pilot.app.theme == "dark"


async def test_monochrome_has_no_hue_on_the_screen_nor_on_the_help_page(session: Session) -> None:
    async with PageqApp(session, Settings(theme="monochrome")).run_test(size=(120, 40)) as pilot:
        await do(pilot, "step 11")
        shown = await segments(pilot)
        await do(pilot, "help")
        shown += await segments(pilot)
        assert {color for color in hexes(shown) if len({color[1:3], color[3:5], color[5:]}) > 1} == set()


async def test_no_color_keeps_the_terminals_colours_whatever_the_theme(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await do(pilot, "theme light")
        assert hexes(await segments(pilot)) == set()
        assert "NO_COLOR keeps the terminal's own colours" in session.note.text


# --- ASCII --------------------------------------------------------------------------------------------------


async def glyphs(pilot: Pilot[None]) -> set[str]:
    """The characters on the screen that are not ASCII."""
    text = "".join(segment.text for segment in await segments(pilot))
    assert len(text) > 100
    return {character for character in text if not character.isascii()}


@every_size
async def test_ascii_mode_shows_ascii_characters_alone(session: Session, size: tuple[int, int]) -> None:
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


SOURCES = sorted(
    path
    for folder in ("tui/widgets", "views", "lenses", "tui/screens", "tui", "text", "session", "commands")
    for path in (Path(explorer.__file__).parent / folder).glob("*.py")
    if path.name != "glyphs.py"
)


def drawn_in(path: Path) -> set[str]:
    """The glyphs in the strings of a module that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    )
    return {character for text in strings for character in text if not character.isascii()}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_glyph_that_is_drawn_has_a_twin(path: Path) -> None:
    assert drawn_in(path) <= TWINS.keys()


PANELS = {
    "map": [*LEVELS, "▌", "│", "▲"],
    "reserve": [*LEVELS, "▌"],
    "inspector": ["─", "━", "→", "▸", "■", "□", "✓", "≠", "…", "."],
    "threads": ["─", "━", "▶", "•", "←", "›", "…"],
    "source": ["─", "━", "▶", "•", "▷", "▸", "●", "◉", "…"],
    "log": ["─", "━", "▶", "→", "…"],
    "timeline": [*LEVELS, "┃", FINDING, FORK, MARK],
    "console": ["✗", "»", "→", "›", "…", "↑", "↓", ":"],
    "status": ["▸", "→"],
    "banner": ["›", "…"],
}
"""What each panel tells by glyphs; a `.` and a `:` are their own twins."""


@pytest.mark.parametrize("panel", PANELS)
def test_no_two_glyphs_of_a_panel_become_one(panel: str) -> None:
    twins = [in_ascii(glyph) for glyph in PANELS[panel]]
    assert len(set(twins)) == len(twins)


DRAWING = [path for path in SOURCES if path.parent.name in ("widgets", "views", "lenses")]
"""The modules that draw panels; others name glyphs in sentences."""


@pytest.mark.parametrize("path", DRAWING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_two_marks_of_a_module_become_one(path: Path) -> None:
    marks = sorted(drawn_in(path) & (MARKS.keys() | set(LEVELS)) - {"◀"})  # ◀ and ▶ both say: to there
    twins = [TWINS[mark] for mark in marks]
    assert len(set(twins)) == len(twins), marks


def test_an_arrow_key_is_a_word_since_its_twin_is_a_key_too() -> None:
    keys = Keys(ascii=True)
    assert keys.word("right") == "Right"
    assert keys.word("next-thread") == ">" == in_ascii(Keys().word("right"))


def test_the_twins_are_ascii_and_one_column_wide() -> None:
    assert {**MARKS, **LINES, **WORDS}.keys() <= TWINS.keys()
    assert all(len(twin) == 1 and twin.isascii() for twin in TWINS.values())
    assert in_ascii(LEVELS) == LEVEL_TWINS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("naïve café", "naive cafe"),
        ("页 frame", "?? frame"),
        ("a\u0301b", "ab"),
        ("ﬁ", "?"),
        ("🔎 x", "?? x"),
    ],
)
def test_a_text_that_anybody_wrote_keeps_its_width(text: str, expected: str) -> None:
    assert in_ascii(text) == expected


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
    async with PageqApp(session, Settings(projector=True)).run_test(size=size) as pilot:
        await pilot.pause()
        now = pilot.app.screen.query_one("#map-free", QueueMap)._grid
        assert (now.columns, now.rows, now.bucket, now.wide, now.tall) == shape


@every_size
async def test_projector_is_switched_on_and_off(session: Session, size: tuple[int, int]) -> None:
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
    async def gap(projector: bool) -> int:
        app = PageqApp(session, Settings(projector=projector))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            return app.screen.query_one("#page").region.x - app.screen.query_one("#map").region.right

    assert await gap(True) > await gap(False)


async def test_a_click_on_a_big_cell_chooses_its_first_colour(session: Session) -> None:
    async with PageqApp(session, Settings(projector=True)).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        for offset in ((10 + 6, 2), (10 + 7, 3)):
            await pilot.click("#map-active", offset=offset)
            assert session.place == ("ACTIVE", 512 + 3 * 16)


async def test_a_step_repaints_both_lines_of_a_big_cell(session: Session) -> None:
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
    async with PageqApp(session, Settings(projector=True)).run_test(size=(120, 40)) as pilot:
        await do(pilot, "step 11")
        assert pilot.app.screen.query_one("#map-free", QueueMap).size.height == 2
