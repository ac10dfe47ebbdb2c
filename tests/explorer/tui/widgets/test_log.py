"""The event log: one line per step, the last one cell by cell."""

from __future__ import annotations

from explorer.session import stepping
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.widgets.log import log_lines
from explorer.tui.widgets.log_panel import Log
from explorer.views.rows import Change, EventRow
from explorer.views.spans import plain
from tests.explorer.screen_at_rest import lines_shown
from tests.explorer.tui.widgets.drawings import drawn, marked

EVENTS = (
    EventRow(7, "app", 0, "vm_page_busy_try", "read busy_count"),
    EventRow(8, "app", 0, "_vm_page_rem_queue_spinlocked", "leave the queue", (
        Change("page 0x444", "queue", "FREE[69]", "NONE"), Change("queue FREE[69]", "lcnt", "16", "15"),
    ), now=True),
)  # fmt: skip


def test_the_log_shows_the_last_step_cell_by_cell() -> None:
    lines = log_lines(EVENTS, 72, 5, focused=False)
    assert plain(lines) == drawn("""
── log ─────────────────────────────────────────────────────────────────
     7 app vm_page_busy_try read busy_count
▶    8 app _vm_page_rem_queue_spinlocked leave the queue
       page 0x444 queue FREE[69]→NONE  queue FREE[69] lcnt 16→15
""")
    assert marked(lines, "new") == ["NONE", "15"]


def test_a_narrow_log_shows_the_action_before_the_function() -> None:
    assert plain(log_lines(EVENTS, 42, 6, focused=False)) == drawn("""
── log ───────────────────────────────────
     7 app read busy_count  vm_page_busy_try
▶    8 app _vm_page_rem_queue_spinlocked
       leave the queue
       page 0x444 queue FREE[69]→NONE
       queue FREE[69] lcnt 16→15
""")


def test_changed_flags_are_shown_as_set_and_cleared() -> None:
    row = EventRow(3, "app", 0, "", "set", (Change("page 0x40", "flags", "ZERO", "MAPPED"),), now=True)
    assert "page 0x40 flags +MAPPED -ZERO" in plain(log_lines((row,), 72, 5, focused=False))


def test_with_little_room_the_newest_step_stays() -> None:
    lines = log_lines(EVENTS, 72, 2, focused=False)
    assert [text.split()[:2] for text in plain(lines).split("\n")] == [["──", "log"], ["▶", "8"]]


def test_of_older_steps_the_latest_stay() -> None:
    rows = tuple(EventRow(step, "app", 0, "", "act", now=step == 9) for step in range(1, 10))
    steps = [text.split()[-3] for text in plain(log_lines(rows, 72, 5, focused=False)).split("\n")[1:]]
    assert steps == ["6", "7", "8", "9"]


def test_a_wide_line_of_an_older_step_has_its_cells() -> None:
    older = EventRow(
        6, "app", 0, "f", "act", (Change("heap", "refs", "0", "1"), Change("heap", "size", "1", "2"))
    )
    text = plain(log_lines((older, EVENTS[1]), 72, 6, focused=False)).split("\n")[1]
    assert text == "     6 app f act  · heap refs 0→1  heap size 1→2"


def test_a_log_without_steps_is_its_title() -> None:
    assert plain(log_lines((), 12, 5, focused=False)) == "── log ─────"


async def test_a_log_that_gets_more_room_shows_older_steps(session: Session) -> None:
    for _ in stepping.go_to(session, 40):
        pass
    async with PageqApp(session).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        log = pilot.app.screen.query_one(Log)
        before = log.size.height
        await pilot.resize_terminal(120, 55)
        assert "▶   40 " in "\n".join(await lines_shown(pilot))
        assert log.size.height > before
        assert [row.step for row in log.rows] == list(range(41 - log.size.height, 41))


def test_the_newest_step_says_its_sentence_if_it_fits() -> None:
    row = EventRow(
        41,
        "app",
        0,
        "_add_queue",
        "join the queue",
        now=True,
        sentence="joins ACTIVE[0]: page 0xc03, length 0 to 1",
    )
    assert plain(log_lines((row,), 70, 5, focused=False)).split("\n")[1] == (
        "▶   41 app _add_queue joins ACTIVE[0]: page 0xc03, length 0 to 1"
    )
    assert plain(log_lines((row,), 40, 5, focused=False)).split("\n")[1:4] == [
        "▶   41 app _add_queue",
        "       joins ACTIVE[0]: page 0xc03,",
        "       length 0 to 1",
    ]


def test_a_sentence_that_is_too_long_gives_way_to_the_action() -> None:
    row = EventRow(41, "app", 0, "_add_queue", "join the queue", now=True, sentence="joins it " * 20)
    assert (
        plain(log_lines((row,), 40, 9, focused=False)).split("\n")[1]
        == "▶   41 app _add_queue join the queue"
    )


def test_a_log_of_one_line_is_the_newest_step() -> None:
    (only,) = log_lines(EVENTS, 72, 1, focused=False)
    assert plain([only]) == f"▶{EVENTS[-1].step:>5,} {EVENTS[-1].thread} {EVENTS[-1].action}"
    assert plain(log_lines(EVENTS, 72, 1, focused=True)).startswith("━━ log ")


def test_what_a_step_printed_comes_before_its_action() -> None:
    said = ('the kernel prints "out of swap space"', "zeroes page 0x444")
    older = EventRow(7, "pager", 0, "swap_pager_putpages", "report it", remarks=said)
    newest = EventRow(8, "pager", 0, "vm_page_zero_fill", "zero it", remarks=said[1:], now=True)
    for width in (60, 90):
        assert plain(log_lines((older, newest), width, 6, focused=False)).split("\n")[1:4] == [
            '     7 pager the kernel prints "out of swap space"; zeroes page 0x444  report it',
            "▶    8 pager vm_page_zero_fill zero it",
            "       zeroes page 0x444",
        ]
