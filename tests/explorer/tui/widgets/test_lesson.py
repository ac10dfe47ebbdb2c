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
from explorer.tui.widgets.lesson import (
    LEAST_TEXT,
    lesson_lines,
    lesson_title,
    link_after,
    links_of,
    one_line,
    pinned_lines,
)
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
LINKED = LessonRow(
    "lesson",
    "1 of 2",
    "A [busy page](field:busy_count) has an [owner](term:busy), see [waits](lens:waits) and [this](x.md).",
    turn="r next",
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


def test_the_heading_names_the_key_that_reads_on() -> None:
    assert plain([lesson_title(LINKED, 34, "", focused=False)]) == "── lesson 1 of 2 ──────── r next ─"
    shown = plain([lesson_title(LINKED, 40, "1/3 ↓", focused=False)])
    assert shown == "── lesson 1 of 2 ────────────── r more ─"
    assert plain([lesson_title(LINKED, 60, "1/3 ↓", focused=False)]).endswith("── 1/3 ↓  r more ─")
    assert plain([lesson_title(LINKED, 60, "3/3", focused=False)]).endswith("── 3/3  r next ─")
    assert plain([lesson_title(LINKED, 28, "1/3 ↓", focused=False)]) == "── lesson 1 of 2 ─── 1/3 ↓ ─"
    last = LessonRow("lesson", "2 of 2", "Words.", turn="r")
    assert plain([lesson_title(last, 34, "1/3 ↓", focused=False)]).endswith("── r more ─")
    assert plain([lesson_title(last, 34, "3/3", focused=False)]).endswith("── 3/3 ─")


def test_cells_to_look_at_have_their_values_under_the_text_and_what_was_done_is_ticked() -> None:
    row = LessonRow(
        "lesson", text="Look.", hint="over: done", done=True, values=(("m.queue", "NONE"), ("x", "1"))
    )
    assert plain(lesson_lines(row, 40)) == "Look.\n◈ m.queue = NONE · x = 1\n✓ over: done"


def test_cells_are_wrapped_between_each_other_and_no_line_ends_in_the_mark() -> None:
    values = (("page[m].queue", "INACTIVE"), ("m.dirty", "ff"), ("x", "1"))
    row = LessonRow("lesson", values=values)
    assert plain(lesson_lines(row, 28)) == drawn("""
◈ page[m].queue = INACTIVE
  m.dirty = ff · x = 1
""")
    assert plain(lesson_lines(row, 15)) == drawn("""
◈ page[m].queue
  = INACTIVE
  m.dirty = ff
  x = 1
""")


@pytest.mark.parametrize(
    ("room", "pinned"), [(1, 0), (2, 1), (4, 1), (LEAST_TEXT + 1, 1), (LEAST_TEXT + 2, 2), (20, 2)]
)
def test_the_hint_stays_visible_and_the_cells_do_if_the_text_keeps_its_lines(room: int, pinned: int) -> None:
    row = LessonRow("lesson", text="Words.", hint="press n", values=(("x", "1"),))
    assert pinned_lines(row, 30, room) == pinned
    assert pinned_lines(LessonRow("lesson", text="Words."), 30, room) == pinned_lines(None, 30, room) == 0


def test_links_are_found_where_they_are_drawn_also_on_two_lines() -> None:
    busy, owner, waits = links_of(LINKED, 12)
    lines = plain(lesson_lines(LINKED, 12)).split("\n")
    assert [(link.kind, link.target) for link in (busy, owner, waits)] == [
        ("field", "busy_count"), ("term", "busy"), ("lens", "waits"),
    ]  # fmt: skip
    words = [
        " ".join(lines[y][first:beyond] for y, first, beyond in link.places) for link in (busy, owner, waits)
    ]
    assert words == ["busy page", "owner", "waits"]
    assert len(links_of(LINKED, 8)[0].places) == 2
    assert marked([*lesson_lines(LINKED, 40, waits)], "new") == []
    assert marked([*lesson_lines(LINKED, 12, waits)], "new") == ["waits"]


def test_the_cursor_goes_round_the_links() -> None:
    links = links_of(LINKED, 40)
    assert link_after(links, None, 1) == links[0]
    assert link_after(links, None, -1) == links[-1]
    assert link_after(links, links[-1], 1) == links[0]
    assert link_after((), None, 1) is None


class Beside(App[None]):
    """A lesson alone on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.followed: list[tuple[str, str]] = []

    def on_lesson_panel_link_followed(self, message: LessonPanel.LinkFollowed) -> None:
        self.followed.append((message.kind, message.target))

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


async def test_the_hint_is_the_last_line_while_the_text_above_it_is_scrolled() -> None:
    async with Beside().run_test(size=(30, 6)) as pilot:
        panel_of(pilot).row = LessonRow("lesson", "", LONG.text, "press n", turn="r next")
        seen = set()
        for key in ("home", *["pagedown"] * 5):
            await pilot.press(key)
            title, *text, hint = await shown(pilot)
            assert hint == "▸ press n"
            seen |= {line for line in text if line}
        assert seen == {f"Paragraph {n} has some words." for n in range(10)}
        assert title.endswith("r next ━")


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


async def test_a_link_is_chosen_with_the_arrows_and_followed_with_enter() -> None:
    app = Beside()
    async with app.run_test(size=(30, 6)) as pilot:
        panel_of(pilot).row = LINKED
        await pilot.press("enter")
        assert app.followed == []
        await pilot.press("enter", "right", "right", "enter", "right", "left", "enter")
        assert app.followed == [("field", "busy_count"), ("lens", "waits"), ("lens", "waits")]
        panel_of(pilot).row = ROW
        await pilot.press("left", "enter")
        assert app.followed[-1] == ("lens", "waits")


async def test_a_link_that_is_not_visible_is_scrolled_to() -> None:
    async with Beside().run_test(size=(12, 3)) as pilot:
        panel = panel_of(pilot)
        panel.row = LINKED
        await pilot.press("left")
        assert any("waits" in line for line in (await shown(pilot))[1:])
        assert panel.is_cut


async def test_a_click_follows_the_link_under_the_mouse() -> None:
    app = Beside()
    async with app.run_test(size=(60, 6)) as pilot:
        panel_of(pilot).row = LINKED
        line = (await shown(pilot))[1]
        await pilot.click(LessonPanel, offset=(line.index("owner") + 1, 1))
        await pilot.click(LessonPanel, offset=(0, 1))
        await pilot.click(LessonPanel, offset=(5, 0))
        assert app.followed == [("term", "busy")]


async def test_reading_on_scrolls_until_the_end_and_back() -> None:
    async with Beside().run_test(size=(30, 6)) as pilot:
        panel = panel_of(pilot)
        panel.row = LONG
        await pilot.pause()
        assert [panel.read_on(1) for _ in range(4)] == [True, True, True, False]
        assert [panel.read_on(-1) for _ in range(4)] == [True, True, True, False]
