"""The graph of a search as it is drawn: condensed, with the outcomes and the actions by name."""

from __future__ import annotations

from typing import Final

import networkx as nx
import numpy as np

from engine.errors import BadInput
from engine.explore.exploration import Exploration
from engine.explore.graph.condensed import condensed
from engine.explore.outcome_sets import outcome_sets
from engine.explore.step_actions import actions_in
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
    names, sets = outcome_sets(exploration, graph)
    deciding = sets[graph.source] != sets[graph.target]
    actions = actions_in(scenario, graph, np.unique(graph.source[deciding]).tolist())
    return condensed(graph, sets, names, lambda state, thread: actions[state, thread], most)
