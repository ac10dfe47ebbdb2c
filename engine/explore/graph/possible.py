"""Which outcomes are still possible in each state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from engine.explore.graph.state_graph import Ints, StateGraph, places

MOST: Final = 62
"""The most outcomes that fit in a set of bits."""


def possible(graph: StateGraph, goals: Mapping[int, int]) -> Ints:
    """Return the set of the outcomes that some path from each state leads to; int64, (size,).

    A set has bit n, of value 1 << n, if outcome n is in it; it is 0 where no goal can be reached. After a
    bounded search a set may lack outcomes that were not found.

    Method: backwards from the goals. A state passes on what is new in its set, so it does so at most once
    for each outcome.

    goals: the number of the outcome of each state that has one: of ends, and of the states of livelocks.

    Errors: ValueError if a number is not from 0 to 61.
    """
    if not all(0 <= bit < MOST for bit in goals.values()):
        raise ValueError(f"outcomes are numbered from 0, and at most {MOST} fit in a set")
    sets = np.zeros(graph.size, dtype=np.int64)
    states = np.fromiter(goals.keys(), dtype=np.int64, count=len(goals))
    sets[states] = np.left_shift(1, np.fromiter(goals.values(), dtype=np.int64, count=len(goals)))
    changed = np.sort(states)
    while changed.size:
        steps = graph.arriving[places(graph.first_arriving, changed)]
        before, new = graph.source[steps], sets[graph.target[steps]]
        fresh = (new & ~sets[before]) != 0
        np.bitwise_or.at(sets, before[fresh], new[fresh])
        changed = np.unique(before[fresh])
    return sets


def outcomes_of(outcomes: int) -> list[int]:
    """The numbers of the outcomes in a set, ascending."""
    return [bit for bit in range(MOST) if outcomes >> bit & 1]
