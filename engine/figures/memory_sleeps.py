"""How long threads slept until memory was free, in ticks of the clock.

A thread sleeps for memory while its state is SLEEPING on one of the channels of memory waits. A jump of the
clock can wake a thread before its end, within one step, so the clock is read between the writes of a step.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.debug.journal_search import writes_between
from engine.debug.per_history import Remembered
from engine.machine.tables import SLEEPING
from engine.memory.block import Numbers
from engine.memory.cells import Array
from engine.run.history import History
from engine.run.memory_limits import MEMORY

_KNOWN: Final[Remembered[int, tuple[int, ...]]] = Remembered(4)


def ticks_asleep_for_memory(history: History) -> tuple[int, ...]:
    """Return the ticks that each thread slept for memory up to the end of the branch, by its number."""
    return _KNOWN.get(history, history.total, lambda: {history.total: _found(history)})


def _found(history: History) -> tuple[int, ...]:
    clock = _Clock(history)
    return tuple(_ticks_of(history, t, clock) for t in range(len(history.programs)))


class _Clock:
    """The ticks that passed since step 0, before any write of the journal."""

    def __init__(self, history: History) -> None:
        journal, place = history.journal, history.vm.memory.places["global.ticks"]
        self._writes = writes_between(history, (place.base,), 0, history.total)
        passed = (journal.new.at(self._writes) - journal.old.at(self._writes)) & place.spec.mask
        self._passed = np.append(0, np.cumsum(passed))

    def before(self, writes: Numbers) -> Array:
        """Return the ticks before each of these writes."""
        found: Array = self._passed[np.searchsorted(self._writes, writes)]
        return found


def _ticks_of(history: History, t: int, clock: _Clock) -> int:
    journal, memory = history.journal, history.vm.memory
    states = writes_between(history, (memory.address("thread.state", t),), 0, history.total)
    if not states.size:
        return 0
    bias = memory.places["thread.state"].spec.bias
    sleeps = np.flatnonzero(journal.new.at(states) + bias == SLEEPING)
    # A thread that never wakes sleeps to the end of the run.
    wakes = np.append(states, journal.end(history.total))[sleeps + 1]
    for_memory = np.isin(_channels(history, t, states[sleeps]), MEMORY)
    ticks = clock.before(wakes[for_memory]) - clock.before(states[sleeps][for_memory])
    return int(ticks.sum())


def _channels(history: History, t: int, writes: Numbers) -> Array:
    """Return the channel of thread `t` before each of these writes; 0 before its first sleep."""
    address = history.vm.memory.address("thread.chan", t)
    changes = writes_between(history, (address,), 0, history.total)
    values = np.append(0, history.journal.new.at(changes))
    found: Array = values[np.searchsorted(changes, writes)]
    return found
