"""The point of no return, against what can be reached from each state of a path."""

from __future__ import annotations

import pytest

from engine.explore.graph.cycles import livelocks
from engine.explore.graph.no_return import NoReturn, no_return
from engine.explore.graph.possible import outcomes_of, possible
from engine.explore.graph.simplest import simplest
from engine.explore.graph.state_graph import StateGraph
from tests.engine.explore.graph.small_graphs import end_of, graph_of, paths, random_graph
from tests.tiers import only_fast


def expected(graph: StateGraph, path: list[int], outcome: int) -> NoReturn:
    """Try every continuation of each prefix, and of each other step at its end."""

    def outcomes(state: int) -> int:
        ends = {int(graph.target[rest[-1]]) if rest else state for rest in paths(graph, state)}
        return sum(1 << bit for bit in {graph.ends[end] for end in ends if end in graph.ends})

    for place in range(len(path) + 1):
        if outcomes(end_of(graph, path[:place])) == 1 << outcome:
            break
    if place == 0:
        return NoReturn(0, 0, -1, ())
    edge = path[place - 1]
    left = {
        int(graph.thread[step]): outcomes(int(graph.target[step])) & ~(1 << outcome)
        for step in graph.steps_of(int(graph.source[edge]))
        if step != edge
    }
    alternatives = tuple(sorted((thread, others) for thread, others in left.items() if others))
    return NoReturn(place, int(graph.length[path[:place]].sum()), edge, alternatives)


@pytest.mark.parametrize("seed", only_fast(range(60), *range(7)))
def test_after_it_every_continuation_has_the_outcome_and_before_it_not(seed: int) -> None:
    graph = random_graph(seed, states=10)
    sets = possible(graph, graph.ends)
    for path in [path for path in paths(graph) if end_of(graph, path) in graph.ends][:20]:
        outcome = graph.ends[end_of(graph, path)]
        assert no_return(graph, sets, path, outcome) == expected(graph, path, outcome)


def test_the_other_threads_are_named_with_what_they_leave_possible() -> None:
    steps = [(0, 1, 1, 1), (1, 0, 2, 1), (1, 1, 3, 1), (1, 2, 4, 1), (3, 0, 5, 1), (3, 1, 6, 1)]
    graph = graph_of(steps, {2: 1, 4: 1, 5: 0, 6: 2})
    found = no_return(graph, possible(graph, graph.ends), [0, 1], 1)
    assert found == NoReturn(2, 2, 1, ((1, 0b101),))
    assert outcomes_of(found.alternatives[0][1]) == [0, 2]


def test_the_ticks_of_an_event_count_as_steps() -> None:
    graph = graph_of([(0, -1, 1, 30), (1, 0, 2, 1), (1, 1, 3, 1)], {2: 0, 3: 1})
    assert no_return(graph, possible(graph, graph.ends), [0, 1], 0) == NoReturn(2, 31, 1, ((1, 0b10),))


def test_an_outcome_that_was_the_only_one_from_the_start_has_place_0() -> None:
    graph = graph_of([(0, 0, 1, 1)], {1: 2})
    assert no_return(graph, possible(graph, graph.ends), [0], 2) == NoReturn(0, 0, -1, ())


def test_a_livelock_with_a_way_out_has_no_point_of_no_return_and_one_without_has() -> None:
    steps = [(0, 0, 1, 1), (1, 0, 0, 1), (0, 1, 2, 1), (2, 0, 2, 1), (1, -1, 3, 1)]
    graph = graph_of(steps, {3: 0})
    goals = {3: 0} | {state: 1 for part in livelocks(graph)[:1] for state in part.states.tolist()}
    goals |= {2: 2}
    sets = possible(graph, goals)
    assert no_return(graph, sets, [], 1) is None
    path = simplest(graph, [2])
    assert path is not None
    assert no_return(graph, sets, path.edges, 2) == NoReturn(1, 1, 1, ((0, 0b011),))


def test_a_path_to_another_outcome_is_refused() -> None:
    graph = graph_of([(0, 0, 1, 1)], {1: 0})
    with pytest.raises(ValueError, match="outcome 1 is not possible"):
        no_return(graph, possible(graph, graph.ends), [0], 1)
