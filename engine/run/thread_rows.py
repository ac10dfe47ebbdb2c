"""The rows of threads, as the runner writes them between actions: creation, start, and preemption."""

from __future__ import annotations

from collections.abc import Sequence

from engine.constants import NULL, Cpu, Thread
from engine.errors import BadInput, CapacityError
from engine.kernel.sleep import setrunqueue
from engine.machine.machine import Machine
from engine.machine.tables import ENDED
from engine.run.interrupt import await_interrupts
from engine.run.program import Program


def check(vm: Machine, programs: Sequence[Program]) -> None:
    """Check that the machine has a row and a cpu for each thread.

    Errors: BadInput for a cpu that does not exist, CapacityError for too many threads.
    """
    if len(programs) > vm.thread.length:
        raise CapacityError(f"{len(programs)} threads; this machine has room for {vm.thread.length}")
    for program in programs:
        if not 0 <= program.cpu < vm.ncpus:
            there = f"cpus 0 to {vm.ncpus - 1}"
            raise BadInput(f"thread {program.name}: no cpu {program.cpu}; this machine has {there}")


def create(vm: Machine, programs: Sequence[Program]) -> None:
    """Create the rows of all threads but the one that has booted, each at the start of its program."""
    for t, program in zip(vm.threads, programs, strict=False):
        if program.boot:
            continue
        vm.thread.cpu[t] = program.cpu
        vm.thread.nice[t] = program.nice
        vm.thread.process[t] = program.process
        vm.thread.state[t] = ENDED
        if program.interrupt:
            await_interrupts(vm, t)
        elif program.instructions:
            setrunqueue(vm, t)
        if program.daemon == "pagedaemon":
            vm.pagethread = t
        elif program.daemon == "emergpager":
            vm.emergpager = t


def start(vm: Machine, t: Thread, program: Program, step: int) -> None:
    """Create the row of thread `t` and clear its variables during a run: part of step `step`."""
    vm.thread.cpu[t] = program.cpu
    vm.thread.nice[t] = program.nice
    vm.thread.pc[t] = 0
    vm.thread.op_start[t] = step
    for slot in program.names.values():
        vm.variable.value[slot] = 0 if slot in program.zeroed else NULL
    setrunqueue(vm, t)


def preempt(vm: Machine, cpu: Cpu, t: int, queue: Sequence[Thread]) -> None:
    """Give the cpu to thread `t` of its run queue; the current thread goes back to the run queue.

    queue: the threads on the cpu's run queue, in order.
    """
    waiting = [other for other in queue if other != t]
    if vm.cpu.current[cpu] != NULL:
        # An interrupted thread is the next to run; a thread that the schedule preempts goes to the tail.
        place = 0 if t == vm.biothread else len(waiting)
        waiting.insert(place, vm.cpu.current[cpu])
    vm.cpu.runq_head[cpu] = NULL
    vm.cpu.runq_tail[cpu] = NULL
    vm.cpu.current[cpu] = t
    vm.thread.run_next[t] = NULL
    for other in waiting:
        vm.thread.run_next[other] = NULL
        setrunqueue(vm, other)
