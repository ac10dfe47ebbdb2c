"""Processes as the page layer sees them: pids, kills, and the exit that frees everything.

A thread checks for a signal where it would return to its program: after each call. A thread whose script has
ended waits in its program; a signal wakes it.
Source: spec 24, sections 3 and 4.
"""

from __future__ import annotations

from engine.constants import KERN_PROTECTION_FAILURE, KERN_SUCCESS, NULL, SIGBUS, SIGKILL, SIGSEGV, Thread
from engine.errors import BadInput
from engine.kernel.process.vm_map import vmspace_exit
from engine.kernel.sleep import setrunqueue
from engine.machine.machine import Machine, Steps
from engine.machine.tables import EMPTY, ENDED, SACTIVE, SSTOP, SZOMB


def make_process(vm: Machine, pid: int, nice: int) -> int:
    """Make a process, before step 0; return its row.

    Errors: BadInput when the machine has no room for another.
    """
    p = vm.processes
    if p == vm.process.length:
        raise BadInput(f"there are more than {p} processes; this machine has no room for more")
    vm.processes += 1
    vm.process.pid[p] = pid
    vm.process.nice[p] = nice
    vm.process.state[p] = SACTIVE
    return p


def process_named(vm: Machine, pid: int) -> int:
    """The process with a pid, or for pid 0 the running thread's own.

    Errors: BadInput when there is no such process.
    """
    if not pid:
        p = vm.thread.process[vm.curthread]
        if p == NULL:
            raise BadInput("this thread belongs to no process; give a pid, or the thread a process")
        return p
    for p in range(vm.processes):
        if vm.process.pid[p] == pid:
            return p
    there = ", ".join(str(vm.process.pid[p]) for p in range(vm.processes)) or "none"
    raise BadInput(f"no process has pid {pid}; the pids are: {there}")


def threads_of(vm: Machine, p: int) -> list[Thread]:
    """The threads of a process that have not left it."""
    thread = vm.thread
    return [t for t in vm.threads if thread.process[t] == p and thread.state[t] != EMPTY]


def signal_of(result: int) -> int:
    """The signal that a failed fault sends to the program, 0 when it did not fail."""
    if result == KERN_SUCCESS:
        return 0
    return SIGBUS if result == KERN_PROTECTION_FAILURE else SIGSEGV


def post_sigkill(vm: Machine, p: int) -> None:
    """Make every thread of a process exit as soon as it would return to its program: part of a step."""
    if vm.process.state[p] == SSTOP:
        vm.process.state[p] = SACTIVE
    for t in threads_of(vm, p):
        vm.thread.signal[t] = SIGKILL
        if vm.thread.state[t] == ENDED and t != vm.curthread:
            setrunqueue(vm, t)


def exit1(vm: Machine) -> Steps[None]:
    """Leave the process; the last thread destroys the address space.

    Locks:   none on entry or return; as vmspace_exit.
    Blocks:  yes.
    Returns: nothing; the thread ends.
    Errors:  those of vmspace_exit.
    Source:  sys/kern/kern_exit.c exit1
    """
    yield "leave the process"
    p = vm.thread.process[vm.curthread]
    vm.thread.process[vm.curthread] = NULL
    if p == NULL or any(vm.thread.state[t] != ENDED for t in threads_of(vm, p)):
        return
    yield from vmspace_exit(vm, p)
    yield "become a zombie"
    vm.process.state[p] = SZOMB
