"""What a graph of all states says about schedules, each worked out in the plainest way.

An end's outcome is the end's. A set of states without a way out, in which steps lead around for ever, counts
as an end with the outcome `livelock`.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Final

import networkx as nx
import numpy as np

from engine.explore.graph import EVENT
from tests.engine.explore.brute_force import Reference

LIVELOCK: Final = "livelock"


def graph_of(found: Reference) -> nx.DiGraph[int]:
    """The states and the steps between them."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(found.states))
    graph.add_edges_from((state, to) for state, steps in enumerate(found.steps) for to in steps.values())
    return graph


def traps(found: Reference) -> list[set[int]]:
    """The sets of states that no step leaves, and that are not an end."""
    graph = graph_of(found)
    return [
        set(states)
        for states in nx.attracting_components(graph)
        if not any(state in found.ends for state in states)
    ]


def outcome_of_states(found: Reference) -> dict[int, str]:
    """The outcome of each state in which a schedule ends, or stays for ever."""
    ends = {state: end.outcome for state, end in found.ends.items()}
    return {**ends, **{state: LIVELOCK for trap in traps(found) for state in trap}}


def outcomes(found: Reference) -> set[str]:
    """The outcomes that schedules have."""
    return set(outcome_of_states(found).values())


def schedules(found: Reference) -> dict[str, int] | None:
    """The number of schedules with each outcome; None if the graph has cycles."""
    graph = graph_of(found)
    if not nx.is_directed_acyclic_graph(graph):
        return None
    ways = [0] * found.states
    ways[0] = 1
    for state in nx.topological_sort(graph):
        for to in found.steps[state].values():
            ways[to] += ways[state]
    return {
        outcome: sum(ways[state] for state in found.ends_of(outcome)) for outcome in sorted(found.outcomes)
    }


def enumerated(found: Reference) -> dict[str, int]:
    """The same by walking every schedule, one after another."""
    counts = dict.fromkeys(found.outcomes, 0)
    walks = [0]
    while walks:
        state = walks.pop()
        if state in found.ends:
            counts[found.ends[state].outcome] += 1
        walks += found.steps[state].values()
    return counts


def probabilities(found: Reference) -> dict[str, Fraction] | dict[str, float]:
    """The probability of each outcome if each thread that can run is equally likely to take the next step.

    Exact fractions if the graph has no cycles, else floats.
    """
    graph = graph_of(found)
    if not nx.is_directed_acyclic_graph(graph):
        return _limits(found)
    chance = [Fraction(0)] * found.states
    chance[0] = Fraction(1)
    for state in nx.topological_sort(graph):
        for to in found.steps[state].values():
            chance[to] += chance[state] / len(found.steps[state])
    return {
        outcome: sum((chance[state] for state in found.ends_of(outcome)), Fraction(0))
        for outcome in sorted(found.outcomes)
    }


def _limits(found: Reference) -> dict[str, float]:
    """The probabilities of a graph with cycles: the solution of one linear equation per state."""
    ended = outcome_of_states(found)
    moves = np.eye(found.states)
    for state, steps in enumerate(found.steps):
        for to in steps.values() if state not in ended else ():
            moves[state, to] -= 1 / len(steps)
    names = sorted(set(ended.values()))
    given = np.zeros((found.states, len(names)))
    for state, outcome in ended.items():
        given[state, names.index(outcome)] = 1
    return dict(zip(names, np.linalg.solve(moves, given)[0].tolist(), strict=True))


def cost(found: Reference, path: Sequence[int]) -> tuple[int, int]:
    """The switches and the steps of a schedule from step 0; -1 switches if it takes no step."""
    state, steps = 0, 0
    for who in path:
        steps += found.length[state] if who == EVENT else 1
        state = found.steps[state][who]
    return sum(1 for _ in groupby(path)) - 1, steps


def simplest(found: Reference, outcome: str) -> tuple[int, int]:
    """The fewest switches of a schedule that ends with an outcome, and the fewest steps with as many.

    A script that fails takes no step for it. Errors: ValueError if no schedule ends so.
    """
    ends = set(found.ends_of(outcome))
    waiting: list[tuple[int, int, int, int | None]] = [(-1, 0, 0, None)]
    seen: set[tuple[int, int | None]] = set()
    while waiting:
        switches, steps, state, last = heapq.heappop(waiting)
        if state in ends:
            return max(switches, 0), steps
        if (state, last) in seen:
            continue
        seen.add((state, last))
        for who, to in found.steps[state].items():
            length = found.length[state] if who == EVENT else 1
            heapq.heappush(waiting, (switches + (who != last), steps + length, to, who))
    raise ValueError(outcome)


def possible(found: Reference) -> list[frozenset[str]]:
    """The outcomes that are still possible in each state."""
    graph = graph_of(found)
    ended = outcome_of_states(found)
    merged = nx.condensation(graph)
    still: dict[int, frozenset[str]] = {}
    for group in reversed(list(nx.topological_sort(merged))):
        own = {ended[state] for state in merged.nodes[group]["members"] if state in ended}
        still[group] = frozenset(own).union(*(still[after] for after in merged.successors(group)))
    return [still[merged.graph["mapping"][state]] for state in range(found.states)]


def point_of_no_return(found: Reference, path: Sequence[int]) -> tuple[int, dict[int, frozenset[str]]]:
    """The index in a schedule after which its outcome is the only one; what else the step could have been.

    The index is 0 if no other outcome was ever possible. The alternatives at the step are the other threads
    whose step leaves another outcome possible, each with the other outcomes.
    """
    still, states = possible(found), [0]
    for who in path:
        states.append(found.steps[states[-1]][who])
    own = still[states[-1]]
    index = next(n for n, state in enumerate(states) if still[state] == own)
    others = found.steps[states[index - 1]] if index else {}
    found_others = {
        who: still[to] - own for who, to in others.items() if who != path[index - 1] and still[to] - own
    }
    return index, found_others


