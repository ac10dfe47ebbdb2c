"""The simplest schedule that leads to an outcome: the fewest switches, then the fewest steps.

A schedule is written in items, each a run of steps of one thread, or of events; a switch is the change from
one item to the next. Two schedules with as many switches and steps differ in a first place: the one that
does not switch there is simpler, or else the one with the lower thread number, so that there is one answer.

The search goes backwards over steps, not states: what a step costs up to the goal depends on whether the
same thread takes the next one. Steps are settled in the order of their cost, all of one cost at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.explore.graph.buckets import Buckets
from engine.explore.graph.state_graph import Ints, StateGraph, places

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Path:
    """A path from state 0: the indexes of its steps in the graph, its switches, and its steps in a run."""

    edges: tuple[int, ...]
    switches: int
    steps: int


def simplest(graph: StateGraph, goals: Iterable[int]) -> Path | None:
    """Return the simplest path from state 0 to one of the goals; None if there is none.

    goals: the numbers of states. The path ends at the first of them that it reaches.
    """
    goal = np.zeros(graph.size, dtype=bool)
    goal[np.fromiter(goals, dtype=np.int64)] = True
    if goal[0]:
        return Path((), 0, 0)
    costs = _Costs(graph, goal)
    return costs.path() if costs.search() else None


class _Costs:
    """What it costs to reach a goal with each step, where that is known.

    goal:     whether each state is one; bool, (size,).
    switches: after each step; -1 if it is not settled; int64, (steps,).
    steps:    in a run, from each step to the goal, it included; int64, (steps,).
    best:     from each state the fewest steps to a goal with the fewest switches, -1 if it is not settled;
              0 at a goal; int64, (size,).
    waiting:  the steps that can be settled, by the steps from each to a goal.
    """

    def __init__(self, graph: StateGraph, goal: Bools) -> None:
        self.graph, self.goal = graph, goal
        self.switches = np.full(len(graph.source), -1, dtype=np.int64)
        self.steps = np.zeros(len(graph.source), dtype=np.int64)
        self.best = np.where(goal, 0, -1)
        self.waiting = Buckets()

    def search(self) -> bool:
        """Settle steps up to the cost of the best at state 0; return whether there is one."""
        states, switches = np.flatnonzero(self.goal), 0
        while states.size and self.best[0] < 0:
            states = self._one_more(states, switches)
            switches += 1
        return bool(self.best[0] >= 0)

    def _one_more(self, states: Ints, switches: int) -> Ints:
        """Settle all steps with one number of switches; return the states that are settled by them.

        states: those that are settled with one switch less, or the goals.
        """
        self._offer(self._arriving(states), np.repeat(self.best[states], self._degree(states)))
        found = [np.zeros(0, dtype=np.int64)]
        while self.waiting and self.best[0] < 0:
            cost, steps = self.waiting.lowest()
            steps = steps[self.switches[steps] < 0]
            self.switches[steps], self.steps[steps] = switches, cost
            reached = np.unique(self.graph.source[steps])
            reached = reached[self.best[reached] < 0]
            self.best[reached] = cost
            found.append(reached)
            self._offer_same(steps, cost)
        return np.concatenate(found)

    def _offer_same(self, steps: Ints, cost: int) -> None:
        """Offer the steps of the same threads that lead to these steps."""
        states = self.graph.source[steps]
        before = self._arriving(states)
        same = self.graph.thread[before] == np.repeat(self.graph.thread[steps], self._degree(states))
        self._offer(before[same], np.full(np.count_nonzero(same), cost))

    def _offer(self, steps: Ints, after: Ints) -> None:
        """Let steps wait to be settled; after: the steps from the end of each to the goal."""
        fresh = self.switches[steps] < 0
        self.waiting.add(steps[fresh], after[fresh] + self.graph.length[steps[fresh]])

    def _arriving(self, states: Ints) -> Ints:
        return self.graph.arriving[places(self.graph.first_arriving, states)]

    def _degree(self, states: Ints) -> Ints:
        return self.graph.first_arriving[states + 1] - self.graph.first_arriving[states]

    def path(self) -> Path:
        """Walk from state 0 along the steps that cost least."""
        steps = int(self.best[0])
        edges, state, left = list[int](), 0, steps
        switches = total = int(self.switches[self.graph.steps_of(0)].max())
        while left:
            step = self._next(state, int(self.graph.thread[edges[-1]]) if edges else None, switches, left)
            switches = int(self.switches[step])
            state, left = int(self.graph.target[step]), left - int(self.graph.length[step])
            edges.append(step)
        return Path(tuple(edges), total, steps)

    def _next(self, state: int, last: int | None, switches: int, left: int) -> int:
        """The step that reaches the goal at this cost: of the last thread, so that a switch comes late.

        Where that cannot be, it is the step of the lowest thread.
        """
        best = [
            step
            for step in self.graph.steps_of(state)
            if self.steps[step] == left
            and self.switches[step] == switches - (last is not None and self.graph.thread[step] != last)
        ]
        return min(best, key=lambda step: (self.graph.thread[step] != last, int(self.graph.thread[step])))
