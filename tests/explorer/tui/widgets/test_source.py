"""The scripts: side by side if they fit, each at its thread's line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.tui.widgets.source import placed_lines, source_lines
from explorer.views.rows import SourceRow
from explorer.views.spans import length, plain
from tests.explorer.tui.widgets.drawings import drawn, marked

SCRIPTS = (
    SourceRow(0, "app", 0, ("first()", "# a comment", "second()"), 3, next=True),
    SourceRow(1, "pager", 1, ("wait()",), 0, done=True),
)


def test_scripts_are_side_by_side_if_they_fit() -> None:
    assert plain(source_lines(SCRIPTS, 78, 4, focused=False)) == drawn("""
── app cpu0 ────────────────── line 3 ─── pager cpu1 ───────────────── ended ─
   1 first()                              1 wait()
   2 # a comment
▶  3 second()
""")


def test_without_room_the_others_are_listed_below() -> None:
    assert plain(source_lines(SCRIPTS, 36, 6, focused=False)) == drawn("""
── app cpu0 ─────────────── line 3 ─
   1 first()
   2 # a comment
▶  3 second()

pager ended
""")


LINES = ("first()", "    # a comment that is too long for its column", "last()")
LONG = SourceRow(0, "app", 0, LINES, 1, next=True)


def test_the_line_under_the_cursor_is_whole_while_the_panel_has_the_focus() -> None:
    row = replace(LONG, cursor=2)
    assert plain(source_lines((row,), 30, 6, focused=True)).split("\n")[1:] == [
        "▶  1 first()",
        "   2▸    # a comment that is",
        "         too long for its",
        "         column",
        "   3 last()",
    ]
    assert "   2▸    # a comment that is…" in plain(source_lines((row,), 30, 6, focused=False))
    row = replace(row, cursor=1)
    assert "   2     # a comment that is…" in plain(source_lines((row,), 30, 6, focused=True))


def test_a_wrapped_line_at_the_bottom_pushes_the_first_lines_out() -> None:
    row = replace(LONG, cursor=2, lines=LINES[:2])
    placed = placed_lines(row, 30, 3, focused=True)
    assert [number for number, _ in placed] == [2, 2, 2]
    assert plain([placed[-1][1]]).strip() == "column"


def test_a_long_script_is_scrolled_to_its_current_line() -> None:
    row = SourceRow(0, "app", 0, tuple(f"line{n}()" for n in range(1, 101)), 60, next=True)
    shown = plain(source_lines((row,), 40, 9, focused=False))
    assert "▶ 60 line60()" in shown
    assert "line1()" not in shown


def test_the_cursor_and_breakpoints_are_in_the_gutter() -> None:
    row = replace(SCRIPTS[0], cursor=2, breaks=frozenset({1, 2}))
    lines = source_lines((row,), 40, 4, focused=True)
    assert plain(lines) == drawn("""
━━ app cpu0 ━━━━━━━━━━━━━━━━━━━ line 3 ━
   1●first()
   2◉# a comment
▶  3 second()
""")
    assert marked(lines, "bad") == ["●", "◉"]
    plain_cursor = source_lines((replace(row, breaks=frozenset()),), 40, 4, focused=True)
    assert "   2▸# a comment" in plain(plain_cursor)


def test_the_panel_scrolls_to_the_cursor_not_to_the_threads_line() -> None:
    row = SourceRow(0, "app", 0, tuple(f"line{n}()" for n in range(1, 101)), 60, cursor=10)
    shown = plain(source_lines((row,), 40, 9, focused=False))
    assert "line10()" in shown
    assert "line60()" not in shown


@pytest.mark.parametrize(("who", "mark"), [("next", "▶"), ("ran", "•"), ("another", "▷")])
def test_the_current_line_has_the_mark_of_its_thread(who: str, mark: str) -> None:
    row = SourceRow(0, "app", 0, ("first()",), 1, ran=who == "ran", next=who == "next")
    assert plain(source_lines((row,), 40, 2, focused=False)).split("\n")[1] == f"{mark}  1 first()"


def test_of_many_scripts_the_columns_end_with_the_next_threads() -> None:
    rows = tuple(SourceRow(n, f"t{n}", 0, ("go()",), 1, next=n == 2) for n in range(5))
    title = plain(source_lines(rows, 80, 4, focused=False)).split("\n")[0]
    assert [word for word in title.split() if word.startswith("t")] == ["t1", "t2"]


def test_every_line_is_as_wide_as_the_panel_for_any_script() -> None:
    rows = (
        SourceRow(0, "app", 0, ("\tx = 1", "# " + "页面" * 40), 1),
        SourceRow(1, "pager", 1, ("y = 2",), 1),
    )
    lines = source_lines(rows, 81, 5, focused=False)
    assert {length(line) for line in lines} == {81}
    assert "1     x = 1" in plain(lines)


def test_without_scripts_the_panel_has_its_title() -> None:
    assert plain(source_lines((), 14, 5, focused=False)) == "── source ────"
