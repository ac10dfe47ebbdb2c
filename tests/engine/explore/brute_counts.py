"""What a graph of all states says about schedules, each worked out in the plainest way.

An end's outcome is the end's. A set of states without a way out, in which steps lead around for ever, counts
as an end with the outcome `livelock`.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Final

import networkx as nx
import numpy as np

from engine.explore.graph.state_graph import EVENT
from tests.engine.explore.brute_force import Reference

LIVELOCK: Final = "livelock"


def graph_of(found: Reference) -> nx.DiGraph[int]:
    """The states and the steps between them."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(found.states))
    graph.add_edges_from((state, to) for state, steps in enumerate(found.steps) for to in steps.values())
    return graph


def traps(found: Reference) -> list[set[int]]:
    """The sets of states that no step leaves, and that are not an end."""
    graph = graph_of(found)
    return [
        set(states)
        for states in nx.attracting_components(graph)
        if not any(state in found.ends for state in states)
    ]


@dataclass(frozen=True)
class Round:
    """States among which a run can go round for ever; starves: the threads that then take no step, or ()."""

    states: frozenset[int]
    starves: tuple[int, ...]


def rounds(found: Reference) -> list[Round]:
    """The largest sets of states that a fair run can go round in; and each cyclic part that has none.

    A run is fair if every thread that can take a step again and again takes one again and again.
    """
    result = []
    for part in _parts(graph_of(found)):
        fair = list(_fair(found, part))
        result += [Round(frozenset(states), ()) for states in fair]
        if not fair:
            result.append(Round(frozenset(part), _starved(found, part)))
    return result


def _parts(graph: nx.DiGraph[int]) -> list[set[int]]:
    """The parts of a graph in which a walk can go round."""
    strong = nx.strongly_connected_components(graph)
    return [part for part in strong if any(graph.has_edge(state, to) for state in part for to in part)]


def _starved(found: Reference, part: set[int]) -> tuple[int, ...]:
    """The threads that have steps at states of a part, all of which leave it."""
    could = {who for state in part for who in found.steps[state]} - {EVENT}
    does = {who for state in part for who, to in found.steps[state].items() if to in part}
    return tuple(sorted(could - does))


def _fair(found: Reference, part: set[int]) -> Iterator[set[int]]:
    starved = set(_starved(found, part))
    if not starved:
        yield part
        return
    left = {state for state in part if not starved & found.steps[state].keys()}
    for smaller in _parts(graph_of(found).subgraph(left)):
        yield from _fair(found, smaller)


def outcome_of_states(found: Reference) -> dict[int, str]:
    """The outcome of each state in which a schedule ends, or stays for ever."""
    ends = {state: end.outcome for state, end in found.ends.items()}
    return {**ends, **{state: LIVELOCK for trap in traps(found) for state in trap}}


def outcomes(found: Reference) -> set[str]:
    """The outcomes that schedules have, `livelock` if a fair one can go round for ever."""
    fair = any(not one.starves for one in rounds(found))
    return set(found.outcomes) | ({LIVELOCK} if fair else set())


def schedules(found: Reference) -> dict[str, int] | None:
    """The number of schedules with each outcome; None if the graph has cycles."""
    graph = graph_of(found)
    if not nx.is_directed_acyclic_graph(graph):
        return None
    ways = [0] * found.states
    ways[0] = 1
    for state in nx.topological_sort(graph):
        for to in found.steps[state].values():
            ways[to] += ways[state]
    return {
        outcome: sum(ways[state] for state in found.ends_of(outcome)) for outcome in sorted(found.outcomes)
    }


def enumerated(found: Reference) -> dict[str, int]:
    """The same by walking every schedule, one after another."""
    counts = dict.fromkeys(found.outcomes, 0)
    walks = [0]
    while walks:
        state = walks.pop()
        if state in found.ends:
            counts[found.ends[state].outcome] += 1
        walks += found.steps[state].values()
    return counts


def probabilities(found: Reference) -> dict[str, Fraction] | dict[str, float]:
    """The probability of each outcome if each thread that can run is equally likely to take the next step.

    Exact fractions if the graph has no cycles, else floats.
    """
    graph = graph_of(found)
    if not nx.is_directed_acyclic_graph(graph):
        return _limits(found)
    chance = [Fraction(0)] * found.states
    chance[0] = Fraction(1)
    for state in nx.topological_sort(graph):
        for to in found.steps[state].values():
            chance[to] += chance[state] / len(found.steps[state])
    return {
        outcome: sum((chance[state] for state in found.ends_of(outcome)), Fraction(0))
        for outcome in sorted(found.outcomes)
    }


def _limits(found: Reference) -> dict[str, float]:
    """The probabilities of a graph with cycles: the solution of one linear equation per state."""
    ended = outcome_of_states(found)
    moves = np.eye(found.states)
    for state, steps in enumerate(found.steps):
        for to in steps.values() if state not in ended else ():
            moves[state, to] -= 1 / len(steps)
    names = sorted(set(ended.values()))
    given = np.zeros((found.states, len(names)))
    for state, outcome in ended.items():
        given[state, names.index(outcome)] = 1
    return dict(zip(names, np.linalg.solve(moves, given)[0].tolist(), strict=True))


def cost(found: Reference, path: Sequence[int]) -> tuple[int, int]:
    """The switches and the steps of a schedule from step 0."""
    state, steps = 0, 0
    for who in path:
        steps += found.length[state] if who == EVENT else 1
        state = found.steps[state][who]
    return max(sum(1 for _ in groupby(path)) - 1, 0), steps


def simplest(found: Reference, goals: Collection[int]) -> tuple[int, int]:
    """The fewest switches of a schedule that comes to one of some states, and the fewest steps with as many.

    Errors: ValueError if no schedule does.
    """
    waiting: list[tuple[int, int, int, int | None]] = [(-1, 0, 0, None)]
    seen: set[tuple[int, int | None]] = set()
    while waiting:
        switches, steps, state, last = heapq.heappop(waiting)
        if state in goals:
            return max(switches, 0), steps
        if (state, last) in seen:
            continue
        seen.add((state, last))
        for who, to in found.steps[state].items():
            length = found.length[state] if who == EVENT else 1
            heapq.heappush(waiting, (switches + (who != last), steps + length, to, who))
    raise ValueError(goals)


def possible(found: Reference) -> list[frozenset[str]]:
    """The outcomes that are still possible in each state: of ends, and fair livelocks."""
    graph = graph_of(found)
    own: dict[int, str] = {state: end.outcome for state, end in found.ends.items()}
    own |= {state: LIVELOCK for one in rounds(found) if not one.starves for state in one.states}
    return [
        frozenset(own[later] for later in {state, *nx.descendants(graph, state)} if later in own)
        for state in range(found.states)
    ]


@dataclass(frozen=True)
class NoReturn:
    """Where in a schedule its outcome becomes the only one: after how many choices, and steps of a run.

    others: each other thread, or EVENT, whose step instead leaves other outcomes possible, with these.
    """

    place: int
    steps: int
    others: dict[int, frozenset[str]]


def no_return(found: Reference, path: Sequence[int], outcome: str) -> NoReturn | None:
    """The point of no return of a schedule; None if another outcome is possible at its end."""
    still, states = possible(found), [0]
    for who in path:
        states.append(found.steps[states[-1]][who])
    places = [place for place, state in enumerate(states) if still[state] == {outcome}]
    if not places:
        return None
    place = places[0]
    choices = found.steps[states[place - 1]] if place else {}
    left = {who: still[to] - {outcome} for who, to in choices.items() if who != path[place - 1]}
    return NoReturn(
        place, cost(found, path[:place])[1], {who: others for who, others in left.items() if others}
    )
