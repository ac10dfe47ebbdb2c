"""Which of the outcomes that were found are still possible in each state, for what is drawn of a graph."""

from __future__ import annotations

from engine.explore.exploration import Exploration
from engine.explore.graph.cycles import livelocks
from engine.explore.graph.possible import possible
from engine.explore.graph.state_graph import Ints, StateGraph
from engine.run.runner import LIVELOCK


def outcome_sets(exploration: Exploration, graph: StateGraph) -> tuple[tuple[str, ...], Ints]:
    """Return the names of the outcomes, and the set of each state: bit n for outcome n; int64, (states,).

    A livelock that is not fair can be left at any time: it is not among them.
    """
    names = tuple(dict.fromkeys(found.outcome for found in exploration.outcomes))
    numbers = {
        state: names.index(graph.outcomes[end])
        for state, end in graph.ends.items()
        if graph.outcomes[end] in names
    }
    if any(found.outcome == LIVELOCK and not found.starves for found in exploration.outcomes):
        fair = (one for one in livelocks(graph) if one.fair)
        numbers |= {int(state): names.index(LIVELOCK) for one in fair for state in one.states}
    return names, possible(graph, numbers)
