"""The analysis of state graphs: of a scenario's, and of 371,293 states made of five threads of 12 steps each.

A lock that two threads take in opposite orders makes some of the states deadlocks, and a page that a third
one frees makes some a panic. In the graph with cycles the last thread starts again instead of ending.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from engine.explore import explore
from engine.explore.graph.chances import chances
from engine.explore.graph.components import components
from engine.explore.graph.condensed import condensed
from engine.explore.graph.counts import schedules
from engine.explore.graph.cycles import livelocks, round_trip
from engine.explore.graph.decisions import decision_tree
from engine.explore.graph.funnel import funnel
from engine.explore.graph.possible import possible
from engine.explore.graph.simplest import simplest
from engine.explore.graph.state_graph import Ints, StateGraph
from engine.scenario.loader import load

THREADS: Final = 5

PLACES: Final = 13
"""The places of a thread in its script."""

SIZE: Final = PLACES**THREADS

OUTCOMES: Final = ("completed", "deadlock", "panic:vm_page_free")

SCENARIO: Final = "hard-and-soft-busy"
"""The largest graph of the library's races."""

RUNS: Final = 3


def graph_of(cycles: bool) -> StateGraph:
    """Every order of the steps of all threads, from all at their first places."""
    states: Ints = np.arange(SIZE)
    place = [states // PLACES**thread % PLACES for thread in range(THREADS)]
    deadlock = (place[0] == 6) & (place[1] == 6)
    panic = (place[2] == 9) & (place[3] == 3) & ~deadlock
    rows = [np.zeros((0, 3), dtype=np.int64)]
    for thread in range(THREADS):
        moves = ~deadlock & ~panic & (place[thread] < PLACES - 1)
        rows.append(_rows(states[moves], PLACES**thread, thread))
    if cycles:
        last = THREADS - 1
        again = ~deadlock & ~panic & (place[last] == PLACES - 1) & (states != SIZE - 1)
        rows.append(_rows(states[again], -(PLACES - 1) * PLACES**last, last))
    table = np.concatenate(rows)
    columns: Ints = np.ascontiguousarray(table[np.lexsort((table[:, 1], table[:, 0]))].T)
    ends = {SIZE - 1: 0, **dict.fromkeys(np.flatnonzero(deadlock).tolist(), 1)}
    ends |= dict.fromkeys(np.flatnonzero(panic).tolist(), 2)
    names = tuple(f"t{thread}" for thread in range(THREADS))
    source, taking, target = columns
    return StateGraph(names, source, target, taking, np.ones_like(source), SIZE, ends, OUTCOMES)


def found_graph(name: str) -> StateGraph:
    """The graph of a scenario of the library."""
    graph = explore(load(name)).graph
    assert graph is not None
    return graph


def _rows(states: Ints, move: int, thread: int) -> Ints:
    return np.stack((states, np.full_like(states, thread), states + move), axis=1)


def _row(name: str, work: Callable[[], object], target: float) -> dict[str, Any]:
    spent = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    median = statistics.median(spent)
    ratio = round(median / target, 3)
    return {"name": name, "median": round(median, 3), "unit": "s", "target": target, "ratio": ratio}


def rows_of(graph: StateGraph, name: str) -> list[dict[str, Any]]:
    """Measure what every exploration needs; name: of the graph."""
    graph.arriving, graph.first_arriving  # noqa: B018  (computed once for all of them)
    sets = possible(graph, graph.ends)
    goals = [[end for end, one in graph.ends.items() if one == n] for n in range(len(graph.outcomes))]
    return [
        _row(f"{name}: cyclic components", lambda: components(graph), 2.0),
        _row(f"{name}: probabilities", lambda: chances(graph), 5.0),
        _row(f"{name}: possible outcomes", lambda: possible(graph, graph.ends), 1.0),
        _row(
            f"{name}: simplest schedules", lambda: [simplest(graph, ends) for ends in goals], 1.5 * len(goals)
        ),
        _row(f"{name}: funnel", lambda: funnel(graph, sets), 1.0),
        _row(f"{name}: decisions", lambda: decision_tree(graph, sets), 2.0),
        _row(f"{name}: condensed", lambda: condensed(graph, sets, graph.outcomes, lambda *_: ""), 2.0),
    ]


def measure() -> list[dict[str, Any]]:
    """Run it all; return rows {name, median, unit, target, ratio}; up to 1 reaches the target."""
    plain, cyclic = graph_of(cycles=False), graph_of(cycles=True)
    found = livelocks(cyclic)
    return [
        _row("371,293 states: cycles ruled out", lambda: components(plain), 0.5),
        _row("371,293 states: schedules", lambda: schedules(plain), 2.0),
        *rows_of(plain, "371,293 states"),
        _row("with cycles: livelocks", lambda: livelocks(cyclic), 3.0),
        _row("with cycles: a round trip", lambda: round_trip(cyclic, found[0], found[0].entry), 0.5),
        *rows_of(cyclic, "with cycles"),
        *rows_of(found_graph(SCENARIO), SCENARIO),
    ]
