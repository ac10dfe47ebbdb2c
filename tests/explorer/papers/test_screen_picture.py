"""A small picture shows what Textual's large one does: the same characters, styles and backgrounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from engine.scenario.loader import load
from explorer.commands.config import Settings
from explorer.papers.screen_picture import (
    BASE,
    COLUMN,
    LINE,
    ScreenPicture,
    StyleSheet,
    read_picture,
    write_svg,
    write_svg_file,
)
from explorer.session import stepping
from explorer.session.session import Session
from explorer.tui.picture import Camera
from tests.explorer.cursor_motions import drive

TAG: Final = "{http://www.w3.org/2000/svg}"

Cells = dict[tuple[int, int], tuple[str, str]]
"""Column and line -> character and style."""

LINES: Final = 38


@pytest.fixture(scope="module")
def exported() -> list[str]:
    """Textual's pictures of a start, a step and an end."""
    scenario = load("life-of-a-page")
    history = scenario.start()
    svgs = []
    with Camera((120, 40), Settings(theme="light")) as camera:
        for step in (0, 41, None):
            session = Session(history, scenario)
            drive(stepping.go_to(session, step))
            svgs.append(camera.take(session))
    return svgs


def characters(svg: str) -> Cells:
    """The characters that a picture shows, with their styles; spaces count only where they are underlined."""
    root = ElementTree.fromstring(svg)
    rules = re.findall(r"(?:-|\.screen \.)(\w+) ?\{ ?([^}]*)\}", root.findtext(f"{TAG}style", ""))
    styles = {name: re.sub(r"\s|;$|; $", "", style).rstrip(";") for name, style in rules}
    found: Cells = {}
    for text, y in _texts(root):
        style = styles[text.get("class", "").rpartition("-")[2]]
        for n, character in enumerate(text.text or ""):
            if character != " " or "underline" in style:
                found[round(float(text.get("x", "0")) / COLUMN) + n, round((y - BASE) / LINE)] = (
                    character,
                    style,
                )
    return found


def _texts(root: Element) -> Iterator[tuple[Element, float]]:
    """Each text with the place of its base line: its own, or that of its group."""
    for group in root.iter(f"{TAG}g"):
        moved = re.match(r"translate\(0 ([\d.]+)\)", group.get("transform", ""))
        for text in group.findall(f"{TAG}text"):
            yield text, float(moved[1]) if moved else float(text.get("y", ""))


def backgrounds(svg: str, columns: int) -> list[list[str]]:
    """The background of each cell."""
    cells = [[""] * columns for _ in range(LINES)]
    for rect in ElementTree.fromstring(svg).iter(f"{TAG}rect"):
        color, width = rect.get("fill"), rect.get("width", "")
        if color is None or rect.get("stroke"):
            continue
        whole = width == "100%"
        x, wide = (0, columns) if whole else (_columns(rect, "x"), _columns(rect, "width"))
        y = 0 if whole else round(float(rect.get("y", "0")) / LINE)
        high = LINES if whole else round(float(rect.get("height", "0")) / LINE)
        for line in cells[y : y + high]:
            line[x : x + wide] = [color] * wide
    return cells


def _columns(rect: Element, name: str) -> int:
    return round(float(rect.get(name, "0")) / COLUMN)


@pytest.mark.parametrize("number", range(3))
def test_the_small_picture_shows_the_same(number: int, exported: list[str]) -> None:
    svg = exported[number]
    picture = read_picture(svg, LINES)
    small = write_svg_file(picture, "a moment")
    assert (picture.columns, picture.lines) == (120, LINES)
    wanted = {cell: found for cell, found in characters(svg).items() if cell[1] < LINES}
    assert characters(small) == wanted
    assert len(wanted) > 500
    assert backgrounds(small, 120) == backgrounds(svg, 120)


def test_the_picture_is_small_and_loads_nothing(exported: list[str]) -> None:
    small = write_svg_file(read_picture(exported[1], LINES), "a moment")
    assert len(small) < len(exported[1]) / 4
    assert "http" not in small.replace("http://www.w3.org/2000/svg", "")


def test_the_lines_that_are_left_out_are_not_in_it(exported: list[str]) -> None:
    assert "quit" in exported[0]
    assert "quit" not in write_svg_file(read_picture(exported[0], LINES), "")


def test_two_pictures_of_a_page_share_the_styles_and_no_id(exported: list[str]) -> None:
    sheet = StyleSheet()
    first, second = (
        write_svg(read_picture(svg, LINES), sheet, f"line-{n}", f"moment <{n}>")
        for n, svg in enumerate(exported[:2])
    )
    assert re.findall(r' id="([^"]*)"', first + second) == ["line-0", "line-1"]
    assert {*re.findall(r"url\(#([^)]*)\)", second)} == {"line-1"}
    assert "<style" not in first + second
    used = {*re.findall(r' class="(s\d+)"', first + second)}
    assert {*re.findall(r"\.screen \.(s\d+)\{", sheet.text)} == used
    assert 'aria-label="moment &lt;1&gt;"' in second


def test_a_run_is_not_joined_over_a_glyph_of_another_font() -> None:
    text = '<text class="x-r1" x="{x}" y="20" textLength="{w}">{t}</text>'
    pieces = [("ab ", 0, 3), ("▶", 3, 1), (" cd", 4, 3), ("ef", 8, 2)]
    texts = "".join(text.format(x=x * COLUMN, w=w * COLUMN, t=t) for t, x, w in pieces)
    svg = f'<svg xmlns="{TAG[1:-1]}"><style>.x-r1 {{ fill: #000 }}</style><g>{texts}</g></svg>'
    runs = read_picture(svg, 1).runs
    assert [(run.text, run.x, run.columns) for run in runs] == [("ab", 0, 2), ("▶", 3, 1), ("cd ef", 5, 5)]


def test_an_empty_picture_has_a_ground() -> None:
    assert ScreenPicture(1, 1, (), ()).ground == "#000000"


def test_a_label_with_control_characters_is_well_formed_xml() -> None:
    picture, label = ScreenPicture(2, 1, (), ()), "a\x1b[2J\x01\ufffe<b>"
    root = ElementTree.fromstring(write_svg_file(picture, label))
    assert root.findtext(f"{TAG}title") == "a[2J<b>"
    inline = ElementTree.fromstring(write_svg(picture, StyleSheet(), "one", label))
    assert inline.get("aria-label") == "a[2J<b>"
