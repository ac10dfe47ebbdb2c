"""Numbers that wait under a cost, so that all of the lowest cost are worked on at once."""

from __future__ import annotations

import heapq
from collections import defaultdict

import numpy as np

from engine.explore.graph.state_graph import Ints


class Buckets:
    """A queue of numbers by cost: Dijkstra's, for whole arrays. It is true while any number waits."""

    def __init__(self) -> None:
        self._waiting: dict[int, list[Ints]] = defaultdict(list)
        self._costs: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._costs)

    def add(self, numbers: Ints, costs: Ints) -> None:
        """Let each number wait under its cost; both int64, (count,). A number may wait under several."""
        order = np.argsort(costs, kind="stable")
        values, first = np.unique(costs[order], return_index=True)
        for cost, part in zip(values.tolist(), np.split(numbers[order], first[1:]), strict=False):
            if cost not in self._waiting:
                heapq.heappush(self._costs, cost)
            self._waiting[cost].append(part)

    def lowest(self) -> tuple[int, Ints]:
        """Remove the lowest cost; return it and its numbers, ascending, each once.

        Errors: IndexError if none waits.
        """
        cost = heapq.heappop(self._costs)
        return cost, np.unique(np.concatenate(self._waiting.pop(cost)))
