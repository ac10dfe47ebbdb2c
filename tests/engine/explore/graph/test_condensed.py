"""The condensed graph: nothing is lost in it, and other programs read it."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from engine.explore.graph.condensed import UNKNOWN, condensed, graphml, write_graphml
from engine.explore.graph.possible import outcomes_of, possible
from engine.explore.graph.regions import regions
from engine.explore.graph.state_graph import StateGraph
from tests.engine.explore.graph.small_graphs import OUTCOMES, graph_of, random_graph
from tests.tiers import only_fast

SEEDS = range(60)


def acting(state: int, thread: int) -> str:
    """An action for each choice."""
    return f"write {state % 2} & go <{thread}>"


def drawn(graph: StateGraph, most: int = 50) -> nx.DiGraph:
    return condensed(graph, possible(graph, graph.ends), OUTCOMES, acting, most)


def names_of(outcomes: int) -> str:
    return ", ".join(OUTCOMES[bit] for bit in outcomes_of(outcomes)) or UNKNOWN


@pytest.mark.parametrize("seed", only_fast(SEEDS, *SEEDS[: len(SEEDS) // 8]))
def test_each_region_is_a_node_where_there_are_few(seed: int) -> None:
    graph = random_graph(seed, states=40, cycles=seed % 2 == 0, stops=0.3)
    sets = possible(graph, graph.ends)
    region = regions(graph, sets)
    found = drawn(graph)
    assert list(found) == list(range(region.max() + 1))
    for number, row in found.nodes(data=True):
        states = set(np.flatnonzero(region == number).tolist())
        assert row["states"] == len(states)
        assert (row["start"], row["end"]) == (0 in states, bool(states & graph.ends.keys()))
        assert row["outcomes"] == names_of(int(sets[min(states)]))


@pytest.mark.parametrize("most", [1, 4, 6, 50])
@pytest.mark.parametrize("seed", only_fast(SEEDS, *SEEDS[: len(SEEDS) // 8]))
def test_all_states_and_all_steps_that_decide_are_in_it(seed: int, most: int) -> None:
    graph = random_graph(seed, states=40, cycles=seed % 2 == 0, stops=0.3)
    sets = possible(graph, graph.ends)
    found = drawn(graph, most)
    assert nx.is_directed_acyclic_graph(found)
    assert len(found) <= max(most, len(set(sets.tolist())))
    assert sum(row["states"] for _, row in found.nodes(data=True)) == graph.size
    assert sum(row["regions"] for _, row in found.nodes(data=True)) == regions(graph, sets).max() + 1
    decide = int(np.count_nonzero(sets[graph.source] != sets[graph.target]))
    assert sum(row["steps"] for _, _, row in found.edges(data=True)) == decide


def test_at_last_there_is_one_node_for_each_set() -> None:
    graph = random_graph(5, states=60, stops=0.3)
    sets = possible(graph, graph.ends)
    assert regions(graph, sets).max() + 1 > len(set(sets.tolist()))
    found = drawn(graph, 1)
    assert [row["start"] for _, row in found.nodes(data=True)] == [True] + [False] * (len(found) - 1)
    assert sorted(row["outcomes"] for _, row in found.nodes(data=True)) == sorted(
        map(names_of, set(sets.tolist()))
    )


def test_an_edge_names_the_steps_that_lead_over_it() -> None:
    steps = [(0, 0, 1, 1), (1, 0, 2, 1), (0, 1, 3, 1), (1, 1, 3, 1), (2, 1, 3, 1), (2, -1, 4, 1)]
    found = drawn(graph_of(steps, {3: 1, 4: 0}))
    label = "t1: write 0 & go <1> (2); t1: write 1 & go <1> (1)"
    kinds = {"steps": 3, "thread": "t1", "action": "write 0 & go <1>", "label": label}
    assert found.edges[0, 1] == kinds
    assert found.edges[0, 2]["thread"] == "tick"


def test_an_edge_with_many_kinds_of_steps_names_the_most_frequent() -> None:
    steps = [(state, 0, state + 1, 1) for state in range(6)] + [(state, 1, 8, 1) for state in range(7)]
    graph = graph_of([*steps, (6, 0, 7, 1)], {7: 0, 8: 1})
    found = condensed(graph, possible(graph, graph.ends), OUTCOMES, lambda state, _: f"act {state}")
    assert found.edges[0, 2]["label"] == "; ".join([f"t1: act {n} (1)" for n in range(4)] + ["3 more"])


@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_graphml_is_read_again_as_the_same_graph(seed: int, tmp_path: Path) -> None:
    found = drawn(random_graph(seed, states=40, stops=0.3))
    write_graphml(found, tmp_path / "graph.graphml")
    assert (tmp_path / "graph.graphml").read_text(encoding="utf-8") == graphml(found)
    again = nx.read_graphml(tmp_path / "graph.graphml", node_type=int)
    assert dict(again.nodes(data=True)) == dict(found.nodes(data=True))
    assert [*again.edges(data=True)] == [*found.edges(data=True)]


def test_its_attributes_are_plain_values() -> None:
    found = drawn(random_graph(5, states=40, stops=0.3))
    rows = [row for _, row in found.nodes(data=True)] + [row for _, _, row in found.edges(data=True)]
    assert {type(value) for row in rows for value in row.values()} == {int, str, bool}


def test_states_without_a_known_outcome_are_named_so() -> None:
    found = drawn(graph_of([(0, 0, 1, 1), (0, 1, 2, 1)], {1: 0}))
    assert [row["outcomes"] for _, row in found.nodes(data=True)] == ["completed", UNKNOWN]
