"""Sampled and reduced searches beside the full one: how often, whether the same, and that nothing is lost."""

from __future__ import annotations

from functools import partial
from math import sqrt
from typing import Final

import pytest

from engine.explore import explore
from engine.explore.exploration import Exploration
from engine.explore.graph.cycles import livelocks
from engine.explore.limits import Sample
from engine.scenario.loader import Scenario, load, load_text
from tests.engine.explore.brute_counts import LIVELOCK
from tests.engine.explore.named_scenarios import NAMED, Named
from tests.engine.explore.small_scenarios import MACHINE, SEEDS, THREAD, scenario_of
from tests.engine.explore.test_reported_schedules import check_outcomes
from tests.tiers import only_fast

SEVERAL: Final = (25, 30, 49, 56, 156, 191, 225, 243, 272, 281, 296)
"""Seeds of scenarios with several outcomes, no livelock among them."""

SCHEDULES: Final = 2_000

_by_name = pytest.mark.parametrize("named", only_fast(NAMED, *NAMED[::4]), ids=lambda named: named.name)


def counts(found: Exploration) -> dict[str, int]:
    """How many of the sampled schedules have each outcome."""
    return {one.outcome: one.sampled for one in found.outcomes}


# --- random ---------------------------------------------------------------------------------------------


def compare_frequencies(scenario: Scenario) -> None:
    """Sampled frequencies are within three standard errors of the probabilities."""
    every = explore(scenario)
    sampled = explore(scenario, sample=Sample("random", schedules=SCHEDULES))
    assert (sampled.complete, sampled.sampled) == (False, SCHEDULES)
    assert counts(sampled).keys() <= {one.outcome for one in every.outcomes}
    assert sum(counts(sampled).values()) == SCHEDULES
    for one in every.outcomes:
        assert one.probability is not None
        share = counts(sampled).get(one.outcome, 0) / SCHEDULES
        error = sqrt(one.probability * (1 - one.probability) / SCHEDULES)
        assert abs(share - one.probability) <= 3 * error + 1e-12, one.outcome


@pytest.mark.parametrize("seed", only_fast(SEVERAL, 49, 272))
def test_random_schedules_end_as_often_as_is_computed(seed: int) -> None:
    compare_frequencies(scenario_of(seed))


@_by_name
def test_random_schedules_of_a_scenario_made_by_hand_end_as_often_as_is_computed(named: Named) -> None:
    if LIVELOCK not in named.outcomes:
        compare_frequencies(named.load())


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["random", "pct"])
def test_two_processes_find_what_one_finds(strategy: str) -> None:
    sample = partial(Sample, strategy, depth=2 * (strategy == "pct"), schedules=SCHEDULES)  # type: ignore[arg-type]
    for scenario in (scenario_of(49), load("trylock-skips")):
        one = explore(scenario, sample=sample(seed=7))
        assert explore(scenario, sample=sample(seed=7, workers=2)) == one
    of_another_seed = explore(scenario_of(49), sample=sample(seed=8))
    assert counts(of_another_seed) != counts(explore(scenario_of(49), sample=sample(seed=7)))


@pytest.mark.parametrize("seed", only_fast(SEVERAL, 191))
def test_the_reported_schedules_of_samples_are_true(seed: int) -> None:
    scenario = scenario_of(seed)
    check_outcomes(scenario, explore(scenario, sample=Sample("random", schedules=300)).outcomes)


# --- pct ------------------------------------------------------------------------------------------------


def planted(lines: int) -> Scenario:
    """A scenario that panics only if all of a, or nearly all, comes between two lines of b.

    lines: of a; each takes two steps, and the last one another.
    """
    work = "vm_page_hold(setup.n)\nvm_page_hold(setup.n)\n" * lines
    machine = MACHINE.format(seed="planted", cpus=2, io_delay=1, switches="", setup="")
    a = THREAD.format(name="a", cpu=0, script=f"{work}vm_page_hold(setup.m)")
    script = "old = setup.m.hold_count\nif setup.m.hold_count != old:\n    vm_page_wakeup(setup.m)"
    b = THREAD.format(name="b", cpu=1, script=script)
    return load_text(machine + a + b, "planted.toml", schedule="rr")


@pytest.mark.parametrize("lines", [8, 12])
def test_pct_finds_a_fault_of_depth_two_more_often_than_random_schedules_do(lines: int) -> None:
    scenario, panic = planted(lines), "panic:vm_page_wakeup"
    found = explore(scenario).found(panic)
    assert found is not None
    assert found.probability == pytest.approx((2 * lines + 1) / 2 ** (2 * lines + 2))
    by_chance = counts(explore(scenario, sample=Sample("random", schedules=SCHEDULES)))
    by_pct = counts(explore(scenario, sample=Sample("pct", depth=1, schedules=SCHEDULES)))
    # One change point, at one of about 2 * lines + 3 steps, after b began first.
    least = SCHEDULES / (2 * (2 * lines + 4))
    assert by_pct.get(panic, 0) >= least / 2
    assert by_pct.get(panic, 0) > 10 * by_chance.get(panic, 0)


@pytest.mark.slow
def test_pct_finds_the_panic_of_trylock_skips_which_random_schedules_do_not() -> None:
    scenario, panic = load("trylock-skips"), "panic:vm_page_alloc"
    assert explore(scenario, sample=Sample("random", schedules=SCHEDULES)).found(panic) is None
    found = explore(scenario, sample=Sample("pct", depth=2, schedules=SCHEDULES)).found(panic)
    assert found is not None
    assert found.sampled > SCHEDULES / 200


# --- reduction ------------------------------------------------------------------------------------------


def compare_reduced(scenario: Scenario) -> None:
    """A reduced search finds every outcome of an end, and livelocks without a way out."""
    every, reduced = explore(scenario), explore(scenario, reduce=True)
    assert every.graph is not None
    assert every.states is not None
    assert reduced.states is not None
    trapped = {LIVELOCK} if any(one.bottom for one in livelocks(every.graph)) else set()
    expected = {one.outcome for one in every.outcomes} - {LIVELOCK} | trapped
    assert {one.outcome for one in reduced.outcomes} == expected
    assert (reduced.reduced, reduced.complete) == (True, True)
    assert (reduced.states, reduced.transitions) <= (every.states, every.transitions)
    assert all((one.schedules, one.probability, one.inevitable) == (None,) * 3 for one in reduced.outcomes)
    check_outcomes(scenario, reduced.outcomes)


@_by_name
def test_a_reduced_search_of_a_scenario_made_by_hand_finds_every_outcome(named: Named) -> None:
    compare_reduced(named.load())


@pytest.mark.parametrize("seed", only_fast(SEEDS, 26, 191))
def test_a_reduced_search_finds_every_outcome(seed: int) -> None:
    compare_reduced(scenario_of(seed))


@pytest.mark.slow
def test_reduced_searches_are_smaller() -> None:
    both = [(explore(scenario_of(seed)), explore(scenario_of(seed), reduce=True)) for seed in SEEDS[:60]]
    assert sum(one.states or 0 for _, one in both) < 0.9 * sum(one.states or 0 for one, _ in both)
