"""Performing recorded steps again, so that the suspended calls of the threads exist at another step.

A thread's call is rebuilt from the start of its unfinished instruction: each of its steps is performed again
at the state before it, and has to write what was recorded.
"""

from __future__ import annotations

import numpy as np

from engine.errors import InvariantViolation, KernelPanic
from engine.machine.bookkeeping import SCHEDULE
from engine.machine.machine import Machine
from engine.machine.tables import EMPTY, PANICKED
from engine.memory.journal import Journal
from engine.memory.timeline import Timeline
from engine.run.runner import Runner
from engine.run.suspended import Live

Write = tuple[int, int, int]
"""Address, old value, new value."""


def perform_again(
    runner: Runner, timeline: Timeline, step: int, live: list[Live]
) -> tuple[list[Write], KernelPanic | None]:
    """Perform step `step` again; return its writes and its panic.

    The memory is as recorded after `step` afterwards. The runner stays where it was; only `live` advances.
    """
    timeline.seek(step - 1)
    journal, cells = timeline.journal, runner.vm.memory.cells
    kept = runner.live, runner.step
    runner.live, runner.step = live, step - 1
    runner.vm.effects.clear()
    try:
        panic = runner.perform_to_the_end(journal.thread(step))
    finally:
        runner.live, runner.step = kept
        again = journal.take_unmarked()
        for address, old, _ in reversed(again):
            cells[address] = old
        timeline.seek(step)
    return again, panic


def repeat(runner: Runner, timeline: Timeline, step: int, live: list[Live]) -> None:
    """As `perform_again`, and compare the writes.

    Errors: InvariantViolation if they are not what was recorded.
    """
    again, _ = perform_again(runner, timeline, step, live)
    memory = runner.vm.memory
    schedule = {memory.address(column, 0) for column in SCHEDULE}
    written = [write for write in timeline.journal.writes_of(step) if write[0] not in schedule]
    if written != again:
        raise InvariantViolation(f"step {step}, performed again, wrote {again}; recorded: {written}")


def begun(vm: Machine, threads: int) -> dict[int, int]:
    """For each of the first `threads` threads that can still run, the step before its instruction."""
    state, op_start = vm.thread.state, vm.thread.op_start
    return {t: op_start[t] for t in range(threads) if state[t] not in (EMPTY, PANICKED)}


def unfinished(vm: Machine, journal: Journal, threads: int, step: int) -> list[int]:
    """The steps that the unfinished instructions of all threads have taken up to `step`, in order.

    The memory is at `step`.
    """
    since = begun(vm, threads)
    first = min(since.values(), default=step)
    if first >= step:
        return []
    took = journal.threads(first, step)
    own = [np.flatnonzero(took[start - first :] == t) + start + 1 for t, start in since.items()]
    return [int(found) for found in np.sort(np.concatenate(own))]


def at_most(vm: Machine, journal: Journal, threads: int, step: int, most: int) -> bool:
    """Whether the unfinished instructions have taken at most `most` steps; the memory is at `step`."""
    first = min(begun(vm, threads).values(), default=step)
    # A thread that has slept for a long time started its instruction long ago but took few steps since.
    return step - first <= most or len(unfinished(vm, journal, threads, step)) <= most
