"""Processes: pids, the signals of failed faults, kills and exits (spec 24, sections 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import (
    KERN_FAILURE,
    KERN_INVALID_ADDRESS,
    KERN_PROTECTION_FAILURE,
    KERN_SUCCESS,
    NULL,
    OBJ_DEAD,
    SIGBUS,
    SIGKILL,
    SIGSEGV,
    Thread,
)
from engine.errors import BadInput
from engine.kernel.process.process import (
    exit1,
    make_process,
    post_sigkill,
    process_named,
    signal_of,
    threads_of,
)
from engine.machine.machine import Machine
from engine.machine.tables import EMPTY, ENDED, READY, SACTIVE, SSTOP, SZOMB
from engine.script.process_verbs import write
from tests.engine.kernel.checked_crew import Crew

Make = Callable[..., Any]
BASE = 0x10000


def inhabited() -> Machine:
    """A machine with processes 100 and 200; thread 0 is of the first, 1 of the second, 2 of none."""
    vm = Crew().vm
    for t, pid in enumerate((100, 200)):
        vm.thread.process[t] = make_process(vm, pid, nice=-5 * t)
    vm.curthread = Thread(0)
    return vm


# --- pids -------------------------------------------------------------------------------------------------


def test_a_new_process_is_active_with_its_pid_and_nice_value() -> None:
    vm = inhabited()
    assert vm.processes == 2
    table = vm.process
    assert [(table.pid[p], table.nice[p], table.state[p]) for p in (0, 1)] == [
        (100, 0, SACTIVE),
        (200, -5, SACTIVE),
    ]


def test_a_process_too_many_is_a_message() -> None:
    vm = Crew().vm
    for pid in range(vm.process.length):
        make_process(vm, pid + 1, 0)
    with pytest.raises(BadInput, match="there are more than 16 processes; this machine has no room for more"):
        make_process(vm, 999, 0)


def test_a_process_is_named_by_its_pid_and_by_0_to_its_own_threads() -> None:
    vm = inhabited()
    assert [process_named(vm, pid) for pid in (100, 200, 0)] == [0, 1, 0]
    vm.curthread = Thread(1)
    assert process_named(vm, 0) == 1


def test_a_pid_without_a_process_is_refused_and_the_pids_are_listed() -> None:
    with pytest.raises(BadInput, match=r"no process has pid 300; the pids are: 100, 200$"):
        process_named(inhabited(), 300)
    with pytest.raises(BadInput, match=r"no process has pid 300; the pids are: none$"):
        process_named(Crew().vm, 300)


def test_a_thread_without_a_process_has_no_own_one() -> None:
    vm = inhabited()
    vm.curthread = Thread(2)
    with pytest.raises(BadInput, match="this thread belongs to no process; give a pid"):
        process_named(vm, 0)


def test_the_threads_of_a_process_are_those_that_have_not_left_it() -> None:
    vm = inhabited()
    vm.thread.process[2] = 0
    assert [threads_of(vm, p) for p in (0, 1)] == [[0, 2], [1]]
    vm.thread.process[0] = NULL
    vm.thread.state[1] = EMPTY
    assert [threads_of(vm, p) for p in (0, 1)] == [[2], []]


# --- signals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "signal"),
    [
        (KERN_SUCCESS, 0),
        (KERN_PROTECTION_FAILURE, SIGBUS),
        (KERN_INVALID_ADDRESS, SIGSEGV),
        (KERN_FAILURE, SIGSEGV),
    ],
)
def test_which_signal_a_failed_fault_means(result: int, signal: int) -> None:
    assert signal_of(result) == signal


def test_a_kill_marks_every_thread_of_the_process_and_wakes_those_that_have_ended() -> None:
    vm = inhabited()
    vm.thread.process[2] = 1
    vm.thread.state[1], vm.thread.state[2] = ENDED, READY
    vm.cpu.current[1] = Thread(NULL)
    post_sigkill(vm, 1)
    assert [vm.thread.signal[t] for t in range(3)] == [0, SIGKILL, SIGKILL]
    assert (vm.thread.state[1], vm.cpu.current[1]) == (READY, 1)


def test_a_thread_that_kills_its_own_process_is_not_put_on_the_run_queue_again() -> None:
    vm = inhabited()
    vm.thread.state[0] = ENDED
    post_sigkill(vm, 0)
    assert (vm.thread.signal[0], vm.thread.state[0]) == (SIGKILL, ENDED)


@pytest.mark.parametrize("state", [SSTOP, SACTIVE, SZOMB])
def test_a_stopped_process_resumes_when_it_is_killed(state: int) -> None:
    vm = inhabited()
    vm.process.state[1] = state
    post_sigkill(vm, 1)
    assert vm.process.state[1] == (SACTIVE if state == SSTOP else state)


# --- leaving ----------------------------------------------------------------------------------------------


def test_the_last_thread_to_leave_destroys_the_address_space(processes: Make) -> None:
    world = processes()
    heap = world.object()
    p = world.process(heap)
    world.thread("first", p, (write, BASE), (exit1,))
    world.thread("last", p, (write, BASE), (exit1,), cpu=1)
    world.start("first:end")
    world.until("leave the process", "first")
    vm = world.vm
    assert (vm.thread.process[0], vm.thread.process[1]) == (NULL, p)
    world.until("leave the process", "last")
    assert (vm.process.state[p], vm.process.resident[p]) == (SACTIVE, 1)
    assert world.run() == "completed"
    assert (vm.process.state[p], vm.process.resident[p]) == (SZOMB, 0)
    assert (vm.process.first_entry[p], vm.object.ref_count[heap]) == (NULL, 0)
    assert (vm.object.flags[heap] & OBJ_DEAD, world.page(heap, 0)) == (OBJ_DEAD, NULL)
    assert world.count("become a zombie") == 1


def test_a_thread_whose_script_has_ended_does_not_keep_its_process(processes: Make) -> None:
    world = processes()
    p = world.process(world.object())
    world.thread("idle", p, (write, BASE))
    world.thread("last", p, (exit1,), cpu=1)
    assert world.run("idle:end, last:end") == "completed"
    assert world.vm.process.state[p] == SZOMB


def test_a_thread_of_no_process_leaves_nothing(processes: Make) -> None:
    world = processes()
    p = world.process(world.object())
    world.thread("app", NULL, (exit1,))
    assert world.run() == "completed"
    assert (world.vm.process.state[p], world.count("become a zombie")) == (SACTIVE, 0)
