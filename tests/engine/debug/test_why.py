"""Causes: the write of a cell, the reads of its operation, and the chain of earlier causes."""

from __future__ import annotations

import random

import pytest

from engine.constants import queue_name
from engine.debug.why import Cause, cause_of, why
from engine.language.naming import name_of
from engine.run.history import History
from engine.scenario.loader import Scenario, load

Run = tuple[Scenario, History]


def test_why_finds_the_free_that_sent_a_held_page_to_hold(held: Run) -> None:
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


def test_the_chain_leads_to_the_hold_when_asked_about_it(held: Run) -> None:
    scenario, history = held
    m = history.vm.variable.value[scenario.names.variables["setup"]["m"].slot]
    chain = why(history, history.vm.memory.address("page.queue", m), history.total)
    assert len(chain) >= 2
    steps = [cause.step for cause in chain]
    assert steps == sorted(steps, reverse=True)
    assert len(set(steps)) == len(steps)


def test_a_value_from_boot_or_setup_has_no_cause(held: Run) -> None:
    _, history = held
    untouched = history.vm.memory.address("vmstats.count", 0)
    assert cause_of(history, untouched, history.total) is None
    assert why(history, untouched, history.total) == []


@pytest.mark.parametrize("name", ["life-of-a-page", "hard-and-soft-busy"])
def test_every_cause_is_the_last_write_and_its_reads_were_true(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
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
    """Each value read was stored by its writer, or by boot if there is none."""
    for read in cause.reads:
        last = history.writer(read.address, cause.step)
        assert read.writer is None or read.writer <= cause.step
        if read.writer is not None:
            history.seek(read.writer)
            assert history.vm.memory.cells[read.address] == read.value
        else:
            history.seek(0)
            assert history.vm.memory.cells[read.address] == read.value or last is not None


def test_asking_changes_nothing(held: Run) -> None:
    _, history = held
    history.seek(9)
    digest, total = history.vm.memory.digest(), history.total
    for address in (history.journal.address[n] for n in range(0, history.journal.writes, 5)):
        why(history, address, history.total)
    assert (history.step, history.total, history.vm.memory.digest()) == (9, total, digest)
    history.seek(history.total)
    assert history.outcome == "leak"


def test_locks_and_links_are_causes_only_on_request(held: Run) -> None:
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
