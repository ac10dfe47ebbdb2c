"""The rows of threads: what is refused, how a thread starts, and who is next after a preemption."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import NULL, Cpu, Thread
from engine.errors import BadInput, CapacityError
from engine.machine.tables import ENDED, READY
from engine.run import thread_rows
from engine.run.program import Program
from tests.engine.run.thread_calls import nop


@pytest.fixture
def history(stage: Callable[..., Any]) -> Any:
    """Three threads on cpu 0, of which the first runs."""
    play = stage()
    for name in ("a", "b", "c"):
        play.thread(name, 0, (nop,))
    return play.start()


def test_a_thread_on_an_unknown_cpu_and_too_many_threads_are_refused(history: Any) -> None:
    vm = history.vm
    with pytest.raises(BadInput, match="thread x: no cpu 9; this machine has cpus 0 to"):
        thread_rows.check(vm, [Program("x", 9, (), ())])
    many = [Program("x", 0, (), ())] * (vm.thread.length + 1)
    with pytest.raises(CapacityError, match=f"{len(many)} threads; this machine has room for"):
        thread_rows.check(vm, many)
    thread_rows.check(vm, many[1:])


def test_a_thread_without_instructions_has_ended_before_the_run(stage: Callable[..., Any]) -> None:
    play = stage()
    play.thread("a", 0, (nop,))
    play.programs.append(Program("none", 1, (), ()))
    vm = play.start().vm
    assert [vm.thread.state[t] for t in (0, 1)] == [READY, ENDED]
    assert (vm.thread.cpu[1], vm.cpu.current[0], vm.cpu.current[1]) == (1, 0, NULL)


def test_a_thread_that_starts_during_a_run_has_null_variables_and_is_ready(history: Any) -> None:
    vm = history.vm
    program = Program("x", 1, (), history.programs[0].instructions, {"m": 5, "n": 6}, zeroed=frozenset({6}))
    thread_rows.start(vm, Thread(3), program, 17)
    assert (vm.thread.state[3], vm.thread.op_start[3], vm.cpu.current[1]) == (READY, 17, 3)
    assert (vm.variable.value[5], vm.variable.value[6]) == (NULL, 0)


@pytest.mark.parametrize(("interrupt", "queue"), [(False, [2, 0]), (True, [0, 2])])
def test_a_preempted_thread_goes_to_the_tail_but_an_interrupted_one_is_next(
    history: Any, interrupt: bool, queue: list[int]
) -> None:
    vm, threads = history.vm, history.runner.threads
    assert (vm.cpu.current[0], threads.run_queue(0)) == (0, [1, 2])
    if interrupt:
        vm.biothread = Thread(1)
    thread_rows.preempt(vm, Cpu(0), 1, threads.run_queue(0))
    assert (vm.cpu.current[0], threads.run_queue(0)) == (1, queue)
