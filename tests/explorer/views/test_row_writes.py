"""The index of writes to pages and to queue lengths agrees with the journal."""

from __future__ import annotations

import numpy as np

from engine.constants import PQ_ACTIVE
from engine.debug.biography import Change
from explorer.session.session import Session
from explorer.views.row_writes import (
    FIELDS,
    QUEUE,
    Writes,
    changes_of,
    writes_to_length,
    writes_to_page,
)
from tests.explorer.cursor_motions import run

PAGE = 0xC03
"""The page in life-of-a-page."""


def looked_up(session: Session, m: int) -> list[tuple[int, int]]:
    """The (number, step) of each write to a field of page `m`, found by a full scan of the journal."""
    journal, memory = session.history.journal, session.vm.memory
    found = []
    for step in range(1, session.history.total + 1):
        for number in range(journal.end(step - 1), journal.end(step)):
            place, row = memory.place_of(journal.address[number])
            if (place.table, row) == ("page", m) and place.name in FIELDS:
                found.append((number, step))
    return found


def pairs(writes: Writes) -> list[tuple[int, int]]:
    return list(zip(writes.number.tolist(), writes.step.tolist(), strict=True))


def test_a_page_has_each_write_to_its_fields_in_order(life: Session) -> None:
    run(life)
    m = life.vm.page_index(PAGE)
    found = pairs(writes_to_page(life.history, m))
    assert found == looked_up(life, m)
    assert len(found) > 20
    assert pairs(writes_to_page(life.history, m + 1)) == looked_up(life, m + 1)


def test_the_index_grows_with_the_run_and_covers_the_branch_at_any_cursor(life: Session) -> None:
    m = life.vm.page_index(PAGE)
    life.history.extend(20)
    short = pairs(writes_to_page(life.history, m))
    life.history.extend(30)
    life.history.seek(3)
    longer = pairs(writes_to_page(life.history, m))
    assert longer[: len(short)] == short != longer
    life.history.seek(20)
    life.history.fork()
    assert pairs(writes_to_page(life.history, m)) == short
    life.history.switch(0)
    assert pairs(writes_to_page(life.history, m)) == longer


def test_the_moves_between_queues_are_those_of_the_first_column(life: Session) -> None:
    """The log shows that the page leaves and joins queues in these steps."""
    run(life)
    writes = writes_to_page(life.history, life.vm.page_index(PAGE))
    moves = writes.where(writes.column == QUEUE)
    assert moves.step.tolist() == [11, 41, 61, 65, 79, 82, 107, 112, 129]


def test_a_queue_has_the_changes_of_its_length(life: Session) -> None:
    run(life)
    assert writes_to_length(life.history, PQ_ACTIVE).step.tolist() == [41, 61]
    assert writes_to_length(life.history, PQ_ACTIVE + 1).step.tolist() == []


def test_changes_have_their_step_and_the_old_and_new_value(life: Session) -> None:
    run(life)
    memory, m = life.vm.memory, life.vm.page_index(PAGE)
    found = changes_of(life.history, writes_to_page(life.history, m))
    busy = memory.address("page.busy_count", m)
    bias = memory.places["page.busy_count"].spec.bias
    assert found[10] == (Change(busy, 0 - bias, 0x80000000 - bias),)
    assert {change.address for change in found[134]} == {
        memory.address("page.flags", m), memory.address("page.act_count", m),
    }  # fmt: skip
    assert 18 not in found  # it took the spinlock alone


def test_each_change_has_the_value_in_memory_before_and_after(life: Session) -> None:
    run(life)
    m = life.vm.page_index(PAGE)
    for step, changes in changes_of(life.history, writes_to_page(life.history, m)).items():
        life.history.seek(step - 1)
        before = life.vm.memory.array.copy()
        life.history.seek(step)
        assert all(before[one.address] == one.old != one.new for one in changes)
        assert all(life.vm.memory.array[one.address] == one.new for one in changes)


def test_writes_of_one_step_to_one_cell_are_one_change_or_none_if_restored(life: Session) -> None:
    """busy_count becomes LOCKED in step 10, LOCKED|WANTED in step 30, and 0 again in step 46."""
    life.history.extend(46)
    busy = life.vm.memory.address("page.busy_count", life.vm.page_index(PAGE))
    journal = life.history.journal
    numbers = np.array([n for n in range(journal.writes) if journal.address[n] == busy])
    assert numbers.size == 3

    def as_one_step(count: int) -> Writes:
        return Writes(numbers[:count], np.full(count, 7), np.zeros(count, np.int64))

    twice = Change(busy, journal.old[numbers[0]], journal.new[numbers[1]])
    assert changes_of(life.history, as_one_step(2)) == {7: (twice,)}
    assert changes_of(life.history, as_one_step(3)) == {}
