"""The funnel: how many states there are at each depth, by the outcomes that are still possible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.explore.graph.depths import depths
from engine.explore.graph.state_graph import Ints, StateGraph


@dataclass(frozen=True)
class FunnelRow:
    """The states that take at least `depth` steps to reach: how many have each set of possible outcomes."""

    depth: int
    states: dict[int, int]


def funnel(graph: StateGraph, sets: Ints) -> list[FunnelRow]:
    """Return a row for each depth that any state has, ascending; its sets ascend too.

    sets: the set of possible outcomes of each state, as `possible` returns it.
    """
    depth = depths(graph)
    reached = depth >= 0
    values, kind = np.unique(sets[reached], return_inverse=True)
    place, count = np.unique(depth[reached] * len(values) + kind, return_counts=True)
    rows: dict[int, dict[int, int]] = {}
    for at, states in zip(place.tolist(), count.tolist(), strict=True):
        rows.setdefault(at // len(values), {})[int(values[at % len(values)])] = states
    return [FunnelRow(at, states) for at, states in rows.items()]
