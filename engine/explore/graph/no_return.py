"""The point of no return of a schedule: the step after which its outcome is the only one left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.explore.graph.state_graph import Ints, StateGraph


@dataclass(frozen=True)
class NoReturn:
    """Where on a path its outcome becomes inevitable.

    place: how many of the steps of the path are taken then; 0 if no other outcome was ever possible.
    step:  the same in steps of the run.
    edge:  the index in the graph of the last of them; -1 at place 0.
    alternatives: each other thread, or EVENT, whose step instead of it leaves another outcome possible, and
           the set of the other outcomes that are possible then; by number.
    """

    place: int
    step: int
    edge: int
    alternatives: tuple[tuple[int, int], ...]


def no_return(graph: StateGraph, sets: Ints, path: Sequence[int], outcome: int) -> NoReturn | None:
    """Return the point of no return of a path from state 0; None if it has none.

    It has none where another outcome is still possible at its end, as in a livelock with a way out.

    sets:    the set of possible outcomes of each state, as `possible` returns it, of a complete search.
    path:    the indexes of its steps.
    outcome: the number of the outcome that it leads to.

    Errors: ValueError if the outcome is not possible at the end of the path.
    """
    only = 1 << outcome
    states = [0, *(int(graph.target[edge]) for edge in path)]
    if not int(sets[states[-1]]) & only:
        raise ValueError(f"outcome {outcome} is not possible at the end of this path")
    place = next((place for place, state in enumerate(states) if int(sets[state]) == only), None)
    if place is None:
        return None
    if place == 0:
        return NoReturn(0, 0, -1, ())
    steps = sum(int(graph.length[edge]) for edge in path[:place])
    return NoReturn(place, steps, path[place - 1], _alternatives(graph, sets, path[place - 1], only))


def _alternatives(graph: StateGraph, sets: Ints, edge: int, only: int) -> tuple[tuple[int, int], ...]:
    others = [
        (int(graph.thread[other]), int(sets[graph.target[other]]) & ~only)
        for other in graph.steps_of(int(graph.source[edge]))
    ]
    return tuple(sorted((thread, left) for thread, left in others if left))
