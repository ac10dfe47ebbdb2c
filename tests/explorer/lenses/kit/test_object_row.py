"""The row of one object: its pages, fields, token and swap blocks, and the other objects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.constants import NULL, OBJ_DEAD, OBJ_MIGHTBEDIRTY
from engine.language.symbols import NOTHING_NAMED
from explorer.lenses.kit.object_row import BUSY, Field, ObjectRow, look
from explorer.lenses.kit.page_states import GLYPHS
from explorer.session.session import Session
from tests.explorer.lenses.kit.two_objects import TWO_OBJECTS

OpenRun = Callable[..., Session]


def fields_of(session: Session) -> dict[str, Field]:
    return {field.name: field for field in look(session).fields}


def test_the_pages_are_those_of_the_address_book(open_run: OpenRun) -> None:
    session = open_run(TWO_OBJECTS)
    history, vm = session.history, session.vm
    for step in range(0, history.total + 1, 60):
        history.seek(step)
        shown: ObjectRow = look(session)
        obj = ("file", "heap").index(shown.name)
        book = {
            pindex: vm.page_number(vm.resident.page[slot])
            for (owner, pindex), slot in vm.resident_slots.slots.items()
            if owner == obj and vm.resident.page[slot] >= 0
        }
        pairs = zip(shown.pindexes.tolist(), shown.frames.tolist(), strict=True)
        assert dict(pairs) == book
        assert shown.pindexes.tolist() == sorted(book)
        assert len(book) == vm.object.resident_page_count[obj]


def test_the_holder_of_the_token_is_named(open_run: OpenRun) -> None:
    session = open_run("life-of-a-page", "release the object token")
    assert fields_of(session)["token"] == Field("token", "free", "…")
    session.history.seek(session.history.step - 1)
    assert fields_of(session)["token"].text == "app, exclusive"


def test_the_object_is_that_of_the_inspected_page_else_the_first(open_run: OpenRun) -> None:
    session = open_run(TWO_OBJECTS, "insert the page into the object", 46)
    assert (look(session).name, look(session).why) == ("heap", "of the inspected page")
    session.history.seek(0)
    assert (look(session).name, look(session).why) == ("file", "the first object")


def test_a_page_that_the_last_step_removed_is_listed_with_its_old_object(open_run: OpenRun) -> None:
    session = open_run(TWO_OBJECTS, "remove the page from the object")
    row = look(session)
    (mention,) = row.mentions
    assert (row.name, mention.pindex, mention.words) == ("heap", 3, "removed from the object")
    assert (mention.new, mention.here) == (True, True)
    assert row.pindexes.size == 0
    session.history.forward()
    assert look(session).name == "file"


def test_a_field_that_the_last_step_changed_has_its_old_value(open_run: OpenRun) -> None:
    session = open_run(TWO_OBJECTS, "insert the page into the object", 2)
    found = fields_of(session)
    assert found["resident"] == Field("resident", "2", "1")
    assert found["type"] == Field("type", "vnode")
    assert found["size"] == Field("size", "300")


def test_the_code_of_a_busy_page_is_its_state_plus_busy(open_run: OpenRun) -> None:
    """The five deactivated pages of 45 are still busy; the others were released."""
    session = open_run(TWO_OBJECTS)
    row = look(session)
    codes = np.array(row.codes)
    assert [GLYPHS[code % BUSY] for code in codes] == ["a"] * 40 + ["i"] * 5
    assert (codes >= BUSY).tolist() == [False] * 40 + [True] * 5


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (0, "none"),
        (OBJ_DEAD, "DEAD"),
        (OBJ_DEAD | OBJ_MIGHTBEDIRTY, "DEAD|MIGHTBEDIRTY"),
        (OBJ_DEAD | 1 << 30, "DEAD|0x40000000"),
    ],
)
def test_flags_are_words_and_unknown_bits_are_kept(session: Session, flags: int, text: str) -> None:
    session.vm.object.flags[0] = flags
    assert fields_of(session)["flags"].text == text


def test_the_depth_of_a_token_is_shown_and_that_it_is_locked_elsewhere(session: Session) -> None:
    vm = session.vm
    vm.object.token_owner[0], vm.object.token_depth[0] = 2, 2
    assert fields_of(session)["token"].text == "other, exclusive x2"
    vm.object.token_owner[0], vm.object.locked_elsewhere[0] = 0, 1
    assert fields_of(session)["token"].text == "locked elsewhere"


def test_swap_blocks_ascend_and_a_slot_without_a_block_is_skipped(session: Session) -> None:
    vm = session.vm
    for pindex, block in ((8, 301), (7, 300), (9, NULL)):
        vm.swap.block[vm.swap_slots.slot((0, pindex))] = block
    vm.swap.block[vm.swap_slots.slot((1, 7))] = 302
    assert look(session).swap == ((7, 300), (8, 301))
    vm.swap.block[vm.swap_slots.slot((0, 2))] = 299
    assert look(session).swap == ((2, 299), (7, 300), (8, 301))


def test_other_objects_have_a_page_count_and_a_page_to_click_on(open_run: OpenRun) -> None:
    session = open_run(TWO_OBJECTS, "insert the page into the object", 46)
    ((name, count, number),) = look(session).others
    assert (name, count) == ("file", 45)
    session.pin_number(number)
    assert look(session).name == "file"
    assert look(session).others[0][:2] == ("heap", 1)


def test_a_run_without_objects_has_an_empty_row(session: Session) -> None:
    session.given = NOTHING_NAMED
    row = look(session)
    assert (row.name, row.fields, row.pindexes.size) == ("", (), 0)


def test_unnamed_objects_count_up_to_the_last_one_with_a_page(open_run: OpenRun) -> None:
    session = open_run(TWO_OBJECTS, "insert the page into the object", 46)
    session.given = NOTHING_NAMED
    row = look(session)
    assert (row.name, [name for name, _, _ in row.others]) == ("object 1", ["object 0"])
