"""The atomic actions of the threads in states of a searched graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from engine.explore.graph.state_graph import EVENT, StateGraph
from engine.explore.model.marks import Write
from engine.explore.model.transitions import Leaf, Model
from engine.explore.prepared import recipe_of
from engine.explore.shown_runs import TIME_PASSES
from engine.scenario.loader import Scenario


def actions_in(scenario: Scenario, graph: StateGraph, states: Iterable[int]) -> dict[tuple[int, int], str]:
    """Return the action of each step from these states, by (state, thread).

    The steps to the states are taken again, each at most once.

    graph: what a search of the scenario found; each state but the first has a step from an earlier one.
    """
    wanted = set(states)
    found: dict[tuple[int, int], str] = {}
    with Model(recipe_of(scenario).scenario()) as model:
        for state in _visits(model, graph, _ways(graph, wanted)):
            if state in wanted:
                for step in graph.steps_of(state):
                    t = int(graph.thread[step])
                    found[state, t] = TIME_PASSES if t == EVENT else model.states[t].actions[model.local[t]]
    return found


def _ways(graph: StateGraph, wanted: Iterable[int]) -> dict[int, list[int]]:
    """The steps of a tree from state 0 that leads to each of the states, by the state before the step."""
    reached, first = np.unique(graph.target, return_index=True)
    # Steps are sorted by their source, so the first one comes from the earliest state.
    arriving = dict(zip(reached.tolist(), first.tolist(), strict=True))
    ways: dict[int, list[int]] = {}
    seen = {0}
    for state in wanted:
        while state not in seen:
            seen.add(state)
            step = arriving[state]
            state = int(graph.source[step])  # noqa: PLW2901 - on to the state before it
            ways.setdefault(state, []).append(step)
    return ways


def _visits(model: Model, graph: StateGraph, ways: Mapping[int, list[int]]) -> Iterator[int]:
    """Bring the model to each state of the tree, and yield the state."""
    yield 0
    todo = [iter(ways.get(0, ()))]
    came: list[Leaf | tuple[Write, ...]] = []
    while todo:
        step = next(todo[-1], None)
        if step is None:
            todo.pop()
            if came:
                model.take_back_any(came.pop())
            continue
        came.append(model.next_step(int(graph.thread[step])))
        model.take(came[-1])
        state = int(graph.target[step])
        yield state
        todo.append(iter(ways.get(state, ())))
