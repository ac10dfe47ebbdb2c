"""Sleeping and waking: the sleep queue, the interlock, timeouts and the run queues (spec 05)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.constants import EWOULDBLOCK, NULL, Cpu, Obj, Thread
from engine.errors import KernelPanic
from engine.kernel.locks import vm_page_spin_lock
from engine.kernel.sleep import (
    CHAN_BUF,
    CHAN_DAEMON_NEEDED,
    CHAN_FREE_COUNT,
    CHAN_MAP,
    CHAN_PAGE,
    CHAN_PIP,
    CHANNEL_MEANINGS,
    CHANNEL_NAMES,
    describe_channel,
    due,
    expire,
    interrupt,
    join,
    leave,
    lwkt_yield,
    meaning_of_channel,
    setrunqueue,
    sleepers,
    switch,
    ticks_to_deadline,
    tsleep,
    tsleep_interlock,
    wakeup,
)
from engine.kernel.tokens import held_mode, lwkt_gettoken, lwkt_reltoken
from engine.machine.machine import Machine, Steps, Switches
from engine.machine.tables import READY
from tests.engine.kernel.checked_crew import ASLEEP, DONE, WAITS, Crew, configuration, unchecked

CHAN, OTHER = CHAN_FREE_COUNT, CHAN_DAEMON_NEEDED


def nap(vm: Machine, chan: int = CHAN) -> Steps[int]:
    """The pattern of waiting code: interlock, test again, sleep."""
    yield from tsleep_interlock(vm, chan)
    yield "look again"
    return (yield from tsleep(vm, chan, True, "nap", 0))


# --- channels ---------------------------------------------------------------------------------------------


def test_a_channel_is_a_variable_or_a_row_of_a_table() -> None:
    vm = Crew().vm
    assert describe_channel(vm, CHAN_FREE_COUNT) == ("v_free_count", None)
    assert describe_channel(vm, CHAN_PAGE + 7) == ("page", vm.first_page + 7)
    assert describe_channel(vm, CHAN_PIP + 3) == ("pip", 3)
    assert describe_channel(vm, CHAN_MAP) == ("map", 0)
    assert describe_channel(vm, CHAN_BUF + 1) == ("buf", 1)


def test_every_channel_has_a_meaning_in_words() -> None:
    vm = Crew().vm
    vm.object_names = ("heap",)
    assert meaning_of_channel(vm, CHAN_PIP) == "the paging of heap to end"
    assert meaning_of_channel(vm, CHAN_PIP + 3) == "the paging of object 3 to end"
    assert meaning_of_channel(vm, CHAN_MAP + 1) == "the map's lock of process 1"
    assert meaning_of_channel(vm, CHAN_BUF + 2) == "I/O 2 to finish"
    assert meaning_of_channel(vm, CHAN_PAGE + 7) == f"page {vm.page_word(7)} to be unbusied"
    assert CHANNEL_MEANINGS.keys() == CHANNEL_NAMES.keys()


# --- the sleep queue --------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaves", [0, 1, 2])
def test_a_thread_leaves_the_sleep_queue_from_any_place(leaves: int) -> None:
    vm = Crew(check=unchecked).vm
    threads = [Thread(t) for t in range(3)]
    for t in threads:
        join(vm, t, CHAN)
    assert sleepers(vm) == threads
    gone = threads.pop(leaves)
    leave(vm, gone)
    assert sleepers(vm) == threads
    assert (vm.thread.chan[gone], vm.glob.sleepq_tail[0]) == (0, threads[-1])
    for t in threads:
        leave(vm, t)
    assert (sleepers(vm), vm.glob.sleepq_head[0], vm.glob.sleepq_tail[0]) == ([], NULL, NULL)


def test_joining_again_keeps_the_place_and_another_channel_loses_it() -> None:
    vm = Crew(check=unchecked).vm
    first, second = Thread(0), Thread(1)
    join(vm, first, CHAN)
    join(vm, second, CHAN)
    join(vm, first, CHAN)
    assert sleepers(vm) == [first, second]
    join(vm, first, OTHER)
    assert sleepers(vm) == [second, first]
    assert (vm.thread.chan[first], vm.thread.chan[second]) == (OTHER, CHAN)


# --- sleeping and waking ----------------------------------------------------------------------------------


def test_a_wakeup_wakes_all_of_its_channel_in_the_order_in_which_they_fell_asleep() -> None:
    crew = Crew(cpus=(0, 1, 0, 1))
    for t, chan in ((2, CHAN), (1, OTHER), (0, CHAN)):
        assert crew.start(t, tsleep, chan, False, "test", 0) == ASLEEP
    crew.effects.clear()
    crew.call(wakeup, CHAN, t=3)
    assert crew.effects == [("wakeup", CHAN, (2, 0))]
    assert sleepers(crew.vm) == [1]
    assert (crew.vm.cpu.current[0], crew.vm.cpu.runq_head[0]) == (2, 0)
    assert [crew.play(t) for t in (2, 0)] == [DONE, DONE]
    assert (crew.results[2], crew.results[0], crew.stands(1)) == (0, 0, ASLEEP)


def test_a_wakeup_before_the_sleep_is_lost() -> None:
    crew = Crew()
    crew.call(wakeup, CHAN, t=1)
    assert crew.start(0, tsleep, CHAN, False, "test", 0) == ASLEEP


@pytest.mark.parametrize(("interlock", "ends"), [(True, DONE), (False, ASLEEP)])
def test_after_the_interlock_a_wakeup_is_not_lost(interlock: bool, ends: str) -> None:
    crew = Crew(configuration(switches=Switches(interlock=interlock)))
    crew.begin(0, nap)
    crew.play(0, until="go to sleep")
    crew.call(wakeup, CHAN, t=1)
    assert crew.play(0) == ends


def test_the_interlock_alone_does_not_stop_a_thread() -> None:
    crew = Crew()
    crew.call(tsleep_interlock, CHAN)
    assert (sleepers(crew.vm), crew.vm.thread.state[0]) == ([0], READY)
    crew.effects.clear()
    crew.call(wakeup, CHAN, t=1)
    assert crew.effects == [("wakeup", CHAN, ())], "it was not asleep"
    assert sleepers(crew.vm) == []


def test_a_sleeper_has_its_tokens_again_when_it_returns() -> None:
    crew = Crew()
    crew.call(lwkt_gettoken, 1)
    assert crew.start(0, nap) == ASLEEP
    crew.call(lwkt_gettoken, 1, t=1)
    crew.call(wakeup, CHAN, t=1)
    assert crew.play(0) == WAITS
    crew.call(lwkt_reltoken, 1, t=1)
    assert crew.play(0) == DONE
    assert held_mode(crew.vm, Thread(0), Obj(1)) != 0


def test_sleeping_on_no_channel_is_a_panic() -> None:
    with pytest.raises(KernelPanic) as caught:
        Crew().call(tsleep, 0, False, "nothing", 0)
    assert (caught.value.kind, caught.value.function) == ("KKASSERT", "tsleep")


def test_sleeping_with_a_spinlock_is_a_panic() -> None:
    crew = Crew()
    crew.call(vm_page_spin_lock, crew.page())
    with pytest.raises(KernelPanic) as caught:
        crew.call(tsleep, CHAN, False, "test", 0)
    assert (caught.value.kind, caught.value.message) == ("panic", "tsleep: spinlocks held")


# --- timeouts ---------------------------------------------------------------------------------------------


def test_a_sleep_ends_with_its_timeout_or_before_it_with_a_wakeup() -> None:
    crew = Crew()
    for t in (0, 1):
        assert crew.start(t, tsleep, CHAN + t, False, "test", 3) == ASLEEP
    crew.tick(2)
    crew.call(wakeup, CHAN, t=2)
    assert (crew.play(0), crew.stands(1)) == (DONE, ASLEEP)
    crew.tick()
    assert crew.play(1) == DONE
    assert (crew.results[0], crew.results[1]) == (0, EWOULDBLOCK)


def test_a_thread_can_be_expired_before_its_time() -> None:
    crew = Crew()
    assert crew.start(0, tsleep, CHAN, False, "test", 0) == ASLEEP
    expire(crew.vm, Thread(0))
    assert crew.vm.effects[-1] == ("wakeup", CHAN, (0,), "timeout")
    assert (crew.play(0), crew.results[0]) == (DONE, EWOULDBLOCK)


def test_the_next_deadline_is_that_of_the_thread_that_wakes_first_and_is_not_left_out() -> None:
    crew = Crew()
    vm = crew.vm
    for t, ticks in ((0, 10), (1, 4), (2, 0)):
        assert crew.start(t, tsleep, CHAN, False, "test", ticks) == ASLEEP
    assert [ticks_to_deadline(vm, left_out) for left_out in ((), (1,), (0, 1))] == [4, 10, None]
    crew.tick(3)
    assert (ticks_to_deadline(vm), ticks_to_deadline(vm, (1,))) == (1, 7)
    vm.glob.ticks[0] += 3
    assert (ticks_to_deadline(vm), due(vm)) == (1, [1])


def test_a_timeout_is_right_where_the_clock_wraps_around() -> None:
    crew = Crew()
    vm = crew.vm
    vm.glob.ticks[0] = (1 << 31) - 2
    assert crew.start(0, tsleep, CHAN, False, "test", 5) == ASLEEP
    vm.glob.ticks[0] = -(1 << 31) + 2
    assert (ticks_to_deadline(vm), due(vm)) == (1, [])
    vm.glob.ticks[0] += 1
    assert due(vm) == [0]


# --- who runs next ----------------------------------------------------------------------------------------


def running(vm: Machine) -> tuple[int, list[int]]:
    """The thread that cpu 0 runs, and those that wait for it in order."""
    waiting, t = [], vm.cpu.runq_head[0]
    while t != NULL:
        waiting.append(int(t))
        t = vm.thread.run_next[t]
    assert vm.cpu.runq_tail[0] == (waiting[-1] if waiting else NULL)
    return vm.cpu.current[0], waiting


def test_a_cpu_runs_its_threads_in_turn_an_interrupt_first() -> None:
    vm = Crew(cpus=(0, 0, 0, 0), check=unchecked).vm
    cpu = Cpu(0)
    assert running(vm) == (0, [1, 2, 3])
    switch(vm, cpu)
    setrunqueue(vm, Thread(0))
    assert running(vm) == (1, [2, 3, 0])
    switch(vm, cpu)
    interrupt(vm, Thread(1))
    assert running(vm) == (2, [1, 3, 0])
    for left in ((1, [3, 0]), (3, [0]), (0, []), (NULL, [])):
        switch(vm, cpu)
        assert running(vm) == left


@pytest.mark.parametrize("wake", [setrunqueue, interrupt])
def test_an_idle_cpu_runs_at_once_what_becomes_runnable(
    wake: Callable[[Machine, Thread], None],
) -> None:
    crew = Crew(cpus=(0, 1))
    assert crew.start(0, tsleep, CHAN, False, "test", 0) == ASLEEP
    assert running(crew.vm) == (NULL, [])
    leave(crew.vm, Thread(0))
    wake(crew.vm, Thread(0))
    assert (running(crew.vm), crew.vm.thread.state[0]) == ((0, []), READY)


def test_a_yield_is_a_step_that_changes_nothing() -> None:
    vm = Crew().vm
    before = vm.memory.digest()
    assert list(lwkt_yield(vm)) == ["let other threads run"]
    assert vm.memory.digest() == before
