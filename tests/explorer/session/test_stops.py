"""Breakpoints and watchpoints: set, listed, disabled, deleted, and reported at a hit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load_text
from explorer.lenses.kit.registry import lens_named
from explorer.session import running
from explorer.session import stops as stopping
from explorer.session.session import Session
from explorer.session.stops import CURSOR_FIELDS
from tests.explorer.cursor_motions import drive


def test_a_breakpoint_can_be_disabled_and_deleted(life: Session) -> None:
    stopping.add_break(life, "vm_page_wakeup")
    stopping.add_break(life, "vm_page_activate")
    stopping.disable(life, "1")
    drive(running.run(life))
    first = life.history.step
    stopping.enable(life, "1")
    stopping.delete(life, "2")
    assert [stop.number for stop in life.stops] == [1]
    drive(running.run(life))
    assert first < life.history.step == 43
    stopping.delete(life, "all")
    drive(running.run(life))
    assert life.history.outcome == "completed"
    with pytest.raises(BadInput, match="there is no breakpoint 9"):
        stopping.delete(life, "9")


def test_a_breakpoint_can_be_set_at_the_source_cursor_and_reached(life: Session) -> None:
    life.line = 0, 5  # a comment: the line below it runs
    stopping.toggle_line(life)
    assert life.stops[0].text == "app:6"
    drive(running.run(life))
    t, pc = 0, life.vm.thread.pc[0]
    assert life.history.programs[t].line_at(pc) == 6
    stopping.toggle_line(life)
    assert life.stops == []
    life.line = 0, 8
    drive(running.to_line(life))
    assert life.history.programs[t].line_at(life.vm.thread.pc[0]) == 8
    assert life.note.text == "app:8 is next"


def test_breakpoints_are_numbered_and_listed_as_they_were_written(life: Session) -> None:
    stopping.add_break(life, "vm_page_wakeup if count(ACTIVE) == 1")
    assert life.note.text == (
        "breakpoint 1: vm_page_wakeup if count(ACTIVE) == 1; "
        "c runs to it, C back to it, :breakpoints lists them"
    )
    stopping.add_watch(life, "page[0xc03].queue")
    stopping.add_break(life, "panic")
    stopping.disable(life, "3")
    stopping.list_stops(life)
    assert life.note.text == (
        "breakpoints: 1 vm_page_wakeup if count(ACTIVE) == 1; 2 page[0xc03].queue; 3 panic (disabled); "
        ":delete N removes one"
    )
    stopping.delete(life, "2")
    assert life.note.text == "deleted watchpoint 2"
    stopping.add_break(life, "app:4")
    assert [stop.number for stop in life.stops] == [1, 3, 4]
    stopping.delete(life, "all")
    assert life.note.text == "deleted 3 breakpoints"
    stopping.list_stops(life)
    assert life.note.text.startswith("no breakpoint is set; ")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda s: stopping.add_break(s, ""), "break needs a place: FUNCTION"),
        (lambda s: stopping.add_watch(s, ""), "watch needs a cell: CELL"),
        (lambda s: stopping.add_break(s, "vm_page_wakeupp"), "there is no kernel function"),
        (lambda s: stopping.enable(s, "1"), "there is no breakpoint 1; there are: none"),
        (lambda s: stopping.disable(s, "one"), "'one' is not the number of a breakpoint"),
        (stopping.watch_field, "no page is shown"),
        (stopping.toggle_line, "put the cursor on a source line"),
        (lambda s: stopping.ask_why(s, ""), "no page is shown"),
        (lambda s: stopping.ask_why(s, "object[heap].page[5]"), "has no value yet"),
    ],
)
def test_an_invalid_breakpoint_is_refused_and_not_set(
    life: Session, act: Callable[[Session], None], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        act(life)
    assert (life.stops, life.lens) == ([], "log")


def test_after_the_last_line_that_runs_no_breakpoint_can_be_set(life: Session) -> None:
    last = max(instruction.line for instruction in life.history.programs[0].instructions)
    life.line = 0, last + 1
    with pytest.raises(BadInput, match=f"nothing in app runs at or after line {last + 1}"):
        stopping.line_that_runs(life)
    life.line = 0, last
    assert stopping.line_that_runs(life) == last


# --- the inspector's field --------------------------------------------------------------------------------


def test_selecting_fields_wraps_in_both_directions(life: Session) -> None:
    stopping.turn_field(life, 1)
    assert (life.field, life.note.text) == (None, "no page is shown yet")
    life.history.extend(10)
    fields = []
    for _ in range(len(CURSOR_FIELDS) + 1):
        stopping.turn_field(life, 1)
        fields.append(life.field)
    assert fields == [*CURSOR_FIELDS, "queue"]
    stopping.turn_field(life, -1)
    assert life.field == "pc"
    assert life.note.text == "page[0xc03].pc: W why, w watch, ? what it means"


def test_the_selected_field_can_be_watched_and_explained(life: Session) -> None:
    assert stopping.field_address(life) is None
    life.history.extend(10)  # busy_count of page 0xc03 was set by the last of them
    memory, m = life.vm.memory, life.vm.page_index(0xC03)
    assert stopping.field_address(life) == memory.address("page.queue", m)
    life.field = "busy_count"
    assert stopping.field_address(life) == memory.address("page.busy_count", m)
    stopping.watch_field(life)
    assert [stop.text for stop in life.stops] == ["page[0xc03].busy_count"]
    stopping.ask_why(life, "")
    assert (life.asked, life.lens) == (memory.address("page.busy_count", m), "why")
    stopping.ask_why(life, "page[0xc03].wire_count")
    assert life.asked == memory.address("page.wire_count", m)
    assert life.note.text == "why page[0xc03].wire_count has its value"


PANIC = """
format = 1
title = "A page is made dirty after it was freed"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[thread]]
name = "user"
cpu = 0
script = '''
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
other = vm_page_alloc(heap, 1, VM_ALLOC_NORMAL)
vm_page_free(m)
vm_page_wakeup(other)
vm_page_dirty(m)
'''
"""


def test_at_a_panic_why_asks_about_the_field_and_the_page_of_the_failed_check() -> None:
    scenario = load_text(PANIC)
    session = Session(scenario.start(), scenario)
    drive(running.run(session))
    assert session.history.outcome == "panic"
    values, slots = session.vm.variable.value, scenario.names.variables["user"]
    m, other = (int(values[slots[name].slot]) for name in ("m", "other"))
    assert session.page == m
    queue = session.vm.memory.address("page.queue", m)
    assert lens_named("why").look(session).subject == f"page {session.vm.page_number(m):#x}"
    stopping.ask_why(session, "")
    assert session.asked == queue
    session.asked, session.field = None, "flags"
    assert stopping.field_address(session) == session.vm.memory.address("page.flags", m)
    session.field = None
    session.pin(other)
    assert stopping.field_address(session) == session.vm.memory.address("page.queue", other)
    session.pinned = None
    session.history.seek(session.history.total - 1)
    assert session.page == other


def test_a_hit_on_a_watched_cell_shows_its_change(life: Session) -> None:
    stopping.add_watch(life, "page[0xc03].busy_count")
    stopping.add_watch(life, "page 0xc03 leaves FREE")
    life.history.extend(10)
    written, leaves = life.stops
    assert stopping.describe_hit(life, written) == "watchpoint 1: page 0xc03 busy_count 0 → LOCKED"
    life.history.extend(1)
    assert stopping.describe_hit(life, written) == "watchpoint 1: page[0xc03].busy_count"
    assert stopping.describe_hit(life, leaves) == "watchpoint 2: page 0xc03 leaves FREE"


# --- atomic actions ---------------------------------------------------------------------------------------


def test_a_breakpoint_on_an_action_is_hit_forwards_and_backwards_and_says_what_comes(life: Session) -> None:
    stopping.toggle_action(life, "_vm_page_add_queue_spinlocked", 1)
    assert life.note.text.startswith("breakpoint 1: _vm_page_add_queue_spinlocked#1 (join the queue); ")
    stopping.list_stops(life)
    assert "1 _vm_page_add_queue_spinlocked#1 (join the queue)" in life.note.text
    at = []
    for _ in range(2):
        drive(running.run(life))
        at.append(life.history.step)
        assert life.note.text == "breakpoint 1: _vm_page_add_queue_spinlocked#1 (join the queue)"
    assert [life.history.extend(1) and life.history.journal.label(n + 1) for n in at] == [
        "join the queue"
    ] * 2
    drive(running.reverse(life))
    assert life.history.step == at[1]
    drive(running.reverse(life))
    assert life.history.step == at[0]
    stopping.toggle_action(life, "_vm_page_add_queue_spinlocked", 1)
    assert (life.stops, life.note.text) == ([], "deleted breakpoint 1")


def test_an_action_of_a_script_has_no_breakpoint(life: Session) -> None:
    with pytest.raises(BadInput, match="there is no kernel function 'begin'"):
        stopping.toggle_action(life, "begin", 1)
    assert life.stops == []
