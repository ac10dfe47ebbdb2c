"""Which threads can run, whose turn it is, and which thread waits for which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import NULL, Thread
from engine.kernel.locks import vm_page_spin_lock, vm_page_spin_unlock
from engine.kernel.objects import vm_object_hold
from engine.kernel.sleep import interrupt
from engine.run.events import Event
from engine.run.interrupt import interrupt_program
from engine.run.threads import BLOCKED, COMPLETED, DEADLOCK, Threads, cycles
from tests.engine.run.thread_calls import nap, nop

PAGE = 900
HOLD = (vm_object_hold, 0)
"""A call of two steps: the object's count, and its token."""

Begin = Callable[..., tuple[Any, Threads]]


@pytest.fixture
def begin(stage: Callable[..., Any]) -> Begin:
    """A run of threads t0, t1, ..., given as (cpu, line, ...), and their Threads."""

    def made(*threads: tuple[Any, ...], spec: str = "4MiB:1x2x1") -> tuple[Any, Threads]:
        play = stage(spec)
        for t, (cpu, *lines) in enumerate(threads):
            play.thread(f"t{t}", cpu, *lines)
        history = play.start()
        return history, history.runner.threads

    return made


def take(history: Any, *threads: int) -> None:
    """Take a step of each thread, in order."""
    for t in threads:
        assert history.step_thread(t), t


# --- who can run ------------------------------------------------------------------------------------------


def test_a_thread_that_sleeps_or_has_ended_is_not_ready(begin: Begin) -> None:
    history, threads = begin((0, (nap, 0)), (1, (nop,)), (1, (nop,)))
    assert [threads.ready(t) for t in range(3)] == [True, True, True]
    take(history, 0, 1)
    assert [threads.ready(t) for t in range(3)] == [False, False, True]


def test_a_thread_that_waits_for_a_lock_is_not_ready_until_it_is_free(begin: Begin) -> None:
    lock, unlock = (vm_page_spin_lock, PAGE), (vm_page_spin_unlock, PAGE)
    history, threads = begin((0, lock, unlock), (1, lock, unlock))
    assert threads.ready(1)
    take(history, 0)
    assert (threads.ready(1), threads.waits_for(1)) == (False, 0)
    take(history, 0)
    assert (threads.ready(1), threads.waits_for(1)) == (True, NULL)


def test_the_run_queue_of_a_cpu_is_in_the_order_of_the_threads(begin: Begin) -> None:
    _, threads = begin((0, (nop,)), (1, (nop,)), (0, (nop,)), (0, (nop,)))
    assert (threads.run_queue(0), threads.run_queue(1)) == ([2, 3], [])


def test_a_thread_of_the_run_queue_may_preempt_one_that_holds_no_spinlock(begin: Begin) -> None:
    history, threads = begin((0, HOLD, (vm_page_spin_lock, PAGE), (nop,)), (0, (nop,)))
    assert threads.runnable() == [0, 1]
    take(history, 0, 0)  # a token
    assert threads.runnable() == [0, 1]
    take(history, 0)  # a spinlock
    assert (threads.runnable(), threads.ready(1)) == ([0], True)


def test_a_thread_that_spins_on_a_spinlock_keeps_its_cpu(begin: Begin) -> None:
    lock = (vm_page_spin_lock, PAGE)
    history, threads = begin((0, lock, (nop,)), (1, lock), (1, (nop,)))
    assert threads.can_run(2)
    take(history, 0)
    assert threads.runnable() == [0]


def test_a_thread_that_waits_for_a_token_lets_the_next_of_its_cpu_run(begin: Begin) -> None:
    history, threads = begin((0, HOLD, (nop,)), (1, HOLD), (1, (nop,)))
    take(history, 0, 0, 1)
    assert threads.runnable() == [0, 2]
    assert threads.in_turn(0) == 2


# --- whose turn it is -------------------------------------------------------------------------------------


def test_the_cpus_take_turns_after_the_last_one(begin: Begin) -> None:
    _, threads = begin((0, (nop,)), (1, (nop,)), (3, (nop,)), spec="4MiB:1x4x1")
    assert [threads.in_turn(cpu) for cpu in range(4)] == [1, 2, 2, 0]


def test_a_cpu_whose_thread_waits_may_run_another_one_unless_that_spins(begin: Begin) -> None:
    lock = (vm_page_spin_lock, PAGE)
    history, threads = begin((0, HOLD, lock, (nop,)), (1, HOLD), (2, lock), (2, (nop,)), spec="4MiB:1x3x1")
    take(history, 0, 0, 0, 1)
    live = history.runner.live
    assert not threads.has_another(1)  # waits for the token, and its cpu has nothing else to run
    assert not threads.has_another(2)  # spins, and keeps its cpu
    assert threads.any_ready(live[:3])
    assert not threads.any_ready(live[1:3])  # both wait
    history, threads = begin((0, HOLD, (nop,)), (1, HOLD), (1, (nop,)))
    take(history, 0, 0, 1)
    assert threads.has_another(1)  # its cpu runs the third thread instead


def test_the_interrupt_thread_comes_before_the_thread_it_interrupts_unless_that_holds_a_spinlock(
    stage: Callable[..., Any],
) -> None:
    play = stage()
    play.thread("a", 0, (nop,), (vm_page_spin_lock, PAGE), (nop,))
    play.programs.append(interrupt_program())
    history = play.start()
    threads = history.runner.threads
    assert (threads.interrupted(), threads.in_turn(1)) == (False, 0)
    history.extend(1)
    interrupt(history.vm, Thread(1))
    assert (threads.interrupted(), threads.in_turn(1)) == (True, 1)
    take(history, 0)
    assert (threads.interrupted(), threads.in_turn(1)) == (True, 0)


def test_a_run_whose_threads_have_ended_is_completed(begin: Begin) -> None:
    history, threads = begin((0, (nop,)))
    take(history, 0)
    assert threads.nothing_runs() == threads.in_turn(0) == COMPLETED


def test_while_a_sleep_or_an_io_has_a_deadline_time_passes_to_the_nearest(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    history, threads = begin((0, (nap, 70)), (1, (nap, 30)), (1, (nap, 0)))
    take(history, 0, 1, 2)
    assert threads.nothing_runs() == Event("tick", 30)
    monkeypatch.setattr("engine.run.threads.ticks_to_io", lambda _: 10)
    assert threads.nothing_runs() == Event("tick", 10)


def test_a_sleep_without_end_is_blocked_and_a_wait_for_a_lock_a_deadlock(begin: Begin) -> None:
    history, threads = begin((0, (nap, 0)))
    take(history, 0)
    assert threads.nothing_runs() == BLOCKED
    # The holder of the spinlock has ended.
    history, threads = begin((0, (vm_page_spin_lock, PAGE)), (1, (vm_page_spin_lock, PAGE)))
    take(history, 0)
    assert threads.nothing_runs() == DEADLOCK


# --- who waits for whom -----------------------------------------------------------------------------------

CYCLES = [
    ("no thread", {}, []),
    ("a chain to one that does not wait", {0: 1, 1: 2, 2: NULL}, []),
    ("one for itself", {4: 4}, [[4]]),
    ("two, and one that waits for them", {2: 1, 1: 2, 0: 1}, [[1, 2]]),
    ("two cycles, each from its first thread", {5: 3, 3: 4, 4: 5, 2: 1, 1: 2}, [[1, 2], [3, 4, 5]]),
]


@pytest.mark.parametrize(("holders", "found"), [row[1:] for row in CYCLES], ids=[row[0] for row in CYCLES])
def test_the_cycles_of_waits(holders: dict[int, int], found: list[list[int]]) -> None:
    assert cycles(holders) == found


def test_a_deadlock_names_threads_and_locks_in_a_circle(begin: Begin) -> None:
    both = [(vm_object_hold, obj) for obj in (0, 1)]
    history, threads = begin((0, *both), (1, *reversed(both)))
    take(history, 0, 0, 1, 1, 0)
    assert threads.deadlock() is None
    take(history, 1)
    found = threads.deadlock()
    assert found is not None
    assert found.threads == (0, 1)
    assert str(found) == (
        "deadlock: t0 waits for token of object 1 held by t1, t1 waits for token of object 0 held by t0"
    )
