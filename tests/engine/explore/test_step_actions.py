"""The actions in states of a graph are those of a run that comes there."""

from __future__ import annotations

import pytest

from engine.explore import explore
from engine.explore.graph.state_graph import EVENT
from engine.explore.step_actions import actions_in
from engine.scenario.loader import load


@pytest.mark.parametrize("name", ["trylock-skips", "lost-wakeup"])
def test_along_each_schedule_that_was_found_they_are_those_of_the_run(name: str) -> None:
    scenario = load(name)
    found = explore(scenario)
    graph = found.graph
    assert graph is not None
    actions = actions_in(scenario, graph, range(graph.size))
    assert len(actions) == graph.source.size
    for outcome in found.outcomes:
        run = load(name, schedule=outcome.schedule)
        history = run.start()
        run.run(history)
        state, step = 0, 0
        for t in outcome.path:
            if t != EVENT:
                assert actions[state, t] == history.record(step + 1).action
            edge = next(edge for edge in graph.steps_of(state) if graph.thread[edge] == t)
            state, step = int(graph.target[edge]), step + int(graph.length[edge])
        assert step == history.total


def test_only_the_states_that_are_asked_for_are_visited() -> None:
    scenario = load("trylock-skips")
    graph = explore(scenario).graph
    assert graph is not None
    every = actions_in(scenario, graph, range(graph.size))
    some = actions_in(scenario, graph, [700, 3, 1_200])
    assert some == {key: action for key, action in every.items() if key[0] in (3, 700, 1_200)}
    assert actions_in(scenario, graph, []) == {}
