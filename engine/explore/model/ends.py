"""What a state is at which no thread can take a step: the outcome of the run, and the finding about it."""

from __future__ import annotations

from typing import Final

from engine.debug.lost_wakeup import is_lost
from engine.errors import KernelPanic
from engine.explore.model.marks import Marks
from engine.explore.model.transitions import Ending, Model
from engine.kernel.sleep import CHAN_PAGE, CHAN_PIP
from engine.machine.tables import SLEEPING
from engine.run.endings import LEAK, UNLOCK_ORDER
from engine.run.memory_limits import MEMORY, compared
from engine.run.threads import COMPLETED

SCRIPT_ERROR: Final = "script error"
INVARIANT: Final = "invariant"
EXCLUDED: Final = "excluded"
"""The outcome of the one state at which all schedules end that an order excludes; it is never reported."""


def outcome_of_step(ending: Ending) -> str:
    """The outcome of a run that ends within a step: `panic:FUNCTION`, or `script error`."""
    return f"panic:{ending.function}" if isinstance(ending, KernelPanic) else SCRIPT_ERROR


def outcome_of_idle(model: Model, outcome: str, marks: Marks) -> str:
    """The outcome of a run in which no thread can run, where nothing that was taken may be left."""
    if outcome != COMPLETED:
        return outcome
    if marks.early:
        return UNLOCK_ORDER
    return LEAK if model.marking.leaks(marks) else COMPLETED


def has_lost_wakeup(model: Model) -> bool:
    """Whether a thread of the present state sleeps for something that it would find if it looked again."""
    return any(_has_lost(model, t) for t in range(len(model.names)))


def _has_lost(model: Model, t: int) -> bool:
    vm = model.vm
    if vm.thread.state[t] != SLEEPING:
        return False
    chan = vm.thread.chan[t]
    if chan in MEMORY:
        model.states[t].go_to(model.local[t])
        limits = compared(vm, model.runner.live[t])
        return bool(limits) and not any(limit.short for limit in limits)
    return CHAN_PAGE <= chan < CHAN_PIP and is_lost(vm, t, chan - CHAN_PAGE)
