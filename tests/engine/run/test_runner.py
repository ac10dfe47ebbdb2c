"""Threads: turns, locks, sleep and wakeup, and the findings when they go wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import GeneratorType
from typing import Any

import pytest

from engine.constants import EWOULDBLOCK, NULL, PBUSY_LOCKED, PBUSY_WANTED, PG_REFERENCED, VM_ALLOC_NORMAL
from engine.debug.call_stack import stacks_of
from engine.errors import BadInput, KernelPanic, LockOrderViolation
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.busy import vm_page_busy_try, vm_page_busy_wait, vm_page_wakeup
from engine.kernel.locks import (
    contig_spin_lock,
    contig_spin_unlock,
    vm_page_queues_spin_lock,
    vm_page_queues_spin_unlock,
    vm_page_spin_lock,
    vm_page_spin_trylock,
    vm_page_spin_unlock,
)
from engine.kernel.objects import vm_object_drop, vm_object_hold, vm_object_hold_shared
from engine.machine.tables import READY, SLEEPING
from engine.run.runner import LIVELOCK_STEPS
from engine.run.schedule import parse_schedule
from tests.engine.run.thread_calls import nap, nop, ring, threads_of
from tests.tiers import only_fast

PAGE = 900


def spin_for_ever(vm: Any) -> Any:
    """A call that neither returns nor sleeps, and is never again where it was."""
    rounds = 0
    while True:
        yield "go round"
        rounds += 1


def test_the_cpus_take_one_step_each_in_number_order(stage: Callable[..., Any]) -> None:
    play = stage("4MiB:1x4x1")
    for name, cpu in (("d", 3), ("a", 0), ("b", 1)):
        play.thread(name, cpu, (vm_page_busy_try, PAGE + cpu, 0, ">r"), (vm_page_wakeup, PAGE + cpu))
    history = play.start()
    history.extend(100)
    assert threads_of(history, 7) == ["a", "b", "d", "a", "b", "d", "a"]


def test_a_cpu_changes_thread_only_when_its_thread_ends(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("first", 0, (vm_page_busy_try, PAGE, 0, ">r"))
    play.thread("second", 0, (vm_page_busy_try, PAGE + 1, 0, ">r"))
    history = play.start()
    history.extend(100)
    assert threads_of(history) == ["first", "first", "second", "second"]


def test_a_held_spinlock_makes_the_other_thread_wait_without_burning_steps(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("holder", 0, (vm_page_spin_lock, PAGE), (nop,), (nop,), (vm_page_spin_unlock, PAGE), (nop,))
    play.thread("waiter", 1, (vm_page_spin_lock, PAGE), (vm_page_spin_unlock, PAGE))
    history = play.start()
    history.extend(100)
    assert threads_of(history) == ["holder"] * 4 + ["waiter", "holder", "waiter"]
    assert history.outcome == "completed"


def test_a_trylock_of_a_held_spinlock_fails_at_once(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("holder", 0, (vm_page_spin_lock, PAGE), (nop,), (vm_page_spin_unlock, PAGE))
    play.thread("trier", 1, (vm_page_spin_trylock, PAGE, ">got"))
    history = play.start()
    history.extend(100)
    assert play.variable("trier", "got") == 0


ORDERS = [
    (
        "a queue's lock before a page's",
        [(vm_page_queues_spin_lock, 7), (vm_page_spin_lock, PAGE)],
        "vm_page_spin_lock",
    ),
    (
        "vm_contig_spin inside a page lock",
        [(vm_page_spin_lock, PAGE), (contig_spin_lock,)],
        "contig_spin_lock",
    ),
    (
        "a page lock inside vm_contig_spin",
        [(contig_spin_lock,), (vm_page_spin_lock, PAGE)],
        "vm_page_spin_lock",
    ),
    ("two page locks", [(vm_page_spin_lock, PAGE), (vm_page_spin_lock, PAGE + 1)], "vm_page_spin_lock"),
    (
        "two queue locks",
        [(vm_page_queues_spin_lock, 7), (vm_page_queues_spin_lock, 8)],
        "vm_page_queues_spin_lock",
    ),
]


@pytest.mark.parametrize(("lines", "function"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS])
def test_the_wrong_order_of_locks_is_a_finding_with_both_stacks(
    stage: Callable[..., Any], lines: list[Any], function: str
) -> None:
    play = stage()
    play.thread("wrong", 0, *lines)
    history = play.start()
    history.extend(100)
    finding = history.branch.finding
    assert history.outcome == "panic"
    assert isinstance(finding, LockOrderViolation)
    assert finding.function == function
    stacks = stacks_of(history, finding)
    assert stacks["held"][-1].function == lines[0][0].__name__
    assert stacks["now"][-1].function == function


def test_the_right_order_of_locks_is_not_a_finding(stage: Callable[..., Any]) -> None:
    play = stage()
    queue = play.vm.page.queue[PAGE]
    play.thread(
        "right",
        0,
        (vm_page_spin_lock, PAGE),
        (vm_page_queues_spin_lock, queue),
        (vm_page_queues_spin_unlock, queue),
        (vm_page_spin_unlock, PAGE),
        (contig_spin_lock,),
        (contig_spin_unlock,),
    )
    history = play.start()
    history.extend(100)
    assert history.outcome == "completed"


def test_a_cycle_of_waits_is_a_deadlock_at_the_step_that_closes_it(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("one", 0, (vm_object_hold, 0), (vm_object_hold, 1))
    play.thread("two", 1, (vm_object_hold, 1), (vm_object_hold, 0))
    history = play.start()
    history.extend(100)
    assert history.outcome == "deadlock"
    assert str(history.branch.finding) == (
        "deadlock: one waits for token of object 1 held by two, two waits for token of object 0 held by one"
    )
    assert threads_of(history) == ["one", "two"] * 3
    assert history.total == 6


def test_a_deadlock_ends_the_run_although_another_thread_continues(stage: Callable[..., Any]) -> None:
    play = stage("4MiB:1x3x1")
    play.thread("one", 0, (vm_object_hold, 0), (vm_object_hold, 1))
    play.thread("two", 1, (vm_object_hold, 1), (vm_object_hold, 0))
    play.thread("other", 2, (spin_for_ever,))
    history = play.start()
    history.extend(100)
    assert history.outcome == "deadlock"
    assert threads_of(history) == ["one", "two", "other"] * 3


def test_a_token_can_be_shared_while_an_exclusive_taker_waits(stage: Callable[..., Any]) -> None:
    play = stage("4MiB:1x4x1")
    for cpu in (0, 1):
        play.thread(f"r{cpu}", cpu, (vm_object_hold_shared, 0), (nop,), (vm_object_drop, 0))
    play.thread("writer", 2, (vm_object_hold, 0), (vm_object_drop, 0))
    history = play.start()
    history.extend(100)
    assert history.outcome == "completed"
    order = threads_of(history)
    took = [
        step
        for step in range(1, history.total + 1)
        if history.record(step).action in ("take the object token", "share the object token")
    ]
    assert [order[step - 1] for step in took] == ["r0", "r1", "writer"]


def test_a_waiter_on_a_busy_page_sleeps_and_is_woken_by_the_release(stage: Callable[..., Any]) -> None:
    play = stage()
    vm = play.vm
    play.thread("owner", 0, (vm_page_busy_wait, PAGE, 0), *[(nop,)] * 6, (vm_page_wakeup, PAGE))
    play.thread("waiter", 1, (nop,), (vm_page_busy_wait, PAGE, 0))
    history = play.start()
    while vm.thread.state[1] != SLEEPING:
        assert history.forward()
    assert vm.page.busy_count[PAGE] == PBUSY_LOCKED | PBUSY_WANTED
    assert vm.page.flags[PAGE] & PG_REFERENCED
    history.extend(100)
    assert history.outcome == "leak"
    assert vm.page.busy_count[PAGE] == PBUSY_LOCKED


LOST = [
    ("the interlock keeps the wakeup", True, "leak"),
    ("without it the wakeup is lost", False, "blocked"),
]


@pytest.mark.parametrize(("interlock", "outcome"), [row[1:] for row in LOST], ids=[row[0] for row in LOST])
def test_the_interlock_before_wanted(stage: Callable[..., Any], interlock: bool, outcome: str) -> None:
    play = stage(interlock=interlock)
    play.thread("owner", 0, (vm_page_busy_wait, PAGE, 0), (vm_page_wakeup, PAGE))
    play.thread("waiter", 1, (vm_page_busy_wait, PAGE, 0))
    before_sleep = 4 if interlock else 3
    history = play.start(f"owner:op,waiter:{before_sleep},owner:end")
    history.extend(100)
    assert history.outcome == outcome


def test_a_token_is_released_while_its_holder_sleeps_and_taken_again(stage: Callable[..., Any]) -> None:
    play = stage()
    vm = play.vm
    play.thread("sleeper", 0, (vm_object_hold, 0), (nap, 0), (vm_object_drop, 0))
    play.thread("other", 1, (nop,), (nop,), (nop,), (vm_object_hold, 0), (ring,), (vm_object_drop, 0))
    history = play.start("sleeper:block,other:end")
    while vm.thread.state[0] != SLEEPING:
        assert history.forward()
    assert vm.object.token_owner[0] == 0
    history.extend(100)
    assert history.outcome == "completed"
    assert (vm.object.token_owner[0], vm.object.hold_count[0]) == (0, 0)


def test_sleeping_with_a_spinlock_is_a_panic(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (vm_page_spin_lock, PAGE), (nap, 0))
    history = play.start()
    history.extend(100)
    finding = history.branch.finding
    assert isinstance(finding, KernelPanic)
    assert (history.outcome, finding.function) == ("panic", "tsleep")


def test_when_nothing_can_run_time_jumps_to_the_next_deadline(stage: Callable[..., Any]) -> None:
    play = stage()
    vm = play.vm
    play.thread("short", 0, (nap, 5, ">why"))
    play.thread("long", 1, (nap, 9, ">why"))
    begin = vm.glob.ticks[0]
    history = play.start()
    history.extend(100)
    assert history.outcome == "completed"
    assert threads_of(history) == ["short", "long", "event", "short", "event", "long"]
    assert vm.glob.ticks[0] == begin + 9
    assert play.variable("short", "why") == play.variable("long", "why") == EWOULDBLOCK


def test_sleepers_wake_in_the_order_in_which_they_slept(stage: Callable[..., Any]) -> None:
    play = stage()
    for name in ("third", "first", "second"):
        play.thread(name, 0, (nap, 0))
    play.thread("bell", 1, (ring,))
    history = play.start("first,second,third")
    history.extend(100)
    assert history.outcome == "completed"
    assert threads_of(history)[-4:] == ["bell", "first", "second", "third"]


def test_a_run_is_blocked_if_no_thread_can_wake_a_sleeper(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nap, 0))
    history = play.start()
    history.extend(100)
    assert history.outcome == "blocked"


def some_calls(some: random.Random) -> list[tuple[Any, ...]]:
    """Calls that take locks, in pairs that may close a cycle of waits, and give them back."""
    m, first, second = PAGE + some.randrange(2), *some.sample([0, 1, 2], 2)
    hold, pause = some.choice([vm_object_hold, vm_object_hold_shared]), [(nop,)] * some.randrange(4)
    return some.choice([
        [(vm_page_spin_lock, m), *pause, (vm_page_queues_spin_lock, 7), *pause,
         (vm_page_queues_spin_unlock, 7), (vm_page_spin_unlock, m)],
        [(hold, first), *pause, (vm_object_drop, first)],
        [(hold, first), *pause, (vm_object_hold, second), (vm_object_drop, second), (vm_object_drop, first)],
        [(hold, first), (nap, 1 + some.randrange(3)), *pause, (vm_object_drop, first)],
        [*pause, (ring,)],
    ])  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seed", only_fast(range(24), *range(12)))
def test_steps_taken_many_at_a_time_are_those_taken_singly(stage: Callable[..., Any], seed: int) -> None:
    runs = []
    for before in (None, str):
        some, play = random.Random(seed), stage("4MiB:1x3x1")
        for t in range(3 + seed % 3):
            calls = [call for _ in range(4) for call in some_calls(some)]
            play.thread(f"t{t}", t % 3, *calls, repeat=20)
        history = play.start()
        history.runner.before = before
        history.extend(20_000)
        actions = [history.record(step).action for step in range(1, history.total + 1)]
        end = history.outcome, str(history.branch.finding), history.runner.last_cpu, play.vm.memory.digest()
        runs.append((threads_of(history), actions, end))
    assert runs[0] == runs[1]


def refuse(_vm: Any) -> Any:
    """A call whose second step a script cannot take."""
    yield "prepare"
    yield "fail"
    raise BadInput("refused")


@pytest.mark.parametrize("before", [None, str], ids=["many at a time", "singly"])
def test_a_refused_step_is_not_a_turn_of_its_cpu(stage: Callable[..., Any], before: Any) -> None:
    play = stage("4MiB:1x3x1")
    for name, cpu in (("a", 0), ("b", 1)):
        play.thread(name, cpu, *[(nop,)] * 9)
    play.thread("bad", 2, (refuse,))
    history = play.start()
    history.runner.before = before
    with pytest.raises(BadInput, match="refused"):
        history.extend(100)
    assert threads_of(history) == ["a", "b", "bad", "a", "b"]
    assert history.runner.last_cpu == 1


def test_turns_in_which_a_thread_waits_are_not_steps_of_its_call(
    stage: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.run.runner.LIVELOCK_STEPS", 50)
    play = stage()
    play.thread("holder", 0, (vm_page_spin_lock, PAGE), *[(nop,)] * 200, (vm_page_spin_unlock, PAGE))
    play.thread("waiter", 1, (vm_page_spin_lock, PAGE), (vm_page_spin_unlock, PAGE))
    history = play.start()
    assert (history.extend(1000), history.outcome) == (204, "completed")


@pytest.mark.parametrize("others", [0, 1, 2])
def test_a_call_has_its_number_of_steps_while_others_wait(
    stage: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    monkeypatch.setattr("engine.run.runner.LIVELOCK_STEPS", 50)
    play = stage("4MiB:1x4x1")
    play.thread("holder", 1, (vm_page_spin_lock, PAGE), (nop,), (spin_for_ever,))
    for cpu in (0, 2)[:others]:
        play.thread(f"w{cpu}", cpu, (nop,), (vm_page_spin_lock, PAGE))
    history = play.start()
    history.extend(1000)
    assert history.outcome == "livelock"
    assert threads_of(history).count("holder") == 2 + 50
    assert history.runner.live[0].count == 50


def test_a_call_has_its_number_of_steps_after_its_thread_waited(
    stage: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.run.runner.LIVELOCK_STEPS", 50)
    lock, unlock = (vm_page_spin_lock, PAGE), (vm_page_spin_unlock, PAGE)
    play = stage()
    play.thread("holder", 0, lock, *[(nop,)] * 20, unlock, *[(nop,)] * 20)
    play.thread("waiter", 1, lock, unlock, (spin_for_ever,))
    history = play.start()
    history.extend(1000)
    assert history.outcome == "livelock"
    assert threads_of(history).count("waiter") == 2 + 50


@pytest.mark.slow
def test_a_call_of_a_million_steps_is_a_livelock(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nop,), (spin_for_ever,))
    play.thread("b", 1, (nop,), repeat=1000)
    history = play.start()
    history.extend(3_000_000)
    assert history.outcome == "livelock"
    assert history.runner.live[0].count == LIVELOCK_STEPS
    assert [history.record(s).thread for s in range(1, history.total + 1)].count(0) == LIVELOCK_STEPS + 1


def test_a_call_that_continued_after_its_livelock_is_one_in_a_branch_too(
    stage: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.run.runner.LIVELOCK_STEPS", 50)
    play = stage()
    play.thread("a", 0, (spin_for_ever,))
    history = play.start()
    assert (history.extend(200), history.outcome) == (50, "livelock")
    history.fork(parse_schedule(""))
    assert (history.extend(200), history.outcome) == (1, "livelock")
    history.fork()
    assert (history.extend(200), history.outcome) == (0, "livelock")


def test_a_panic_can_be_stepped_back_from(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nop,), (vm_page_wakeup, PAGE), (nop,))
    history = play.start()
    first = history.vm.memory.digest()
    history.extend(100)
    assert (history.outcome, history.total) == ("panic", 2)
    assert history.extend(5) == 0
    while history.back():
        pass
    assert history.vm.memory.digest() == first
    history.seek(2)
    assert history.outcome == "panic"


def locals_of(history: Any) -> list[tuple[str, object]]:
    """The local variables of every suspended call, except the machine itself."""
    found: list[tuple[str, object]] = []
    for live in history.runner.live:
        steps = live.steps
        while isinstance(steps, GeneratorType) and steps.gi_frame is not None:
            found += [item for item in steps.gi_frame.f_locals.items() if item[0] != "vm"]
            steps = steps.gi_yieldfrom
    return found


def plain(value: object) -> bool:
    """Whether a suspended call may keep `value`: integers, their tuples, and constant texts."""
    return isinstance(value, int | str) or (isinstance(value, tuple) and all(map(plain, value)))


def test_suspended_calls_keep_nothing_but_integers(stage: Callable[..., Any]) -> None:
    play = stage()
    for name, cpu in (("a", 0), ("b", 1)):
        play.thread(name, cpu, (vm_page_alloc, NULL, 3, VM_ALLOC_NORMAL, ">m"), (vm_page_wakeup, "m"))
    history = play.start()
    seen = 0
    while history.forward():
        kept = locals_of(history)
        seen += len(kept)
        assert [item for item in kept if not plain(item[1])] == []
    assert seen > 100


def test_a_ready_thread_is_ready_in_its_cell_too(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nop,))
    history = play.start()
    assert history.vm.thread.state[0] == READY


def test_nearness_counts_the_steps_that_would_be_performed_again(stage: Callable[..., Any]) -> None:
    """A sleeping thread started its call long ago but has taken few steps since."""
    play = stage()
    play.thread("sleeper", 0, (nap, 0))
    play.thread("worker", 1, *[(nop,)] * 200)
    history = play.start()
    history.extend(150)
    history.seek(120)
    unfinished = sum(history.record(step).thread == 0 for step in range(1, 121))
    assert 0 < unfinished < 20
    assert history.is_near(unfinished + 1)
    assert not history.is_near(unfinished - 1)
