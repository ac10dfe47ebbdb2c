"""The lesson's panel: what it draws at each size, and how it scrolls and keeps its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from explorer.tui.widgets import lesson_panel
from explorer.tui.widgets.lesson import lesson_lines, lesson_title, one_line
from explorer.tui.widgets.lesson_panel import LessonPanel
from explorer.tui.widgets.palette import STYLES
from explorer.views.ascii_twins import in_ascii
from explorer.views.lesson import LessonRow
from explorer.views.spans import columns, length, plain
from tests.explorer.screen_at_rest import lines_shown
from tests.explorer.tui.widgets.drawings import drawn, marked

ROW = LessonRow(
    "lesson", "3 of 8", "# Busy\n\nA page is **busy**. Press `s`, see [waits](lens:waits).", "press n"
)
LONG = LessonRow("lesson", "", "\n\n".join(f"Paragraph {n} has some words." for n in range(10)))


def test_the_text_is_wrapped_and_the_hint_is_under_it() -> None:
    assert plain(lesson_lines(ROW, 22)) == drawn("""
Busy

A page is busy. Press
s, see waits.
▸ press n
""")
    assert lesson_lines(None, 20) == ()


def test_every_style_is_of_the_palette_and_every_glyph_has_a_twin() -> None:
    lines = [*lesson_lines(ROW, 30), lesson_title(ROW, 30, "1/3 ↓", focused=True)]
    assert {style for spans in lines for _, style in spans} <= STYLES.keys()
    assert marked(lines, "inline-code") == ["s"]
    assert marked(lines, "link") == ["waits"]
    for text in plain(lines).split("\n"):
        assert in_ascii(text).isascii()
        assert columns(in_ascii(text)) == columns(text)


def test_the_heading_has_the_page_and_the_visible_part() -> None:
    assert plain([lesson_title(ROW, 30, "1/3 ↓", focused=False)]) == "── lesson 3 of 8 ───── 1/3 ↓ ─"
    assert plain([lesson_title(None, 12, "", focused=True)]) == "━━ lesson ━━"


@pytest.mark.parametrize(
    ("width", "focused", "shown"),
    [
        (40, False, "lesson 3 of 8  A page is busy."),
        (30, False, "lesson 3 of 8  A page is busy."),
        (29, False, "lesson 3 of 8  A page is bus…"),
        (40, True, "lesson 3 of 8  A page is busy."),
    ],
)
def test_one_line_is_the_first_sentence_or_its_start(width: int, focused: bool, shown: str) -> None:
    assert plain([one_line(ROW, width, focused=focused)]) == shown


def test_one_line_without_a_lesson_is_the_heading() -> None:
    assert plain([one_line(None, 12, focused=False)]) == "── lesson ──"


class Beside(App[None]):
    """A lesson alone on the screen."""

    def compose(self) -> ComposeResult:
        yield LessonPanel(id="lesson")


def panel_of(pilot: Pilot[None]) -> LessonPanel:
    return pilot.app.query_one(LessonPanel)


async def shown(pilot: Pilot[None]) -> list[str]:
    return [line.rstrip() for line in await lines_shown(pilot)]


async def test_it_scrolls_with_the_keys_of_a_list() -> None:
    async with Beside().run_test(size=(30, 6)) as pilot:
        panel_of(pilot).row = LONG
        assert (await shown(pilot))[:2] == ["━━ lesson ━━━━━━━━━━━━ 1/4 ↓ ━", "Paragraph 0 has some words."]
        for key, first in (
            ("down", 1), ("j", 2), ("up", 1), ("k", 0), ("up", 0), ("pagedown", 5), ("pagedown", 10),
            ("end", 14), ("down", 14), ("pageup", 9), ("home", 0), ("pageup", 0),
        ):  # fmt: skip
            await pilot.press(key)
            assert panel_of(pilot).first_visible == first, key
        await pilot.press("end")
        lines = await shown(pilot)
        assert lines[0].endswith(" 4/4 ━")
        assert lines[-1] == "Paragraph 9 has some words."


async def test_it_scrolls_with_the_wheel() -> None:
    async with Beside().run_test(size=(30, 6)) as pilot:
        panel = panel_of(pilot)
        panel.row = LONG
        await pilot.pause()
        await pilot._post_mouse_events([events.MouseScrollDown], panel, offset=(2, 2))
        assert panel.first_visible == 3
        await pilot._post_mouse_events([events.MouseScrollUp], panel, offset=(2, 2))
        assert panel.first_visible == 0


async def test_it_stays_where_it_is_while_time_moves_and_goes_to_the_top_for_another_text() -> None:
    async with Beside().run_test(size=(30, 6)) as pilot:
        panel = panel_of(pilot)
        panel.row = LONG
        await pilot.press("pagedown")
        panel.row = LessonRow(LONG.title, LONG.place, LONG.text, "another hint")
        assert panel.first_visible == 5
        panel.row = ROW
        assert panel.first_visible == 0
        assert "Busy" in (await shown(pilot))[1]


@contextmanager
def counted() -> Iterator[list[int]]:
    """The widths for which the panel makes its lines."""
    made: list[int] = []

    def lines(row: LessonRow | None, width: int) -> object:
        made.append(width)
        return lesson_lines(row, width)

    with patch.object(lesson_panel, "lesson_lines", lines):
        yield made


async def test_an_equal_row_costs_nothing() -> None:
    async with Beside().run_test(size=(30, 6)) as pilot:
        panel_of(pilot).row = LONG
        with counted() as made:
            for _ in range(100):
                panel_of(pilot).row = LessonRow(LONG.title, LONG.place, LONG.text)
            assert made == []


async def test_another_width_wraps_again_and_shows_the_same_part() -> None:
    async with Beside().run_test(size=(30, 6)) as pilot:
        panel_of(pilot).row = LONG
        await pilot.press("end", "up", "up", "up", "up")
        assert (await shown(pilot))[1] == "Paragraph 5 has some words."
        await pilot.resize_terminal(16, 6)
        lines = await shown(pilot)
        assert any(line.startswith("Paragraph 5") for line in lines)
        assert all(length([(line, "")]) <= 16 for line in lines)


@pytest.mark.parametrize("size", [(1, 1), (7, 2), (30, 1), (30, 40)])
async def test_any_size_is_filled(size: tuple[int, int]) -> None:
    async with Beside().run_test(size=size) as pilot:
        for row in (None, ROW, LONG):
            panel_of(pilot).row = row
            await pilot.press("end", "pagedown")
            lines = await lines_shown(pilot)
            assert [len(line) for line in lines] == [size[0]] * size[1]
        if size[1] > 20:
            assert panel_of(pilot).part() == ""
