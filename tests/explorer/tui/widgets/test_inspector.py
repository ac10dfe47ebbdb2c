"""The page inspector: every field, its changes, and the selected field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.constants import NULL
from explorer.session import running
from explorer.session.session import Session
from explorer.tui.widgets.inspector import page_lines
from explorer.tui.widgets.palette import STYLES
from explorer.views.page import page_row
from explorer.views.rows import PAGE_FIELDS, PageRow, PageVerdict
from explorer.views.spans import Line, plain
from tests.explorer.tui.widgets.drawings import drawn, marked

MakeSession = Callable[..., Session]


def at_leave_the_queue(session: Session) -> Session:
    """Return the session at the step in which a page leaves its free list."""
    for _ in running.run(session):
        pass
    history = session.history
    history.seek(
        next(n for n in range(1, history.total + 1) if history.journal.label(n) == "leave the queue")
    )
    return session


def test_the_inspector_shows_every_field_if_there_is_room(make_session: MakeSession) -> None:
    session = at_leave_the_queue(make_session(spec="64MiB:2x4x2"))
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
addr   0x444000 on node 0
colour 69 of node 0 core 0 thread 1
""")
    assert marked(lines, "new") == ["NONE"]
    assert STYLES["new"].reverse


def test_the_inspector_is_short_if_there_is_little_room(make_session: MakeSession) -> None:
    session = at_leave_the_queue(make_session(spec="64MiB:2x4x2"))
    row = page_row(session.history, session.labels, session.page, following=False)
    assert plain(page_lines(row, 39, 7, focused=True)) == drawn("""
━━ page 0x444 colour 69 ━━━━━━ pinned ━
queue FREE[69]→NONE  spin other
busy  ■L □W □S  LOCKED
flags none
valid □□□□□□□□ dirty □□□□□□□□
of    none  wire 0 hold 0 act 0
addr  0x444000 node 0
""")


def test_the_inspector_without_a_page_shows_a_hint() -> None:
    assert "←→↑↓ choose a tile" in plain(page_lines(None, 39, 7, focused=False))


PAGE = PageRow(
    0x40, 0x40000, dict.fromkeys(PAGE_FIELDS, 0) | {"object": 0, "pindex": 7, "pc": 64}, {},
    "ACTIVE[64]", "", "heap", "free", "node 0", "node 1", False, True, taker=0,
)  # fmt: skip


def with_values(old: dict[str, int], **values: int) -> PageRow:
    """Return the page with other values; `old` has the values before the last step."""
    return replace(PAGE, values={**PAGE.values, **values}, old=old)


def found(lines: list[Line], label: str) -> str:
    """Return the text of the line with that label."""
    return next(text for text in plain(lines).split("\n") if text.startswith(label))


def test_an_object_is_shown_with_the_pages_index_in_it() -> None:
    assert found(page_lines(PAGE, 39, 7, focused=False), "of") == "of    heap[7]  wire 0 hold 0 act 0"


def test_a_page_that_left_its_object_has_none_and_that_is_new() -> None:
    lines = page_lines(with_values({"object": 0}, object=NULL), 39, 13, focused=False)
    assert found(lines, "object") == "object none"
    assert marked(lines, "new") == ["none"]


def test_memory_on_another_node_than_the_colours_gives_a_warning() -> None:
    assert found(page_lines(PAGE, 50, 7, focused=False), "addr") == "addr  0x40000 node 1 ≠ remote to cpu 0"


def test_a_page_outside_memory_has_its_own_number() -> None:
    title = page_lines(replace(PAGE, number=-3, local=None), 50, 7, focused=False)[0]
    assert plain([title]).startswith("── page fake 3 colour 64 ")


def test_the_bits_of_busy_that_changed_are_marked_and_the_others_kept() -> None:
    """LOCKED was set and stays, WANTED is new; SWAPINPROG and the soft count are clear."""
    lines = page_lines(with_values({"busy_count": 0x80000000}, busy_count=0xC0000000), 60, 13, focused=False)
    assert found(lines, "busy") == "busy   LOCKED→LOCKED|WANTED  0xc0000000"
    assert plain(lines).split("\n")[3] == "   LW. " + "." * 29
    assert marked([lines[3]], "new") == ["W"]
    assert marked([lines[3]], "now") == ["L"]


def test_a_flag_that_was_cleared_is_marked_at_its_place() -> None:
    """PG_REFERENCED, 0x80, was set and is now clear; PG_MAPPED, 0x20, is set."""
    lines = page_lines(with_values({"flags": 0xA0}, flags=0x20), 60, 13, focused=False)
    mask = lines[5:7]
    assert marked(mask, "new") == ["REF"]
    assert marked(mask, "now") == ["MAP"]
    assert found(lines, "flags") == "flags  MAPPED|REFERENCED→MAPPED"


def test_valid_and_dirty_are_squares_chunk_0_first() -> None:
    lines = page_lines(with_values({"dirty": 0x01}, valid=0x0F, dirty=0x03), 60, 13, focused=False)
    assert found(lines, "valid") == "valid  ■■■■□□□□  dirty ■■□□□□□□"
    assert marked([lines[7]], "new") == ["■"]


@pytest.mark.parametrize(
    ("field", "full", "short"),
    [
        ("queue", "▸queue", "▸queue"),
        ("busy_count", "▸busy", "▸busy"),
        ("dirty", "▸valid", "▸valid"),
        ("object", "▸object", "▸of"),
        ("wire_count", "▸counts", "▸of"),
        ("spin", "▸spin", "▸queue"),
    ],
)
def test_the_cursors_field_is_pointed_at_in_both_forms(field: str, full: str, short: str) -> None:
    for height, label in ((13, full), (7, short)):
        lines = plain(page_lines(replace(PAGE, field=field), 50, height, focused=True)).split("\n")
        (pointed,) = (text for text in lines if text.startswith("▸"))
        assert pointed.startswith(label)


VERDICT = PageVerdict(False, "freed: no - wired", " since step 131 (freer, vm_page_wire)")


@pytest.mark.parametrize("height", [13, 7])
def test_the_first_line_is_the_verdict_as_far_as_it_fits(height: int) -> None:
    judged = replace(PAGE, verdict=VERDICT)
    lines = plain(page_lines(judged, 70, height, focused=False)).split("\n")
    assert lines[1] == "freed: no - wired since step 131 (freer, vm_page_wire)"
    narrow = plain(page_lines(judged, 40, height, focused=False)).split("\n")
    assert narrow[1] == "freed: no - wired since step 131 …"
    assert lines[2:] == plain(page_lines(PAGE, 70, height, focused=False)).split("\n")[1 : len(lines) - 1]


def test_at_a_panic_the_fields_of_the_failed_check_come_first_in_the_short_form() -> None:
    failed = replace(PAGE, verdict=VERDICT, checked=("wire_count", "flags"))
    lines = plain(page_lines(failed, 50, 5, focused=False)).split("\n")
    assert [text.split()[0] for text in lines[2:4]] == ["of", "flags"]
    assert "wire 0" in lines[2]


@pytest.mark.parametrize(("height", "text"), [(14, "◈busy  "), (7, "◈busy ")])
def test_a_field_that_the_lesson_asks_to_look_at_is_marked(session: Session, height: int, text: str) -> None:
    found = page_row(at_leave_the_queue(session).history, session.labels, session.page, following=True)
    assert found is not None
    lines = page_lines(replace(found, lit=frozenset({"busy_count", "queue"})), 39, height, focused=False)
    assert text in plain(lines)
    assert marked(lines, "lit") == ["◈queue", "◈busy"]
    selected = replace(found, lit=frozenset({"busy_count"}), field="busy_count")
    assert marked(page_lines(selected, 39, height, focused=False), "lit") == []
