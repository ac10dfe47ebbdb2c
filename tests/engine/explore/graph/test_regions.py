"""Regions, against connected components in NetworkX."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from engine.explore.graph.possible import possible
from engine.explore.graph.regions import regions
from tests.engine.explore.graph.small_graphs import graph_of, networkx_of, random_graph
from tests.tiers import only_fast


@pytest.mark.parametrize("seed", only_fast(range(80), *range(10)))
def test_a_region_is_connected_by_steps_that_decide_nothing(seed: int) -> None:
    graph = random_graph(seed, states=40, cycles=seed % 2 == 0, stops=0.3)
    sets = possible(graph, graph.ends)
    whole = nx.Graph()
    whole.add_nodes_from(range(graph.size))
    whole.add_edges_from((a, b) for a, b in networkx_of(graph).edges() if sets[a] == sets[b])
    expected = sorted(sorted(part) for part in nx.connected_components(whole))
    found = regions(graph, sets)
    assert [np.flatnonzero(found == number).tolist() for number in range(found.max() + 1)] == expected


def test_a_long_chain_in_any_order_is_one_region() -> None:
    order = np.random.default_rng(2).permutation(5_000).tolist()
    steps = [(a, 0, b, 1) for a, b in pairwise(order)]
    graph = graph_of(steps, {order[-1]: 0})
    assert set(regions(graph, np.ones(graph.size, dtype=np.int64)).tolist()) == {0}
