"""The drawn graph of a search: its states, outcomes and deciding steps by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import BadInput
from engine.explore import explore
from engine.explore.drawn_graph import drawn_graph
from engine.scenario.loader import load


def test_the_step_after_which_the_panic_is_inevitable_is_an_edge() -> None:
    scenario = load("trylock-skips")
    found = explore(scenario)
    graph = drawn_graph(scenario, found)
    assert sum(states for _, states in graph.nodes(data="states")) == found.states
    (doomed,) = [node for node, names in graph.nodes(data="outcomes") if names == "panic:vm_page_alloc"]
    (edge,) = graph.in_edges(doomed, data=True)
    panic = found.found("panic:vm_page_alloc")
    assert panic is not None
    assert panic.inevitable is not None
    assert (edge[2]["thread"], edge[2]["action"]) == (panic.inevitable.thread, panic.inevitable.action)
    (start,) = [node for node, data in graph.nodes(data=True) if data["start"]]
    assert graph.nodes[start]["outcomes"] == "completed, panic:vm_page_alloc"


def test_a_fair_livelock_is_an_outcome_of_its_states() -> None:
    scenario = load("reading-maps-nothing")
    found = explore(scenario)
    fair = [one for one in found.outcomes if one.outcome == "livelock" and not one.starves]
    names = {
        name for _, names in drawn_graph(scenario, found).nodes(data="outcomes") for name in names.split(", ")
    }
    assert ("livelock" in names) == bool(fair)


def test_samples_have_no_graph() -> None:
    scenario = load("trylock-skips")
    sampled = replace(explore(scenario), graph=None)
    with pytest.raises(BadInput, match="sampled schedules have no graph"):
        drawn_graph(scenario, sampled)
