"""Pending I/O: its completion, the thread that it wakes, and waiting for it (spec 23, sections 3 and 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.constants import Obj
from engine.errors import CapacityError
from engine.kernel.pagers.bio import (
    begin_io,
    biowait,
    complete,
    finished_ios,
    getpbuf,
    pending_ios,
    release_io,
    relpbuf,
    ticks_to_io,
)
from engine.kernel.sleep import CHAN_BUF, CHAN_NSW
from engine.machine.machine import Capacity
from engine.machine.tables import BUF_SWAP_WRITE, BUF_VNODE_READ
from tests.engine.kernel.checked_crew import ASLEEP, DONE, Crew, configuration

OBJ = Obj(1)


def crew_with(io_delay: int = 5, bufs: int = 4) -> Crew:
    """A crew whose device takes `io_delay` ticks for an I/O and has room for `bufs` of them."""
    capacity = Capacity(objects=8, threads=8, variables=8, bufs=bufs)
    return Crew(replace(configuration(), io_delay=io_delay, capacity=capacity))


def read_of(crew: Crew, pindex: int = 0, sync: int = 0) -> int:
    """Begin the read of one page."""
    row = begin_io(crew.vm, BUF_VNODE_READ, OBJ, pindex, 1)
    crew.vm.buf.sync[row] = sync
    return row


# --- the device -------------------------------------------------------------------------------------------


def test_an_io_records_its_object_and_pages() -> None:
    vm = crew_with().vm
    vm.glob.ticks[0] = 7
    row = begin_io(vm, BUF_SWAP_WRITE, OBJ, 3, 2, 256)
    buf = vm.buf
    assert (buf.kind[row], buf.object[row], buf.pindex[row]) == (BUF_SWAP_WRITE, OBJ, 3)
    assert (buf.count[row], buf.block[row], buf.started[row]) == (2, 256, 7)
    assert (buf.done[row], buf.error[row], buf.sync[row]) == (0, 0, 0)
    assert vm.effects[-1] == ("begin_io", row, BUF_SWAP_WRITE, OBJ, 3, 2)


def test_ios_are_listed_in_the_order_of_their_start_also_where_a_row_is_used_again() -> None:
    crew = crew_with()
    first, second = read_of(crew), read_of(crew)
    release_io(crew.vm, first)
    third = read_of(crew)
    assert third == first
    assert pending_ios(crew.vm) == [second, third]


def test_one_io_more_than_the_capacity_is_a_message() -> None:
    crew = crew_with(bufs=2)
    read_of(crew)
    read_of(crew)
    with pytest.raises(CapacityError, match="2 I/Os are under way; the model has no room for more"):
        read_of(crew)


def test_the_device_is_done_when_the_delay_has_passed_for_each_io_by_itself() -> None:
    crew = crew_with(io_delay=5)
    vm = crew.vm
    assert ticks_to_io(vm) is None
    first = read_of(crew)
    crew.tick(2)
    second = read_of(crew)
    assert (ticks_to_io(vm), pending_ios(vm)) == (3, [first, second])
    crew.tick(2)
    assert finished_ios(vm) == []
    crew.tick()
    assert (finished_ios(vm), pending_ios(vm), ticks_to_io(vm)) == ([first], [second], 2)
    crew.tick(2)
    assert (finished_ios(vm), ticks_to_io(vm)) == ([first, second], None)


def test_an_io_that_takes_no_time_ends_with_the_next_tick() -> None:
    crew = crew_with(io_delay=0)
    row = read_of(crew)
    assert ticks_to_io(crew.vm) == 1
    crew.tick()
    assert finished_ios(crew.vm) == [row]


def test_the_delay_is_right_where_the_clock_wraps_around() -> None:
    crew = crew_with(io_delay=5)
    crew.vm.glob.ticks[0] = (1 << 31) - 1
    read_of(crew)
    crew.vm.glob.ticks[0] = -(1 << 31) + 2
    assert ticks_to_io(crew.vm) == 5 - 3


@pytest.mark.parametrize("fails", [0, 1])
def test_an_io_ends_with_an_error_when_its_object_says_so(fails: int) -> None:
    crew = crew_with()
    row = read_of(crew)
    crew.vm.object.io_fails[OBJ] = fails
    complete(crew.vm, row)
    assert (crew.vm.buf.done[row], crew.vm.buf.error[row]) == (1, fails)
    assert crew.vm.effects[-1] == ("io_done", row, fails)


def test_an_io_that_a_thread_waits_for_is_not_the_interrupt_threads() -> None:
    crew = crew_with()
    alone, awaited = read_of(crew), read_of(crew, sync=1)
    for row in (awaited, alone):
        complete(crew.vm, row)
    assert finished_ios(crew.vm) == [alone]


# --- waiting ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fails", [0, 1])
def test_a_thread_sleeps_until_the_device_is_done_and_gets_its_error(fails: int) -> None:
    crew = crew_with(io_delay=2)
    row = read_of(crew, sync=1)
    crew.vm.object.io_fails[OBJ] = fails
    assert crew.start(0, biowait, row, "biord") == ASLEEP
    assert crew.vm.thread.chan[0] == CHAN_BUF + row
    crew.tick()
    assert crew.asleep(0)
    crew.tick()
    assert (crew.play(0), crew.results[0]) == (DONE, fails)


@pytest.mark.parametrize("before", range(5))
def test_no_wakeup_is_lost_wherever_the_device_is_done(before: int) -> None:
    crew = crew_with()
    row = read_of(crew, sync=1)
    crew.begin(0, biowait, row, "biord")
    for _ in range(before):
        if crew.stands(0) is None:
            crew.step(0)
    complete(crew.vm, row)
    assert (crew.play(0), crew.results[0]) == (DONE, 0)


def test_a_write_too_many_waits_until_another_one_ends() -> None:
    crew = crew_with()
    glob = crew.vm.glob
    glob.nsw_wcount_async[0] = 1
    crew.call(getpbuf)
    assert crew.start(1, getpbuf) == ASLEEP
    assert (crew.vm.thread.chan[1], glob.nsw_wcount_async[0]) == (CHAN_NSW, 0)
    crew.call(relpbuf)
    assert crew.play(1) == DONE
    assert glob.nsw_wcount_async[0] == 0


def test_the_end_of_a_write_that_nothing_waits_for_wakes_nothing() -> None:
    crew = crew_with()
    crew.vm.glob.nsw_wcount_async[0] = 3
    crew.effects.clear()
    crew.call(relpbuf)
    assert crew.vm.glob.nsw_wcount_async[0] == 4
    assert crew.effects == []
