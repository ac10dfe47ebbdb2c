"""The limits that keep a thread asleep for memory, found from its suspended calls.

A sleep records its channel, not its reason: which limit was compared depends on the function that sleeps, on
its arguments and on the rules. `engine.kernel.pressure_limits` has the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.constants import NULL, Thread
from engine.kernel.pressure_limits import (
    Limits,
    fault_limits,
    minimum_limits,
    wait_limits,
)
from engine.kernel.sleep import CHAN_FREE_COUNT, CHAN_PAGEOUT_PAGES_NEEDED
from engine.machine.machine import Machine
from engine.machine.tables import SLEEPING
from engine.run.suspended import Live

MEMORY: Final = (CHAN_FREE_COUNT, CHAN_PAGEOUT_PAGES_NEEDED)
"""The channels of sleeps for free memory: those of all threads, and of a pageout daemon."""


def sleeps_for_memory(vm: Machine, t: int) -> bool:
    """Whether thread `t` sleeps until memory is free."""
    return vm.thread.state[t] == SLEEPING and vm.thread.chan[t] in MEMORY


def compared(vm: Machine, live: Live) -> Limits:
    """Return what a thread compares before it sleeps for memory again; () if no call of it waits for memory.

    live: the thread's suspended instruction, at the present step.
    """
    t, cpu = live.thread, live.cpu
    calls = {call.gi_code.co_name: call.gi_frame.f_locals for call in live.calls() if call.gi_frame}
    if "vm_wait_pfault" in calls:
        return fault_limits(vm, cpu, _nice(vm, t, calls["vm_wait_pfault"]))
    if "vm_wait_nominal" in calls:
        return minimum_limits(vm, cpu)
    return wait_limits(vm, cpu, t) if "vm_wait" in calls else ()


def _nice(vm: Machine, t: Thread, values: Mapping[str, Any]) -> int:
    """The nice value that a suspended vm_wait_pfault compares."""
    p, process = values["p"], values["process"]
    if p != NULL:
        return vm.process.nice[p]
    return vm.thread.nice[t if process == NULL else process]


def limits_text(limits: Limits, verb: str = "waits") -> str:
    """Return the first limit that memory is below, in words; "" if it is below none.

    verb: what the thread does below it.
    """
    return next((limit.words(verb) for limit in limits if limit.short), "")
