"""Leaving out schedules that differ only in the order of independent steps keeps every outcome."""

from __future__ import annotations

import pytest

from engine.explore import explore, search
from engine.explore.exploration import Exploration
from engine.explore.model.transitions import Model
from engine.explore.reduction import Access, Reduction
from engine.scenario.loader import load
from tests.engine.explore.named_scenarios import NAMED, Named
from tests.engine.explore.side_by_side import scenario_named
from tests.engine.explore.small_scenarios import SEEDS, scenario_of
from tests.tiers import only_fast

LIBRARY = (
    *("trylock-skips", "life-of-a-page", "lock-order-reversal", "page-then-queue", "second-chance"),
    *("store-against-a-write", "copy-on-write-demotes", "wired-but-still-queued", "special-pages"),
    *("usage-pattern-fault", "between-the-queues", "home-is-used-up", "wiring-done-right"),
    *("a-page-for-another-processor", "page-queues"),
)
"""Scenarios of the library of at most 20,000 states."""

APART = Named(
    "apart",
    frozenset(),
    (
        (
            "a",
            0,
            "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)\nvm_page_hold(setup.m)\nvm_page_unhold(setup.m)",
        ),
        (
            "b",
            1,
            "vm_page_hold(setup.n)\nvm_page_unhold(setup.n)\nvm_page_hold(setup.n)\nvm_page_unhold(setup.n)",
        ),
    ),
)


def outcomes(found: Exploration) -> set[str]:
    return {one.outcome for one in found.outcomes if one.outcome != "livelock"}


def check_same(every: Exploration, reduced: Exploration) -> None:
    assert every.complete
    assert reduced.complete
    assert outcomes(reduced) == outcomes(every)
    assert reduced.reduced
    assert (reduced.states or 0) <= (every.states or 0)
    for one in reduced.outcomes:
        assert (one.schedules, one.probability, one.inevitable) == (None, None, None)


@pytest.mark.parametrize("name", only_fast([one.name for one in NAMED], "two-tokens", "lost-wakeup", "naps"))
def test_every_outcome_of_a_scenario_made_by_hand_is_found(name: str) -> None:
    check_same(explore(scenario_named(name)), explore(scenario_named(name), reduce=True))


@pytest.mark.parametrize("name", only_fast(LIBRARY))
def test_every_outcome_of_a_scenario_of_the_library_is_found(name: str) -> None:
    check_same(explore(load(name)), explore(load(name), reduce=True))


@pytest.mark.parametrize("seed", only_fast(SEEDS[::3], SEEDS[0], SEEDS[3]))
def test_every_outcome_of_a_made_scenario_is_found(seed: int) -> None:
    check_same(explore(scenario_of(seed)), explore(scenario_of(seed), reduce=True))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_every_outcome_is_found_also_by_a_search_in_parts(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    every = explore(scenario_of(seed))
    monkeypatch.setattr(search, "DEPTH", 3)
    check_same(every, explore(scenario_of(seed), reduce=True))


def test_threads_that_touch_nothing_in_common_are_taken_in_one_order() -> None:
    every, reduced = explore(APART.load()), explore(APART.load(), reduce=True)
    assert every.states is not None
    assert reduced.states is not None
    assert reduced.states * 2 < every.states
    assert [one.outcome for one in reduced.outcomes] == ["completed"]


def test_threads_of_one_cpu_that_want_spinlocks_depend_on_each_other() -> None:
    script = "x = 1\nvm_page_spin_lock(setup.{0})\nvm_page_spin_unlock(setup.{0})"
    sizes = []
    for cpu in (0, 1):
        threads = (("a", 0, script.format("m")), ("b", cpu, script.format("n")))
        scenario = Named("two", frozenset(), threads)
        sizes.append(
            (explore(scenario.load()).states or 0) - (explore(scenario.load(), reduce=True).states or 0)
        )
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize(
    ("one", "other", "affects"),
    [
        (Access(frozenset({1})), Access(frozenset({1})), False),
        (Access(frozenset({1})), Access(frozenset(), frozenset({1})), True),
        (Access(frozenset(), frozenset({1})), Access(frozenset(), frozenset({1})), True),
        (Access(frozenset({1}), frozenset({2})), Access(frozenset({3}), frozenset({4})), False),
        (Access(everything=True), Access(), True),
        (Access(frozenset(), frozenset({("cpu", 0)})), Access(frozenset(), frozenset({("cpu", 0)})), True),
        (Access(frozenset(), frozenset({("cpu", 0)})), Access(frozenset(), frozenset({("cpu", 1)})), False),
    ],
    ids=["reads", "read and write", "writes", "apart", "everything", "one cpu", "two cpus"],
)
def test_two_accesses_affect_each_other_if_one_writes_what_the_other_touches(
    one: Access, other: Access, affects: bool
) -> None:
    assert one.affects(other) is other.affects(one) is affects


def test_what_was_not_seen_to_be_touched_is_taken_to_be_free_until_it_is_learned() -> None:
    model = Model(
        Named("m", frozenset(), (("a", 0, "vm_page_hold(setup.m)"), ("b", 1, "vm_page_hold(setup.m)"))).load()
    )
    reduction = Reduction(model)
    assert reduction.enough([0, 1]) == [0]
    model.leaf(1)
    assert reduction.learn()
    assert not reduction.learn()
    assert reduction.enough([0, 1]) == [0, 1]
    assert reduction.enough([1]) == [1]
