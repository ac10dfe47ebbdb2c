"""The place in the code panel: frames, the cursor, the outline, and breakpoints there."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session import code_place
from explorer.session.session import Session
from tests.explorer.cursor_motions import run, step_called


@pytest.fixture
def joining(life: Session) -> Session:
    """The step at which app's page joins its queue, in the third call of a stack."""
    run(life)
    life.history.seek(41)
    return life


def test_a_frame_is_chosen_by_its_index_or_the_next_one(joining: Session) -> None:
    assert joining.frame is None
    code_place.choose_frame(joining, 1)
    assert joining.frame == 1
    assert joining.note.text == (
        "the code shows _activate_locked, which has called _vm_page_add_queue_spinlocked"
    )
    code_place.turn_frame(joining, -1)
    code_place.turn_frame(joining, -1)
    assert joining.frame == 0
    code_place.turn_frame(joining, 5)
    assert joining.frame is None
    assert joining.note.text == "the code shows _vm_page_add_queue_spinlocked"


def test_a_frame_that_does_not_exist_is_refused(joining: Session) -> None:
    with pytest.raises(BadInput, match="there is no frame 3; it has 0 to 2"):
        code_place.choose_frame(joining, 3)
    step_called(joining, "test the condition")
    with pytest.raises(BadInput, match="there is no frame 0; this step calls no kernel function"):
        code_place.turn_frame(joining, 1)


def test_the_cursor_is_kept_within_its_call(joining: Session) -> None:
    code_place.point(joining, "_vm_page_add_queue_spinlocked", 1)
    assert joining.pointed == ("_vm_page_add_queue_spinlocked", 1)
    joining.history.seek(40)
    assert joining.pointed == ("_vm_page_add_queue_spinlocked", 1)
    joining.history.seek(65)  # another call of the same function
    assert joining.pointed is None
    code_place.point(joining, "vm_page_alloc", 1)
    assert joining.pointed is None


def test_a_breakpoint_is_toggled_on_the_current_action_or_the_cursors(joining: Session) -> None:
    code_place.toggle_break(joining)
    assert [stop.text for stop in joining.stops] == ["_vm_page_add_queue_spinlocked#1"]
    code_place.toggle_break(joining)
    assert joining.stops == []
    joining.history.seek(45)
    code_place.point(joining, "_clear_locked", 2)
    code_place.toggle_break(joining)
    assert [stop.text for stop in joining.stops] == ["_clear_locked#2"]


def test_without_an_action_no_breakpoint_is_set(joining: Session) -> None:
    step_called(joining, "test the condition")
    with pytest.raises(BadInput, match="no atomic action is shown"):
        code_place.toggle_break(joining)
    assert joining.stops == []


def test_at_step_0_the_breakpoint_is_on_the_first_action(joining: Session) -> None:
    joining.history.seek(0)
    code_place.turn_frame(joining, 1)
    code_place.toggle_break(joining)
    assert [stop.text for stop in joining.stops] == ["vm_object_hold#1"]


def test_the_outline_is_switched(joining: Session) -> None:
    code_place.turn_outline(joining)
    assert (joining.outline, joining.note.text) == (True, "the code panel shows the outline")
    code_place.turn_outline(joining)
    assert (joining.outline, joining.note.text) == (
        False,
        "the code panel shows the source; where it is low, its actions",
    )
