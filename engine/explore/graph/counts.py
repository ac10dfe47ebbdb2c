"""How many schedules lead to each end, exactly."""

from __future__ import annotations

import math
from typing import Final

from engine.explore.graph.levels import levels
from engine.explore.graph.state_graph import Ints, StateGraph, places

LONGEST: Final = 4_000
"""The most digits that a count is written with. Python itself refuses to write more than 4,300."""


def schedules(graph: StateGraph) -> dict[int, int] | None:
    """Count the paths from state 0 to each end; None if the graph has a cycle.

    Two paths are two even where they differ only in the order of steps that commute. In a bounded search
    only the paths that were searched are counted.

    Method: forward, level by level. A state passes its number on and forgets it, so only those of states
    that are reached and not yet done are in memory.
    """
    order = levels(graph.first, graph.target)
    if sum(len(level) for level in order) < graph.size:
        return None
    counts = [0] * graph.size
    counts[0] = 1
    for level in order:
        _pass_on(graph, level, counts)
    return {end: counts[end] for end in graph.ends}


def _pass_on(graph: StateGraph, level: Ints, counts: list[int]) -> None:
    """Add the number of each state of a level to those of its successors, and forget it."""
    steps = places(graph.first, level)
    sources = graph.source[steps].tolist()
    for source, target in zip(sources, graph.target[steps].tolist(), strict=True):
        counts[target] += counts[source]
    for source in sources:
        counts[source] = 0


def count_text(count: int) -> int | str:
    """Return a count as JSON shows it: up to 4,000 digits itself, beyond that rounded, as `1.23e5678`.

    Half a unit of the last digit shown is rounded up. count: at least 0.
    """
    if count < 10**LONGEST:
        return count
    exponent = int((count.bit_length() - 1) * math.log10(2)) - 1
    while 10 ** (exponent + 1) <= count:
        exponent += 1
    unit = 10 ** (exponent - 2)
    digits = (count + unit // 2) // unit
    if digits == 1000:
        digits, exponent = 100, exponent + 1
    return f"{digits // 100}.{digits % 100:02d}e{exponent}"
