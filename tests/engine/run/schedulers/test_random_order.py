"""Random order: the same run for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import BadInput
from engine.run.schedule import Written
from engine.run.schedulers.random_order import RandomOrder, read
from engine.run.splitmix import splitmix64
from tests.engine.run.thread_calls import nap, nop, threads_of


@pytest.mark.parametrize(
    ("text", "seed"),
    [("random:0", 0), (" random:42 # why not\n", 42), (f"random:{(1 << 64) + 5}", 5)],
    ids=["zero", "beside a comment", "of more than 64 bits"],
)
def test_a_seed_is_read_as_64_bits(text: str, seed: int) -> None:
    scheduler = read(Written(text))
    assert isinstance(scheduler, RandomOrder)
    assert scheduler.seed == seed


@pytest.mark.parametrize("text", ["", "rr", "app", "random", "random:1,app"])
def test_other_texts_are_left_to_other_schedulers(text: str) -> None:
    assert read(Written(text)) is None


@pytest.mark.parametrize("text", ["random:", "random:x", "random:-1", "random:0x10", f"random:{'9' * 5000}"])
def test_a_seed_that_is_not_a_number_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(BadInput, match=f"{text[:60]!r} has no seed; write random:NUMBER") as error:
        read(Written(f"# a seed\n{text}", "s.txt", int))
    assert (error.value.file, error.value.line) == ("s.txt", 2)


def test_the_same_seed_gives_the_same_run_and_another_seed_another_run(stage: Callable[..., Any]) -> None:
    def order(schedule: str) -> list[str]:
        play = stage()
        for name, cpu in (("a", 0), ("b", 1), ("c", 1)):
            play.thread(name, cpu, *[(nop,)] * 12)
        history = play.start(schedule)
        history.extend(100)
        return threads_of(history)

    assert order("random:1") == order("random:1")
    assert order("random:1") != order("random:2")
    assert sorted(order("random:1")) == sorted(["a", "b", "c"] * 12)


def test_each_step_is_the_next_number_over_the_threads_that_can_run(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("sleeper", 0, (nap, 0))
    for name in ("a", "b"):  # on one cpu: each can preempt the other
        play.thread(name, 1, *[(nop,)] * 5)
    history = play.start("random:7")
    history.extend(100)
    left, state, expected = {"sleeper": 1, "a": 5, "b": 5}, 7, []
    while runnable := [name for name, steps in left.items() if steps]:
        state, number = splitmix64(state)
        expected.append(runnable[number % len(runnable)])
        left[expected[-1]] -= 1
    assert threads_of(history) == expected
    assert history.vm.glob.schedule_random[0] % (1 << 64) == state
    assert history.outcome == "blocked"


def test_a_random_schedule_is_never_over(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nop,))
    history = play.start("random:7")
    history.extend(10)
    assert not history.branch.schedule.is_over(history.vm)
