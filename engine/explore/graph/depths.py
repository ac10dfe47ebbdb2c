"""How far each state is from step 0."""

from __future__ import annotations

import numpy as np

from engine.explore.graph.buckets import Buckets
from engine.explore.graph.state_graph import Ints, StateGraph, places


def depths(graph: StateGraph) -> Ints:
    """Return the fewest steps of a run that lead to each state, -1 if none does; int64, (size,).

    A tick that passes counts as a step, as it does in a run.
    """
    depth = np.full(graph.size, -1, dtype=np.int64)
    waiting = Buckets()
    waiting.add(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    while waiting:
        steps, states = waiting.lowest()
        states = states[depth[states] < 0]
        depth[states] = steps
        leaving = places(graph.first, states)
        leaving = leaving[depth[graph.target[leaving]] < 0]
        waiting.add(graph.target[leaving], steps + graph.length[leaving])
    return depth
