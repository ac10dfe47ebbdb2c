"""Small random state graphs, and what is worked out about them by trying every path."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from fractions import Fraction

import networkx as nx
import numpy as np

from engine.explore.graph.state_graph import EVENT, StateGraph

Step = tuple[int, int, int, int]
"""(state before, thread, state after, length)."""

OUTCOMES = ("completed", "panic:vm_page_free", "deadlock")


def graph_of(steps: Iterable[Step], ends: dict[int, int], size: int = 0, threads: int = 3) -> StateGraph:
    """Build a graph; a state is as large as the largest number in it, unless `size` says more."""
    rows = sorted((before, thread, after, length) for before, thread, after, length in steps)
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    largest = max([0, *ends, *table[:, 0].tolist(), *table[:, 2].tolist()])
    return StateGraph(
        threads=tuple(f"t{number}" for number in range(threads)),
        source=table[:, 0].copy(),
        thread=table[:, 1].copy(),
        target=table[:, 2].copy(),
        length=table[:, 3].copy(),
        size=max(size, largest + 1),
        ends=ends,
        outcomes=OUTCOMES,
    )


def random_graph(
    seed: int, states: int = 8, cycles: bool = False, threads: int = 3, stops: float = 0.1
) -> StateGraph:
    """A graph all of whose states are reached from state 0, numbered in no order that means anything.

    Some states have an event only, of any length; some without steps are not ends, as in a bounded search.

    stops: how likely a state has no steps.
    """
    chance = random.Random(seed)
    steps = [
        step for state in range(states) for step in _steps(chance, state, states, cycles, threads, stops)
    ]
    reached = sorted({0} | nx.descendants(nx.DiGraph((b, a) for b, _, a, _ in [*steps, (0, 0, 0, 1)]), 0))
    names = [0, *chance.sample(range(1, len(reached)), len(reached) - 1)]
    number = dict(zip(reached, names, strict=True))
    kept = [(number[b], thread, number[a], length) for b, thread, a, length in steps if b in number]
    stopped = sorted(set(number.values()) - {step[0] for step in kept})
    ends = {state: chance.randrange(3) for state in stopped if chance.random() < 0.9}
    return graph_of(kept, ends, len(reached), threads)


def _steps(
    chance: random.Random, state: int, states: int, cycles: bool, threads: int, stops: float
) -> Iterator[Step]:
    later = [] if state == states - 1 else list(range(state + 1, states))
    goals = list(range(states)) if cycles and chance.random() < 0.6 else later
    if not goals or (state and chance.random() < stops):
        return
    if chance.random() < 0.15:
        yield (state, EVENT, chance.choice(goals), chance.randrange(1, 5))
        return
    for thread in chance.sample(range(threads), chance.randrange(1, threads + 1)):
        yield (state, thread, chance.choice(goals), 1)


def networkx_of(graph: StateGraph) -> nx.MultiDiGraph:
    """The same graph; an edge's key is the index of its step."""
    found = nx.MultiDiGraph()
    found.add_nodes_from(range(graph.size))
    for step, (before, after) in enumerate(zip(graph.source.tolist(), graph.target.tolist(), strict=True)):
        found.add_edge(before, after, key=step)
    return found


def paths(graph: StateGraph, state: int = 0) -> Iterator[list[int]]:
    """Every path of steps from a state of a graph without cycles to where it stops."""
    if not graph.steps_of(state):
        yield []
    for step in graph.steps_of(state):
        for rest in paths(graph, int(graph.target[step])):
            yield [step, *rest]


def end_of(graph: StateGraph, path: list[int]) -> int:
    """The state after a path from state 0."""
    return int(graph.target[path[-1]]) if path else 0


def exact_chances(graph: StateGraph, absorbed: set[int]) -> dict[int, Fraction]:
    """The exact probability of coming to each state without steps, and to each `absorbed` one.

    By Gaussian elimination of the equations of all the other states, in fractions.
    """
    stop = {state for state in range(graph.size) if not graph.steps_of(state)} | absorbed
    ways = {state: _ways(graph, state) for state in range(graph.size) if state not in stop}
    for state in list(ways)[::-1]:
        if state == 0:
            continue
        own = ways.pop(state)
        again = own.pop(state, Fraction(0))
        own = {after: share / (1 - again) for after, share in own.items()}
        for other in ways.values():
            part = other.pop(state, Fraction(0))
            for after, share in own.items() if part else ():
                other[after] = other.get(after, Fraction(0)) + part * share
    if 0 in stop:
        return {state: Fraction(state == 0) for state in stop}
    again = ways[0].pop(0, Fraction(0))
    return {state: ways[0].get(state, Fraction(0)) / (1 - again) for state in stop}


def _ways(graph: StateGraph, state: int) -> dict[int, Fraction]:
    found: dict[int, Fraction] = {}
    for step in graph.steps_of(state):
        after = int(graph.target[step])
        found[after] = found.get(after, Fraction(0)) + Fraction(1, len(graph.steps_of(state)))
    return found
