"""Depths, against Dijkstra's algorithm in NetworkX."""

from __future__ import annotations

import networkx as nx
import pytest

from engine.explore.graph.depths import depths
from tests.engine.explore.graph.small_graphs import graph_of, networkx_of, random_graph
from tests.tiers import only_fast


@pytest.mark.parametrize("cycles", [False, True])
@pytest.mark.parametrize("seed", only_fast(range(40), *range(5)))
def test_a_depth_is_the_fewest_steps_with_ticks_counted(seed: int, cycles: bool) -> None:
    graph = random_graph(seed, states=15, cycles=cycles)
    whole = networkx_of(graph)
    for _, _, step, row in whole.edges(keys=True, data=True):
        row["length"] = int(graph.length[step])
    expected = nx.single_source_dijkstra_path_length(whole, 0, weight="length")
    assert dict(enumerate(depths(graph).tolist())) == expected


def test_a_state_that_is_not_reached_has_none() -> None:
    assert depths(graph_of([(0, -1, 1, 40)], {1: 0}, size=3)).tolist() == [0, 40, -1]
