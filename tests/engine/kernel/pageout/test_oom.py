"""Killing the largest process, and its exit (spec 24)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    NULL,
    OBJT_DEFAULT,
    OBJT_VNODE,
    P_LOWMEMKILL,
    PAGE_SIZE,
    SIGKILL,
)
from engine.kernel.age import vm_page_activate
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.busy import vm_page_wakeup
from engine.kernel.memory_wait import vm_wait_pfault
from engine.kernel.objects import vm_object_drop, vm_object_hold
from engine.kernel.pageout.oom import vm_pageout_oom, vmspace_anonymous_count, vmspace_swap_count
from engine.kernel.valid_dirty import vm_page_set_valid
from engine.machine.tables import ENDED, SACTIVE, SIDL, SSTOP, SZOMB
from engine.script.process_verbs import exit_, mlock, read, write

BASE = 0x10000
Make = Callable[..., Any]


def pages_in(drive: Make, vm: Any, obj: int, count: int) -> None:
    """Put fully valid pages at the first indices of an object."""
    drive(vm, vm_object_hold, obj)
    for pindex in range(count):
        m = drive(vm, vm_page_alloc, obj, pindex, 1)
        drive(vm, vm_page_set_valid, m, 0, PAGE_SIZE)
        drive(vm, vm_page_activate, m)
        drive(vm, vm_page_wakeup, m)
    drive(vm, vm_object_drop, obj)


def sized(world: Any, drive: Make, pid: int, pages: int, kind: int = OBJT_DEFAULT) -> int:
    """A process with its own object, which has `pages` resident pages."""
    obj = world.object(kind)
    pages_in(drive, world.vm, obj, pages)
    return int(world.process(obj, pid=pid))


def victim(world: Any, drive: Make) -> int | None:
    """The pid that is killed, if any."""
    drive(world.vm, vm_pageout_oom)
    killed = [p for p in range(world.vm.processes) if world.vm.process.p_flags[p] & P_LOWMEMKILL]
    assert len(killed) <= 1
    return world.vm.process.pid[killed[0]] if killed else None


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param([(100, 3), (101, 5), (102, 4)], 101, id="the largest is killed"),
        pytest.param([(100, 5), (101, 5)], 100, id="of equals the first"),
        pytest.param([(100, 0)], None, id="no victim without memory"),
        pytest.param([(1, 9), (100, 2)], 100, id="never init"),
        pytest.param([(47, 9), (100, 2)], 100, id="no low pid while swap is free"),
        pytest.param([(48, 9), (100, 2)], 48, id="48 is not a low pid"),
        pytest.param([], None, id="no victim without processes"),
    ],
)  # fmt: skip
def test_whom(processes: Make, drive: Make, sizes: list[tuple[int, int]], expected: int | None) -> None:
    world = processes()
    for pid, pages in sizes:
        sized(world, drive, pid, pages)
    assert victim(world, drive) == expected


def test_a_low_pid_is_not_spared_when_swap_is_exhausted(processes: Make, drive: Make) -> None:
    world = processes()
    sized(world, drive, 30, 5)
    sized(world, drive, 100, 3)
    world.vm.glob.vm_swap_size[0] = 0
    assert victim(world, drive) == 30


@pytest.mark.parametrize(("state", "expected"), [(SACTIVE, 100), (SSTOP, 100), (SIDL, None), (SZOMB, None)])
def test_only_processes_that_are_about_are_killed(
    processes: Make, drive: Make, state: int, expected: int | None
) -> None:
    world = processes()
    world.vm.process.state[sized(world, drive, 100, 3)] = state
    assert victim(world, drive) == expected


def test_system_processes_are_spared(processes: Make, drive: Make) -> None:
    world = processes()
    world.vm.process.system[sized(world, drive, 100, 3)] = 1
    assert victim(world, drive) is None


def test_files_do_not_count_and_nice_plays_no_role(processes: Make, drive: Make) -> None:
    world = processes()
    sized(world, drive, 100, 9, OBJT_VNODE)
    p = sized(world, drive, 101, 2)
    world.vm.process.nice[p] = -20
    assert victim(world, drive) == 101


def test_an_object_mapped_twice_counts_twice_and_swap_counts_by_nodes(processes: Make, drive: Make) -> None:
    world = processes()
    obj = world.object(size=64)
    pages_in(drive, world.vm, obj, 3)
    p = world.process(obj, obj, pages=32)
    assert vmspace_anonymous_count(world.vm, p) == 6
    world.swapped_out(obj, 40)
    world.swapped_out(obj, 41)
    # One node of 32 pages, of which each entry shows 32 of 64: 32 * 32 // 64 + 1, twice.
    assert vmspace_swap_count(world.vm, p) == 2 * (16 + 1)


def test_a_kill_wakes_every_memory_waiter_and_the_others_wait_on(processes: Make, drive: Make) -> None:
    world, p, _ = killer_world(processes, drive)
    for name in ("v_free_severe", "v_free_min", "v_free_target"):
        world.set_view(name, 10**6)
    world.thread("victim", p, (write, BASE + 12 * PAGE_SIZE))
    world.thread("other", NULL, (vm_wait_pfault,), cpu=1)
    world.thread("killer", NULL, (vm_pageout_oom,), cpu=1)
    world.start("victim:block, other:block, killer:end, other:block")
    world.until("register as waiting for memory", "other")
    world.until("run again after the sleep", "other")
    world.until("register as waiting for memory", "other")
    assert world.run() == "completed"


def killer_world(processes: Make, drive: Make, **limits: int) -> tuple[Any, int, int]:
    """A victim of three pages with a thread of its own, and a kernel thread that kills."""
    world = processes(**limits)
    obj = world.object()
    pages_in(drive, world.vm, obj, 3)
    world.swapped_out(obj, 9)
    p = world.process(obj, pid=100)
    return world, p, obj


def test_a_kill_lets_the_victim_out_of_its_wait_and_it_exits(processes: Make, drive: Make) -> None:
    world, p, obj = killer_world(processes, drive)
    for name in ("v_free_severe", "v_free_min", "v_free_target"):
        world.set_view(name, 10**6)
    world.thread("victim", p, (write, BASE + 12 * PAGE_SIZE, ">s"), (write, BASE))
    world.thread("killer", NULL, (vm_pageout_oom,), cpu=1)
    world.start("victim:block, killer:end")
    world.until("send SIGKILL")
    vm = world.vm
    assert (vm.process.nice[p], vm.thread.nice[0], vm.thread.signal[0]) == (-20, -20, SIGKILL)
    assert vm.process.p_flags[p] == vm.thread.p_flags[0] == P_LOWMEMKILL
    assert world.run() == "completed"
    # The fault failed, the next call was never made, and the process's memory is free.
    assert world.count("store to the address") == 1
    assert (vm.process.state[p], vm.process.resident[p], vm.object.resident_page_count[obj]) == (SZOMB, 0, 0)
    assert (vm.glob.vm_swap_size[0], world.counter("v_pfree")) == (192, 3)
    assert vm.glob.ticks[0] == 0


def test_a_thread_whose_script_has_ended_exits_too(processes: Make, drive: Make) -> None:
    world, p, obj = killer_world(processes, drive)
    world.thread("victim", p, (read, BASE))
    world.thread("killer", NULL, (vm_pageout_oom,), cpu=1)
    assert world.run("victim:end, killer:end") == "completed"
    assert (world.vm.process.state[p], world.vm.thread.state[0]) == (SZOMB, ENDED)
    assert world.count("take the signal", "victim") == 1
    assert world.vm.object.resident_page_count[obj] == 0


def test_the_last_thread_to_leave_destroys_the_address_space(processes: Make, drive: Make) -> None:
    world, p, _ = killer_world(processes, drive)
    world.thread("one", p, (read, BASE), (exit_,))
    world.thread("two", p, (read, BASE + PAGE_SIZE), cpu=1)
    assert world.run("random:3") == "completed"
    assert world.vm.process.state[p] == SZOMB
    assert (world.count("become a zombie"), world.count("leave the process")) == (1, 2)


def test_an_object_that_another_process_maps_survives(processes: Make, drive: Make) -> None:
    world, p, obj = killer_world(processes, drive)
    other = world.process(obj, pid=200)
    world.thread("one", p, (read, BASE), (exit_,))
    world.thread("two", other, (read, BASE), cpu=1)
    world.run("two:end, one:end")
    assert (world.vm.object.resident_page_count[obj], world.vm.object.ref_count[obj]) == (3, 1)
    assert world.pte(other, 0)
    assert world.vm.page.pmap_referenced[world.page(obj, 0)] == 1


def test_a_wired_page_is_unwired_and_freed_by_the_exit(processes: Make) -> None:
    world = processes()
    obj = world.object()
    world.thread("app", world.process(obj), (mlock, BASE, 1), (exit_,))
    world.start()
    world.until("stop sharing the map's lock")
    m = world.page(obj, 0)
    while m == NULL:
        assert world.step()
        m = world.page(obj, 0)
    world.run()
    assert (world.counter("v_pfree"), world.vm.page.wire_count[m], world.queue(m)) == (1, 0, "FREE")


def test_the_end_of_an_object_waits_for_its_io(processes: Make) -> None:
    world = processes()
    obj = world.object()
    world.swapped_out(obj, 0)
    p = world.process(obj)
    world.thread("reader", p, (read, BASE))
    world.thread("ender", p, (exit_,), cpu=1)
    assert world.run("reader:block, ender:block") == "completed"
    assert world.vm.glob.vm_swap_size[0] == 192
    assert world.vm.process.state[p] == SZOMB
