"""Calling one kernel function to completion, for programs that use the engine without threads and schedules.

Nothing runs concurrently with such a call. A call that has to wait would wait forever, so it raises an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine.constants import Cpu, Thread
from engine.errors import Finding
from engine.kernel.locks import can_take, lock_name
from engine.kernel.sleep import describe_channel
from engine.machine.machine import Machine, Steps
from engine.machine.tables import READY, SLEEPING

T = TypeVar("T")


class WouldBlockError(Finding):
    """The call sleeps or waits for a lock, and nothing else runs that could end the wait."""


def call(vm: Machine, function: Callable[..., Steps[T]], *arguments: int, cpu: int = 0) -> T:
    """Run `function(vm, *arguments)` as thread 0 on `cpu` until it returns; return its result.

    The machine must not be in the middle of a run of its own threads.

    >>> from engine.constants import NULL, VM_ALLOC_NORMAL
    >>> from engine.kernel.alloc import vm_page_alloc
    >>> from engine.kernel.boot.sequence import boot
    >>> from engine.machine.machine import MachineConfig
    >>> from engine.machine.topology import parse_spec
    >>> vm = boot(MachineConfig(parse_spec("4MiB:1x2x1")))
    >>> m = call(vm, vm_page_alloc, NULL, 5, VM_ALLOC_NORMAL)
    >>> vm.page.pindex[m]
    5

    Errors: WouldBlockError; KernelPanic and any other finding of the function.
    """
    vm.curthread, vm.mycpu = Thread(0), Cpu(cpu)
    vm.thread.state[0], vm.thread.cpu[0], vm.cpu.current[cpu] = READY, cpu, 0
    advance = function(vm, *arguments).__next__
    try:
        while True:
            action = advance()
            if action.__class__ is tuple:
                _see_lock_free(vm, action[1])
            elif vm.runnable_changed:
                vm.runnable_changed = False
                _see_awake(vm)
    except StopIteration as end:
        result: T = end.value
        return result


def _see_lock_free(vm: Machine, lock: int) -> None:
    if not can_take(vm, Thread(0), lock):
        raise WouldBlockError(f"the call waits for {lock_name(vm, lock)}, and nothing else runs")


def _see_awake(vm: Machine) -> None:
    if vm.thread.state[0] == SLEEPING:
        name, number = describe_channel(vm, vm.thread.chan[0])
        channel = name if number is None else f"{name} {number:#x}"
        raise WouldBlockError(f"the call sleeps on {channel}, and nothing else runs")
