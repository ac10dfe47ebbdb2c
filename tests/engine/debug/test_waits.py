"""Who waits for whom and since when, who holds what, and whose wakeup is lost."""

from __future__ import annotations

import pytest

from engine.constants import NULL, PBUSY_LOCKED
from engine.debug.waits import Waiting, busy_owner, cycles, holding, last_step_of, let_go, waiting
from engine.machine.tables import SLEEPING
from engine.memory.block import EVENT
from engine.run.history import History
from engine.scenario.loader import load, load_text


def test_a_sleeper_waits_for_the_thread_that_busied_the_page() -> None:
    history = load("hard-and-soft-busy").start()
    history.extend(14)
    (wait,) = waiting(history)
    names = [program.name for program in history.programs]
    fault, writer = names.index("fault"), names.index("writer")
    assert wait == Waiting(fault, "page 0x40 to be unbusied", writer, 14, asleep=True, forgotten=False)
    assert cycles([wait]) == []


DEADLOCK = """
format = 1
title = "Two tokens, two orders"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "a"
[[object]]
name = "b"
[[thread]]
name = "one"
cpu = 0
script = '''
vm_object_hold(a)
vm_object_hold(b)
'''
[[thread]]
name = "two"
cpu = 1
script = '''
vm_object_hold(b)
vm_object_hold(a)
'''
[[expect]]
outcome = "deadlock"
"""


def test_a_cycle_of_waits_is_found_at_the_step_where_it_closes() -> None:
    history = load_text(DEADLOCK).start()
    history.extend(100)
    assert history.outcome == "deadlock"
    assert waiting(history) == [
        Waiting(0, "token of b", 1, 5, asleep=False, forgotten=False),
        Waiting(1, "token of a", 0, 6, asleep=False, forgotten=False),
    ]
    assert cycles(waiting(history)) == [[0, 1]]
    assert [lock for lock, _ in holding(history, 0)] == ["token of a"]
    history.seek(history.total - 1)
    assert cycles(waiting(history)) == []


def test_a_reader_that_sleeps_for_its_own_pages_io_is_in_no_cycle() -> None:
    scenario = load("swap-in-race")
    history = scenario.start()
    history.seek(scenario.find_step(history, "when thread[first].state == SLEEPING"))
    first = waiting(history)[0]
    assert (first.holder, first.asleep) == (NULL, True)
    history.seek(scenario.find_step(history, "when thread[second].state == SLEEPING"))
    assert [wait.holder for wait in waiting(history)][:2] == [NULL, first.thread]
    assert cycles(waiting(history)) == []


def test_cycles_come_in_the_order_of_their_first_threads() -> None:
    edges = {5: 3, 3: 4, 4: 5, 2: 1, 1: 2, 0: 1, 6: NULL}
    waits = [Waiting(t, "", holder, 0, asleep=False, forgotten=False) for t, holder in edges.items()]
    assert cycles(waits) == [[1, 2], [3, 4, 5]]


def test_a_lost_wakeup_is_distinguished_from_a_wait() -> None:
    text = """
format = 1
title = "Without the interlock"
[machine]
memory = "4 MiB"
topology = "1x2x1"
interlock = false
[setup]
script = '''
m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)
'''
[[thread]]
name = "waiter"
cpu = 0
script = '''
vm_page_busy_wait(setup.m, 0)
'''
[[thread]]
name = "owner"
cpu = 1
script = '''
vm_page_wakeup(setup.m)
'''
[schedule]
items = "waiter:2, owner:end"
[[expect]]
outcome = "blocked"
"""
    history = load_text(text).start()
    history.extend(100)
    assert history.outcome == "blocked"
    (wait,) = waiting(history)
    assert wait.forgotten


# --- what a sleeper holds, and who busied its page ----------------------------------------------------------

SLEEPER = """
format = 1
title = "A sleep with a token held"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[setup]
script = '''
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
'''
[[thread]]
name = "sleeper"
cpu = 0
script = '''
vm_object_hold_shared(heap)
vm_page_busy_wait(setup.m, 0)
'''
[[thread]]
name = "owner"
cpu = 1
script = '''
x = 1
y = 2
'''
[schedule]
items = "sleeper:block, owner:end"
"""


def asleep() -> History:
    history = load_text(SLEEPER).start()
    while history.vm.thread.state[0] != SLEEPING:
        assert history.forward()
    return history


def test_a_sleeper_holds_no_token_that_its_sleep_released() -> None:
    history = asleep()
    assert holding(history, 0) == []
    assert let_go(history, 0) == ["token of heap"]
    history.seek(2)
    (held,) = holding(history, 0)
    assert held == ("token of heap", 2)
    assert let_go(history, 0) == []


def test_a_page_that_the_setup_busied_has_no_owner_in_the_run() -> None:
    history = asleep()
    m = history.vm.variable.value[0]
    assert busy_owner(history, m) == NULL
    (wait,) = waiting(history)
    assert (wait.holder, wait.asleep, wait.forgotten) == (NULL, True, False)
    slept = history.step
    assert history.forward()
    assert (history.journal.thread(history.step), wait.since) == (1, slept)
    assert waiting(history) == [wait]


@pytest.fixture(scope="module")
def played() -> History:
    history = load("hard-and-soft-busy").start()
    history.extend(1 << 20)
    return history


def test_the_last_step_of_a_thread_is_that_of_a_walk(played: History) -> None:
    last = dict.fromkeys(range(len(played.programs)), 0)
    for step in range(played.total + 1):
        played.seek(step)
        if step and (t := played.journal.thread(step)) != EVENT:
            last[t] = step
        assert {t: last_step_of(played, t) for t in last} == last


def test_the_owner_of_a_busy_page_set_the_bit_last(played: History) -> None:
    address = {m: played.vm.memory.address("page.busy_count", m) for m in range(played.vm.vm_page_array_size)}
    page = {cell: m for m, cell in address.items()}
    owners, seen = dict[int, int](), set[int]()
    for step in range(1, played.total + 1):
        played.seek(step)
        for cell, old, new in played.journal.writes_of(step):
            if cell in page and new & PBUSY_LOCKED and not old & PBUSY_LOCKED:
                owners[page[cell]] = played.journal.thread(step)
                seen.add(owners[page[cell]])
        for m, owner in owners.items():
            assert busy_owner(played, m) == owner
    assert len(seen) > 1


@pytest.mark.parametrize("rules", ["document", "source"])
@pytest.mark.parametrize("name", ["waiting-leaves-a-footprint", "four-ways-to-wait", "lost-wakeup"])
def test_a_wakeup_that_is_the_next_action_of_a_thread_is_not_lost(name: str, rules: str) -> None:
    scenario = load(name, rules=rules)
    history = scenario.start()
    scenario.run(history)
    asleep = {t for t in range(len(history.programs)) if history.vm.thread.state[t] == SLEEPING}
    for step in range(0, history.total, max(history.total // 200, 1)):
        history.seek(step)
        assert {wait.thread for wait in waiting(history) if wait.forgotten} <= asleep, step
