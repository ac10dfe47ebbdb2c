"""The indexes of a state graph."""

from __future__ import annotations

import numpy as np
import pytest

from engine.explore.graph.state_graph import places, running_sum
from tests.engine.explore.graph.small_graphs import graph_of, random_graph
from tests.tiers import only_fast


@pytest.mark.parametrize("seed", only_fast(range(20), *range(5)))
def test_the_steps_that_leave_and_reach_a_state_are_those_that_name_it(seed: int) -> None:
    graph = random_graph(seed, states=12, cycles=True)
    for state in range(graph.size):
        assert list(graph.steps_of(state)) == np.flatnonzero(graph.source == state).tolist()
        reached = graph.arriving[places(graph.first_arriving, np.array([state]))]
        assert reached.tolist() == np.flatnonzero(graph.target == state).tolist()


def test_places_are_in_the_order_of_the_nodes() -> None:
    first = np.array([0, 2, 2, 5])
    assert places(first, np.array([2, 1, 0, 2])).tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
    assert places(first, np.array([], dtype=np.int64)).tolist() == []


def test_a_running_sum_begins_with_0_and_ends_with_all() -> None:
    assert running_sum(np.array([2, 0, 3])).tolist() == [0, 2, 2, 5]


def test_the_state_after_a_thread_is_found_by_its_number() -> None:
    graph = graph_of([(0, 2, 1, 1), (0, 0, 2, 1)], {1: 0, 2: 0})
    assert (graph.after(0, 2), graph.after(0, 0)) == (1, 2)
    with pytest.raises(KeyError):
        graph.after(0, 1)
