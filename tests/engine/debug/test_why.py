"""Causes: who wrote a cell, what the operation had read by then, and the chain back from there."""

from __future__ import annotations

import random

import pytest

from engine.constants import PQ_ACTIVE, PQ_CACHE, PQ_FREE, PQ_HOLD, PQ_INACTIVE, PQ_NONE, queue_name
from engine.debug.biography import biography, fields_of, lengths, stays
from engine.debug.call_stack import frames
from engine.debug.why import Cause, cause_of, why
from engine.language.naming import name_of
from engine.memory.journal import EVENT
from engine.run.history import History
from engine.scenario.loader import Scenario, load, load_text

HELD = """
format = 1
title = "A held page is freed"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[setup]
script = '''
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
'''
[[thread]]
name = "reader"
cpu = 0
script = '''
vm_page_hold(setup.m)
'''
[[thread]]
name = "freer"
cpu = 1
script = '''
vm_page_busy_wait(setup.m, 0)
vm_page_free(setup.m)
'''
[schedule]
items = "reader:end, freer:end"
"""


def played(scenario: Scenario) -> History:
    history = scenario.start()
    scenario.run(history)
    return history


@pytest.fixture(scope="module")
def held() -> tuple[Scenario, History]:
    scenario = load_text(HELD)
    return scenario, played(scenario)


def test_why_finds_the_free_that_sent_a_held_page_to_hold(held: tuple[Scenario, History]) -> None:
    scenario, history = held
    m = history.vm.variable.value[scenario.names.variables["setup"]["m"].slot]
    assert queue_name(history.vm.page.queue[m]).startswith("HOLD")
    cause = cause_of(history, history.vm.memory.address("page.queue", m), history.total)
    assert cause is not None
    assert scenario.names.threads[cause.thread or 0] == "freer"
    functions = [frame.function for frame in cause.stack]
    assert functions[0] == "vm_page_free_toq"
    assert functions[-1] == "_vm_page_add_queue_spinlocked"
    reads = {name_of(history.vm, read.address, scenario.names): read for read in cause.reads}
    hold = reads[f"page[{history.vm.page_number(m):#x}].hold_count"]
    assert hold.value == 1
    assert hold.writer is not None
    assert history.programs[history.journal.thread(hold.writer)].name == "reader"


def test_the_chain_leads_to_the_hold_when_asked_about_it(held: tuple[Scenario, History]) -> None:
    scenario, history = held
    m = history.vm.variable.value[scenario.names.variables["setup"]["m"].slot]
    chain = why(history, history.vm.memory.address("page.queue", m), history.total)
    assert len(chain) >= 2
    steps = [cause.step for cause in chain]
    assert steps == sorted(steps, reverse=True)
    assert len(set(steps)) == len(steps)


def test_what_boot_and_setup_left_has_no_cause(held: tuple[Scenario, History]) -> None:
    _, history = held
    untouched = history.vm.memory.address("vmstats.count", 0)
    assert cause_of(history, untouched, history.total) is None
    assert why(history, untouched, history.total) == []


@pytest.mark.parametrize("name", ["life-of-a-page", "hard-and-soft-busy"])
def test_every_cause_is_the_last_write_and_its_reads_were_true(name: str) -> None:
    history = played(load(name))
    addresses = sorted({history.journal.address[n] for n in range(history.journal.writes)})
    chance = random.Random(4)
    for address in chance.sample(addresses, min(60, len(addresses))):
        at = chance.randrange(history.total + 1)
        last = [
            step
            for step in range(1, at + 1)
            if any(written == address for written, _, _ in history.journal.writes_of(step))
        ]
        cause = cause_of(history, address, at)
        assert (cause and cause.step) == (last[-1] if last else None)
        if cause is not None:
            check_reads(history, cause)


def check_reads(history: History, cause: Cause) -> None:
    """Each value read is what its writer had left, or what boot had if there is none."""
    for read in cause.reads:
        last = history.writer(read.address, cause.step)
        assert read.writer is None or read.writer <= cause.step
        if read.writer is not None:
            history.seek(read.writer)
            assert history.vm.memory.cells[read.address] == read.value
        else:
            history.seek(0)
            assert history.vm.memory.cells[read.address] == read.value or last is not None


def test_asking_changes_nothing(held: tuple[Scenario, History]) -> None:
    _, history = held
    history.seek(9)
    digest, total = history.vm.memory.digest(), history.total
    for address in (history.journal.address[n] for n in range(0, history.journal.writes, 5)):
        why(history, address, history.total)
    assert (history.step, history.total, history.vm.memory.digest()) == (9, total, digest)
    history.seek(history.total)
    assert history.outcome == "completed"


def test_locks_and_links_are_causes_only_on_request(held: tuple[Scenario, History]) -> None:
    scenario, history = held
    m = history.vm.variable.value[scenario.names.variables["setup"]["m"].slot]
    address = history.vm.memory.address("page.queue", m)
    plain = cause_of(history, address, history.total)
    every = cause_of(history, address, history.total, everything=True)
    assert plain is not None
    assert every is not None
    assert len(every.reads) > len(plain.reads)
    columns = {name_of(history.vm, read.address).rpartition(".")[2] for read in plain.reads}
    assert not columns & {"spin", "next", "prev", "head", "tail"}


# --- biographies -----------------------------------------------------------------------------------------


def test_the_life_of_a_page_goes_through_the_queues_in_order() -> None:
    scenario = load("life-of-a-page")
    history = played(scenario)
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


def test_a_biography_tells_every_change_once(held: tuple[Scenario, History]) -> None:
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


def test_a_queues_length_over_time_is_told(held: tuple[Scenario, History]) -> None:
    _, history = held
    m = _busiest(history)
    queue = PQ_HOLD + history.vm.page.pc[m]
    told = lengths(history, queue)
    assert [length for _, length in told] == [0, 1]
    history.seek(told[-1][0] - 1)
    assert history.vm.queue.lcnt[queue] == 0


def test_frames_of_an_event_are_none(held: tuple[Scenario, History]) -> None:
    _, history = held
    for step in range(1, history.total + 1):
        assert bool(frames(history, step)) is (history.journal.thread(step) != EVENT)
