"""The states that a search has found, by key, and the steps between them, in a few bytes each."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np

from engine.explore.graph.state_graph import EVENT, Ints, StateGraph

_KEY_BYTES: Final = 76
"""The numbers of a state in the dict of states, without the dict."""


class StateTable:
    """States are numbered in the order in which they are found.

    numbers: key -> number. sources, targets, threads: of each step, in the order in which it was found.
    """

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.sources, self.targets, self.threads = array("i"), array("i"), array("h")
        self._parents, self._by = array("i"), array("h")
        self._ticks: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, key: int, parent: int, thread: int) -> int:
        """Number a new state; parent, thread: the state and the step by which it was found."""
        number = self.numbers[key] = len(self.numbers)
        self._parents.append(parent)
        self._by.append(thread)
        return number

    def add_event(self, source: int, target: int, ticks: int) -> None:
        """Add the step in which `ticks` clock ticks pass."""
        self._ticks[len(self.sources)] = ticks
        self.sources.append(source)
        self.targets.append(target)
        self.threads.append(EVENT)

    def way_to(self, state: int) -> list[int]:
        """The threads, or EVENT, whose steps found a state, from state 0 on."""
        way = []
        while state:
            way.append(self._by[state])
            state = self._parents[state]
        return way[::-1]

    @property
    def bytes(self) -> int:
        """The memory that the table takes, about."""
        per_step = 2 * self.sources.itemsize + self.threads.itemsize
        per_state = _KEY_BYTES + self._parents.itemsize + self._by.itemsize
        return sys.getsizeof(self.numbers) + len(self) * per_state + len(self.sources) * per_step

    def graph(self, threads: tuple[str, ...], ends: Sequence[tuple[int, str]]) -> StateGraph:
        """Return the graph, and give up the steps; ends: each end and its outcome."""
        order = np.argsort(np.asarray(self.sources), kind="stable")
        length: Ints = np.broadcast_to(np.int64(1), order.shape)
        if self._ticks:
            length = np.ones(order.size, np.int64)
            length[list(self._ticks)] = list(self._ticks.values())
            length = length[order]
        names = tuple(dict.fromkeys(outcome for _, outcome in ends))
        source = _sorted(self.sources, order)
        self.sources = array("i")
        target = _sorted(self.targets, order)
        self.targets = array("i")
        return StateGraph(
            threads=threads,
            source=source,
            target=target,
            thread=_sorted(self.threads, order),
            length=length,
            size=len(self),
            ends={state: names.index(outcome) for state, outcome in ends},
            outcomes=names,
        )


def _sorted(numbers: array[int], order: Ints) -> Ints:
    return np.asarray(numbers)[order].astype(np.int64)
