"""A livelock of a run in which no time passes says which cpu sees how many free pages."""

from __future__ import annotations

import pytest

from engine.constants import V_FREE_COUNT, VMSTATS_SIZE
from engine.run.history import History
from engine.run.recurrence import LOOK_EVERY
from engine.scenario.loader import Scenario, load_text

WAITER = """format = 1
title = "A thread on cpu 1 waits for memory, the daemon on cpu 0 frees some"
[machine]
memory = "4 MiB"
topology = "1x2x1"
colors = 4
steps_per_tick = 0
[[object]]
name = "file"
type = "vnode"
size = 4096
[setup]
script = '''
n = 0
while cpu[0].view.v_free_count > 20:
    p = vm_page_alloc(file, n, VM_ALLOC_INTERRUPT)
    vm_page_set_valid(p, 0, PAGE_SIZE)
    vm_page_deactivate(p)
    vm_page_wakeup(p)
    n += 1
tick()
'''
[[thread]]
name = "hungry"
cpu = 1
script = '''
vm_wait_nominal()
'''
[[thread]]
name = "pager"
cpu = 0
script = '''
pagedaemon()
'''
[limits]
steps = 100_000
"""


def changed(old: str, new: str) -> Scenario:
    """The scenario with one text replaced."""
    assert WAITER.count(old) == 1
    return load_text(WAITER.replace(old, new))


@pytest.fixture(scope="module")
def ended() -> tuple[History, int]:
    """The run to its end, and the number of its steps."""
    loaded = load_text(WAITER)
    history = loaded.start()
    assert loaded.run(history) == "livelock"
    return history, history.total


def test_a_waiter_whose_cpu_never_sees_what_is_freed_is_a_livelock(ended: tuple[History, int]) -> None:
    text = str(ended[0].branch.finding)
    vm = ended[0].vm
    seen = [vm.gd_vmstats.view[cpu * VMSTATS_SIZE + V_FREE_COUNT] for cpu in vm.cpus]
    assert "no time passes: " in text
    assert f"cpu 0 (pager) sees {seen[0]} free" in text
    assert f"cpu 1 (hungry) sees {seen[1]} free" in text
    assert (seen[0] > 100, seen[1]) == (True, 20)


def test_the_last_steps_of_a_circle_are_those_of_the_round_before(ended: tuple[History, int]) -> None:
    history, total = ended
    every = total - total // LOOK_EVERY * LOOK_EVERY
    rounds = [
        [(record.thread, record.action) for record in map(history.record, range(last - every + 1, last + 1))]
        for last in (total, total - every)
    ]
    assert rounds[0] == rounds[1]
    assert "tick" not in {action for _, action in rounds[0]}


def test_the_run_ends_at_the_same_step_however_it_is_taken(ended: tuple[History, int]) -> None:
    _, total = ended
    history = load_text(WAITER).start()
    while history.extend(1):
        if history.total % 5000 == 0:
            history.seek(history.total // 3)
        if history.total == 4000 and history.current == 0:
            history.fork()
        if history.total == 12_345 and history.current == 1:
            history.forget(history.total - 77)
            history.extend(78)
    assert (history.outcome, history.total) == ("livelock", total)


def test_a_step_that_the_schedule_would_take_is_not_a_choice(ended: tuple[History, int]) -> None:
    _, total = ended
    history = load_text(WAITER).start()
    history.extend(total - 1)
    t = ended[0].journal.thread(total)
    assert history.step_thread(t)
    assert (history.outcome, history.branch.chosen) == ("livelock", [])


@pytest.mark.parametrize("steps", [100, 1000])
def test_where_time_passes_the_waiter_gets_its_memory(steps: int) -> None:
    loaded = changed("steps_per_tick = 0", f"steps_per_tick = {steps}")
    assert loaded.run(loaded.start()) == "completed"


@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    [
        pytest.param("while cpu[1].cnt.v_pdwakeups == 0:\n    vm_wait(0)", id="a script reads a counter"),
        pytest.param("n = 0\nwhile 1:\n    n += 1\n    vm_wait(0)", id="a script counts its waits"),
    ],
)
def test_what_differs_from_round_to_round_is_not_a_circle(script: str) -> None:
    loaded = changed("vm_wait_nominal()", script)
    assert loaded.run(loaded.start()) == "bound"
