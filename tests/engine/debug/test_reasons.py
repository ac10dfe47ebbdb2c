"""Which earlier steps decided a write: the operation is performed again as if one of them had not been."""

from __future__ import annotations

import pytest

from engine.debug.reasons import decides
from engine.debug.why import why
from engine.run.history import History
from engine.scenario.loader import Scenario, load, load_text

LIFE = "life-of-a-page"
TEXT = """format = 1
title = "what decides"
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
name = "a"
script = '''
x = 1
x = 2
y = 5
none = NULL
some = setup.m
n = count(INACTIVE)
'''
[[thread]]
name = "b"
cpu = 1
script = '''
big = a.x > 0
z = a.x + 0 * a.y
if a.y > 3:
    w = 9
vm_page_busy_wait(a.some, 0)
vm_page_deactivate(a.some)
vm_page_hold(a.some)
vm_page_wakeup(a.some)
n = count(INACTIVE)
'''
[schedule]
items = "a:end, b:end"
"""


def run_of(scenario: Scenario) -> History:
    history = scenario.start()
    scenario.run(history)
    return history


SCENARIO = load_text(TEXT)
HISTORY = run_of(SCENARIO)


def variable(thread: str, name: str) -> int:
    slot = SCENARIO.names.variables[thread][name].slot
    return HISTORY.vm.memory.address("variable.value", slot)


def last(address: int, at: int = HISTORY.total) -> int:
    step = HISTORY.writer(address, at)
    assert step is not None
    return step


@pytest.mark.parametrize(
    ("written", "by", "decided"),
    [
        ("z", "x", True),
        ("z", "y", False),  # it was multiplied by 0
        ("big", "x", False),  # 1 and 2 are both above 0
    ],
)
def test_a_value_that_would_be_the_same_is_not_decided(written: str, by: str, decided: bool) -> None:
    address = variable("b", written)
    assert decides(HISTORY, last(address), address, last(variable("a", by))) is decided


def test_another_course_or_a_fault_is_a_decision() -> None:
    written = variable("b", "w")
    assert decides(HISTORY, last(variable("b", "z")), variable("b", "z"), last(variable("a", "x")))
    m = HISTORY.vm.variable.value[SCENARIO.names.variables["setup"]["m"].slot]
    held = HISTORY.vm.memory.address("page.hold_count", m)
    assert HISTORY.vm.memory.cells[held] == 1
    # The argument is a hidden variable; its value before was NULL, which the call would dereference.
    cause, source, *_ = why(HISTORY, held, HISTORY.total)
    argument = None if cause.because is None else cause.because.through
    assert argument is not None
    assert argument.writer is not None
    assert decides(HISTORY, last(held), held, argument.writer)
    assert source.address == variable("a", "some")
    assert not decides(HISTORY, last(written), written, last(variable("a", "y")))  # an earlier line decided


def test_a_count_over_many_cells_is_decided_by_each_of_them() -> None:
    address = variable("b", "n")
    chain = why(HISTORY, address, HISTORY.total)
    assert [HISTORY.journal.label(cause.step) for cause in chain][1] == "join the queue"
    assert decides(HISTORY, chain[0].step, address, chain[1].step)


def test_what_an_assertion_checked_did_not_decide() -> None:
    history = run_of(load(LIFE))
    m = history.vm.page_index(0xC03)
    queue = history.vm.memory.address("page.queue", m)
    busied = history.writer(history.vm.memory.address("page.busy_count", m), 107)
    assert busied == 91
    assert history.journal.label(busied) == "compare-and-set LOCKED"
    assert not decides(history, 112, queue, busied)


@pytest.mark.parametrize("name", [LIFE, "rescue-or-steal", "stale-hash-entry", "dma-fragmentation"])
def test_asking_leaves_the_run_as_it_was(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    history.extend(150)
    keys = [dict(book.slots) for book, _ in history.vm.memory.books]
    digest, writes, step = history.vm.memory.digest(), history.journal.writes, history.step
    for n in range(0, writes, 7):
        why(history, history.journal.address[n], history.total)
    assert [dict(book.slots) for book, _ in history.vm.memory.books] == keys
    assert (history.vm.memory.digest(), history.journal.writes, history.step) == (digest, writes, step)
    again = scenario.start()
    again.extend(400)
    history.extend(250)
    assert history.vm.memory.digest() == again.vm.memory.digest()
