"""Livelocks, against every set of steps that a run could repeat forever."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import networkx as nx
import numpy as np
import pytest

from engine.explore.graph.components import components
from engine.explore.graph.cycles import Livelock, livelocks, round_trip
from engine.explore.graph.state_graph import EVENT, StateGraph
from tests.engine.explore.graph.small_graphs import graph_of, random_graph
from tests.tiers import only_fast

SEEDS = range(200)


def tiny(seed: int) -> StateGraph:
    """A graph with at most 11 steps, so that all its sets of steps can be tried."""
    graphs = (
        random_graph(seed * 1000 + more, states=3 + seed % 3, cycles=True) for more in itertools.count()
    )
    return next(graph for graph in graphs if len(graph.source) <= 11)


def repeatable(graph: StateGraph) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Each set of steps that a run can take again and again without another, and the states on its way."""
    found = []
    for count in range(1, len(graph.source) + 1):
        for steps in itertools.combinations(range(len(graph.source)), count):
            part = nx.MultiDiGraph((int(graph.source[step]), int(graph.target[step])) for step in steps)
            if nx.is_strongly_connected(part):
                found.append((frozenset(steps), frozenset(part.nodes)))
    return found


def starving(graph: StateGraph, steps: Iterable[int], states: Iterable[int]) -> set[int]:
    """The threads that could take a step in one of the states, but take none of these steps."""
    could = {int(graph.thread[step]) for state in states for step in graph.steps_of(state)}
    return could - {int(graph.thread[step]) for step in steps} - {EVENT}


def brute_force(graph: StateGraph) -> dict[tuple[int, ...], tuple[bool, set[int]]]:
    """The states of each livelock -> whether it is fair, and whom its largest set of steps starves."""
    sets = repeatable(graph)
    fair = {states for steps, states in sets if not starving(graph, steps, states)}
    found = {
        tuple(sorted(part)): (True, set[int]()) for part in fair if not any(part < other for other in fair)
    }
    wholes = {states for _, states in sets if not any(states < other for _, other in sets)}
    for whole in wholes:
        if not any(part <= whole for part in fair):
            steps = frozenset[int]().union(*(steps for steps, states in sets if states == whole))
            found[tuple(sorted(whole))] = (False, starving(graph, steps, whole))
    return found


@pytest.mark.parametrize("seed", only_fast(SEEDS, *SEEDS[: len(SEEDS) // 8]))
def test_the_livelocks_are_those_of_brute_force(seed: int) -> None:
    graph = tiny(seed)
    found = {tuple(part.states.tolist()): (part.fair, set(part.starves)) for part in livelocks(graph)}
    assert found == brute_force(graph)


def test_the_tiny_graphs_have_every_kind() -> None:
    kinds = {(part.fair, part.bottom) for seed in SEEDS for part in livelocks(tiny(seed))}
    assert kinds == {(True, True), (True, False), (False, False)}
    inner = [
        part
        for seed in SEEDS
        for part in livelocks(tiny(seed))
        if part.fair and len(part.states) < np.bincount(components(tiny(seed)) + 1)[1:].max()
    ]
    assert inner, "some fair livelock is smaller than its component"


@pytest.mark.parametrize("seed", only_fast(SEEDS, *SEEDS[: len(SEEDS) // 8]))
def test_a_livelock_is_a_bottom_if_no_step_leaves_it(seed: int) -> None:
    graph = tiny(seed)
    for part in livelocks(graph):
        states = set(part.states.tolist())
        leaves = {int(graph.target[step]) for state in states for step in graph.steps_of(state)} - states
        assert part.bottom is (not leaves)


def assert_repeats(graph: StateGraph, part: Livelock, start: int) -> None:
    """Check that a round trip is a closed path in the livelock that starves only whom it should."""
    trip = round_trip(graph, part, start)
    states = [int(graph.source[step]) for step in trip]
    assert states[0] == start
    assert [int(graph.target[step]) for step in trip] == [*states[1:], start]
    assert set(states) <= set(part.states.tolist())
    assert starving(graph, trip, states) <= set(part.starves)
    everywhere = starving(graph, trip, part.states.tolist())
    assert everywhere == set(part.starves)


@pytest.mark.parametrize("seed", only_fast(SEEDS, *SEEDS[: len(SEEDS) // 8]))
def test_a_round_trip_can_be_repeated_from_each_state(seed: int) -> None:
    graph = tiny(seed)
    for part in livelocks(graph):
        for start in part.states.tolist():
            assert_repeats(graph, part, start)


@pytest.mark.parametrize("seed", only_fast(range(30), *range(5)))
def test_larger_graphs_have_round_trips_too(seed: int) -> None:
    graph = random_graph(seed, states=40, cycles=True)
    for part in livelocks(graph):
        assert_repeats(graph, part, part.entry)


def test_a_round_trip_starts_in_the_livelock() -> None:
    graph = graph_of([(0, 0, 1, 1), (1, 0, 1, 1)], {})
    with pytest.raises(ValueError, match="state 0 is not in this livelock"):
        round_trip(graph, livelocks(graph)[0], 0)


def spinning() -> StateGraph:
    """Thread 0 spins between 0 and 1 until thread 1 takes its step; then it ends."""
    steps = [(0, 0, 1, 1), (1, 0, 0, 1), (0, 1, 2, 1), (1, 1, 3, 1), (2, 0, 3, 1)]
    return graph_of(steps, {3: 0})


def test_a_thread_that_spins_for_one_that_could_run_is_unfair_to_it() -> None:
    (part,) = livelocks(spinning())
    assert (part.states.tolist(), part.fair, part.starves, part.bottom) == ([0, 1], False, (1,), False)


def test_two_threads_that_make_way_for_each_other_forever_are_a_fair_livelock() -> None:
    # each could get through, but only if it is chosen twice in a row
    steps = [(0, 0, 1, 1), (0, 1, 2, 1), (1, 1, 0, 1), (1, 0, 3, 1), (2, 0, 0, 1), (2, 1, 3, 1)]
    (part,) = livelocks(graph_of(steps, {3: 0}))
    assert (part.states.tolist(), part.fair, part.bottom) == ([0, 1, 2], True, False)


def test_an_event_that_never_happens_makes_no_cycle_unfair() -> None:
    steps = [(0, 0, 1, 1), (1, 0, 0, 1), (0, EVENT, 2, 1)]
    (part,) = livelocks(graph_of(steps, {2: 0}))
    assert (part.fair, part.starves, part.bottom) == (True, (), False)


def test_a_cycle_of_events_is_a_livelock_with_a_round_trip() -> None:
    graph = graph_of([(0, EVENT, 1, 5), (1, EVENT, 0, 5)], {})
    (part,) = livelocks(graph)
    assert (part.fair, part.bottom, round_trip(graph, part, 1)) == (True, True, [1, 0])


def test_a_graph_without_cycles_has_no_livelock() -> None:
    assert livelocks(random_graph(3, states=12)) == []
    assert livelocks(graph_of([], {0: 0})) == []
