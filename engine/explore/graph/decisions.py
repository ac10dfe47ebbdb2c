"""The decisions of a search: only those choices after which other outcomes are possible than before.

A run starts with a set of possible outcomes, and each decision makes it smaller, until one is left. Thousands
of states can decide in the same way; they are one fork of the tree.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.explore.graph.depths import depths
from engine.explore.graph.state_graph import Ints, StateGraph, places

MOST: Final = 40
"""The most forks of a tree that is drawn."""

WIDE: Final = 6
"""The most forks side by side."""


@dataclass
class Branch:
    """What follows one thread's step at a fork; the root of the tree is what follows the start.

    thread:   its number, or EVENT; None at the root.
    outcomes: the set of outcomes that are possible after its step.
    forks:    the decisions that can come next, by depth; none where only one outcome is left, and none after
              a step that changes nothing: they are those beside its fork.
    hidden:   how many more there are, left out to keep the tree small; None if they were not looked for.
    """

    thread: int | None
    outcomes: int
    forks: list[Fork] = field(default_factory=list)
    hidden: int | None = 0


@dataclass
class Fork:
    """States in which the choice of the thread decides in the same way.

    state:  the one with the fewest steps from step 0; depth: these steps. Where ways cross, a fork can have
            a smaller depth than the one before it.
    outcomes: the set of outcomes that are possible before the choice.
    states: how many such states there are in this place of the tree.
    branches: one for each thread that has a step, by number.
    """

    state: int
    depth: int
    outcomes: int
    states: int
    branches: list[Branch]


def decision_tree(graph: StateGraph, sets: Ints, most: int = MOST, wide: int = WIDE) -> Branch:
    """Return the tree of decisions, as the branch that starts at state 0.

    Where it has to be cut, the forks that the most states share are kept, and those near the root before
    those far from it.

    sets: the set of possible outcomes of each state, as `possible` returns it.
    most, wide: how many forks it may have in all, and how many one after another's same step.
    """
    root = Branch(None, int(sets[0]))
    depth, waiting = depths(graph), deque([(root, np.zeros(1, dtype=np.int64))])
    while waiting:
        branch, entries = waiting.popleft()
        if most <= 0:
            branch.hidden = None
            continue
        part = _Part(graph, sets, entries)
        chosen = part.most_common(min(most, wide))
        branch.hidden = part.kinds - len(chosen)
        most -= len(chosen)
        for kind in chosen:
            branch.forks.append(part.fork(kind, depth))
            waiting.extend(part.after(kind, branch.forks[-1]))
        branch.forks.sort(key=lambda fork: (fork.depth, fork.state))
    return root


class _Part:
    """The states that are reached from some entries before any decision, and how they decide.

    deciding: those that have a step that changes the set of possible outcomes; int64, ascending.
    after:    the set after the step of EVENT and of each thread, -1 without one; int64, (kinds, threads + 1).
    kind:     the row of `choices` of each deciding state; int64.
    """

    def __init__(self, graph: StateGraph, sets: Ints, entries: Ints) -> None:
        self.graph, self.sets = graph, sets
        steps = places(graph.first, _without_decision(graph, sets, entries))
        decides = sets[graph.source[steps]] != sets[graph.target[steps]]
        self.deciding = np.unique(graph.source[steps[decides]])
        steps = places(graph.first, self.deciding)
        rows = np.full((len(self.deciding), len(graph.threads) + 1), -1, dtype=np.int64)
        row = np.searchsorted(self.deciding, graph.source[steps])
        rows[row, graph.thread[steps] + 1] = sets[graph.target[steps]]
        self.choices, kind, self.counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
        self.kind = kind.reshape(-1)

    @property
    def kinds(self) -> int:
        return len(self.choices)

    def most_common(self, most: int) -> list[int]:
        """The kinds that the most states have; of several the first."""
        order: list[int] = np.argsort(-self.counts, kind="stable").tolist()
        return order[:most]

    def fork(self, kind: int, depth: Ints) -> Fork:
        """A kind as a fork without anything after it."""
        states = self.deciding[self.kind == kind]
        state = int(states[np.argmin(depth[states])])
        after = enumerate(self.choices[kind].tolist(), -1)
        branches = [Branch(thread, outcomes) for thread, outcomes in after if outcomes >= 0]
        return Fork(state, int(depth[state]), int(self.sets[state]), len(states), branches)

    def after(self, kind: int, fork: Fork) -> list[tuple[Branch, Ints]]:
        """The branches of a fork that decide something and leave something to decide, with their entries."""
        steps = places(self.graph.first, self.deciding[self.kind == kind])
        thread, target = self.graph.thread[steps], self.graph.target[steps]
        return [
            (branch, np.unique(target[thread == branch.thread]))
            for branch in fork.branches
            if branch.outcomes != fork.outcomes and branch.outcomes & (branch.outcomes - 1)
        ]


def _without_decision(graph: StateGraph, sets: Ints, entries: Ints) -> Ints:
    """The states that are reached from the entries by steps that leave the set of outcomes as it is."""
    reached: npt.NDArray[np.bool_] = np.zeros(graph.size, dtype=bool)
    reached[entries] = True
    new = entries
    while new.size:
        steps = places(graph.first, new)
        target = graph.target[steps]
        new = np.unique(target[(sets[graph.source[steps]] == sets[target]) & ~reached[target]])
        reached[new] = True
    return np.flatnonzero(reached)
