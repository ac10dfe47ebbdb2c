"""The outcomes that are still possible, against reachability in NetworkX."""

from __future__ import annotations

import random

import networkx as nx
import pytest

from engine.explore.graph.possible import outcomes_of, possible
from tests.engine.explore.graph.small_graphs import graph_of, networkx_of, random_graph
from tests.tiers import only_fast


@pytest.mark.parametrize("cycles", [False, True])
@pytest.mark.parametrize("seed", only_fast(range(60), *range(7)))
def test_a_set_has_the_outcomes_of_the_goals_that_are_reached(seed: int, cycles: bool) -> None:
    graph = random_graph(seed, states=15, cycles=cycles)
    goals = dict(graph.ends)
    for state in random.Random(seed).sample(range(graph.size), min(2, graph.size)):
        goals.setdefault(state, 40)
    whole = networkx_of(graph)
    for state, found in enumerate(possible(graph, goals).tolist()):
        reached = {state} | nx.descendants(whole, state)
        assert outcomes_of(found) == sorted({goals[goal] for goal in reached & goals.keys()})


def test_without_goals_nothing_is_possible() -> None:
    assert possible(graph_of([(0, 0, 1, 1)], {}), {}).tolist() == [0, 0]


def test_the_62nd_outcome_fits_and_the_next_does_not() -> None:
    graph = graph_of([(0, 0, 1, 1)], {1: 0})
    assert outcomes_of(int(possible(graph, {1: 61})[0])) == [61]
    with pytest.raises(ValueError, match="at most 62 fit in a set"):
        possible(graph, {1: 62})
