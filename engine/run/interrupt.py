"""The interrupt thread, which completes I/O."""

from __future__ import annotations

from typing import Final

from engine.constants import Thread
from engine.kernel.pagers.biodone import biodone
from engine.kernel.sleep import CHAN_BIO, join
from engine.machine.machine import Machine
from engine.machine.tables import SLEEPING
from engine.run.program import Call, Program

BIODONE: Final = "biodone"
"""The name of the thread, and of the function that it calls."""


def interrupt_program(cpu: int = 0) -> Program:
    """Return the program of the interrupt thread, which completes I/O in an endless loop."""
    return Program(
        BIODONE, cpu, ("biodone()",), (Call(1, "biodone()", BIODONE, biodone, (), (), 0),), interrupt=True
    )


def await_interrupts(vm: Machine, t: Thread) -> None:
    """Make thread `t` the interrupt thread: it starts asleep, with no I/O to complete."""
    vm.biothread = t
    join(vm, t, CHAN_BIO)
    vm.thread.state[t] = SLEEPING
