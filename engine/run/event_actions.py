"""What an event does: time passes, an I/O ends, or a sleep times out."""

from __future__ import annotations

from engine.constants import Thread
from engine.kernel.pagers.bio import complete
from engine.kernel.sleep import expire
from engine.machine.machine import Machine
from engine.run.clock import tick
from engine.run.events import IO_COMPLETION, Event, ticks_label, timeout_label


def perform_event(vm: Machine, event: Event, step: int) -> str:
    """Perform a tick, io or timeout event as step `step`; return its label."""
    if event.kind == "tick":
        tick(vm, event.number)
        if vm.config.steps_per_tick:
            vm.glob.schedule_tick[0] = step
        return ticks_label(event.number)
    if event.kind == "io":
        complete(vm, event.number)
        return IO_COMPLETION
    expire(vm, Thread(event.number))
    return timeout_label(vm.thread_names[event.number])
