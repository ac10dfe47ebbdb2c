"""The script instruction that a thread was executing at a step."""

from __future__ import annotations

import numpy as np
import pytest

from engine.script.injected_call import compile_call
from explorer.session.session import Session
from explorer.views.instructions import called, called_at, instructions_of
from tests.explorer.cursor_motions import run

# In life-of-a-page, app allocates in steps 1 to 24, sets valid in 33, activates in 34 to 43 and releases
# in 44 to 47; pager looks the page up in 25 to 32 and 48 to 55, and tests a condition, without a call, in 73.


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (1, "vm_page_alloc"), (24, "vm_page_alloc"), (33, "vm_page_set_valid"), (34, "vm_page_activate"),
        (43, "vm_page_activate"), (47, "vm_page_wakeup"), (25, "vm_page_lookup_busy_wait"),
        (55, "vm_page_lookup_busy_wait"), (56, "vm_page_deactivate"), (73, ""), (74, "vm_page_cache"),
    ],
)  # fmt: skip
def test_each_step_belongs_to_the_call_of_its_script(life: Session, step: int, name: str) -> None:
    run(life)
    life.history.seek(5)  # wherever the cursor is
    assert called_at(life.history, step) == name


def test_an_instruction_starts_where_the_previous_one_ended(life: Session) -> None:
    run(life)
    found = instructions_of(life.history)
    assert found.begun(0, np.array([1, 24, 33, 34, 43, 44])).tolist() == [0, 0, 24, 33, 33, 43]
    assert found.positions(0, np.array([1, 24, 33, 34, 43, 44])).tolist() == [0, 0, 1, 2, 2, 3]
    assert found.begun(1, np.array([25, 55, 56])).tolist() == [0, 0, 55]


def test_a_thread_that_ended_no_instruction_is_at_its_first(life: Session) -> None:
    life.history.extend(10)
    found = instructions_of(life.history)
    assert found.positions(1, np.array([3, 9])).tolist() == [0, 0]
    assert found.begun(1, np.array([3, 9])).tolist() == [0, 0]


def test_the_end_of_a_script_is_the_exit(life: Session) -> None:
    count = len(life.history.programs[0].instructions)
    assert called(life.history, 0, count - 1) == "vm_page_wakeup"
    assert called(life.history, 0, count) == "exit1"


def test_a_branch_has_its_own_instructions_after_those_it_shares(life: Session) -> None:
    history = life.history
    history.extend(33)
    assert called_at(history, 33) == "vm_page_set_valid"
    history.seek(24)
    program, _ = compile_call("vm_page_wakeup(app.m)", life.names)
    t = history.inject(program)
    history.step_thread(t)
    assert called_at(history, 24) == "vm_page_alloc"
    assert called_at(history, 25) == ""  # that a thread starts is an event
    history.switch(0)
    history.seek(33)
    assert called_at(history, 33) == "vm_page_set_valid"


def test_an_index_up_to_a_step_grows_independently(life: Session) -> None:
    run(life)
    known = instructions_of(life.history)
    part = known.until(33)
    assert part.begun(0, np.array([145])).tolist() == [33]
    assert known.begun(0, np.array([145])).tolist() == [142]
