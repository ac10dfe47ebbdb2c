"""The state graph condensed to what can be drawn: states between decisions are one node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import networkx as nx
import numpy as np

from engine.explore.graph.possible import outcomes_of
from engine.explore.graph.regions import regions
from engine.explore.graph.state_graph import EVENT, Ints, StateGraph

UNKNOWN: Final = "no known outcome"
"""The outcomes of states that lead to none: not searched to an end, or excluded."""

NAMED: Final = 4
"""The most kinds of steps that the label of an edge names."""


def condensed(
    graph: StateGraph,
    sets: Ints,
    names: Sequence[str],
    action: Callable[[int, int], str],
    most: int = 50,
) -> nx.DiGraph:
    """Return the graph of the regions between decisions; it has no cycle.

    A region has the states that are connected by steps that leave the same outcomes possible. Where there
    are more regions than `most`, the largest ones are kept and the others are merged by their outcomes; so
    there are at most `most` nodes, or one for each set of outcomes if these are more.

    Attributes of a node: `states`, how many it has; `regions`, how many are merged in it; `outcomes`, their
    names, joined by ", "; `start`, whether it has state 0; `end`, whether it has an end; `label`.
    Attributes of an edge: `steps`, how many steps lead from the one to the other; `thread` and `action`, of
    the most frequent kind of them; `label`, the kinds with their numbers.

    sets:   the set of possible outcomes of each state, as `possible` returns it.
    names:  the name of each outcome, by number.
    action: the action of a thread (or EVENT) in a state; asked once for each step that decides.
    """
    region = regions(graph, sets)
    node = _merged(region, sets, most)
    found = nx.DiGraph()
    _add_nodes(found, graph, region, node, sets, names)
    kinds: dict[tuple[int, int], Counter[tuple[str, str]]] = {}
    for step in np.flatnonzero(node[graph.source] != node[graph.target]).tolist():
        state, thread = int(graph.source[step]), int(graph.thread[step])
        name = "tick" if thread == EVENT else graph.threads[thread]
        ends = (int(node[state]), int(node[graph.target[step]]))
        kinds.setdefault(ends, Counter())[name, action(state, thread)] += 1
    for (before, after), counts in sorted(kinds.items()):
        found.add_edge(before, after, **_edge(counts))
    return found


def _merged(region: Ints, sets: Ints, most: int) -> Ints:
    """Merge small regions of the same set; return the number of each state's node, by lowest states."""
    sizes = np.bincount(region)
    if len(sizes) > most:
        kept = np.zeros(len(sizes), dtype=bool)
        kept[np.argsort(-sizes, kind="stable")[: max(0, most - len(np.unique(sets)))]] = True
        region = np.where(kept[region], region, len(sizes) + np.unique(sets, return_inverse=True)[1])
    _, first, node = np.unique(region, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[node]


def _add_nodes(
    found: nx.DiGraph, graph: StateGraph, region: Ints, node: Ints, sets: Ints, names: Sequence[str]
) -> None:
    _, lowest, sizes = np.unique(node, return_index=True, return_counts=True)
    merged = np.bincount(node[np.unique(region, return_index=True)[1]])
    ends = set(node[list(graph.ends)].tolist())
    for number, (state, states) in enumerate(zip(lowest.tolist(), sizes.tolist(), strict=True)):
        outcomes = ", ".join(names[bit] for bit in outcomes_of(int(sets[state]))) or UNKNOWN
        found.add_node(
            number,
            states=states,
            regions=int(merged[number]),
            outcomes=outcomes,
            start=state == 0,
            end=number in ends,
            label=f"{outcomes} ({states:,})",
        )


def _edge(counts: Counter[tuple[str, str]]) -> dict[str, str | int]:
    kinds = sorted(counts.items(), key=lambda kind: (-kind[1], kind[0]))
    texts = [f"{thread}: {action} ({count:,})" for (thread, action), count in kinds[:NAMED]]
    if len(kinds) > NAMED:
        texts.append(f"{len(kinds) - NAMED:,} more")
    (thread, action), _ = kinds[0]
    return {"steps": counts.total(), "thread": thread, "action": action, "label": "; ".join(texts)}


def graphml(graph: nx.DiGraph) -> str:
    """Return a condensed graph as GraphML text, for yEd, Gephi or NetworkX."""
    return "\n".join(nx.generate_graphml(graph)) + "\n"


def write_graphml(graph: nx.DiGraph, path: Path) -> None:
    """Write a condensed graph as a GraphML file.

    Errors: OSError if the file cannot be written.
    """
    path.write_text(graphml(graph), encoding="utf-8")
