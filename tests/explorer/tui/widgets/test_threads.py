"""The thread panel: as many lines per thread as fit, the most important first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.tui.widgets.threads import thread_lines
from explorer.views.rows import ThreadRow
from explorer.views.spans import plain
from tests.explorer.tui.widgets.drawings import drawn, marked

APP = ThreadRow(
    0, "app", 0, "runs", ("vm_page_alloc", "vm_page_busy_try"), "compare-and-set LOCKED",
    ("page 0x401", "queue FREE[0]"), next=True,
)  # fmt: skip
PAGER = ThreadRow(
    1, "pager", 1, "waits", ("lwkt_gettoken",), "take the object token", (), "token of heap, held by app"
)


@pytest.mark.parametrize(
    ("height", "drawing"),
    [
        pytest.param(11, """
── threads ─────────────────────────────
▶app cpu0 runs
  in    vm_page_alloc › vm_page_busy_try
  next  compare-and-set LOCKED
  holds page 0x401, queue FREE[0]
 pager cpu1 waits
  in    lwkt_gettoken
  waits for token of heap, held by app
  next  take the object token
""", id="all lines"),
        pytest.param(5, """
── threads ─────────────────────────────
▶app cpu0 runs vm_page_busy_try
  next  compare-and-set LOCKED
 pager cpu1 waits lwkt_gettoken
  waits for token of heap, held by app
""", id="two lines: what it waits for before what it does next"),
        pytest.param(3, """
── threads ─────────────────────────────
▶app cpu0 runs vm_page_busy_try
 pager cpu1 waits lwkt_gettoken
""", id="one line each"),
    ],
)  # fmt: skip
def test_threads_use_all_available_lines(height: int, drawing: str) -> None:
    assert plain(thread_lines((APP, PAGER), 40, height, focused=False)) == drawn(drawing)


def test_of_many_threads_those_around_the_next_one_are_shown() -> None:
    rows = tuple(ThreadRow(n, f"t{n}", 0, "in queue", next=n == 7) for n in range(10))
    shown = plain(thread_lines(rows, 30, 4, focused=False))
    assert "▶t7" in shown
    assert "t0" not in shown


def test_the_thread_that_s_steps_and_the_last_thread_are_marked() -> None:
    rows = replace(APP, next=False, ran=True), replace(PAGER, chosen=True)
    lines = thread_lines(rows, 40, 3, focused=True)
    assert plain(lines) == drawn("""
━━ threads ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
•app cpu0 runs vm_page_busy_try
 pager ←s cpu1 waits lwkt_gettoken
""")
    assert [text for text in marked(lines, "warn") if text.strip()] == [" ←s ", "waits"]


@pytest.mark.parametrize(
    ("width", "calls"),
    [
        (43, "first_call › second › third"),
        (35, "first_call › second › third"),
        (34, "… › second › third"),
        (26, "… › second › third"),
        (25, "… › third"),
        (9, "… › third"),
    ],
)
def test_of_calls_too_long_for_the_line_the_innermost_remain(width: int, calls: str) -> None:
    """The label takes 8 columns; the calls take 27, 18 without the first, 9 without the second."""
    row = ThreadRow(0, "app", 0, "runs", ("first_call", "second", "third"), "act")
    assert f"  in    {calls}" in plain(thread_lines((row,), width, 5, focused=False)).split("\n")


def test_a_panel_without_threads_has_only_its_title() -> None:
    assert plain(thread_lines((), 14, 5, focused=False)) == "── threads ───"
