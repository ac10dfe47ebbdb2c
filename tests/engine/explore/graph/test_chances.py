"""Probabilities in uniformly random runs, against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from engine.explore.graph import chances as module
from engine.explore.graph.chances import chances, probabilities
from engine.explore.graph.components import components
from engine.explore.graph.state_graph import StateGraph
from tests.engine.explore.graph.small_graphs import exact_chances, graph_of, random_graph
from tests.tiers import only_fast

SEEDS = range(150)


def bottoms(graph: StateGraph) -> dict[int, set[int]]:
    """The cyclic components without a way out, by their lowest state."""
    number = components(graph)
    parts = [set(np.flatnonzero(number == part).tolist()) for part in range(number.max() + 1)]
    after = {
        state: {int(graph.target[step]) for step in graph.steps_of(state)} for state in range(graph.size)
    }
    return {min(part): part for part in parts if all(after[state] <= part for state in part)}


def assert_exact(graph: StateGraph, relative: float) -> None:
    """Compare what is found with fractions, relative to each probability itself."""
    ways_out = bottoms(graph)
    exact = exact_chances(graph, {state for part in ways_out.values() for state in part})
    found = chances(graph)
    assert found.left == 0.0
    assert found.ends == pytest.approx({end: float(exact[end]) for end in graph.ends}, rel=relative, abs=0)
    expected = {low: float(sum(exact[state] for state in part)) for low, part in ways_out.items()}
    assert found.never == pytest.approx(expected, rel=relative, abs=0)


@pytest.mark.parametrize("seed", only_fast(SEEDS, *SEEDS[: len(SEEDS) // 8]))
def test_without_cycles_they_are_exact(seed: int) -> None:
    assert_exact(random_graph(seed, states=12), 1e-14)


@pytest.mark.parametrize("seed", only_fast(SEEDS, *SEEDS[: len(SEEDS) // 8]))
def test_with_cycles_they_are_exact(seed: int) -> None:
    assert_exact(random_graph(seed, states=4 + seed % 12, cycles=True), 1e-13)


@pytest.mark.parametrize("seed", only_fast(SEEDS, *SEEDS[: len(SEEDS) // 8]))
def test_iteration_agrees(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DENSE", 0)
    assert_exact(random_graph(seed, states=4 + seed % 12, cycles=True), 1e-9)


@pytest.mark.parametrize("seed", only_fast(SEEDS, *SEEDS[: len(SEEDS) // 8]))
def test_components_solved_one_by_one_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = random_graph(seed, states=14, cycles=True)
    together = chances(graph)
    monkeypatch.setattr(module, "TOGETHER", 1)
    assert chances(graph) == together


def test_the_random_graphs_have_every_kind_of_component() -> None:
    graphs = [random_graph(seed, states=4 + seed % 12, cycles=True) for seed in SEEDS]
    assert {len(bottoms(graph)) for graph in graphs} >= {0, 1, 2}
    assert any(components(graph).max() + 1 > len(bottoms(graph)) for graph in graphs)


def test_parallel_steps_count_each() -> None:
    graph = graph_of([(0, 0, 1, 1), (0, 1, 1, 1), (0, 2, 2, 1)], {1: 0, 2: 1})
    assert probabilities(graph) == pytest.approx({1: 2 / 3, 2: 1 / 3})


def test_the_only_end_is_certain_to_the_last_digit() -> None:
    wide = 40
    steps = [(at, 0, at + 1, 1) for at in range(wide * wide) if at % wide < wide - 1]
    steps += [(at, 1, at + wide, 1) for at in range(wide * (wide - 1))]
    assert probabilities(graph_of(steps, {wide * wide - 1: 0})) == {wide * wide - 1: 1.0}


@pytest.mark.parametrize("dense", [0, 400])
def test_components_of_one_size_side_by_side_are_left_alike(
    dense: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DENSE", dense)
    steps = [(0, thread, 1 + 2 * thread, 1) for thread in range(3)]
    steps += [(at, 0, at + 1, 1) for at in (1, 3, 5)] + [(at + 1, 0, at, 1) for at in (1, 3, 5)]
    steps += [(at, 1, 6 + at // 2 + 1, 1) for at in (1, 3, 5)]
    assert probabilities(graph_of(steps, {7: 0, 8: 1, 9: 2})) == pytest.approx({7: 1 / 3, 8: 1 / 3, 9: 1 / 3})


def test_an_end_at_step_0_is_certain() -> None:
    assert probabilities(graph_of([], {0: 1})) == {0: 1.0}


def test_a_run_in_a_ring_without_a_way_out_never_ends() -> None:
    graph = graph_of([(0, 0, 1, 1), (0, 1, 3, 1), (1, 0, 2, 1), (2, 0, 1, 1)], {3: 0})
    found = chances(graph)
    assert (found.ends, found.never) == ({3: 0.5}, {1: 0.5})


def ladder(rungs: int) -> StateGraph:
    """A thread must be chosen `rungs` times in a row; if not, all starts over. Then there are two ends."""
    steps = [(state, 0, state + 1, 1) for state in range(rungs)]
    steps += [(state, 1, 0, 1) for state in range(rungs)]
    steps += [(rungs, 0, rungs + 1, 1), (rungs, 1, rungs + 2, 1), (rungs, 2, rungs + 2, 1)]
    return graph_of(steps, {rungs + 1: 0, rungs + 2: 1})


def test_a_way_out_of_probability_1e_30_is_found_exactly() -> None:
    found = chances(ladder(100))
    assert found.ends == pytest.approx({101: 1 / 3, 102: 2 / 3}, rel=1e-14)
    assert found.left == 0.0


def test_iteration_finds_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DENSE", 10)
    assert chances(ladder(100)).ends == pytest.approx({101: 1 / 3, 102: 2 / 3}, rel=1e-12)


def test_a_large_ring_is_left_by_the_probabilities_of_its_ways_out() -> None:
    # 2,000 states in a ring that is left from two of them, to two ends: p = 1/2, and half of what passes that
    states = 2_000
    steps = [(state, 0, (state + 1) % states, 1) for state in range(states)]
    graph = graph_of([*steps, (0, 1, states, 1), (7, 1, states + 1, 1)], {states: 0, states + 1: 1})
    first = float(Fraction(1, 2) / (1 - Fraction(1, 4)))
    assert probabilities(graph) == pytest.approx({states: first, states + 1: 1 - first}, rel=1e-12)


def test_what_iteration_cannot_assign_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DENSE", 0)
    monkeypatch.setattr("engine.explore.graph.visits.MOST", 3)
    graph = graph_of(
        [(0, 0, 1, 1), (1, 0, 2, 1), (1, 1, 0, 1), (2, 0, 3, 1), (2, 1, 1, 1), (2, 2, 4, 1)], {3: 0, 4: 1}
    )
    found = chances(graph)
    assert 0 < found.left < 1
    assert sum(found.ends.values()) + found.left == pytest.approx(1)
    assert all(0.5 - found.left <= chance <= 0.5 for chance in found.ends.values())


def test_in_a_bounded_search_the_rest_belongs_to_what_was_not_searched() -> None:
    graph = graph_of([(0, 0, 1, 1), (0, 1, 2, 1)], {1: 0})
    assert probabilities(graph) == {1: 0.5}
