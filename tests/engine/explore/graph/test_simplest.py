"""The simplest schedule, against every path to the goals."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest

from engine.explore.graph.simplest import Path, simplest
from engine.explore.graph.state_graph import EVENT, StateGraph
from tests.engine.explore.graph.small_graphs import graph_of, random_graph
from tests.tiers import only_fast


def ways(graph: StateGraph, goals: set[int], path: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Every path from state 0 to its first goal that comes to no state twice by the same thread."""
    state = int(graph.target[path[-1]]) if path else 0
    if state in goals:
        yield path
        return
    been = {(int(graph.target[step]), int(graph.thread[step])) for step in path}
    for step in graph.steps_of(state):
        if (int(graph.target[step]), int(graph.thread[step])) not in been:
            yield from ways(graph, goals, (*path, step))


def cost(graph: StateGraph, path: tuple[int, ...]) -> tuple[int, int, list[tuple[bool, int]]]:
    """Switches, steps, and the threads of a path, each with whether it is a switch."""
    threads = [int(graph.thread[step]) for step in path]
    switches = [False, *(one != other for one, other in pairwise(threads))]
    order = list(zip(switches, threads, strict=False))
    return sum(switches), int(graph.length[list(path)].sum()), order


def assert_simplest(graph: StateGraph, goals: set[int]) -> Path | None:
    """Compare with the best of all paths."""
    best = min(ways(graph, goals), key=lambda path: cost(graph, path), default=None)
    found = simplest(graph, goals)
    if best is None:
        assert found is None
    else:
        assert found == Path(best, *cost(graph, best)[:2])
    return found


@pytest.mark.parametrize("seed", only_fast(range(100), *range(12)))
def test_it_is_the_best_of_all_paths(seed: int) -> None:
    graph = random_graph(seed, states=20)
    for end in graph.ends:
        assert_simplest(graph, {end})
    assert_simplest(graph, set(graph.ends))


@pytest.mark.parametrize("seed", only_fast(range(100), *range(12)))
def test_in_a_graph_with_cycles_too(seed: int) -> None:
    graph = random_graph(seed, states=7, cycles=True)
    goals = set(random.Random(seed).sample(range(graph.size), min(2, graph.size)))
    assert_simplest(graph, goals)
    for end in graph.ends:
        assert_simplest(graph, {end})


def test_the_random_graphs_need_several_switches() -> None:
    graphs = [random_graph(seed, states=20) for seed in range(100)]
    found = [simplest(graph, [end]) for graph in graphs for end in graph.ends]
    assert max(path.switches for path in found if path) >= 3


def test_fewer_switches_come_before_fewer_steps() -> None:
    long = [(0, 1, 1, 1), (1, 1, 2, 1), (2, 1, 3, 1), (3, 1, 9, 1)]
    graph = graph_of([*long, (0, 0, 4, 1), (4, 1, 9, 1)], {9: 0})
    assert [int(graph.source[step]) for step in (simplest(graph, [9]) or Path((), 0, 0)).edges] == [
        0,
        1,
        2,
        3,
    ]


def test_the_length_of_an_event_counts() -> None:
    graph = graph_of([(0, EVENT, 1, 9), (1, EVENT, 9, 1), (0, 0, 2, 1), (2, 0, 3, 1), (3, 0, 9, 1)], {9: 0})
    assert simplest(graph, [9]) == Path((1, 3, 4), 0, 3)


def test_events_are_an_item_of_their_own() -> None:
    graph = graph_of([(0, 0, 1, 1), (1, EVENT, 2, 7), (2, 0, 3, 1)], {3: 0})
    assert simplest(graph, [3]) == Path((0, 1, 2), 2, 9)


def test_of_two_schedules_the_one_with_the_lower_thread_first_is_taken() -> None:
    graph = graph_of([(0, 0, 1, 1), (0, 1, 2, 1), (1, 1, 3, 1), (2, 0, 3, 1)], {3: 0})
    assert simplest(graph, [3]) == Path((0, 2), 1, 2)


def test_of_two_schedules_the_one_that_switches_late_is_taken() -> None:
    # 1, 1, 0 and 1, 0, 0: the lower thread comes earlier in the second
    graph = graph_of([(0, 1, 1, 1), (1, 1, 2, 1), (2, 0, 5, 1), (1, 0, 3, 1), (3, 0, 5, 1)], {5: 0})
    assert [int(graph.thread[step]) for step in (simplest(graph, [5]) or Path((), 0, 0)).edges] == [1, 1, 0]


def test_a_goal_at_step_0_takes_no_steps() -> None:
    assert simplest(graph_of([(0, 0, 1, 1)], {1: 0}), [0]) == Path((), 0, 0)


def test_a_goal_that_is_not_reached_has_no_schedule() -> None:
    assert simplest(graph_of([(0, 0, 1, 1)], {1: 0}, size=3), [2]) is None
    assert simplest(graph_of([(0, 0, 1, 1)], {1: 0}), []) is None
