"""Clock ticks: a jump in time does what its ticks do one by one, and its length does not change its cost."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import EWOULDBLOCK, ROLLED_UP, VMSTATS_SIZE
from engine.kernel.pagers.bio import begin_io, complete_due
from engine.kernel.sleep import due, expire
from engine.kernel.stats import hardclock
from engine.machine.tables import NO_OBJECT, READY, SLEEPING
from engine.memory.block import EVENT
from engine.memory.journal import Journal
from engine.run.clock import tick
from tests.engine.run.thread_calls import nap
from tests.tiers import only_fast

MILLION = 1_000_000
LONGEST = 0x7FFFFFFF


def one_by_one(vm: Any, number: int) -> None:
    """Let the ticks pass one at a time, as the clock's interrupt does."""
    for _ in range(number):
        vm.glob.ticks[0] += 1
        for t in due(vm):
            expire(vm, t)
        complete_due(vm)
    for cpu in vm.cpus:
        vm.mycpu = cpu
        for _ in hardclock(vm):
            pass


def asleep(stage: Callable[..., Any], naps: list[int]) -> Any:
    """A run in which each thread has just gone to sleep for its number of ticks, and two I/Os are pending."""
    play = stage("4MiB:1x2x1")
    for t, timo in enumerate(naps):
        play.thread(f"t{t}", t % 2, (nap, timo))
    history = play.start()
    history.extend(len(naps))
    vm = play.vm
    assert [vm.thread.state[t] for t in range(len(naps))] == [SLEEPING] * len(naps)
    begin_io(vm, 1, NO_OBJECT, 0, 1)
    vm.glob.ticks[0] += 1
    begin_io(vm, 1, NO_OBJECT, 1, 1)
    return history


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5, 8, 9, 10, 50])
@pytest.mark.parametrize("naps", [[], [3], [9, 3, 3, 0, 1], [0, 0], [8, 7, 6, 5]])
@pytest.mark.parametrize("begin", [0, (1 << 31) - 4, -3])
def test_a_jump_does_what_its_ticks_do_one_by_one(
    stage: Callable[..., Any], naps: list[int], number: int, begin: int
) -> None:
    digests, effects = [], []
    for pass_ticks in (tick, one_by_one):
        vm = asleep(stage, naps).vm
        for t in range(len(naps)):
            vm.thread.slept_at[t] = begin
        vm.buf.started[0] = vm.buf.started[1] = begin
        vm.glob.ticks[0] = begin
        vm.effects.clear()
        pass_ticks(vm, number)
        digests.append(vm.memory.digest())
        effects.append(list(vm.effects))
    assert digests[0] == digests[1]
    assert effects[0] == effects[1]


@pytest.mark.parametrize("length", [1, 1000, MILLION, LONGEST])
def test_a_jump_in_time_is_one_write_of_the_clock_however_far(stage: Callable[..., Any], length: int) -> None:
    play = stage()
    play.thread("a", 0, (nap, length, ">why"))
    history = play.start()
    clock = play.vm.memory.address("global.ticks", 0)
    begin = play.vm.glob.ticks[0]
    history.extend(10)
    assert [write for write in history.journal.writes_of(2) if write[0] == clock] == [
        (clock, begin, begin + length)
    ]
    assert (history.outcome, play.variable("a", "why")) == ("completed", EWOULDBLOCK)
    assert history.journal.writes < 40


def test_a_jump_ends_the_sleeps_that_it_passes_and_no_other(stage: Callable[..., Any]) -> None:
    vm = asleep(stage, [5, 2 * MILLION, MILLION, 0]).vm
    tick(vm, MILLION)
    assert [vm.thread.state[t] for t in range(4)] == [READY, SLEEPING, READY, SLEEPING]


@pytest.mark.parametrize("spec", ["4MiB:1x1x1", "4MiB:1x2x1", "16MiB:2x4x2"])
@pytest.mark.parametrize("seed", only_fast(range(8), 0, 5))
def test_a_tick_writes_what_each_cpus_hardclock_writes(
    stage: Callable[..., Any], spec: str, seed: int
) -> None:
    journals = []
    for pass_ticks in (tick, one_by_one):
        vm, some = stage(spec).vm, random.Random(seed)
        for cpu in vm.cpus:
            for counter in some.sample(ROLLED_UP, some.choice([0, 0, 2])):
                vm.gd_vmstats.adj[cpu * VMSTATS_SIZE + counter] = some.randint(-2, 2)
            vm.gd_vmstats.view[cpu * VMSTATS_SIZE + some.randrange(VMSTATS_SIZE)] += some.randint(0, 2)
        journal = Journal()
        vm.memory.record(journal)
        pass_ticks(vm, 1)
        journal.mark(EVENT, "tick")
        journals.append((journal.writes_of(1), vm.mycpu))
    assert journals[0] == journals[1]
