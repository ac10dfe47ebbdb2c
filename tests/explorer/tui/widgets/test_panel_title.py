"""The top line of a panel that shares its place, or is scrolled."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.panel_title import lit_title, visible_part, with_tabs
from explorer.views.spans import Line, length, line, plain, rule

TABS = (("3", "threads"), ("5", "log"))


def title(width: int, text: str = "source", right: str = "") -> Line:
    return rule(line((text, "title")), width, focused=False, right=line((right, "dim")) if right else ())


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (36, "── source ──────── 3 threads 5 log ─"),
        (28, "── source ──────────── 3 5 ─"),
        (12, "── source ──"),
    ],
)
def test_the_others_are_named_by_their_keys_if_their_names_do_not_fit(width: int, text: str) -> None:
    shown = with_tabs(title(width), TABS)
    assert length(shown) == width
    assert plain([shown]) == text


def test_what_is_at_the_right_stays() -> None:
    shown = plain([with_tabs(title(48, right="line 6"), TABS)])
    assert shown.startswith("── source ──")
    assert shown.endswith("─ line 6 ─ 3 threads 5 log ─")
    assert len(shown) == 48


def test_the_titles_of_other_columns_keep_their_place() -> None:
    columns = (*title(30, "app", "line 6"), *title(50, "pager"))
    shown = plain([with_tabs(columns, TABS)])
    assert shown[:40] == plain([columns])[:40]
    assert shown.endswith(" 3 threads 5 log ─")


def test_a_panel_of_its_own_has_only_its_title() -> None:
    assert with_tabs(title(40), ())[0] == title(40)[0]


def test_a_panel_that_the_lesson_asks_to_look_at_is_marked() -> None:
    assert lit_title(title(20)) == (("◈─ ", "lit"), ("source", "lit"), (" ", "rule"), ("─" * 10, "rule"))
    assert plain([lit_title((("▌", "fill-FREE"), ("FREE", "bold"), (" 3", "")))]) == "◈FREE 3"
    assert lit_title(()) == ()


def test_a_tab_of_such_a_panel_is_marked_too() -> None:
    shown = with_tabs(title(36), TABS, {"threads"})
    assert plain([shown]) == "── source ────────◈3 threads 5 log ─"
    assert [text for text, style in shown if style == "lit"] == ["◈3", " threads"]


@pytest.mark.parametrize(
    ("offset", "room", "total", "part"),
    [(0, 5, 5, ""), (0, 5, 12, "1/3 ↓"), (5, 5, 12, "2/3 ↓"), (7, 5, 12, "3/3"), (0, 0, 9, "")],
)
def test_the_visible_part_of_a_text(offset: int, room: int, total: int, part: str) -> None:
    assert visible_part(offset, room, total) == part
