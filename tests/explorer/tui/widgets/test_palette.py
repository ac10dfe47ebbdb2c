"""Measurements of the themes: text is readable, and no meaning depends on hue alone."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from rich.color import Color, ColorSystem
from rich.style import Style

from explorer import THEMES
from explorer.cli.entry import build_parser
from explorer.commands.config import Settings
from explorer.session.session import Session
from explorer.tui.picture import picture
from explorer.tui.widgets.map_cells import CHANGED, CURSOR, TOUCHED
from explorer.tui.widgets.palette import (
    DEFAULT_LOOK,
    LOOK_16,
    LOOKS,
    STYLES,
    Look,
    look_of,
    theme_for,
)
from explorer.tui.widgets.queue_map import cell_style
from explorer.views.glyphs import LEVEL_TWINS, LEVELS
from explorer.views.spans import thread_style
from explorer.views.timeline import FINDING, FORK, MARK

Linear = npt.NDArray[np.float64]
QUEUES = ("FREE", "INACTIVE", "ACTIVE", "CACHE", "HOLD")

ALL = {**LOOKS, LOOK_16.name: LOOK_16}
every_look = pytest.mark.parametrize("look", list(ALL.values()), ids=list(ALL))


# --- measuring colour ---------------------------------------------------------------------------------------


def linear(color: str) -> Linear:
    """Convert a hex colour to linear RGB."""
    encoded = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def luminance(color: str) -> float:
    return float(linear(color) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """Return WCAG 2's contrast ratio."""
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
    """Convert linear RGB to CIE L*a*b*, white point D65."""
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
    """Return the smallest difference between two of the colours with that colour vision."""
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
    """Whether a style is never used for text: cells, bars and rules."""
    return name.startswith("fill-") or name in ("rule", "empty", "timeline", "reserve-changed")


# --- the tables ---------------------------------------------------------------------------------------------


def test_the_command_line_has_the_four_themes() -> None:
    assert tuple(LOOKS) == THEMES == ("dark", "light", "high-contrast", "monochrome")
    assert build_parser().parse_args(["tui", "--theme", "light"]).theme == "light"
    assert Settings().theme == DEFAULT_LOOK.name


@every_look
def test_every_theme_has_every_style(look: Look) -> None:
    assert look.styles.keys() == STYLES.keys()
    assert look.theme.name == look.name
    assert look.theme.background == look.ink.ground


@every_look
def test_text_and_fills_have_contrast_to_their_background(look: Look) -> None:
    text, fill = (7.0, 4.5) if look.name == "high-contrast" else (4.5, 3.0)
    found = {name: contrast(color_of(style), ground_of(style, look)) for name, style in look.styles.items()}
    assert {name: ratio for name, ratio in found.items() if ratio < (fill if is_fill(name) else text)} == {}


@every_look
def test_textuals_own_widgets_are_readable_on_their_backgrounds(look: Look) -> None:
    theme = look.theme
    for ground in (theme.background, theme.surface, theme.panel):
        for color in (theme.foreground, theme.primary):
            assert color is not None
            assert ground is not None
            assert contrast(color, ground) >= 4.5


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
@pytest.mark.parametrize(("sight", "least"), [("protan", 18.5), ("deutan", 23.5), ("tritan", 23.5)])
def test_the_queues_hues_differ_for_every_colour_vision(name: str, sight: str, least: float) -> None:
    assert nearest([LOOKS[name].ink.hues[queue] for queue in QUEUES], sight) >= least


@pytest.mark.parametrize("name", ["light", "high-contrast"])
def test_a_queue_keeps_its_hue_from_theme_to_theme(name: str) -> None:
    for queue in QUEUES:
        apart = abs(hue(LOOKS[name].ink.hues[queue]) - hue(DEFAULT_LOOK.ink.hues[queue])) % 360
        assert min(apart, 360 - apart) < 15, queue


@pytest.mark.parametrize("look", list(LOOKS.values()), ids=list(LOOKS))
def test_levels_are_monotone_in_grey(look: Look) -> None:
    faintest = contrast(look.ink.rule, look.ink.ground)
    assert all(faintest < contrast(color, look.ink.ground) for color in look.ink.hues.values())
    heights = [int(level) for level in (ord(glyph) - ord("▁") + 1 for glyph in LEVELS[1:])]
    assert heights == sorted(heights) == list(range(1, 9))
    ink = [" .:-=+*#@".index(twin) for twin in LEVEL_TWINS]
    assert ink == list(range(9))


# --- a terminal of 16 colours -------------------------------------------------------------------------------


VGA = (
    "#000000", "#AA0000", "#00AA00", "#AA5500", "#0000AA", "#AA00AA", "#00AAAA", "#AAAAAA",
    "#555555", "#FF5555", "#55FF55", "#FFFF55", "#5555FF", "#FF55FF", "#55FFFF", "#FFFFFF",
)  # fmt: skip
"""The colours by which rich chooses."""

XTERM = (
    "#000000", "#CD0000", "#00CD00", "#CDCD00", "#0000EE", "#CD00CD", "#00CDCD", "#E5E5E5",
    "#7F7F7F", "#FF0000", "#00FF00", "#FFFF00", "#5C5CFF", "#FF00FF", "#00FFFF", "#FFFFFF",
)  # fmt: skip


def of_16(color: str) -> int:
    """Return the number of a colour in a terminal of 16, as rich chooses it."""
    return Color.parse(color).downgrade(ColorSystem.STANDARD).number or 0


@pytest.mark.parametrize(
    ("theme", "palette"), [(LOOK_16.name, VGA), (LOOK_16.name, XTERM), ("monochrome", VGA)]
)
def test_in_16_colours_text_and_fills_have_contrast(theme: str, palette: tuple[str, ...]) -> None:
    look = look_of(theme)
    for name, style in look.styles.items():
        one, other = palette[of_16(color_of(style))], palette[of_16(ground_of(style, look))]
        assert contrast(one, other) >= (3.0 if is_fill(name) else 4.5), name


def test_in_16_colours_every_queue_has_a_colour_of_its_own() -> None:
    numbers = {name: of_16(hue) for name, hue in LOOK_16.ink.hues.items()}
    assert len(set(numbers.values())) == len(numbers) == 7
    for palette, least in ((VGA, 23.5), (XTERM, 15)):
        shown = [palette[numbers[queue]] for queue in QUEUES]
        assert all(nearest(shown, sight) >= least for sight in SIGHTS)


def test_a_picture_is_the_same_in_every_terminal(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    assert LOOKS["dark"].ink.hues["CACHE"].lower() in picture(session, (80, 24)).lower()


def test_only_a_terminal_of_16_colours_gets_the_look_for_it() -> None:
    for theme in THEMES:
        assert theme_for(theme, "truecolor") == theme_for(theme, "256") == theme_for(theme, None) == theme
    assert theme_for("light", "standard") == LOOK_16.name
    assert theme_for("monochrome", "standard") == "monochrome"


def told_apart(one: Style, other: Style, look: Look) -> bool:
    """Whether two styles differ by more than hue: by weight, underline, reverse or lightness."""
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
        pytest.param("line", "code", id="source: the current line of a thread, or another"),
        pytest.param("timeline-cursor", "timeline", id="timeline: the cursor, or a bar"),
        pytest.param("bad", "warn", id="timeline: a finding, or a mark"),
        pytest.param("focus", "title", id="a panel with the focus, or without"),
        pytest.param("bar-bad", "bar-good", id="banner: a finding, or completed"),
        pytest.param("bar-bad", "bar-warn", id="banner: a finding, or blocked"),
        pytest.param("bar-key", "bar-dim", id="footer: a key, or its label"),
        pytest.param("reserve-changed", "fill-DMA", id="reserve: changed, or not"),
    ],
)
def test_no_meaning_depends_on_hue_alone(look: Look, one: str, other: str) -> None:
    assert told_apart(look.styles[one], look.styles[other], look)


@every_look
@pytest.mark.parametrize("queue", QUEUES)
def test_a_changed_a_touched_and_a_selected_cell_differ_in_grey(look: Look, queue: str) -> None:
    styles = [cell_style(queue, 4 | mark, look) for mark in (0, CHANGED, TOUCHED, CURSOR)]
    assert all(told_apart(one, other, look) for one, other in combinations(styles, 2))


def test_pure_red_green_and_blue_fail_the_measurement() -> None:
    """Pure hues at full brightness are worse than those of any theme."""
    plain = ["#4040FF", "#C0C000", "#FF4040", "#40C040", "#C040C0"]
    assert min(nearest(plain, sight) for sight in SIGHTS) < 18.5


def test_a_difference_of_hue_alone_fails_the_measurement() -> None:
    assert not told_apart(Style(color="#C06000"), Style(color="#00904C"), DEFAULT_LOOK)


def test_a_finding_has_its_own_glyph_on_the_timeline() -> None:
    assert len({FINDING, FORK, MARK, *LEVELS}) == 3 + len(LEVELS)


def test_the_monochrome_theme_has_no_hue_at_all() -> None:
    for name, style in LOOKS["monochrome"].styles.items():
        for color in (style.color, style.bgcolor):
            assert color is None or len(set(color.triplet or ())) == 1, name


def test_a_theme_of_textual_has_the_dark_look() -> None:
    assert look_of("light") is LOOKS["light"]
    assert look_of("textual-dark") is DEFAULT_LOOK


def test_four_threads_have_different_styles_and_a_fifth_has_the_firsts() -> None:
    names = [thread_style(number) for number in range(5)]
    assert len(set(names[:4])) == 4
    assert names[4] == names[0]
    assert {*names, thread_style(-1)} <= STYLES.keys()
