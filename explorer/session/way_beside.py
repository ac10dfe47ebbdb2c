"""The way that passes: it leaves a schedule at its point of no return, in one choice, and ends otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.explore.exploration import Exploration, Found
from engine.explore.graph.simplest import simplest
from engine.explore.graph.state_graph import EVENT, StateGraph
from engine.explore.model.ends import SCRIPT_ERROR
from engine.explore.shown_runs import Taken, schedule_text
from engine.run.threads import COMPLETED


@dataclass(frozen=True)
class WayBeside:
    """A way from one step before a point of no return to another outcome.

    schedule: as SCHEDULE text, from there on.
    steps:    in a run, which does not take the step of a script error.
    """

    outcome: str
    schedule: str
    steps: int


def way_beside(exploration: Exploration, found: Found) -> WayBeside | None:
    """Return the simplest way to another outcome from one step before the point of no return.

    If several other outcomes are possible there, it leads to `completed`, or to the first one. A livelock has
    no end: the way to it is only the step that leaves the other way.

    Returns: None without a graph, or if no other outcome is possible there.
    """
    graph, at = exploration.graph, found.inevitable
    if graph is None or at is None or not at.alternatives:
        return None
    state = _choice(graph, found, at.step - exploration.opening)
    ways = list(zip(at.alternatives, at.others, strict=True))
    who, others = next((way for way in ways if COMPLETED in way[1]), ways[0])
    outcome = COMPLETED if COMPLETED in others else others[0]
    edge = _edge(graph, state, graph.threads.index(who) if who in graph.threads else EVENT)
    taken = [_taken(graph, edge), *_way_to(graph, int(graph.target[edge]), outcome)]
    steps = sum(one.length for one in taken) - (outcome == SCRIPT_ERROR)
    return WayBeside(outcome, schedule_text(graph.threads, taken), steps)


def _choice(graph: StateGraph, found: Found, step: int) -> int:
    """The state in which an outcome's schedule takes the step after which there are `step` steps of it."""
    state = passed = 0
    for t in found.path:
        edge = _edge(graph, state, t)
        passed += int(graph.length[edge])
        if passed >= step:
            break
        state = int(graph.target[edge])
    return state


def _edge(graph: StateGraph, state: int, thread: int) -> int:
    return next(edge for edge in graph.steps_of(state) if graph.thread[edge] == thread)


def _taken(graph: StateGraph, edge: int) -> Taken:
    return Taken(int(graph.thread[edge]), int(graph.length[edge]))


def _way_to(graph: StateGraph, state: int, outcome: str) -> list[Taken]:
    """The simplest way from a state to an end with an outcome."""
    ends = [end for end, number in graph.ends.items() if graph.outcomes[number] == outcome]
    if not ends:
        return []
    swapped = {0: state, state: 0}
    from_here = _rooted(graph, state)
    path = simplest(from_here, [swapped.get(end, end) for end in ends])
    edges = () if path is None else path.edges
    return [_taken(from_here, edge) for edge in edges]


def _rooted(graph: StateGraph, state: int) -> StateGraph:
    """The same steps, but the numbers of a state and of state 0 are exchanged; without ends."""
    number = np.arange(graph.size, dtype=np.int64)
    number[[0, state]] = number[[state, 0]]
    source, target = number[graph.source], number[graph.target]
    order = np.argsort(source, kind="stable")
    return replace(
        graph,
        source=source[order],
        target=target[order],
        thread=graph.thread[order],
        length=graph.length[order],
        ends={},
    )
