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


def running_sum(counts: Ints) -> Ints:
    """The sum of the counts before each, and last of all counts; int64, (counts + 1,)."""
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64, copy=False)


def places(first: Ints, nodes: Ints) -> Ints:
    """The indexes first[node] to first[node + 1] - 1 of each of the nodes, in their order; int64.

    With `graph.first` these are the steps of states; with `graph.first_arriving`, places in `arriving`.
    """
    count = first[nodes + 1] - first[nodes]
    end = np.cumsum(count)
    total = int(end[-1]) if len(end) else 0
    return np.repeat(first[nodes] - (end - count), count) + np.arange(total, dtype=np.int64)


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

    @cached_property
    def arriving(self) -> Ints:
        """The indexes of all steps, ordered by the state after them, then by index; int64, (steps,)."""
        return np.argsort(self.target, kind="stable").astype(np.int64, copy=False)

    @cached_property
    def first_arriving(self) -> Ints:
        """The place in `arriving` of the first step that leads to each state; int64, (size + 1,)."""
        return running_sum(np.bincount(self.target, minlength=self.size))

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
