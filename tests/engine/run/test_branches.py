"""Other futures: forked, injected, and dropped only if they were never shown."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from engine.errors import BadInput
from engine.kernel.busy import vm_page_wakeup
from engine.memory.journal import JournalFullError
from engine.run.history import History
from engine.run.program import Call, Program
from engine.run.schedule import parse_schedule
from engine.scenario.loader import load
from engine.scenario.settings import setting


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
def test_a_thousand_moves_find_the_same_memory_at_each_step_number(name: str) -> None:
    history = load(name).start()
    walked(history, 1000, seed=1)
    digests = {}
    for branch in range(len(history.branches)):
        history.switch(branch)
        for step in range(history.total + 1):
            history.seek(step)
            digests[branch, step] = history.vm.memory.digest()
    again = load(name).start()
    for (branch, step), digest in walked(again, 1000, seed=1).items():
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


# --- dropping a branch, and the limit of all branches -------------------------------------------------------


def forked(limit: int = 1 << 30) -> History:
    """Main with 60 steps, `left` from step 20 and `right` from step 30; the cursor is in `right`."""
    history = load("life-of-a-page").start(limit)
    history.extend(60)
    for step, name in ((20, "left"), (30, "right")):
        history.switch(0)
        history.seek(step)
        history.fork(parse_schedule("rr"), name)
        history.extend(25)
    return history


def test_a_dropped_branch_is_gone_and_the_others_keep_number_and_history() -> None:
    history = forked()
    before = history.budget.bytes
    digest = history.vm.memory.digest()
    history.drop(1)
    assert [(number, branch.name) for number, branch in history.kept()] == [(0, "main"), (2, "right")]
    assert history.budget.bytes < before
    assert (history.current, history.step) == (2, 55)
    history.seek(0)
    history.seek(55)
    assert history.vm.memory.digest() == digest
    with pytest.raises(BadInput, match="there is no branch 1; there are 0, 2"):
        history.switch(1)
    history.fork(name="third")
    assert history.current == 3


def test_dropping_the_current_branch_goes_to_its_parent_at_the_last_shared_step() -> None:
    history = forked()
    history.drop(2)
    assert (history.current, history.step) == (0, 30)
    history.extend(100)
    assert history.outcome == "completed"


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (0, "main is the first branch and cannot be dropped; drop one that started from it"),
        (1, "inner started from left; drop that first"),
        (9, "there is no branch 9; there are 0 to 3"),
        (-1, "there is no branch -1; there are 0 to 3"),
    ],
)
def test_a_branch_that_others_need_is_not_dropped(number: int, message: str) -> None:
    history = forked()
    history.switch(1)
    history.fork(name="inner")
    before = history.budget.bytes
    with pytest.raises(BadInput, match=message):
        history.drop(number)
    assert history.budget.bytes == before
    history.drop(3)
    history.drop(1)
    assert len(history.kept()) == 2


def test_a_run_that_stopped_because_the_history_was_full_continues_when_there_is_room() -> None:
    history = forked(limit=9_000)
    history.switch(0)
    history.fork(parse_schedule("random:3"), "last")
    history.extend(10_000)
    assert (history.outcome, history.budget.full) == ("bound", True)
    assert isinstance(history.branch.finding, JournalFullError)
    full = history.total
    digest = history.vm.memory.digest()
    assert not history.forward()
    with pytest.raises(JournalFullError, match="the history is full"):
        history.fork()
    history.drop(1)
    assert (history.outcome, history.total, history.vm.memory.digest()) == (None, full, digest)
    assert history.extend(3) == 3
    history.limit = 1
    history.extend(10)
    assert (history.outcome, history.total) == ("bound", full + 4)
    history.limit = 1 << 30
    assert history.extend(2) == 2


def test_a_chosen_step_and_a_call_at_the_limit_of_the_history_are_recorded_and_then_it_is_full() -> None:
    history = load("life-of-a-page").start()
    history.limit = 1
    assert history.step_thread(0)
    assert (history.total, history.outcome) == (1, "bound")
    assert not history.step_thread(0)
    with pytest.raises(JournalFullError, match="1 step, "):
        history.inject(waker(1, 0))
    assert len(history.branches) == 1


@pytest.mark.slow
def test_the_same_steps_are_taken_whatever_the_limit_of_the_history() -> None:
    whole = load("swap-full").start()
    whole.extend(20_000)
    parts = load("swap-full").start(1_000)
    while parts.total < 20_000:
        parts.extend(20_000 - parts.total)
        parts.limit += 100_003
    assert parts.vm.memory.digest() == whole.vm.memory.digest()
    assert parts.journal.addresses(0, 20_000).tolist() == whole.journal.addresses(0, 20_000).tolist()


def test_no_branch_goes_past_the_limit_of_steps() -> None:
    scenario = load("life-of-a-page", settings=(setting("limits.steps", 12),))
    history = scenario.start()
    history.extend(1_000)
    assert (history.total, history.outcome) == (12, "bound")
    history.fork(parse_schedule("rr"))
    assert history.outcome == "bound"
    assert not history.forward()
    assert not any(history.step_thread(t) for t in range(len(history.programs)))
    with pytest.raises(BadInput, match="has reached its bound of 12 steps; step back first"):
        history.inject(waker(1, 0))
    history.seek(10)
    history.fork(parse_schedule("rr"))
    taken = [history.step_thread(t) for t in (0, 0, 0, 0)]
    assert (taken, history.total, history.outcome) == ([True, True, False, False], 12, "bound")


def test_a_fork_of_a_long_run_takes_no_copy_of_it(long_history: History) -> None:
    history = long_history
    total, before = history.total, history.budget.bytes
    blocks = history.journal.blocks
    history.fork(name="mine")
    assert history.journal.blocks[:-1] == blocks[:-1]
    assert history.budget.bytes - before < 1 << 20
    for step in (total - 20_000, 5, total):
        history.seek(step)
        mine = history.vm.memory.digest()
        history.switch(0)
        history.seek(step)
        assert history.vm.memory.digest() == mine
        history.switch(1)


@pytest.fixture
def long_history() -> History:
    """A run of more than a block."""
    history = load("swap-full").start()
    history.extend(24_000)
    return history
