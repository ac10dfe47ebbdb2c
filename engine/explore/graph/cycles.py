"""Livelocks: sets of states in which a run can go round forever, and whether it can do so fairly.

A run that never ends is *fair* if each thread that could take a step infinitely often takes one infinitely
often (strong fairness). Only threads count: an event that is never let happen makes no cycle unfair.

Not every cycle is a fault: a thread that spins while another one is never chosen goes round forever, but no
scheduler does that. So a cyclic component is taken apart as for a Streett condition: a thread that has a step
at some of its states, but none that stays in it, starves on every cycle through such a state. Without those
states, what is left may have smaller cycles, and is taken apart again. Where nothing starves, all states are
on one fair cycle. A component without a fair cycle in it is an unfair livelock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.explore.graph.components import components, cyclic
from engine.explore.graph.state_graph import EVENT, Ints, StateGraph, places

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Livelock:
    """States among which a run can go round forever: from each of them there is a way to each other.

    states: int64, ascending.
    fair:   whether a run can do so while every thread is chosen again and again that can take a step.
    starves: the threads that are never chosen; empty if it is fair. On some cycle of an unfair livelock
            only these starve; on each of its cycles some thread does.
    bottom: whether no step leads out, so that no run that gets in ends. Such a livelock is fair.
    """

    states: Ints
    fair: bool
    starves: tuple[int, ...]
    bottom: bool

    @property
    def entry(self) -> int:
        """The state that was found first."""
        return int(self.states[0])


def livelocks(graph: StateGraph) -> list[Livelock]:
    """Return all livelocks, by their first states.

    Of each cyclic component these are the largest sets of states with a fair cycle through all of them, or
    the component itself if it has no fair cycle. They have no state in common.
    """
    component = components(graph)
    return [] if component.max(initial=-1) < 0 else _livelocks(graph, component)


def _livelocks(graph: StateGraph, component: Ints) -> list[Livelock]:
    fair = _fair(graph, component)
    has_fair = np.zeros(component.max() + 1, dtype=bool)
    has_fair[component[fair >= 0]] = True
    unfair = np.where(component >= 0, component, 0)
    unfair = np.where((component >= 0) & ~has_fair[unfair], component, -1)
    starved = _starved(graph, unfair)
    found = [Livelock(states, True, (), bottom) for _, states, bottom in _sets(graph, fair)]
    for number, states, bottom in _sets(graph, unfair):
        found.append(Livelock(states, False, tuple(np.flatnonzero(starved[number]).tolist()), bottom))
    return sorted(found, key=lambda livelock: livelock.entry)


def _fair(graph: StateGraph, component: Ints) -> Ints:
    """The number of each state's largest fair set, -1 outside all of them; int64, (size,)."""
    fair, count = np.full(graph.size, -1, dtype=np.int64), 0
    while component.max(initial=-1) >= 0:
        starved = _starved(graph, component)
        fine: Bools = np.logical_not(np.any(starved, axis=1))
        chosen = (component >= 0) & fine[component]
        fair[chosen] = count + component[chosen]
        count += len(fine)
        component = _without(graph, np.where(chosen, -1, component), starved)
    return fair


def _starved(graph: StateGraph, component: Ints) -> Bools:
    """For each component and thread: whether it has a step at some of its states, but none inside it.

    component: int64, (size,), -1 outside; returns bool, (components, threads).
    """
    shape = (int(component.max(initial=-1)) + 1, len(graph.threads))
    could, does = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    here = component[graph.source]
    counts = (here >= 0) & (graph.thread >= 0)
    could[here[counts], graph.thread[counts]] = True
    counts &= here == component[graph.target]
    does[here[counts], graph.thread[counts]] = True
    return could & ~does


def _without(graph: StateGraph, component: Ints, starved: Bools) -> Ints:
    """The cyclic components that are left without the states where a starved thread could run."""
    here = component[graph.source]
    threads = np.flatnonzero((here >= 0) & (graph.thread >= 0))
    removed = graph.source[threads[starved[here[threads], graph.thread[threads]]]]
    component[removed] = -1
    inside = _inside(graph, component)
    states = np.flatnonzero(component >= 0)
    number = np.full(graph.size, -1, dtype=np.int64)
    number[states] = np.arange(states.size)
    left = np.full(graph.size, -1, dtype=np.int64)
    left[states] = cyclic(states.size, number[graph.source[inside]], number[graph.target[inside]])
    return left


def _inside(graph: StateGraph, component: Ints) -> Ints:
    """The indexes of the steps that stay in a component."""
    here = component[graph.source]
    return np.flatnonzero((here >= 0) & (here == component[graph.target]))


def _sets(graph: StateGraph, component: Ints) -> list[tuple[int, Ints, bool]]:
    """Each component: its number, its states ascending, and whether no step leads out of it."""
    members = np.flatnonzero(component >= 0)
    members = members[np.argsort(component[members], kind="stable")]
    numbers, first = np.unique(component[members], return_index=True)
    here = component[graph.source]
    leaves = np.zeros(int(component.max(initial=-1)) + 1, dtype=bool)
    leaves[here[(here >= 0) & (here != component[graph.target])]] = True
    states = np.split(members, first[1:])
    return [(int(number), part, not leaves[number]) for number, part in zip(numbers, states, strict=False)]


def round_trip(graph: StateGraph, livelock: Livelock, start: int) -> list[int]:
    """Return a closed path of steps inside a livelock, from one of its states back to it.

    It has at least one step, and one of every thread that has a step at any state of the livelock, except
    those that it starves. So repeating it is a fair run, or one that is unfair only to those.

    Method: to the nearest step of a thread that is still missing, again and again, and back. It is short
    but not always the shortest.

    Errors: ValueError if `start` is not one of its states.
    """
    inside = np.zeros(graph.size, dtype=bool)
    inside[livelock.states] = True
    if not inside[start]:
        raise ValueError(f"state {start} is not in this livelock")
    steps = places(graph.first, livelock.states)
    missing = set(graph.thread[steps[inside[graph.target[steps]]]].tolist()) - {EVENT}
    found, state = list[int](), start
    while missing:
        found += _nearest(graph, inside, state, np.isin(graph.thread, list(missing)))
        missing -= set(graph.thread[found].tolist())
        state = int(graph.target[found[-1]])
    if state != start or not found:
        found += _nearest(graph, inside, state, graph.target == start)
    return found


def _nearest(graph: StateGraph, inside: Bools, start: int, wanted: Bools) -> list[int]:
    """The shortest path from a state to a wanted step, inclusive; wanted: bool, (steps,)."""
    came, queue = {start: -1}, deque([start])
    first, ends, within, last = graph.first.data, graph.target.data, inside.data, wanted.data
    while queue:
        state = queue.popleft()
        for step in range(first[state], first[state + 1]):
            target = ends[step]
            if not within[target]:
                continue
            if last[step]:
                return [*_back(graph, came, state), step]
            if target not in came:
                came[target] = step
                queue.append(target)
    raise AssertionError("a wanted step can be reached from every state of a livelock")


def _back(graph: StateGraph, came: dict[int, int], state: int) -> list[int]:
    """The path to a state; came: the step by which each state was first reached, -1 at the start."""
    path = list[int]()
    while (step := came[state]) >= 0:
        path.append(step)
        state = int(graph.source[step])
    return path[::-1]
