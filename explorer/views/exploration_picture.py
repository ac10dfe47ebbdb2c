"""What is drawn of an exploration's state graph, computed once: the funnel and the tree of decisions."""

from __future__ import annotations

from collections.abc import Iterator

from engine.explore.exploration import Exploration
from engine.explore.graph.decisions import Branch, Fork, decision_tree
from engine.explore.graph.funnel import funnel
from engine.explore.graph.possible import outcomes_of
from engine.explore.graph.state_graph import EVENT, Ints, StateGraph
from engine.explore.outcome_sets import outcome_sets
from engine.explore.shown_runs import TICK
from explorer.views.exploration import Branching, Column, Outcomes, Picture


def picture_of(exploration: Exploration) -> Picture:
    """Compute the picture; after sampling, there is none."""
    graph = exploration.graph
    if graph is None:
        return Picture()
    drawn = _Drawn(graph, *outcome_sets(exploration, graph), exploration.opening)
    root = decision_tree(graph, drawn.sets)
    hidden = list(_hidden(root))
    return Picture(
        tuple(
            Column(drawn.opening + row.depth, tuple((drawn.left(left), n) for left, n in row.states.items()))
            for row in funnel(graph, drawn.sets)
        ),
        tuple(drawn.branchings(root, 0)),
        None if None in hidden else sum(one for one in hidden if one is not None),
    )


def _hidden(branch: Branch) -> Iterator[int | None]:
    """How many forks are left out after a branch and its forks; None where they were not looked for."""
    yield branch.hidden
    for fork in branch.forks:
        for one in fork.branches:
            yield from _hidden(one)


class _Drawn:
    """A graph with the names of its outcomes, the outcomes possible in each state, and its opening."""

    def __init__(self, graph: StateGraph, names: Outcomes, sets: Ints, opening: int) -> None:
        self.graph, self.names, self.sets, self.opening = graph, names, sets, opening

    def left(self, outcomes: int) -> Outcomes:
        """A set of outcomes as names."""
        return tuple(self.names[number] for number in outcomes_of(outcomes))

    def thread(self, number: int | None) -> str:
        """Who takes a step, as it is shown."""
        return "" if number is None else TICK if number == EVENT else self.graph.threads[number]

    def branchings(self, branch: Branch, level: int) -> Iterator[Branching]:
        """The forks after a branch, each before those that it leads to."""
        for fork in branch.forks:
            yield self._branching(fork, self.thread(branch.thread), level)
            for one in fork.branches:
                yield from self.branchings(one, level + 1)

    def _branching(self, fork: Fork, after: str, level: int) -> Branching:
        ways = tuple((self.thread(one.thread), self.left(one.outcomes)) for one in fork.branches)
        step = self.opening + fork.depth + 1
        return Branching(level, after, step, self.left(fork.outcomes), ways, fork.states - 1)
