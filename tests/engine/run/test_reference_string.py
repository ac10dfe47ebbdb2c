"""A thread that takes a reference string: hits together or one by one, the clock, and going live."""

from __future__ import annotations

import numpy as np
import pytest

from engine.constants import NULL
from engine.debug.why import why
from engine.errors import BadInput
from engine.machine.machine import Machine
from engine.replay.kernel import runner_of
from engine.run.history import History
from engine.run.reference_string import CLOCK, LOAD
from engine.run.runner import Runner
from engine.scenario.loader import load_text
from tests.engine.replay.strings import random_string, replayed, scenario_of, string_of
from tests.tiers import only_fast

NUMBERS_OF_STEPS = {"thread.op_start"}
"""The columns that hold the number of a step: a run that takes hits together has fewer steps."""


def _ended(seed: int, frames: int, rules: str, tick: int, *, skip: bool) -> Runner:
    runner = runner_of(scenario_of(random_string(seed, 40, 600), frames, tick, rules), skip=skip)
    runner.run(10_000_000)
    assert runner.outcome == "completed"
    return runner


def _differing(one: Machine, other: Machine) -> set[str]:
    """The columns in which two machines differ, and the address books."""
    kept = {column for _, column in one.memory.books}
    names = {name for name in one.memory.places if name not in kept}
    found = {name for name in names if not np.array_equal(one.memory.vector(name), other.memory.vector(name))}
    pairs = [
        [
            {key: int(vm.memory.vector(column)[slot]) for key, slot in book.slots.items()}
            for book, column in vm.memory.books
        ]
        for vm in (one, other)
    ]
    return found | ({"books"} if pairs[0] != pairs[1] else set())


@pytest.mark.parametrize("rules", ["document", "source"])
@pytest.mark.parametrize(
    "case",
    only_fast([(1, 33, 100), (2, 12, 1000), (3, 64, 7), (4, 24, 5)], (3, 64, 7)),
)
def test_hits_taken_together_and_one_by_one_come_to_the_same_cells(
    case: tuple[int, int, int], rules: str
) -> None:
    seed, frames, tick = case
    together = _ended(seed, frames, rules, tick, skip=True)
    one_by_one = _ended(seed, frames, rules, tick, skip=False)
    assert together.step < one_by_one.step
    assert _differing(together.vm, one_by_one.vm) <= NUMBERS_OF_STEPS
    # There was pressure, unless the pages fit: the daemon worked, and pages went to swap and came back.
    assert bool(together.vm.cpu.v_swappgsin[0]) == (frames < 40)


def test_a_run_of_hits_is_one_step_that_says_how_many_there_were() -> None:
    history = replayed(string_of([5, 5, 5, 5, 6], writes=[False, False, False, True, False]), 4, tick=1)
    assert [history.record(step).action for step in (history.total - 1, history.total)] == [
        "load from 0x6000",
        CLOCK,
    ]
    history = replayed(string_of([5] * 1000), 4)
    actions = [history.record(step).action for step in range(1, history.total + 1)]
    assert actions[-2:] == ["load from 0x5000, and 998 more hits", CLOCK]
    assert actions.count("load from 0x5000") == 2, "the access that faults, and the same once more"
    assert history.journal.label(history.total - 1) == LOAD


def test_the_clock_ticks_after_so_many_references() -> None:
    assert [replayed(string_of([1, 2] * 50), 4, tick=tick).vm.glob.ticks[0] for tick in (0, 1, 30, 100)] == [
        0, 100, 3, 1
    ]  # fmt: skip


def test_the_run_continues_from_any_step_as_it_did() -> None:
    scenario = scenario_of(random_string(7, 30, 60), 20, tick=10)
    history = scenario.start()
    scenario.run(history)
    total, digest = history.total, history.vm.memory.digest()
    for step in range(0, total, total // 6):
        history.seek(step)
        history.fork()
        scenario.run(history)
        assert (history.total, history.vm.memory.digest()) == (total, digest)


BESIDE = """
format = 1
title = "beside"
[machine]
memory = "2 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[process]]
name = "program"
maps = [{{ object = "heap", start = 0, pages = 16 }}]
[[thread]]
name = "app"
process = "program"
trace = "given"
tick = {tick}
[[thread]]
name = "other"
cpu = {cpu}
script = '''
for i in range(300):
    pass
'''
"""


def _moves_beside(cpu: int, tick: int) -> tuple[History, list[int]]:
    """The run of 800 references beside another thread, and by how much each step moved the position."""
    text = BESIDE.format(cpu=cpu, tick=tick)
    history = load_text(text, "beside", strings={"given": string_of([3] * 800)}).start()
    history.extend(100_000)
    string = history.programs[0].string
    assert string is not None
    position = history.vm.memory.address("variable.value", string.slot)
    writes = (write for step in range(1, history.total + 1) for write in history.journal.writes_of(step))
    return history, [new - old for address, old, new in writes if address == position]


def test_hits_are_taken_one_by_one_while_another_thread_can_run() -> None:
    _, moves = _moves_beside(cpu=1, tick=0)
    *singly, together = moves
    assert {*singly} == {1}
    assert len(singly) > 400
    assert together == 800 - len(singly), "once the other thread had ended"


def test_a_thread_of_the_same_cpu_that_is_ready_runs_at_the_next_tick() -> None:
    history, moves = _moves_beside(cpu=0, tick=100)
    threads = history.journal.threads(0, history.total).tolist()
    labels = [history.journal.label(step) for step in range(1, history.total + 1)]
    first = threads.index(1)
    assert labels[first - 1] == CLOCK
    assert labels[:first].count(CLOCK) == 1
    assert moves == [1] * 100 + [100] * 7
    last, _ = _moves_beside(cpu=0, tick=800)
    assert last.outcome == "completed"
    assert last.journal.threads(0, last.total).tolist().count(1) == threads.count(1)


def test_a_reference_that_the_map_does_not_allow_stops_the_run() -> None:
    text = """
format = 1
title = "read only"
[[object]]
name = "heap"
[[process]]
name = "program"
maps = [{ object = "heap", start = 0, pages = 16, prot = "r" }]
[[thread]]
name = "app"
process = "program"
trace = "given"
"""
    history = load_text(text, "t", strings={"given": string_of([3, 4], writes=[False, True])}).start()
    with pytest.raises(BadInput, match=r"string: reference 2 stores to 0x4000, which is not possible"):
        history.extend(1000)
    assert history.vm.cpu.current[0] != NULL


def test_why_reads_the_entries_of_the_pages_that_a_step_took_and_no_others() -> None:
    # Pages 1 to 4 are mapped; then a run of hits on two of them, which a fault ends.
    history = replayed(string_of([1, 2, 3, 4, 2, 3, 2, 5]), 8)
    string = history.programs[1].string
    assert string is not None
    memory = history.vm.memory
    position = memory.address("variable.value", string.slot)
    step = next(s for s in range(1, history.total + 1) if (position, 4, 7) in history.journal.writes_of(s))
    cause = why(history, position, step)[0]
    first, length = memory.places["pte.entry"].base, history.vm.pte.length
    rows = {read.address - first for read in cause.reads if first <= read.address < first + length}
    slots = history.vm.pte_slots.slots
    assert rows - {slots[0, 5]} == {slots[0, 2], slots[0, 3]}
