"""Cyclic components, against NetworkX."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from engine.explore.graph.components import components, cyclic
from tests.engine.explore.graph.small_graphs import graph_of, networkx_of, random_graph
from tests.tiers import only_fast


@pytest.mark.parametrize("seed", only_fast(range(120), *range(15)))
def test_the_components_are_those_of_networkx(seed: int) -> None:
    graph = random_graph(seed, states=4 + seed % 20, cycles=True, threads=1 + seed % 3)
    whole = networkx_of(graph)
    expected = sorted(
        sorted(part)
        for part in nx.strongly_connected_components(whole)
        if len(part) > 1 or whole.has_edge(*(2 * list(part)))
    )
    found = components(graph)
    assert [np.flatnonzero(found == number).tolist() for number in range(found.max() + 1)] == expected


def test_the_random_graphs_have_none_one_and_several_components() -> None:
    counts = {
        int(components(random_graph(seed, states=4 + seed % 20, cycles=True, threads=1 + seed % 3)).max()) + 1
        for seed in range(120)
    }
    assert {0, 1, 2} <= counts


def test_a_state_that_leads_to_itself_is_a_component_and_one_that_does_not_is_not() -> None:
    assert components(graph_of([(0, 0, 1, 1), (1, 0, 1, 1), (1, 1, 2, 1)], {2: 0})).tolist() == [-1, 0, -1]


def test_a_ring_of_100_000_states_is_one_component() -> None:
    states = np.arange(100_000)
    assert cyclic(len(states), states, np.roll(states, -1)).tolist() == [0] * 100_000
