"""What each panel prints, as text drawn here; and where a change is marked, not by hue alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.session import running
from explorer.session.session import Session
from explorer.tui.widgets.axis import axis_line
from explorer.tui.widgets.banner import banner_lines
from explorer.tui.widgets.footer import footer_line
from explorer.tui.widgets.inspector import page_lines
from explorer.tui.widgets.log import log_lines
from explorer.tui.widgets.map_cells import (
    BUSY,
    CHANGED,
    CURSOR,
    TOUCHED,
    WIRED,
    cell_codes,
    cell_style,
    glyph,
    grid,
    short_count,
)
from explorer.tui.widgets.palette import STYLES
from explorer.tui.widgets.reserve import reserve_line
from explorer.tui.widgets.source import source_lines
from explorer.tui.widgets.status import status_line
from explorer.tui.widgets.threads import thread_lines
from explorer.tui.widgets.timeline import cell_of, step_of, timeline_line
from explorer.views.page import page_row
from explorer.views.rows import (
    AxisRow,
    Band,
    Change,
    EventRow,
    MapRow,
    ReserveRow,
    SourceRow,
    StatusRow,
    ThreadRow,
    TimelineRow,
    Tip,
    Verdict,
    flag_difference,
)
from explorer.views.spans import Line, fit, length, merged, plain, rule, spread


def drawn(text: str) -> str:
    """A drawing without its first and last line break."""
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def marked(lines: list[Line], style: str) -> list[str]:
    """The pieces that have a style."""
    return [text for spans in lines for text, name in spans if name == style]


def at_leave_the_queue(session: Session) -> Session:
    """The session at the step in which a page leaves its free list."""
    for _ in running.run(session):
        pass
    history = session.history
    history.seek(
        next(n for n in range(1, history.total + 1) if history.journal.label(n) == "leave the queue")
    )
    return session


# --- the inspector ------------------------------------------------------------------------------------------


def test_the_inspector_has_every_field_where_there_is_room(make_session: pytest.FixtureRequest) -> None:
    session = at_leave_the_queue(make_session(spec="64MiB:2x4x2"))  # type: ignore[operator]
    row = page_row(session.history, session.labels, session.page, following=True)
    lines = page_lines(row, 39, 14, focused=False)
    assert plain(lines) == drawn("""
── page 0x444 colour 69 ───── follows ─
queue  FREE[69]→NONE
busy   LOCKED  0x80000000
   L.. .............................
flags  none
       ... ... ... ... ... ... ...
       ... ... ... ... ... ... ...
valid  □□□□□□□□  dirty □□□□□□□□
object none
counts wire 0 hold 0 act 0
spin   other
addr   0x444000 on node 0 ✓ local
colour 69 of node 0 core 0 thread 1
""")
    assert marked(lines, "new") == ["NONE"]
    assert STYLES["new"].reverse


def test_the_inspector_is_short_where_there_is_little_room(make_session: pytest.FixtureRequest) -> None:
    session = at_leave_the_queue(make_session(spec="64MiB:2x4x2"))  # type: ignore[operator]
    row = page_row(session.history, session.labels, session.page, following=False)
    assert plain(page_lines(row, 39, 7, focused=True)) == drawn("""
━━ page 0x444 colour 69 ━━━━━━ pinned ━
queue FREE[69]→NONE  spin other
busy  ■L □W □S  LOCKED
flags none
valid □□□□□□□□ dirty □□□□□□□□
of    none  wire 0 hold 0 act 0
addr  0x444000 node 0 ✓ local
""")


def test_the_inspector_without_a_page_says_what_to_do() -> None:
    assert "s steps; / goes to a page" in plain(page_lines(None, 39, 7, focused=False))


# --- threads and source -------------------------------------------------------------------------------------

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
  waits token of heap, held by app
  next  take the object token
""", id="all that is known"),
        pytest.param(5, """
── threads ─────────────────────────────
▶app cpu0 runs vm_page_busy_try
  next  compare-and-set LOCKED
 pager cpu1 waits lwkt_gettoken
  waits token of heap, held by app
""", id="two lines: what it waits for before what it does next"),
        pytest.param(3, """
── threads ─────────────────────────────
▶app cpu0 runs vm_page_busy_try
 pager cpu1 waits lwkt_gettoken
""", id="one line each"),
    ],
)  # fmt: skip
def test_threads_use_the_lines_there_are(height: int, drawing: str) -> None:
    assert plain(thread_lines((APP, PAGER), 40, height, focused=False)) == drawn(drawing)


def test_of_many_threads_those_around_the_next_one_are_shown() -> None:
    rows = tuple(ThreadRow(n, f"t{n}", 0, "in queue", next=n == 7) for n in range(10))
    shown = plain(thread_lines(rows, 30, 4, focused=False))
    assert "▶t7" in shown
    assert "t0" not in shown


SCRIPTS = (
    SourceRow(0, "app", 0, ("first()", "# a comment", "second()"), 3, next=True),
    SourceRow(1, "pager", 1, ("wait()",), 0, done=True),
)


def test_scripts_stand_side_by_side_where_they_fit() -> None:
    assert plain(source_lines(SCRIPTS, 78, 4, focused=False)) == drawn("""
── app cpu0 ────────────────── line 3 ─── pager cpu1 ───────────────── ended ─
   1 first()                              1 wait()
   2 # a comment
▶  3 second()
""")


def test_without_room_the_others_are_named_below() -> None:
    assert plain(source_lines(SCRIPTS, 36, 6, focused=False)) == drawn("""
── app cpu0 ─────────────── line 3 ─
   1 first()
   2 # a comment
▶  3 second()

pager ended
""")


def test_a_long_script_is_scrolled_to_its_current_line() -> None:
    row = SourceRow(0, "app", 0, tuple(f"line{n}()" for n in range(1, 101)), 60, next=True)
    shown = plain(source_lines((row,), 40, 9, focused=False))
    assert "▶ 60 line60()" in shown
    assert "line1()" not in shown


# --- the log ------------------------------------------------------------------------------------------------

EVENTS = (
    EventRow(7, "app", 0, "vm_page_busy_try", "read busy_count"),
    EventRow(8, "app", 0, "_vm_page_rem_queue_spinlocked", "leave the queue", (
        Change("page 0x444", "queue", "FREE[69]", "NONE"), Change("queue FREE[69]", "lcnt", "16", "15"),
    ), now=True),
)  # fmt: skip


def test_the_log_tells_the_last_step_cell_by_cell() -> None:
    lines = log_lines(EVENTS, 72, 5, focused=False)
    assert plain(lines) == drawn("""
── log ─────────────────────────────────────────────────────────────────
     7 app vm_page_busy_try read busy_count
▶    8 app _vm_page_rem_queue_spinlocked leave the queue
       page 0x444 queue FREE[69]→NONE  queue FREE[69] lcnt 16→15
""")
    assert marked(lines, "new") == ["NONE", "15"]


def test_a_narrow_log_says_what_was_done_before_where() -> None:
    assert plain(log_lines(EVENTS, 42, 6, focused=False)) == drawn("""
── log ───────────────────────────────────
     7 app read busy_count  vm_page_busy_try
▶    8 app _vm_page_rem_queue_spinlocked
       leave the queue
       page 0x444 queue FREE[69]→NONE
       queue FREE[69] lcnt 16→15
""")


def test_flags_are_told_by_what_came_and_went() -> None:
    assert flag_difference("WRITEABLE|MAPPED|REFERENCED", "WRITEABLE|MAPPED") == "-REFERENCED"
    assert flag_difference("0", "MAPPED|ZERO") == "+MAPPED +ZERO"
    assert flag_difference("MAPPED", "0") == "-MAPPED"
    assert str(Change("page 0x40", "flags", "ZERO", "MAPPED")) == "page 0x40 flags +MAPPED -ZERO"
    assert str(Change("page 0x40", "queue", "none", "FREE[5]")) == "page 0x40 queue none→FREE[5]"


# --- one line each ------------------------------------------------------------------------------------------

STATUS = StatusRow(1204, 5210, True, "main", 1, "cpu0:app", "", 8120, 41, 2048)


@pytest.mark.parametrize(
    ("width", "drawing"),
    [
        (90, " t 1,204/5,210 23%  cpu0:app  ▸main  Life              free 8,120  min 2,048  reserved 41"),
        (60, " t 1,204/5,210 23%  cpu0:app  ▸main   free 8,120  min 2,048"),
        (40, " t 1,204/5,210  cpu0:app     free 8,120"),
    ],
)
def test_the_status_leaves_out_what_matters_least(width: int, drawing: str) -> None:
    assert plain([status_line(STATUS, width, "Life")]) == drawing


def test_the_status_fits_every_width() -> None:
    for width in range(24, 200):
        assert length(status_line(STATUS, width, "Life")) == width


def test_an_outcome_is_in_the_status_at_any_width() -> None:
    ended = StatusRow(9, 9, False, "branch 1", 2, "cpu0:app", "", 8120, 41, 2048, "panic")
    assert "PANIC" in plain([status_line(ended, 40, "Life")])


def test_the_newest_step_is_all_of_it_and_a_score_is_shown_where_there_is_room() -> None:
    newest = StatusRow(9, 9, True, "main", 1, "cpu0:app", "", 8120, 41, 2048, score="3/5")
    assert " t 9/9 100% newest " in plain([status_line(newest, 100, "Life")])
    assert "  predicted 3/5  " in plain([status_line(newest, 100, "Life")])
    assert " t 0/0 begin " in plain([status_line(replace(newest, step=0, total=0), 100, "Life")])
    assert " t 9/9 100% end " in plain([status_line(replace(newest, open=False), 100, "Life")])


def test_the_timeline_shows_density_marks_and_cursor() -> None:
    row = TimelineRow(5, 10, False, (0, 4, 8, 0, 0, 0, 0, 1, 0, 0), ((2, "▲"), (10, "◆")))
    assert plain([timeline_line(row, focused=False)]) == "▁▲█▁┃▁▁▁▁◆"


def test_the_timeline_before_the_first_step_says_what_to_do() -> None:
    assert "s steps" in plain([timeline_line(TimelineRow(0, 0, True, (0,) * 60), focused=False)])


@pytest.mark.parametrize("total", [1, 7, 40, 41, 1_000_000])
def test_a_click_on_either_end_of_the_timeline_reaches_that_end(total: int) -> None:
    assert step_of(0, total, 40) == 0
    assert step_of(39, total, 40) == total
    assert step_of(99, total, 40) == total
    assert cell_of(total, total, 40) == 39


def test_a_wrong_lock_order_shows_the_calls_of_both_locks() -> None:
    calls = ("the held lock was taken in a", "the other one is wanted in b")
    lines = banner_lines(Verdict("PANIC in a()", "lock order", "S steps back", True, calls), 60)
    texts = ["".join(text for text, _ in line) for line in lines]
    assert [len(text) for text in texts] == [60] * 4
    assert [text.strip() for text in texts[1:]] == ["lock order", *calls]


def test_a_panic_is_loud_and_says_what_to_do() -> None:
    verdict = Verdict("PANIC in vm_page_wakeup(), page 0xc03", "LOCKED is not set", "S steps back", True)
    lines = banner_lines(verdict, 60)
    assert plain(lines) == drawn("""
 PANIC in vm_page_wakeup(), page 0xc03         S steps back
 LOCKED is not set
""")
    assert {style for spans in lines for _, style in spans} == {"bar-bad"}
    assert all(length(spans) == 60 for spans in lines)


def test_the_footer_prints_keys_and_words() -> None:
    assert plain([footer_line((Tip("s", "step", "step"), Tip("q", "quit", "quit")))]) == " s step  q quit"


def test_the_axis_has_colours_nodes_and_the_cursor() -> None:
    row = AxisRow(1024, 565, (Band(0, 512, "node 0"), Band(512, 1024, "node 1")))
    text = plain([axis_line(row, grid(80, 1, 1024), 80, focused=False)])
    assert text == "colour    │node 0 128     256     384     │no▲e 1 640     768     896        565"


def test_the_reserve_shows_shares_of_free_blocks() -> None:
    free = np.array([1, 1, 0, 0, 1, 0, 1, 1], np.int64)
    line = reserve_line(ReserveRow(free, 5, frozenset({5})), 6, 4, 20)
    assert plain([line]) == "▌DMA  █·▄█         5"
    assert marked([line], "reserve-changed") == ["▄"]


# --- the map ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height", "colors", "columns", "rows", "bucket"),
    [
        pytest.param(80, 1, 1024, 64, 1, 16, id="80 columns: 16 colours a cell"),
        pytest.param(80, 4, 1024, 64, 4, 4, id="120x40: four rows of 64"),
        pytest.param(144, 8, 1024, 128, 8, 1, id="200x60: a colour a cell"),
        pytest.param(40, 1, 1024, 32, 1, 32, id="40 columns"),
        pytest.param(80, 4, 16, 16, 1, 1, id="16 colours need one row"),
        pytest.param(80, 1, 1, 1, 1, 1, id="one colour"),
        pytest.param(3, 1, 1024, 1, 1, 1024, id="no room at all"),
        pytest.param(80, 3, 1024, 64, 2, 8, id="an odd height"),
    ],
)
def test_the_grid_is_as_fine_as_there_is_room(
    width: int, height: int, colors: int, columns: int, rows: int, bucket: int
) -> None:
    shape = grid(width, height, colors)
    assert (shape.columns, shape.rows, shape.bucket) == (columns, rows, bucket)
    assert shape.columns * shape.rows * shape.bucket == colors


def test_a_cell_carries_level_change_and_cursor() -> None:
    counts = np.array([0, 4, 8, 1, 0, 0, 0, 0], np.int64)
    row = MapRow("FREE", counts, 8, 13, 0, frozenset({1}), frozenset({4}), 2)
    assert cell_codes(row, 8).tolist() == [0, 4 | CHANGED, 8 | CURSOR, 1, TOUCHED, 0, 0, 0]
    assert cell_codes(row, 4).tolist() == [4 | CHANGED, 8 | CURSOR, TOUCHED, 0]


def test_busy_and_wired_pages_have_letters() -> None:
    counts = np.array([1, 1, 1, 1], np.int64)
    busy, wired = np.array([0, 1, 0, 1], np.int64), np.array([0, 0, 1, 1], np.int64)
    codes = cell_codes(MapRow("NONE", counts, 8, 4, busy=busy, wired=wired), 4).tolist()
    assert "".join(map(glyph, codes)) == "▁bwB"
    assert codes[3] == 1 | BUSY | WIRED


@pytest.mark.parametrize("name", ["FREE", "INACTIVE", "ACTIVE", "CACHE", "HOLD", "NONE"])
def test_a_change_is_told_by_more_than_hue(name: str) -> None:
    assert cell_style(name, 4 | CHANGED).reverse
    assert cell_style(name, 4 | TOUCHED).underline
    assert cell_style(name, 4 | CURSOR).bgcolor is not None
    assert not cell_style(name, 4).reverse


@pytest.mark.parametrize(
    ("count", "room", "text"),
    [
        (3711, 6, "3,711"),
        (14846, 6, "14.8k"),
        (16_700_000, 6, "16.7M"),
        (100_000, 6, "100k"),
        (5, 2, "5"),
        (50, 2, ""),
    ],
)
def test_counts_are_shortened_to_the_room(count: int, room: int, text: str) -> None:
    assert short_count(count, room) == text
    assert len(text) < room


# --- lines --------------------------------------------------------------------------------------------------


def test_a_cut_line_says_that_it_is_cut() -> None:
    assert plain([fit((("abcdef", ""), ("ghi", "dim")), 8)]) == "abcdefg…"
    assert fit((("abc", ""),), 3) == (("abc", ""),)
    assert plain([fit((("abc", ""),), 0)]) == ""


def test_both_ends_of_a_line_are_kept() -> None:
    assert plain([spread((("left side", ""),), (("right", ""),), 12)]) == "left …  right"[:6] + " right"


def test_the_focus_is_told_by_heavy_dashes() -> None:
    assert plain([rule((("log", ""),), 12, focused=True)]) == "━━ log ━━━━━"
    assert plain([rule((("log", ""),), 12, focused=False)]) == "── log ─────"


def test_neighbours_of_one_style_become_one_piece() -> None:
    assert merged([("a", "x"), ("b", "x"), ("c", "")]) == (("ab", "x"), ("c", ""))
