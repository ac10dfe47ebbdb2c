"""The limits that a sleeper compares are found from its calls, and agree with what the model decides next."""

from __future__ import annotations

import pytest

from engine.constants import Thread
from engine.kernel import memory_pressure, memory_wait
from engine.kernel.pressure_limits import Limit
from engine.kernel.thresholds import nice_limit
from engine.machine.tables import SLEEPING
from engine.run.history import History
from engine.run.memory_limits import compared, limits_text, sleeps_for_memory
from engine.scenario.loader import load, load_text

MEMORY = """
format = 1
title = "Two processes wait"
rules = "{rules}"
[machine]
memory = "4 MiB"
[setup]
script = '''
while cpu[0].view.v_free_count > {free}:
    p = vm_page_alloc(NULL, 0, VM_ALLOC_INTERRUPT)
tick()
'''
[[process]]
name = "batch"
pid = 7
nice = 10
[[thread]]
name = "app"
process = "batch"
script = '''
{call}
'''
"""


def asleep(rules: str, call: str, free: int = 30) -> tuple[History, tuple[Limit, ...]]:
    """A run in which a thread of nice 10 sleeps in a call, and what it compares."""
    history = load_text(MEMORY.format(rules=rules, call=call, free=free)).start()
    while not sleeps_for_memory(history.vm, 0):
        assert history.extend(1)
    return history, compared(history.vm, history.runner.live[0])


NAMES = [
    ("document", "vm_wait(0)", "v_free_target"),
    ("document", "vm_wait_nominal()", "v_free_min"),
    ("document", "vm_wait_pfault()", "nice 10"),
    ("source", "vm_wait(0)", "v_free_target"),
    ("source", "vm_wait_nominal()", "v_free_min"),
    ("source", "vm_wait_pfault()", "v_free_severe"),
]


@pytest.mark.parametrize(("rules", "call", "name"), NAMES)
def test_the_limit_is_that_of_the_function_that_sleeps(rules: str, call: str, name: str) -> None:
    _, limits = asleep(rules, call)
    assert [limit.name for limit in limits] == [name, "v_free_reserved"]


def test_a_nice_process_is_in_words() -> None:
    history, limits = asleep("document", "vm_wait_pfault()", free=80)
    limit = nice_limit(history.vm, 10)
    assert limit > 80
    assert limits_text(limits) == f"nice 10: waits below {limit}, 80 are free"


def test_a_limit_that_memory_has_reached_is_not_in_the_words() -> None:
    assert limits_text((Limit("v_free_target", 80, 80), Limit("v_free_reserved", 40, 80))) == ""


LIBRARY = [
    "four-ways-to-wait", "nice-and-waiting", "nice-waits-first", "severe-with-a-full-cache", "thrash",
]  # fmt: skip


@pytest.mark.parametrize("rules", [pytest.param("document", marks=pytest.mark.slow), "source"])
@pytest.mark.parametrize("name", LIBRARY)
def test_in_the_library_a_thread_that_goes_to_sleep_is_below_a_limit(name: str, rules: str) -> None:
    scenario = load(name, rules=rules)
    history = scenario.start()
    scenario.run(history)
    state = history.vm.memory.places["thread.state"]
    slept = [
        (history.journal.step_of(n), history.journal.address[n] - state.base)
        for n in history.journal.writes_to(*state.stretch).tolist()
        if history.journal.new[n] == SLEEPING
    ]
    for step, t in slept[:: max(len(slept) // 40, 1)]:
        history.seek(step)
        if not sleeps_for_memory(history.vm, t):
            continue
        history.go_live()
        limits = compared(history.vm, history.runner.live[t])
        history.vm.curthread, history.vm.mycpu = Thread(t), history.runner.live[t].cpu
        assert any(limit.short for limit in limits) == decided(history, t)


def decided(history: History, t: int) -> bool:
    """Whether the model, asked again at the cursor, would let the thread sleep."""
    vm, names = history.vm, [call.gi_code.co_name for call in history.runner.live[t].calls()]
    if "vm_wait_pfault" in names:
        return memory_wait.pfault_waits(vm, Thread(t))
    if "vm_wait_nominal" in names or memory_wait.is_pager(vm, Thread(t)):
        return memory_pressure.vm_page_count_min(vm, 0)
    return memory_wait._wait_for_target(vm)
