"""The changes of a step in words, and the page that it changed."""

from __future__ import annotations

import numpy as np
import pytest

from engine.kernel.boot.startup import ADD_PAGES
from engine.scenario.loader import load
from engine.scenario.settings import parse_setting
from explorer.session.session import Session
from explorer.views.changes import MANY, cell_words, change_of, changes, column_writes, touched_page, writes
from tests.explorer.cursor_motions import run, step_called


def test_the_changes_of_a_step_have_pages_first_and_bookkeeping_last(session: Session) -> None:
    run(session)
    step = step_called(session, "leave the queue")
    words = [str(change) for change in changes(session.history, session.labels, step) if not change.plumbing]
    page, queue = session.labels.page(session.page), f"FREE[{session.vm.page.pc[session.page]}]"
    cpu = session.history.record(step).cpu
    assert words[:2] == [f"page {page} queue {queue}→NONE", f"queue {queue} lcnt 4→3"]
    assert words[2].startswith(f"cpu {cpu} view v_free_count ")
    assert words[3] == f"cpu {cpu} adj v_free_count 0→-1"
    everything_ = changes(session.history, session.labels, step)
    assert [change.plumbing for change in everything_] == sorted(change.plumbing for change in everything_)


def test_a_variable_that_holds_a_page_is_shown_as_its_number(session: Session) -> None:
    run(session)
    texts = [
        str(change) for step in range(1, session.history.total + 1)
        for change in changes(session.history, session.labels, step)
    ]  # fmt: skip
    assert any(text.startswith("app m ") and "→0x" in text for text in texts)


def test_the_touched_page_is_the_last_one_written_not_its_neighbours(session: Session) -> None:
    run(session)
    step = step_called(session, "leave the queue")
    written = [session.vm.memory.place_of(a) for a, _, _ in session.history.journal.writes_of(step)]
    left = next(m for place, m in written if (place.table, place.name) == ("page", "queue"))
    assert any(place.name in ("next", "prev") and m != left for place, m in written if place.table == "page")
    assert touched_page(session.history, step) == left
    assert touched_page(session.history, 0) == -1


# --- a daemon's scan --------------------------------------------------------------------------------------


def test_a_marker_is_named_after_the_thread_of_its_scan(scan: Session) -> None:
    step = step_called(scan, "put a marker at the head of the queue")
    shown = changes(scan.history, scan.labels, step)
    subjects = {change.subject for change in shown}
    assert "marker of pagedaemon" in subjects
    head = next(change for change in shown if change.cell == "flags")
    assert "MARKER" in head.new


def test_a_daemons_phase_is_shown_as_its_name(scan: Session) -> None:
    step = step_called(scan, "begin the loop")
    (change,) = (change for change in changes(scan.history, scan.labels, step) if change.cell == "phase")
    assert (change.subject, change.old, change.new) == ("pagedaemon", "start", "hold")


# --- cell by cell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (10, ["page 0xc03 busy_count 0→LOCKED"]),
        (19, ["page 0xc03 object none→heap", "heap resident_page_count 0→1", "heap page[0] none→0xc03",
              "cpu 0 t_rm 0→1"]),
        (29, ["pager chan none→page 0xc03"]),
        (31, ["page 0xc03 flags +REFERENCED"]),
        (32, ["heap token_owner pager→free", "pager state ready→sleeping"]),
        (33, ["page 0xc03 valid 00→ff"]),
        (34, []),
    ],
)  # fmt: skip
def test_a_cell_is_shown_by_its_kind_of_value(life: Session, step: int, words: list[str]) -> None:
    life.history.extend(34)
    found = changes(life.history, life.labels, step)
    assert [str(change) for change in found if not change.plumbing] == words


@pytest.mark.parametrize("step", [0, -1, 35])
def test_a_step_that_is_not_recorded_changed_nothing(life: Session, step: int) -> None:
    life.history.extend(34)
    assert changes(life.history, life.labels, step) == ()


def test_a_cell_written_twice_is_one_change_or_none_if_restored(
    life: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = life.vm.memory
    hold, wire = memory.address("page.hold_count", 7), memory.address("page.wire_count", 7)
    journal = [(wire, 0, 1), (hold, 2, 3), (wire, 1, 0), (hold, 3, 5)]
    life.history.extend(1)
    monkeypatch.setattr(type(life.history.journal), "writes_of", lambda *_: journal)
    place = memory.places["page.hold_count"]
    assert writes(life.history, 1) == [(place, 7, 2 + place.spec.bias, 5 + place.spec.bias)]


def test_a_write_is_described_like_a_change_of_its_step(life: Session) -> None:
    life.history.extend(10)
    m = life.vm.page_index(0xC03)
    address = life.vm.memory.address("page.busy_count", m)
    (write,) = (one for one in life.history.journal.writes_of(10) if one[0] == address)
    (change,) = changes(life.history, life.labels, 10)
    assert change_of(life.labels, *write) == change
    assert cell_words(life.labels, *write) == ("page 0xc03", "busy_count", "0", "LOCKED")
    assert cell_words(life.labels, address) == ("page 0xc03", "busy_count")


# --- many cells -------------------------------------------------------------------------------------------


def test_the_changes_of_a_step_that_writes_many_cells_are_summed_up_by_column() -> None:
    scenario = load("life-of-a-page", settings=(parse_setting("machine.boot=stepped"),))
    history = scenario.start()
    history.extend(60)
    session = Session(history, scenario)
    step = step_called(session, ADD_PAGES)
    assert len(history.journal.writes_of(step)) > MANY
    words = [str(change) for change in changes(history, session.labels, step) if not change.plumbing]
    assert words == [
        "64 pages flags +FICTITIOUS +UNQUEUED",
        "63 pages pc 0→1..63",
        "64 pages wire_count 0→1",
        "64 pages pat_mode UNCACHEABLE→WRITE_BACK",
        "64 blocks free no→yes",
        "3 counters count 0→64",
        "kernel bl_free 0→64",
    ]
    last = [str(change) for change in changes(history, session.labels, 40)]
    assert "64 pages queue NONE→FREE[192]..FREE[255]" in last
    assert "64 queues lcnt 1→2" in last
    assert "64 queues head" in " ".join(last), "list heads are shown as bookkeeping"


def test_the_writes_of_a_column_have_the_first_old_and_the_last_new_value(life: Session) -> None:
    life.history.extend(11)
    place = life.vm.memory.places["page.queue"]
    cells = np.array([place.base + 7, place.base + 3, place.base + 7, place.base + place.length], np.uint32)
    rows, before, after = column_writes(
        place, cells, np.array([1, 2, 5, 9], np.int64), np.array([5, 4, 6, 9], np.int64)
    )
    bias = place.spec.bias
    assert rows.tolist() == [3, 7]
    assert (before.tolist(), after.tolist()) == ([2 + bias, 1 + bias], [4 + bias, 6 + bias])
