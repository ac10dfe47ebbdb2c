"""The reference itself: its counts are those of a tree, and what its keys leave out makes no difference."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest

from engine.scenario.loader import Scenario, load
from tests.engine.explore import brute_counts
from tests.engine.explore.brute_force import End, Prefix, TooLargeError, brute_force
from tests.engine.explore.named_scenarios import NAMED
from tests.engine.explore.small_scenarios import NOT_SMALL, SEEDS, scenario_of
from tests.tiers import only_fast

FAST_SEEDS: Final = (25, 30, 56, 118)

MOST: Final = 3_000
"""The most schedules of a scenario that are walked one by one."""

some_seeds = pytest.mark.parametrize("seed", only_fast(sorted({*SEEDS[::4], *FAST_SEEDS}), *FAST_SEEDS))


def walked(scenario: Scenario) -> Counter[str]:
    """The outcomes of all schedules, each taken by itself, without any notion of a state."""
    prefix, found = Prefix(scenario), Counter[str]()
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        path = waiting.pop()
        prefix.go(path[:-1])
        if path and not prefix.take(path[-1]):
            found["script error"] += 1
            continue
        choices = prefix.choices()
        if isinstance(choices, End):
            found[choices.outcome] += 1
        else:
            waiting += [(*path, who) for who in reversed(choices)]
    return found


@some_seeds
def test_the_counts_are_those_of_walking_every_schedule(seed: int) -> None:
    found = brute_force(scenario_of(seed))
    counts = brute_counts.schedules(found)
    if counts is not None and sum(counts.values()) <= MOST:
        assert brute_counts.enumerated(found) == counts
        assert walked(scenario_of(seed)) == counts


@some_seeds
def test_what_is_left_out_of_a_key_changes_no_count_and_no_probability(seed: int) -> None:
    found = brute_force(scenario_of(seed))
    if brute_counts.schedules(found) is None:
        return  # in a cycle that lets time pass, the whole memory never repeats
    try:
        whole = brute_force(scenario_of(seed), 6_000, whole=True)
    except TooLargeError:
        return
    assert whole.states >= found.states
    assert brute_counts.schedules(whole) == brute_counts.schedules(found)
    assert brute_counts.probabilities(whole) == brute_counts.probabilities(found)


@pytest.mark.slow
def test_most_scenarios_are_compared_in_these_ways() -> None:
    found = [brute_force(scenario_of(seed)) for seed in SEEDS[:60]]
    counts = [brute_counts.schedules(one) for one in found]
    assert sum(one is not None for one in counts) > 0.8 * 60
    assert sum(one is not None and sum(one.values()) <= MOST for one in counts) > 0.5 * 60


@pytest.mark.slow
def test_the_reference_finds_the_states_that_a_prototype_found() -> None:
    found = brute_force(load("trylock-skips", schedule="rr"))
    assert (found.states, found.transitions) == (1_508, 2_739)


@pytest.mark.slow
def test_the_order_of_a_run_queue_matters_where_a_thread_waits_for_a_spinlock_on_it() -> None:
    named = {one.name: one for one in NAMED}
    assert brute_force(named["queue-of-a-cpu"].load()).ordered == {0}
    assert brute_force(named["two-spinlocks"].load()).ordered == frozenset()


def test_the_past_matters_where_the_cells_are_the_same() -> None:
    named = next(one for one in NAMED if one.name == "whose-hold-is-left")
    found = brute_force(named.load())
    one, other = found.ends
    keys = {state: key for key, state in found.keys.items()}
    assert keys[one][0] == keys[other][0]
    assert found.ends[one].outcome != found.ends[other].outcome


@pytest.mark.slow
def test_a_scenario_that_is_too_large_is_refused() -> None:
    with pytest.raises(TooLargeError, match="more than 600 states"):
        brute_force(scenario_of(min(NOT_SMALL)), 600)
