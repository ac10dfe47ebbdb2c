"""The graph of a search as it is drawn: condensed, with the outcomes and the actions by name."""

from __future__ import annotations

from typing import Final

import networkx as nx
import numpy as np

from engine.errors import BadInput
from engine.explore.exploration import Exploration
from engine.explore.graph.condensed import condensed
from engine.explore.graph.cycles import livelocks
from engine.explore.graph.possible import possible
from engine.explore.graph.state_graph import Ints, StateGraph
from engine.explore.step_actions import actions_in
from engine.run.runner import LIVELOCK
from engine.scenario.loader import Scenario

MOST: Final = 50
"""The number of nodes; more only if there are more sets of possible outcomes."""


def drawn_graph(scenario: Scenario, exploration: Exploration, most: int = MOST) -> nx.DiGraph:
    """Return the condensed graph of what `explore` found, as `condensed` describes it.

    Errors: BadInput after sampling, which keeps no graph.
    """
    graph = exploration.graph
    if graph is None:
        raise BadInput("sampled schedules have no graph of states; search all schedules for one")
    names = tuple(dict.fromkeys(found.outcome for found in exploration.outcomes))
    sets = _sets(exploration, graph, names)
    deciding = sets[graph.source] != sets[graph.target]
    actions = actions_in(scenario, graph, np.unique(graph.source[deciding]).tolist())
    return condensed(graph, sets, names, lambda state, thread: actions[state, thread], most)


def _sets(exploration: Exploration, graph: StateGraph, names: tuple[str, ...]) -> Ints:
    """The set of possible outcomes of each state; a livelock that a fair schedule leaves is not in it."""
    goals = {
        state: names.index(graph.outcomes[number])
        for state, number in graph.ends.items()
        if graph.outcomes[number] in names
    }
    if any(found.outcome == LIVELOCK and not found.starves for found in exploration.outcomes):
        fair = (one for one in livelocks(graph) if one.fair)
        goals.update((int(state), names.index(LIVELOCK)) for one in fair for state in one.states)
    return possible(graph, goals)
