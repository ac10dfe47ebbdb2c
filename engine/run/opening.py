"""The opening of a run whose boot is stepped: the thread `boot`, then the setup, then the other threads.

At step 0 the machine has just been powered on, and `boot` is its only thread. Until the setup, neither the
schedule nor the processors in turn choose a step, and the clock does not tick. With its last step `boot`
clears its row, so the memory is that of the same machine booted before step 0. The setup is an event: it
makes the objects and processes, runs the script of [setup] and starts the threads, in one step.

The steps of the opening are the same in every branch, since there is never a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from engine.constants import Cpu, Thread
from engine.kernel.boot.sequence import BootCall
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_THREAD, READY
from engine.run.events import Choice, Event
from engine.run.program import Call, Evaluate, Program
from engine.run.remarks import Effect

BOOT: Final = "boot"
"""The name of the thread that boots the machine."""

SETUP_EVENT: Final = "setup"
"""The kind of the event that ends the opening."""


@dataclass
class Opening:
    """What happens before the threads of a scenario run.

    thread: the number of the thread `boot`.
    set_up: makes what the scenario has before its threads run; returns what it printed.
    end:    the step of the setup; None until it was taken for the first time.
    """

    thread: Thread
    set_up: Callable[[Machine], list[Effect]]
    end: int | None = None

    def lasts(self, step: int) -> bool:
        """Whether the step after `step` belongs to the opening."""
        return self.end is None or step < self.end

    def choice(self, vm: Machine) -> Choice:
        """Return who takes the next step of the opening."""
        return self.thread if vm.thread.state[self.thread] == READY else Event(SETUP_EVENT, 0)


def boot_program(calls: Iterable[BootCall]) -> Program:
    """Return the program of the thread `boot`: its script has a line for each call."""
    made = list(calls)
    first = Call(0, "power on", "power on", _power_on, (), (), 1)
    instructions = [first, *(_call(line, call) for line, call in enumerate(made, 1))]
    return Program(BOOT, 0, tuple(call.text for call in made), tuple(instructions), boot=True)


def _power_on(vm: Machine) -> Steps[None]:
    # The instruction has no line: position 0 is also that of the cleared row after boot.
    del vm
    yield "start on cpu 0, where the loader has put the kernel; no page is known yet"


def _call(line: int, call: BootCall) -> Call:
    name, arguments = call.function.__name__, tuple(_constant(value) for value in call.arguments)
    return Call(line, call.text, name, call.function, arguments, (), line + 1)


def _constant(value: int) -> Evaluate:
    return lambda vm: value  # noqa: ARG005  # the machine does not matter


def clear_thread(vm: Machine, t: Thread) -> None:
    """Reset the row of a thread that has ended to its state at power-on: part of its last step."""
    for place in vm.memory.columns:
        if place.table == "thread":
            getattr(vm.thread, place.name)[t] = place.spec.bias
    vm.curthread, vm.mycpu = NO_THREAD, Cpu(0)
