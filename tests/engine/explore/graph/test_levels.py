"""Levels: each node is after all of its predecessors, and nodes on and after cycles are in none."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from engine.explore.graph.levels import first_edges, levels
from tests.engine.explore.graph.small_graphs import graph_of, networkx_of, random_graph
from tests.tiers import only_fast


@pytest.mark.parametrize("seed", only_fast(range(40), *range(5)))
def test_a_level_is_the_length_of_the_longest_path_to_its_nodes(seed: int) -> None:
    graph = random_graph(seed, states=12)
    expected = [sorted(level) for level in nx.topological_generations(networkx_of(graph))]
    assert [level.tolist() for level in levels(graph.first, graph.target)] == expected


@pytest.mark.parametrize("seed", only_fast(range(40), *range(5)))
def test_what_is_on_or_after_a_cycle_is_in_no_level(seed: int) -> None:
    graph = random_graph(seed, states=12, cycles=True)
    whole = networkx_of(graph)
    rounds = [part for part in nx.strongly_connected_components(whole) if _has_cycle(whole, part)]
    after = {
        state for part in rounds for member in part for state in {member} | nx.descendants(whole, member)
    }
    found = {state for level in levels(graph.first, graph.target) for state in level.tolist()}
    assert found == set(range(graph.size)) - after


def _has_cycle(whole: nx.MultiDiGraph, part: set[int]) -> bool:
    return len(part) > 1 or any(whole.has_edge(state, state) for state in part)


def test_nodes_without_edges_are_one_level() -> None:
    graph = graph_of([], {0: 0}, size=3)
    assert [level.tolist() for level in levels(graph.first, graph.target)] == [[0, 1, 2]]


def test_the_first_edges_of_nodes_without_edges_are_those_of_the_next_node() -> None:
    assert first_edges(np.array([1, 1, 3]), 5).tolist() == [0, 0, 2, 2, 3, 3]
