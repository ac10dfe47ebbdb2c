"""Which outcomes are still possible in each state of what was found."""

from __future__ import annotations

from dataclasses import replace

from engine.explore import explore
from engine.explore.outcome_sets import outcome_sets
from engine.scenario.loader import load


def test_both_outcomes_are_possible_at_first_and_one_at_each_end() -> None:
    found = explore(load("lock-order-reversal"))
    assert found.graph is not None
    names, sets = outcome_sets(found, found.graph)
    assert names == tuple(one.outcome for one in found.outcomes)
    assert int(sets[0]) == (1 << len(names)) - 1
    for state, number in found.graph.ends.items():
        assert int(sets[state]) == 1 << names.index(found.graph.outcomes[number])


def test_only_a_fair_livelock_is_among_them() -> None:
    found = explore(load("reading-maps-nothing"))
    assert found.graph is not None
    assert outcome_sets(found, found.graph)[1].any()
    unfair = replace(found, outcomes=tuple(one for one in found.outcomes if one.starves))
    assert not outcome_sets(unfair, found.graph)[1].any()
