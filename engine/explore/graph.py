"""The graph of all states that a scenario can reach: which thread leads from which state to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

EVENT: Final = -1
"""The number that stands for an event in place of a thread."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StateGraph:
    """The states, numbered in the order in which they were found, and the steps between them.

    State 0 is step 0 of the run. A state that is an end has no steps. In a bounded search, a state whose
    steps were not searched has none either, and is not an end.

    threads: the names of the threads.
    source:  the state before each step; int64, (steps,), ascending.
    target:  the state after it; int64, (steps,).
    thread:  who takes it, a thread's number or EVENT; int64, (steps,). A state has one step per thread.
    length:  the steps that it takes in a run: 1, or the number of ticks that pass; int64, (steps,).
    size:    the number of states.
    ends:    each end, and the index of its outcome in `outcomes`.
    outcomes: the names of the outcomes of the ends.
    """

    threads: tuple[str, ...]
    source: Ints
    target: Ints
    thread: Ints
    length: Ints
    size: int
    ends: Mapping[int, int]
    outcomes: tuple[str, ...]

    @cached_property
    def first(self) -> Ints:
        """The index of the first step of each state; int64, (size + 1,)."""
        return np.searchsorted(self.source, np.arange(self.size + 1)).astype(np.int64)

    def steps_of(self, state: int) -> range:
        """The indexes of a state's steps."""
        return range(int(self.first[state]), int(self.first[state + 1]))

    def after(self, state: int, thread: int) -> int:
        """The state after a thread's step.

        Errors: KeyError if the thread has no step there.
        """
        for step in self.steps_of(state):
            if self.thread[step] == thread:
                return int(self.target[step])
        raise KeyError(thread)
