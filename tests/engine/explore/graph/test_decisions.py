"""The tree of decisions, against one that is built state by state."""

from __future__ import annotations

import pytest

from engine.explore.graph.decisions import Branch, Fork, decision_tree
from engine.explore.graph.depths import depths
from engine.explore.graph.possible import possible
from engine.explore.graph.state_graph import StateGraph
from tests.engine.explore.graph.small_graphs import graph_of, random_graph
from tests.tiers import only_fast


def plain_forks(graph: StateGraph, sets: list[int], depth: list[int], entries: set[int]) -> list[Fork]:
    """Group the states that decide by what each thread's step leaves possible."""
    part, waiting = set(entries), list(entries)
    groups: dict[tuple[tuple[int, int], ...], list[int]] = {}
    while waiting:
        state = waiting.pop()
        after = {int(graph.thread[step]): int(graph.target[step]) for step in graph.steps_of(state)}
        new = {target for target in after.values() if sets[target] == sets[state]} - part
        part |= new
        waiting += new
        if any(sets[target] != sets[state] for target in after.values()):
            kind = tuple(sorted((thread, sets[target]) for thread, target in after.items()))
            groups.setdefault(kind, []).append(state)
    found = []
    for kind, states in groups.items():
        first = min(states, key=lambda state: (depth[state], state))
        branches = [
            Branch(thread, left, _after(graph, sets, depth, states, thread, left)) for thread, left in kind
        ]
        found.append(Fork(first, depth[first], sets[first], len(states), branches))
    return sorted(found, key=lambda fork: (fork.depth, fork.state))


def _after(
    graph: StateGraph, sets: list[int], depth: list[int], states: list[int], thread: int, left: int
) -> list[Fork]:
    if left == sets[states[0]] or left.bit_count() < 2:
        return []
    return plain_forks(graph, sets, depth, {graph.after(state, thread) for state in states})


@pytest.mark.parametrize("seed", only_fast(range(80), *range(10)))
def test_it_has_every_way_of_deciding_after_every_other(seed: int) -> None:
    graph = random_graph(seed, states=40, cycles=seed % 2 == 0, stops=0.3)
    sets = possible(graph, graph.ends)
    expected = plain_forks(graph, sets.tolist(), depths(graph).tolist(), {0})
    assert decision_tree(graph, sets, most=10_000, wide=1_000) == Branch(None, int(sets[0]), expected)


def test_the_random_graphs_have_decisions_one_after_another() -> None:
    def levels(branch: Branch) -> int:
        return max((1 + levels(after) for fork in branch.forks for after in fork.branches), default=0)

    graphs = [random_graph(seed, states=40, stops=0.3) for seed in range(80)]
    assert max(levels(decision_tree(graph, possible(graph, graph.ends))) for graph in graphs) >= 2


def race() -> StateGraph:
    """Thread 1 first decides whether outcome 2 is possible; then who comes first decides between 0 and 1."""
    steps = [(0, 0, 1, 1), (0, 1, 6, 1), (1, 0, 2, 1), (1, 1, 3, 1), (2, 0, 4, 1), (3, 1, 5, 1)]
    return graph_of(steps, {4: 0, 5: 1, 6: 2})


def test_a_fork_names_what_each_thread_leaves_possible() -> None:
    graph = race()
    inner = Fork(1, 1, 0b011, 1, [Branch(0, 0b001), Branch(1, 0b010)])
    outer = Fork(0, 0, 0b111, 1, [Branch(0, 0b011, [inner]), Branch(1, 0b100)])
    assert decision_tree(graph, possible(graph, graph.ends)) == Branch(None, 0b111, [outer])


def test_where_it_is_cut_it_says_so() -> None:
    graph = race()
    (outer,) = decision_tree(graph, possible(graph, graph.ends), most=1).forks
    assert outer.branches == [Branch(0, 0b011, [], hidden=None), Branch(1, 0b100)]
    assert decision_tree(graph, possible(graph, graph.ends), wide=0) == Branch(None, 0b111, [], hidden=1)


def test_the_forks_that_most_states_share_are_kept() -> None:
    # thread 1 ends the run with outcome 1 in states 0 to 3, and thread 2 with outcome 2 in state 4
    steps = [(state, 0, state + 1, 1) for state in range(5)]
    steps += [(state, 1, 6, 1) for state in range(4)] + [(4, 2, 7, 1)]
    graph = graph_of([*steps, (5, 0, 8, 1), (5, 1, 6, 1), (5, 2, 7, 1)], {6: 1, 7: 2, 8: 0})
    (fork,) = (root := decision_tree(graph, possible(graph, graph.ends), wide=1)).forks
    assert (fork.state, fork.states, root.hidden) == (0, 4, 2)


def test_a_run_without_decisions_has_an_empty_tree() -> None:
    graph = graph_of([(0, 0, 1, 1), (0, 1, 1, 1)], {1: 2})
    assert decision_tree(graph, possible(graph, graph.ends)) == Branch(None, 0b100)
