"""The life of a page, a queue or an object: every change once, and where a page was from when on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    PG_RAM,
    PG_REFERENCED,
    PQ_ACTIVE,
    PQ_CACHE,
    PQ_FREE,
    PQ_HOLD,
    PQ_INACTIVE,
    PQ_NONE,
    Page,
    base_and_color,
)
from engine.debug.biography import Change, Stay, biography, fields_of, lengths, stays
from engine.language.naming import name_of
from engine.machine.machine import Machine, Steps
from engine.memory.block import EVENT
from engine.run.history import History
from engine.scenario.loader import Scenario, load

Run = tuple[Scenario, History]


@pytest.fixture(scope="module")
def life() -> Run:
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    return scenario, history


def test_the_queues_of_a_page_are_in_order(life: Run) -> None:
    scenario, history = life
    history.seek(history.total)
    m = history.vm.variable.value[scenario.names.variables["app"]["m"].slot]
    visited = [stay.base for stay in stays(history, m)]
    ages = [PQ_FREE, PQ_ACTIVE, PQ_INACTIVE, PQ_CACHE, PQ_FREE]
    assert visited == [base for age in ages for base in (age, PQ_NONE)]


def _busiest(history: History) -> int:
    place = history.vm.memory.places["page.queue"]
    written = [history.journal.address[n] - place.base for n in range(history.journal.writes)]
    inside = [m for m in written if 0 <= m < place.length]
    return max(set(inside), key=inside.count)


def test_a_biography_lists_every_change_once(held: Run) -> None:
    _, history = held
    m = _busiest(history)
    fields = fields_of(history.vm, "page", m)
    chapters = biography(history, fields)
    values = {address: _at(history, 0, address) for address in fields}
    for chapter in chapters:
        for change in chapter.changes:
            assert values[change.address] == change.old
            values[change.address] = change.new
    assert values == {address: _at(history, history.total, address) for address in fields}
    assert all(
        chapter.thread is None or history.journal.thread(chapter.step) != EVENT for chapter in chapters
    )


def _at(history: History, step: int, address: int) -> int:
    history.seek(step)
    return history.vm.memory.cells[address]


def test_a_queues_length_over_time_is_listed(held: Run) -> None:
    _, history = held
    m = _busiest(history)
    queue = PQ_HOLD + history.vm.page.pc[m]
    told = lengths(history, queue)
    assert [length for _, length in told] == [0, 1]
    history.seek(told[-1][0] - 1)
    assert history.vm.queue.lcnt[queue] == 0


def test_a_page_stays_where_it_was_at_each_step_of_a_walk(life: Run) -> None:
    scenario, history = life
    history.seek(history.total)
    m = history.vm.variable.value[scenario.names.variables["app"]["m"].slot]
    found = stays(history, m)
    assert history.step == history.total
    color = history.vm.page.pc[m]
    walked: list[Stay] = []
    for step in range(history.total + 1):
        history.seek(step)
        base, _ = base_and_color(history.vm.page.queue[m])
        if not walked or walked[-1].base != base:
            walked.append(Stay(step, base, color, 0))
    assert found == walked


def test_a_page_that_never_moved_stays_on_its_queue_from_the_start(life: Run) -> None:
    _, history = life
    history.seek(0)
    m = next(m for m in range(history.vm.vm_page_array_size) if len(stays(history, m)) == 1)
    base, _ = base_and_color(history.vm.page.queue[m])
    assert [(stay.step, stay.base) for stay in stays(history, m)] == [(0, base)]
    queue = PQ_HOLD + history.vm.page.pc[m]
    assert lengths(history, queue) == [(0, 0)]


def test_the_fields_of_a_row_are_all_of_its_columns_and_no_other_rows(life: Run) -> None:
    _, history = life
    for table, row, name in (("page", 5, "page[0x5]."), ("queue", 8, "queue[FREE,7].")):
        fields = fields_of(history.vm, table, row)
        assert len(set(fields)) == len(history.vm.memory.tables[table].specs())
        assert all(name_of(history.vm, address).startswith(name) for address in fields)


def test_a_part_of_a_biography_has_the_same_chapters(life: Run) -> None:
    scenario, history = life
    history.seek(history.total)
    m = history.vm.variable.value[scenario.names.variables["app"]["m"].slot]
    whole = biography(history, fields_of(history.vm, "page", m))
    steps = [chapter.step for chapter in whole]
    first, last = steps[2], steps[-3]
    assert biography(history, fields_of(history.vm, "page", m), first, last) == whole[3:-2]


def test_a_chapter_has_the_thread_the_action_and_the_merged_writes(life: Run) -> None:
    _, history = life
    m = _busiest(history)
    for chapter in biography(history, fields_of(history.vm, "page", m)):
        record = history.record(chapter.step)
        assert (chapter.thread, chapter.cpu, chapter.action) == (record.thread, record.cpu, record.action)
        addresses = [change.address for change in chapter.changes]
        assert len(set(addresses)) == len(addresses)
        assert chapter.changes == tuple(
            Change(address, _at(history, chapter.step - 1, address), _at(history, chapter.step, address))
            for address in addresses
        )


def test_several_writes_of_a_step_to_a_field_are_one_change(stage: Callable[..., Any]) -> None:
    def twice(vm: Machine, m: Page) -> Steps[None]:
        yield "write twice"
        vm.page.flags[m] = PG_RAM
        vm.page.flags[m] = PG_REFERENCED

    made = stage()
    made.thread("app", 0, (twice, 70))
    history = made.start()
    history.extend(1)
    address = made.vm.memory.address("page.flags", 70)
    (chapter,) = biography(history, fields_of(made.vm, "page", 70))
    assert (chapter.step, chapter.action) == (1, "write twice")
    assert chapter.changes == (Change(address, 0, PG_REFERENCED),)
