"""Causes: the write of a cell, the reads of its operation, and the chain of earlier causes."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from engine.constants import queue_name
from engine.debug.why import DEPTH, Cause, cause_of, ending, why
from engine.language.naming import name_of
from engine.run.history import History
from engine.scenario.loader import Scenario, load, load_text

Run = tuple[Scenario, History]
BOOT = "everything that this step had read is from boot or setup"


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


COUNTS = """format = 1
title = "why of functions that look at many cells"
[machine]
memory = "4 MiB"
[[object]]
name = "heap"
[[thread]]
name = "t"
script = '''
before = count(FREE)
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
n = count(FREE)
active = count(ACTIVE) + 1
vm_page_activate(m)
active = count(ACTIVE) + 1
there = object[heap].page[9] == NULL
b = 7 + base_of(m)
h = holds(t, heap) + 3
c = vm_page_alloc_contig(0, 0xffffffff, 1, 0, PAGE_SIZE, 0)
d = vm_page_alloc_contig(0, 0xffffffff, 1, 0, PAGE_SIZE, 0)
'''
"""


def chain_of(history: History, scenario: Scenario, name: str, at: int | None = None) -> list[Cause]:
    slot = scenario.names.variables["t"][name].slot
    address = history.vm.memory.address("variable.value", slot)
    return why(history, address, history.total if at is None else at)


@pytest.fixture(scope="module")
def counts() -> Run:
    scenario = load_text(COUNTS)
    history = scenario.start()
    assert scenario.run(history) == "leak"  # the pages that it allocates stay busy
    return scenario, history


@pytest.mark.parametrize(
    ("name", "reads", "second"),
    [
        ("before", [], None),
        ("n", ["queue[FREE,64].lcnt"], "leave the queue"),
        ("active", ["queue[ACTIVE,64].lcnt"], "join the queue"),
        ("there", [], None),
        ("b", ["page[0x40].queue", "thread[t].var.m"], "join the queue"),
    ],
)
def test_a_function_that_looks_at_many_cells_read_those_that_the_run_wrote(
    counts: Run, name: str, reads: list[str], second: str | None
) -> None:
    scenario, history = counts
    chain = chain_of(history, scenario, name)
    found = {name_of(history.vm, read.address, scenario.names): read for read in chain[0].reads}
    assert [cell for cell, read in found.items() if read.writer is not None] == reads
    assert [cause.action for cause in chain[1:2]] == ([second] if second else [])
    assert (ending(history, chain[0]) == BOOT) is (second is None)
    check_reads(history, chain[0])


def test_a_kernel_function_that_looks_at_a_bitmap_read_what_the_run_wrote_there(counts: Run) -> None:
    scenario, history = counts
    place = history.vm.memory.places["alist.free"]
    (cause, *_) = chain_of(history, scenario, "d")
    taken = [read for read in cause.reads if place.base <= read.address < place.base + place.length]
    writers = {history.journal.label(read.writer) for read in taken if read.writer is not None}
    assert taken
    assert len(writers) == 1
    assert not [
        cell for cell in chain_of(history, scenario, "c")[0].reads if cell.address == taken[0].address
    ]


def test_what_a_script_line_reads_itself_is_a_cause_also_if_it_is_a_lock(counts: Run) -> None:
    scenario, history = counts
    (cause, *_) = chain_of(history, scenario, "h")
    columns = {name_of(history.vm, read.address, scenario.names).rpartition(".")[2] for read in cause.reads}
    assert columns & {"token_owner", "object", "mode"}
    assert not cause.left_out


def test_what_the_left_out_counters_and_locks_say_is_not_from_boot() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    address = history.vm.memory.address("page.queue", history.vm.page_index(0xC03))
    plain = cause_of(history, address, history.total)
    every = cause_of(history, address, history.total, everything=True)
    assert plain is not None
    assert every is not None
    assert plain.left_out
    assert not every.left_out
    assert set(plain.reads) < set(every.reads)
    assert "apart from counters, locks and list links" in ending(history, replace(plain, deciding=()))


@pytest.mark.parametrize("name", ["life-of-a-page", "rescue-or-steal"])
def test_each_cause_but_the_last_has_the_read_that_leads_to_the_next(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    addresses = sorted({history.journal.address[n] for n in range(history.journal.writes)})
    for address in random.Random(2).sample(addresses, 25):
        chain = why(history, address, history.total)
        for cause, following in pairwise(chain):
            assert cause.because is not None
            assert cause.because in cause.deciding
            assert cause.because.writer == following.step
        if chain and chain[-1].because is not None and len(chain) < DEPTH:
            assert chain[-1].because.writer is None
            assert chain[-1].because.address == chain[-1].address


def test_a_cause_has_the_script_line_that_made_the_call(held: Run) -> None:
    scenario, history = held
    m = history.vm.variable.value[scenario.names.variables["setup"]["m"].slot]
    chain = why(history, history.vm.memory.address("page.queue", m), history.total)
    assert (chain[0].line, chain[0].call) == (2, "vm_page_free(setup.m)")
    assert chain[0].stack[0].function == "vm_page_free_toq"
    because = chain[0].because
    assert because is not None
    assert name_of(history.vm, because.address).endswith("hold_count")
    assert (chain[1].line, chain[1].call) == (1, "vm_page_hold(setup.m)")


def test_the_chain_of_a_page_is_its_life_and_has_no_flag_that_decided_nothing() -> None:
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    address = history.vm.memory.address("page.queue", history.vm.page_index(0xC03))
    chain = why(history, address, history.total)
    assert {cause.address for cause in chain} == {address}
    assert [(cause.step, queue_name(cause.new)) for cause in chain] == [
        (129, "NONE"),
        (112, "FREE[0]"),
        (82, "CACHE[0]"),
        (65, "INACTIVE[0]"),
        (41, "ACTIVE[0]"),
        (11, "NONE"),
    ]
    assert ending(history, chain[-1]) == BOOT
    flags = history.vm.memory.address("page.flags", history.vm.page_index(0xC03))
    assert next(read.writer for read in chain[4].reads if read.address == flags) == 31


def test_what_the_call_itself_had_written_is_not_from_boot(counts: Run) -> None:
    scenario, history = counts
    (cause, *_) = chain_of(history, scenario, "m")
    own = [read.writer for read in cause.reads if read.writer is not None]
    assert own
    assert max(own) < cause.step
    assert ending(history, cause) == (
        "apart from what its own call had written, what this step had read is from boot or setup"
    )


def test_a_chain_ends_where_no_earlier_step_decided() -> None:
    scenario = load("four-ways-to-wait")
    history = scenario.start()
    scenario.run(history)
    address = history.vm.memory.address("page.object", history.vm.page_index(0x52))
    (cause,) = why(history, address, history.total)
    assert cause.deciding
    assert ending(history, cause).startswith("no earlier write decided this: without any one of them, this")


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
