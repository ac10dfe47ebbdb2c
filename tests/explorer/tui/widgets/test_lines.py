"""The top line of a panel that shares its place."""

from __future__ import annotations

import pytest

from explorer.tui.widgets.lines import with_tabs
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
