"""Other futures: forked, injected, and dropped only if they were never shown."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from engine.errors import BadInput
from engine.kernel.busy import vm_page_wakeup
from engine.run.history import History
from engine.run.program import Call, Program
from engine.scenario.loader import load


def walked(history: History, moves: int, seed: int) -> dict[tuple[int, int], str]:
    """Move at random, forwards, backwards and into branches; return the digest of every step visited."""
    chance, seen = random.Random(seed), dict[tuple[int, int], str]()
    for _ in range(moves):
        with suppress(BadInput):  # an item of the scenario's schedule that cannot run in this future
            move(history, chance)
        key = history.current, history.step
        digest = history.vm.memory.digest()
        assert seen.setdefault(key, digest) == digest, key
    return seen


def move(history: History, chance: random.Random) -> None:
    kind = chance.randrange(10)
    if kind < 3:
        history.forward()
    elif kind < 5:
        history.back()
    elif kind == 5:
        history.seek(chance.randrange(history.total + 1))
    elif kind == 6:
        history.extend(chance.randrange(1, 40))
    elif kind == 7:
        history.go_live()
    elif kind == 8 and len(history.branches) < 12:
        step_somebody(history, chance)
    else:
        history.switch(chance.randrange(len(history.branches)))


def step_somebody(history: History, chance: random.Random) -> None:
    history.go_live()
    runnable = history.runner.threads.runnable()
    if runnable and history.branch.outcome is None:
        history.step_thread(chance.choice(runnable))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["life-of-a-page", "hard-and-soft-busy"])
def test_two_thousand_moves_find_the_same_memory_at_each_step_number(name: str) -> None:
    history = load(name).start()
    walked(history, 2000, seed=1)
    digests = {}
    for branch in range(len(history.branches)):
        history.switch(branch)
        for step in range(history.total + 1):
            history.seek(step)
            digests[branch, step] = history.vm.memory.digest()
    again = load(name).start()
    for (branch, step), digest in walked(again, 2000, seed=1).items():
        assert digests[branch, step] == digest


def waker(cpu: int, m: int) -> Program:
    call = Call(1, "vm_page_wakeup(m)", "vm_page_wakeup", vm_page_wakeup, (lambda _: m,), (), 1)
    return Program("console", cpu, ("vm_page_wakeup(m)",), (call,))


def test_a_call_by_hand_runs_in_a_branch_and_leaves_the_old_future_alone() -> None:
    history = load("life-of-a-page").start()
    history.extend(1_000)
    total, last = history.total, history.vm.memory.digest()
    history.seek(30)
    at_thirty = history.vm.memory.digest()
    busied = next(m for m in range(history.vm.vm_page_array_size) if history.vm.page.busy_count[m])
    t = history.inject(waker(1, busied))
    assert (history.branch.parent, history.branch.fork_step, history.step) == (0, 30, 31)
    assert history.programs[t].name == "console"
    while history.vm.thread.state[t] == 0 and history.step_thread(t):
        pass
    assert history.vm.page.busy_count[busied] == 0
    middle = history.step - 1
    history.seek(middle)
    history.go_live()
    history.seek(history.total)
    history.switch(0)
    assert history.step == 30
    assert history.vm.memory.digest() == at_thirty
    assert "console" not in [program.name for program in history.programs]
    history.seek(total)
    assert history.vm.memory.digest() == last
    history.switch(1)
    assert [program.name for program in history.programs][t] == "console"


def test_a_call_by_hand_on_an_unknown_cpu_is_refused() -> None:
    history = load("life-of-a-page").start()
    with pytest.raises(BadInput, match="there is no cpu 7"):
        history.inject(waker(7, 0))
    assert len(history.branches) == 1


def test_dropped_steps_are_the_same_when_taken_again() -> None:
    history = load("life-of-a-page").start()
    history.extend(1_000)
    digests = []
    for step in range(history.total + 1):
        history.seek(step)
        digests.append(history.vm.memory.digest())
    for step in (60, 20, 0):
        history.forget(step)
        assert (history.step, history.total, history.outcome) == (step, step, None)
        history.extend(1_000)
        assert history.total == len(digests) - 1
        for at in (step + 1, history.total):
            history.seek(at)
            assert history.vm.memory.digest() == digests[at]
