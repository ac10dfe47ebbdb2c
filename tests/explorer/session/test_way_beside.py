"""The way that leaves a schedule at its point of no return, on small graphs made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.explore.exploration import Found, Inevitable
from engine.explore.graph.state_graph import EVENT, StateGraph
from explorer.session.way_beside import WayBeside, way_beside
from tests.explorer.explored_by_hand import FOUND, PANICS

Step = tuple[int, int, int, int]


def graph(steps: list[Step], ends: dict[int, int], outcomes: tuple[str, ...]) -> StateGraph:
    """Return a graph of steps (source, target, thread, length)."""
    source, target, thread, length = (np.array(part, dtype=np.int64) for part in zip(*steps, strict=True))
    size = 1 + int(max(source.max(), target.max()))
    return StateGraph(("a", "b"), source, target, thread, length, size, ends, outcomes)


# A tick of 3 leads to state 1, where a's step leads to the panic and b's to completion on two ways.
STEPS = [(0, 1, EVENT, 3), (1, 2, 0, 1), (1, 3, 1, 1), (3, 4, 0, 1), (3, 5, 1, 1), (4, 6, 1, 1), (5, 6, 1, 1)]
SMALL = graph(STEPS, {2: 1, 6: 0}, ("completed", "panic:f"))


def found(path: tuple[int, ...], at: Inevitable | None) -> Found:
    steps = sum(3 if t == EVENT else 1 for t in path)
    return replace(PANICS, outcome="panic:f", path=path, inevitable=at, steps=steps)


def test_it_takes_the_other_thread_and_then_the_fewest_switches() -> None:
    exploration = replace(FOUND, graph=SMALL)
    at = Inevitable(4, "a", "x", ("b",), (("completed",),))
    assert way_beside(exploration, found((EVENT, 0), at)) == WayBeside("completed", "b:3", 3)


def test_completion_comes_before_other_outcomes_and_an_event_is_a_tick() -> None:
    steps = [(0, 1, 0, 1), (0, 2, 1, 1), (0, 3, EVENT, 7)]
    three = graph(steps, {1: 0, 2: 1, 3: 2}, ("panic:f", "blocked", "completed"))
    at = Inevitable(1, "a", "x", ("b", "tick"), (("blocked",), ("completed",)))
    exploration = replace(FOUND, graph=three)
    assert way_beside(exploration, found((0,), at)) == WayBeside("completed", "tick:7", 7)
    only = replace(at, alternatives=("b",), others=(("blocked",),))
    assert way_beside(exploration, found((0,), only)) == WayBeside("blocked", "b:1", 1)


def test_of_a_livelock_it_is_the_step_that_leaves_the_other_way() -> None:
    steps = [(0, 1, 0, 1), (0, 2, 1, 1), (2, 2, 1, 1)]
    loop = graph(steps, {1: 0}, ("panic:f",))
    at = Inevitable(1, "a", "x", ("b",), (("livelock",),))
    assert way_beside(replace(FOUND, graph=loop), found((0,), at)) == WayBeside("livelock", "b:1", 1)


def test_there_is_none_without_a_graph_or_a_choice() -> None:
    at = Inevitable(1, "a", "x", ("b",), (("completed",),))
    assert way_beside(replace(FOUND, graph=None), found((0,), at)) is None
    exploration = replace(FOUND, graph=SMALL)
    for nowhere in (None, Inevitable(0, "", ""), Inevitable(3, "a", "x")):
        assert way_beside(exploration, found((EVENT, 0), nowhere)) is None


def test_the_steps_of_an_opening_come_before_the_path() -> None:
    exploration = replace(FOUND, graph=SMALL, opening=100)
    at = Inevitable(104, "a", "x", ("b",), (("completed",),))
    booted = replace(found((EVENT, 0), at), steps=104)
    assert way_beside(exploration, booted) == WayBeside("completed", "b:3", 3)
