"""How often a random run comes through each state of a cyclic component before it leaves it.

With Q the probabilities of the steps inside the component and a those of first entering each state, the
expected visits are v = a + a Q + a Q Q + ... Both methods only add, multiply and divide numbers that are not
negative, so that a way out of probability 1e-30 is found as exactly as one of probability 1/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.explore.graph.levels import first_edges
from engine.explore.graph.state_graph import Ints, places

Floats = npt.NDArray[np.float64]

NEGLIGIBLE: Final = 1e-17
"""The share of the runs in a large component that may be left in it."""

SETTLED: Final = 1e-13
"""How much the shares of the states may still change in one lap where they are taken as settled."""

MOST: Final = 20_000
"""The most laps in a large component."""


def dense(inside: Floats, leave: Floats, enter: Floats) -> Floats:
    """Expected visits in several components of the same number of states; float64, (components, states).

    Method: states are removed one after another, the last one first, and their ways led past them; a way
    from a state to itself is left out, by dividing by the sum of the others (Grassmann, Taksar and Heyman).

    inside: Q; (components, states, states); it is overwritten.
    leave:  the probability of leaving from each state; (components, states); of each component, some is
            above 0; it is overwritten.
    enter:  a; (components, states).
    """
    states, visits = enter.shape[1], enter.copy()
    total = np.empty_like(enter)
    for last in range(states - 1, -1, -1):
        rest, ways = inside[:, :last, last], inside[:, last, :last]
        total[:, last] = ways.sum(axis=1) + leave[:, last]
        share = ways / total[:, last, None]
        leave[:, :last] += rest * (leave[:, last] / total[:, last])[:, None]
        inside[:, :last, :last] += rest[:, :, None] * share[:, None, :]
        visits[:, :last] += visits[:, last, None] * share
    for state in range(states):
        through = (visits[:, :state] * inside[:, :state, state]).sum(axis=1)
        visits[:, state] = (visits[:, state] + through) / total[:, state]
    return visits


@dataclass(frozen=True)
class Laps:
    """visits: float64, (states,); left: the probability that is not accounted for, 0.0 if it settled."""

    visits: Floats
    left: float


def laps(source: Ints, target: Ints, inside: Floats, leave: Floats, enter: Floats) -> Laps:
    """Expected visits in one large component.

    Method: all runs go as far as they get without a step back, which is one that leads no farther from where
    most runs enter; then they take that step, and so on (a Gauss-Seidel iteration).
    Half of them wait each time, so that ways round of one length do not swing. It ends when at most
    NEGLIGIBLE of the runs are left, or when the share of them in each state has settled (SETTLED): what is
    left then leaves by these shares. After MOST laps what is left is reported.

    source, target: the ends of the steps inside, as numbers from 0; int64, (steps,).
    inside: the probability of each of them; float64, (steps,).
    leave, enter: as for `dense`; float64, (states,).
    """
    rings, back = _rings(first_edges(source, len(enter)), source, target, int(enter.argmax()))
    runs, visits, all_runs = enter.copy(), np.zeros_like(enter), float(enter.sum())
    left = all_runs
    for _ in range(MOST):
        lap = runs.copy()
        for ring in rings:
            np.add.at(lap, target[ring], lap[source[ring]] * inside[ring])
        moved = (runs + np.bincount(target[back], lap[source[back]] * inside[back], len(runs))) / 2
        before, left = left, float(moved.sum())
        if left <= NEGLIGIBLE * all_runs:
            return Laps(visits + lap / 2, 0.0)
        if float(np.abs(moved / left - runs / before).sum()) <= SETTLED:
            return Laps(visits + lap * (before / float(lap @ leave)), 0.0)
        visits += lap / 2
        runs = moved
    return Laps(visits, left)


def _rings(first: Ints, source: Ints, target: Ints, start: int) -> tuple[list[Ints], Ints]:
    """The steps from states of each distance from the start to the next, nearest first; then the others."""
    away = np.full(len(first) - 1, -1, dtype=np.int64)
    ring, distance, found = np.array([start]), 0, list[Ints]()
    while ring.size:
        away[ring] = distance
        steps = places(first, ring)
        steps = steps[away[target[steps]] < 0]
        found.append(steps)
        ring, distance = np.unique(target[steps]), distance + 1
    return found, np.flatnonzero(away[target] <= away[source])
