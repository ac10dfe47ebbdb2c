"""Nodes of a graph in levels, so that whole levels are worked on at once: each is before its successors."""

from __future__ import annotations

import numpy as np

from engine.explore.graph.state_graph import Ints, places, running_sum


def levels(first: Ints, target: Ints) -> list[Ints]:
    """Sort nodes into levels: a node's level is the number of edges of the longest path to it.

    Nodes on a cycle, and all nodes after one, are in no level: they are left out.

    Method: peel off all nodes without an unpeeled predecessor, again and again (Kahn, by whole levels).
    Time: of the edges, plus some 30 microseconds a level.

    first:  the index of the first edge of each node; int64, (nodes + 1,).
    target: the node at the end of each edge; int64, (edges,).
    """
    left = np.bincount(target, minlength=len(first) - 1)
    level, found = np.flatnonzero(left == 0), []
    while level.size:
        found.append(level)
        reached = target[places(first, level)]
        np.subtract.at(left, reached, 1)
        level = np.unique(reached[left[reached] == 0])
    return found


def first_edges(source: Ints, nodes: int) -> Ints:
    """The index of the first edge of each node; source: where each edge begins, ascending."""
    return running_sum(np.bincount(source, minlength=nodes))
