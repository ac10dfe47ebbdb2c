"""Regions: connected states in which the same outcomes are possible."""

from __future__ import annotations

import numpy as np

from engine.explore.graph.state_graph import Ints, StateGraph


def regions(graph: StateGraph, sets: Ints) -> Ints:
    """Return the number of each state's region; int64, (size,). They are numbered by their lowest states.

    Two states are in one region if a chain of steps connects them, in whatever directions, none of which
    changes the set of possible outcomes.

    Method: each state takes the lowest number next to it, and the number of the state that has that number
    (connected components by hooking and pointer jumping).

    sets: the set of possible outcomes of each state, as `possible` returns it.
    """
    same = sets[graph.source] == sets[graph.target]
    source, target = graph.source[same], graph.target[same]
    label = np.arange(graph.size, dtype=np.int64)
    while True:
        low = np.minimum(label[source], label[target])
        new = label.copy()
        np.minimum.at(new, label[source], low)
        np.minimum.at(new, label[target], low)
        while (new != new[new]).any():
            new = new[new]
        if (new == label).all():
            return np.unique(label, return_inverse=True)[1].astype(np.int64)
        label = new
