"""The rows of the funnel, counted state by state."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.explore.graph.depths import depths
from engine.explore.graph.funnel import FunnelRow, funnel
from engine.explore.graph.possible import possible
from tests.engine.explore.graph.small_graphs import graph_of, random_graph
from tests.tiers import only_fast


@pytest.mark.parametrize("seed", only_fast(range(40), *range(5)))
def test_a_row_counts_the_states_of_its_depth_by_what_is_possible(seed: int) -> None:
    graph = random_graph(seed, states=40, cycles=seed % 2 == 0, stops=0.3)
    sets = possible(graph, graph.ends)
    counts = Counter(zip(depths(graph).tolist(), sets.tolist(), strict=True))
    found = {
        (row.depth, outcomes): states
        for row in funnel(graph, sets)
        for outcomes, states in row.states.items()
    }
    assert found == counts
    assert list(found) == sorted(found)


def test_a_depth_that_ticks_jump_over_has_no_row() -> None:
    graph = graph_of([(0, -1, 1, 40), (1, 0, 2, 1), (1, 1, 3, 1)], {2: 0, 3: 1})
    rows = [FunnelRow(0, {0b11: 1}), FunnelRow(40, {0b11: 1}), FunnelRow(41, {0b01: 1, 0b10: 1})]
    assert funnel(graph, possible(graph, graph.ends)) == rows
