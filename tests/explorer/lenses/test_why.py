"""Why a cell has its value: the chain of causes back from its last write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.scenario.loader import load
from explorer.lenses import why
from explorer.lenses.why import CauseRow, ReadRow, WhyRow, draw, look
from explorer.session.session import Session
from explorer.session.stops import ask_why
from explorer.views.spans import plain


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


PAGE = "page 0xc03"
ROW = WhyRow(
    PAGE,
    "queue",
    "ACTIVE[0]",
    (
        CauseRow(
            41, "app", ("vm_page_activate", "_vm_page_add_queue_spinlocked"), "join the queue",
            PAGE, "queue", "NONE", "ACTIVE[0]",
            (ReadRow("cpu 0 view", "v_active_count", "0", 0), ReadRow(PAGE, "flags", "REFERENCED", 31)),
        ),
        CauseRow(
            31, "pager", ("vm_page_lookup_busy_wait",), "set PG_REFERENCED", PAGE, "flags", "0", "REFERENCED",
            (ReadRow(PAGE, "busy_count", "LOCKED", 10), ReadRow("heap", "page[0]", "0xc03", 19)),
        ),
        CauseRow(10, "app", (), "assign", PAGE, "busy_count", "0", "LOCKED", ()),
    ),
    "",
    41,
    "boot or setup",
)  # fmt: skip


def test_a_cause_has_its_write_and_what_was_read_before() -> None:
    drawing = draw(ROW, 67, 10)
    assert plain(drawing.lines) == drawn("""
why is page 0xc03 queue = ACTIVE[0]?
▸ step 41 app: NONE → ACTIVE[0]  join the queue
    in vm_page_activate › _vm_page_add_queue_spinlocked
    read cpu 0 view v_active_count 0 (boot), … 1 more
  step 31 pager: flags +REFERENCED  set PG_REFERENCED
    in vm_page_lookup_busy_wait
    read busy_count LOCKED (step 10), heap page[0] 0xc03 (step 19)
  step 10 app: busy_count 0 → LOCKED  assign
    in the script
    its call read nothing that explains it
""")
    assert [(spot.y, spot.verb) for spot in drawing.spots][:2] == [(1, "goto 41"), (4, "goto 31")]


def test_a_small_panel_has_the_nearest_causes_and_counts_the_rest() -> None:
    assert plain(draw(ROW, 40, 6).lines) == drawn("""
why is page 0xc03 queue = ACTIVE[0]?
▸ step 41 app: NONE → ACTIVE[0]  join t…
  read cpu 0 view v_active_count 0 (boo…
  step 31 pager: flags +REFERENCED  set…
  read busy_count LOCKED (step 10), … 1…
  … 1 earlier cause
""")


def test_what_the_last_step_wrote_is_marked() -> None:
    earlier = replace(ROW, step=60)
    for row, marks in ((ROW, 1), (earlier, 0)):
        lines = draw(row, 67, 8).lines
        assert plain(lines).count("▸") == marks
        assert sum(style == "new" for line in lines for _, style in line) == marks


def test_a_cell_that_no_step_wrote_was_set_by_boot() -> None:
    row = WhyRow("queue FREE[5]", "lcnt", "3", (), "", 7, "boot or setup")
    assert plain(draw(row, 67, 8).lines) == drawn("""
why is queue FREE[5] lcnt = 3?
  no step of this run changed it: its value is from boot or setup
""")


def test_in_a_stepped_boot_it_is_from_power_on() -> None:
    session = Session(load("boot").start())
    session.history.extend(30)
    session.pin(0x3000)
    row = look(session)
    assert (row.cell, row.causes, row.origin) == ("queue", (), "power-on")
    assert "its value is from power-on" in plain(draw(row, 67, 8).lines)


def test_at_the_start_it_says_what_to_do(session: Session) -> None:
    assert plain(draw(look(session), 67, 8).lines) == "no step has changed a page yet"


def step_called(session: Session, action: str) -> None:
    history = session.history
    session.history.extend(100_000)
    labels = [history.journal.label(step) for step in range(1, history.total + 1)]
    history.seek(labels.index(action) + 1)


def test_it_explains_the_last_change_of_the_inspected_page(session: Session) -> None:
    step_called(session, "leave the queue")
    row = look(session)
    assert (row.cell, row.value) == ("queue", "NONE")
    assert row.causes[0].step == session.history.step
    assert row.causes[0].calls[0] == "vm_page_alloc"
    assert row.causes[0].old.startswith("FREE[")


def test_it_explains_the_chosen_cell_wherever_the_cursor_goes(session: Session) -> None:
    step_called(session, "leave the queue")
    history = session.history
    session.asked = session.vm.memory.address("object.hold_count", 0)
    history.seek(history.total)
    row = look(session)
    assert (row.subject, row.cell, row.value) == ("heap", "hold_count", "0")
    last = history.writer(session.vm.memory.address("object.hold_count", 0), history.total)
    assert row.causes[0].step == last
    assert row.causes[0].calls[-1] == "vm_object_drop"


def test_it_explains_the_selected_field(session: Session) -> None:
    step_called(session, "leave the queue")
    setattr(session, "field", "busy_count")  # noqa: B010  # a session may have one
    row = look(session)
    assert (row.subject, row.cell) == (f"page {session.labels.page(session.page)}", "busy_count")


def test_the_writers_of_what_was_read_are_earlier(session: Session) -> None:
    step_called(session, "leave the queue")
    history = session.history
    for step in range(1, history.total + 1, 5):
        history.seek(step)
        row = look(session)
        for cause in row.causes:
            assert cause.step <= step
            assert all(read.step < cause.step for read in cause.reads)
            for read in cause.reads:
                if read.step:
                    assert history.journal.writes_of(read.step)


def test_a_very_long_call_is_not_repeated(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    step_called(session, "leave the queue")
    monkeypatch.setattr(why, "LONGEST", 0)
    row = look(session)
    assert not row.causes
    assert "belongs to a very long call" in plain(draw(row, 120, 8).lines)


BECAUSE = WhyRow(
    PAGE,
    "queue",
    "HOLD[64]",
    (
        CauseRow(
            57, "freer", ("vm_page_free_toq", "_vm_page_add_queue_spinlocked"), "join the queue",
            PAGE, "queue", "NONE", "HOLD[64]", (ReadRow(PAGE, "hold_count", "1", 12),),
            4, "vm_page_free(m)", ReadRow(PAGE, "hold_count", "1", 12),
        ),
        CauseRow(12, "reader", ("vm_page_hold",), "increment hold_count", PAGE, "hold_count", "0", "1", ()),
    ),
    "",
    57,
    "boot or setup",
)  # fmt: skip


def test_a_cause_says_its_script_line_and_the_value_that_decided_it() -> None:
    drawing = draw(BECAUSE, 80, 10)
    lines = plain(drawing.lines).split("\n")
    assert lines[2:5] == [
        "    in line 4 vm_page_free(m) › vm_page_free_toq › _vm_page_add_queue_spinlocked",
        "    because hold_count 1 (step 12)",
        "    read hold_count 1 (step 12)",
    ]
    assert [spot.verb for spot in drawing.spots] == ["goto 57", "goto 12", "goto 12", "goto 12"]


def test_a_small_panel_has_the_deciding_value_rather_than_all_that_was_read() -> None:
    lines = plain(draw(BECAUSE, 60, 5).lines).split("\n")
    assert lines[2] == "    because hold_count 1 (step 12)"
    assert not any(line.strip().startswith("read") for line in lines)


def test_counters_and_locks_are_causes_only_on_request(open_run: Callable[..., Session]) -> None:
    session = open_run("life-of-a-page")
    ask_why(session, "page[0xc03].queue")
    plain_reads = {(read.subject, read.cell) for cause in look(session).causes for read in cause.reads}
    ask_why(session, "page[0xc03].queue all")
    assert (
        session.note.text
        == "why page[0xc03].queue has its value, with counters, locks, list links and other pages"
    )
    every = {(read.subject, read.cell) for cause in look(session).causes for read in cause.reads}
    assert "lcnt" not in {cell for _, cell in plain_reads}
    assert {"lcnt", "spin"} <= {cell for _, cell in every}
