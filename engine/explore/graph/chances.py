"""How likely each end is in a uniformly random run: each of the n steps of a state has probability 1/n."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.explore.graph.components import components
from engine.explore.graph.levels import first_edges, levels
from engine.explore.graph.state_graph import Ints, StateGraph, places
from engine.explore.graph.visits import dense, laps

DENSE: Final = 400
"""The most states of a cyclic component that are solved directly."""

TOGETHER: Final = 4_000_000
"""The most numbers of the matrices that are solved at once."""


@dataclass(frozen=True)
class Chances:
    """How random runs end.

    ends:  the probability of each end. Rounding apart they are exact, where `left` is 0.0.
    never: the probability of getting into each cyclic component without a way out, by its lowest state: that
           the run never ends.
    left:  the probability that could not be assigned: each number above may be too small by so much.

    In a bounded search the rest up to 1 belongs to the states that were not searched. A probability below
    1e-307 is rounded, in the end to 0.0.
    """

    ends: dict[int, float]
    never: dict[int, float]
    left: float = 0.0


def probabilities(graph: StateGraph) -> dict[int, float]:
    """The probability of each end in a uniformly random run; see Chances."""
    return chances(graph).ends


def chances(graph: StateGraph) -> Chances:
    """Return how random runs end.

    Method: forward over the components, level by level; cyclic components by the expected visits of their
    states (engine.explore.graph.visits), directly up to 400 states, by iteration beyond that.
    """
    return _Flow(graph).run()


class _Flow:
    """The probability that has come to each state, as it is passed on from level to level.

    visits:  the expected number of times that a run comes to each state; of a state on a cycle first the
             probability that its component is entered there; float64, (size,).
    share:   the probability of each of the steps of a state; float64, (size,).
    inside:  whether each step stays in a cyclic component; bool, (steps,).
    leave:   the probability of leaving its component from each state; float64, (size,).
    members, start: the states of the cyclic components, and the place of the first of each; int64.
    number:  the number of each of these states within its component; int64, (size,).
    """

    def __init__(self, graph: StateGraph) -> None:
        self.graph, self.component = graph, components(graph)
        self.visits = np.zeros(graph.size)
        self.visits[0] = 1.0
        self.share = 1.0 / np.maximum(np.diff(graph.first), 1)
        here = self.component[graph.source]
        self.inside = (here >= 0) & (here == self.component[graph.target])
        self.leave = np.bincount(graph.source, ~self.inside, graph.size) * self.share
        self.never: dict[int, float] = {}
        self.left = 0.0
        members = np.flatnonzero(self.component >= 0)
        self.members = members[np.argsort(self.component[members], kind="stable")]
        label = self.component[self.members]
        self.start = first_edges(label, int(label.max(initial=-1)) + 1)
        self.number = np.zeros(graph.size, dtype=np.int64)
        self.number[self.members] = np.arange(len(label)) - self.start[label]

    def run(self) -> Chances:
        """Pass everything on, from state 0 to the ends."""
        for level in self._levels():
            inner = level[self.component[level] >= 0]
            for numbers in self._alike(self.component[inner]):
                self._go_round(numbers)
            self._pass_on(level)
        return self._found()

    def _found(self) -> Chances:
        """What has come to the ends; all that has come anywhere is 1, rounding apart, and is made so."""
        stopped = float(self.visits[np.diff(self.graph.first) == 0].sum())
        everything = stopped + sum(self.never.values()) + self.left
        ends = {end: float(self.visits[end]) / everything for end in self.graph.ends}
        never = {state: chance / everything for state, chance in self.never.items()}
        return Chances(ends, never, self.left / everything)

    def _levels(self) -> Iterator[Ints]:
        """The states in levels; those of a cyclic component are in one."""
        if not self.members.size:
            yield from levels(self.graph.first, self.graph.target)
            return
        node = np.arange(self.graph.size)
        node[self.members] = self.members[self.start[self.component[self.members]]]
        between = ~self.inside
        source, target = node[self.graph.source[between]], node[self.graph.target[between]]
        order = np.argsort(source, kind="stable")
        for nodes in levels(first_edges(source[order], self.graph.size), target[order]):
            cyclic = self.component[nodes]
            inner = np.unique(cyclic[(cyclic >= 0) & (node[nodes] == nodes)])
            yield np.concatenate((nodes[cyclic < 0], self.members[places(self.start, inner)]))

    def _pass_on(self, states: Ints) -> None:
        """Pass the visits of states on to the states that are not in the same component."""
        steps = places(self.graph.first, states)
        steps = steps[~self.inside[steps]]
        source = self.graph.source[steps]
        np.add.at(self.visits, self.graph.target[steps], self.visits[source] * self.share[source])

    def _alike(self, components: Ints) -> Iterator[Ints]:
        """Groups of components of the same number of states, small enough to be solved together."""
        found = np.unique(components)
        sizes = self.start[found + 1] - self.start[found]
        for size in np.unique(sizes).tolist():
            alike = found[sizes == size]
            most = max(1, TOGETHER // size**2) if size <= DENSE else 1
            yield from (alike[at : at + most] for at in range(0, len(alike), most))

    def _go_round(self, numbers: Ints) -> None:
        """Turn entering into visits, in components of the same number of states."""
        states = self.members[places(self.start, numbers)].reshape(len(numbers), -1)
        ways_out = self.leave[states].any(axis=1)
        for bottom in states[~ways_out]:
            self.never[int(bottom[0])] = float(self.visits[bottom].sum())
        states = states[ways_out]
        if not states.size:
            return
        steps = places(self.graph.first, states.ravel())
        steps = steps[self.inside[steps]]
        if states.shape[1] <= DENSE:
            self._solve(states, steps)
        else:
            self._go_laps(states[0], steps)

    def _solve(self, states: Ints, steps: Ints) -> None:
        source, target = self.graph.source[steps], self.graph.target[steps]
        size = states.shape[1]
        matrix = np.zeros((len(states), size, size))
        which = np.searchsorted(self.component[states[:, 0]], self.component[source])
        np.add.at(matrix, (which, self.number[source], self.number[target]), self.share[source])
        self.visits[states] = dense(matrix, self.leave[states], self.visits[states])

    def _go_laps(self, states: Ints, steps: Ints) -> None:
        source, target = self.graph.source[steps], self.graph.target[steps]
        found = laps(
            self.number[source],
            self.number[target],
            self.share[source],
            self.leave[states],
            self.visits[states],
        )
        self.visits[states] = found.visits
        self.left += found.left
