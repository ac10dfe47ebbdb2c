"""The cycles of a graph: its strongly connected components that have one."""

from __future__ import annotations

import numpy as np

from engine.explore.graph.levels import first_edges, levels
from engine.explore.graph.state_graph import Ints, StateGraph


def components(graph: StateGraph) -> Ints:
    """Return the number of each state's cyclic component, -1 off all cycles; int64, (size,).

    Two states are in one component if each can be reached from the other. Components are numbered from 0
    by their lowest states.
    """
    return cyclic(graph.size, graph.source, graph.target)


def cyclic(nodes: int, source: Ints, target: Ints) -> Ints:
    """Return the number of each node's cyclic component, -1 off all cycles; int64, (nodes,).

    Method: peel off what comes before all cycles, then what comes after all of them, by whole levels; the
    rest by Tarjan's algorithm.

    source, target: the two ends of each edge, source ascending; int64, (edges,).
    """
    found = np.full(nodes, -1, dtype=np.int64)
    kept = np.arange(nodes)
    for _ in range(2):
        # forwards, then backwards: what is left is reversed each time, so twice is the right way round
        kept, source, target = _unpeeled(kept, source, target)
    if kept.size:
        found[kept] = _by_lowest(_tarjan(first_edges(source, kept.size), target))
    return found


def _unpeeled(kept: Ints, source: Ints, target: Ints) -> tuple[Ints, Ints, Ints]:
    """Remove the levels of a graph, number the rest from 0, and turn its edges around."""
    left = np.ones(kept.size, dtype=bool)
    for level in levels(first_edges(source, kept.size), target):
        left[level] = False
    number = np.cumsum(left) - 1
    inside = left[source] & left[target]
    source, target = number[source[inside]], number[target[inside]]
    order = np.argsort(target, kind="stable")
    return kept[left], target[order], source[order]


def _by_lowest(label: Ints) -> Ints:
    """Number components by their first node; label: any number per component, negative off cycles."""
    _, first, group = np.unique(label, return_index=True, return_inverse=True)
    first[label[first] < 0] = -1
    rank = np.searchsorted(np.sort(first[first >= 0]), first)
    return np.where(label < 0, -1, rank[group]).astype(np.int64)


def _tarjan(first: Ints, target: Ints) -> Ints:
    """Tarjan's algorithm without recursion; return a number per component, -1 off all cycles.

    `low` is Tarjan's index and lowlink in one, as in Pearce's variant: 0 before a node is reached, `done`
    after its component is found. A node looks again at the edge whose end it has just finished.
    """
    nodes, done = len(first) - 1, len(first)
    label = np.full(nodes, -1, dtype=np.int64)
    # views of arrays: as lists, the numbers of a large graph would take half a kilobyte a state
    begin, ends, place = first.data, target.data, first[:-1].copy().data
    low, index = np.zeros(nodes, dtype=np.int64).data, np.zeros(nodes, dtype=np.int64).data
    count, open_nodes, path = 0, list[int](), list[int]()
    for root in range(nodes):
        if index[root]:
            continue
        path.append(root)
        while path:
            node = path[-1]
            if not index[node]:
                count += 1
                index[node] = low[node] = count
                open_nodes.append(node)
            least, at, stop = low[node], place[node], begin[node + 1]
            while at < stop:
                other = low[ends[at]]
                if not other:
                    break
                least = min(least, other)
                at += 1
            low[node], place[node] = least, at
            if at < stop:
                path.append(ends[at])
                continue
            path.pop()
            if least == index[node]:
                _close(node, open_nodes, low, done, label, begin, ends)
    return label


def _close(
    node: int,
    open_nodes: list[int],
    low: memoryview,
    done: int,
    label: Ints,
    begin: memoryview,
    ends: memoryview,
) -> None:
    """Take the component that was entered at a node off the open nodes; label it if it has a cycle."""
    if open_nodes[-1] == node and node not in ends[begin[node] : begin[node + 1]]:
        low[open_nodes.pop()] = done
        return
    while True:
        member = open_nodes.pop()
        low[member] = done
        label[member] = node
        if member == node:
            return
