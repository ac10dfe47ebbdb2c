"""Sampled schedules: the same by number, equally likely choices, and change points."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.explore import explore
from engine.explore.exploration import Exploration
from engine.explore.job import Job, Ready
from engine.explore.limits import Limits, Sample
from engine.explore.prepared import recipe_of
from engine.explore.sample import walks
from engine.explore.sample.walks import Pct, Random, Walk, Walker, seeded
from engine.explore.shown_runs import Taken, schedule_text, shown_run
from engine.run.splitmix import splitmix64
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import scenario_named
from tests.tiers import only_fast

NAMES = ("two-tokens", "queue-of-a-cpu", "a-read", "naps", "free-while-held", "lost-wakeup", "two-spinlocks")


def ready(name: str, **words: tuple[str, ...]) -> Ready:
    return Job(recipe_of(scenario_named(name)), Limits(), **words).prepared()


def walker(name: str, sample: Sample, limits: Limits = Limits()) -> Walker:  # noqa: B008
    own = ready(name)
    return Walker(own.model, sample, limits, own.asked)


def gist(walk: Walk) -> object:
    """A walk without the key of its end, which depends on what the walks before it have seen."""
    end = walk.end
    return end.outcome, end.message, end.lost, walk.path, walk.ticks, walk.broken


@pytest.mark.parametrize("strategy", ["random", "pct"])
@pytest.mark.parametrize("name", only_fast(NAMES, "two-tokens", "queue-of-a-cpu", "naps"))
def test_walks_of_a_number_are_equal_in_any_order(name: str, strategy: str) -> None:
    depth = 2 if strategy == "pct" else 0
    sample = Sample(strategy, depth, seed=9)  # type: ignore[arg-type]
    forward, backward = walker(name, sample), walker(name, sample)
    ascending = [gist(forward.walk(number)) for number in range(40)]
    descending = [gist(backward.walk(number)) for number in reversed(range(40))]
    assert ascending == descending[::-1]
    assert len({str(one) for one in ascending}) > 1
    assert gist(forward.walk(7)) == ascending[7]


@pytest.mark.parametrize("name", only_fast(NAMES, "two-tokens"))
def test_a_walk_is_a_run_with_that_outcome(name: str) -> None:
    own = walker(name, Sample("random", seed=3))
    for number in range(12):
        walk = own.walk(number)
        threads = walk.path
        path = [Taken(t, walk.ticks.get(place, 1)) for place, t in enumerate(threads)]
        run = shown_run(scenario_named(name), own.model.names, path, own.model.opening, ends=True)
        assert run.outcome == walk.end.outcome, schedule_text(own.model.names, path)
        if walk.end.message:
            assert run.message == walk.end.message


def test_other_seeds_and_numbers_start_from_other_states() -> None:
    states = {seeded(seed, number) for seed in range(30) for number in range(-8, 30)}
    assert len(states) == 30 * 38
    assert all(0 <= state < 1 << 64 for state in states)


def test_random_chooses_as_the_sequence_of_its_seed_says() -> None:
    random, state = Random(5), 5
    for threads in ([0, 1, 2], [1, 4], [3], [0, 2, 3, 5]):
        chosen = random.choose(threads, 0)
        if len(threads) > 1:
            state, number = splitmix64(state)
            assert chosen == threads[number % len(threads)]
        else:
            assert chosen == threads[0]


def test_random_chooses_each_thread_about_as_often() -> None:
    random = Random(1)
    counts = Counter(random.choose([2, 5, 7], 0) for _ in range(3000))
    assert counts.keys() == {2, 5, 7}
    assert min(counts.values()) > 900


def test_the_highest_priority_runs_until_it_is_lowered() -> None:
    pct = Pct(7, 4, 0, 100)
    assert sorted(pct.priorities) == [0, 1, 2, 3]
    highest = pct.priorities.index(3)
    assert [pct.choose([0, 1, 2, 3], step) for step in range(5)] == [highest] * 5
    rest = [t for t in range(4) if t != highest]
    assert pct.choose(rest, 5) == pct.priorities.index(2)


def test_at_a_change_point_the_thread_that_would_run_gets_the_lowest_priority() -> None:
    pct = Pct(7, 3, 2, 50)
    assert pct.changes == sorted(pct.changes)
    assert all(0 <= change < 50 for change in pct.changes)
    pct.changes = [2, 4]
    order = sorted(range(3), key=lambda t: -pct.priorities[t])
    chosen = [pct.choose([0, 1, 2], step) for step in range(6)]
    assert chosen == [order[0], order[0], order[1], order[1], order[2], order[2]]
    assert pct.priorities[order[1]] < pct.priorities[order[0]] < 0 <= pct.priorities[order[2]]


def test_a_change_point_where_one_thread_can_run_lowers_that_thread() -> None:
    pct = Pct(7, 2, 1, 50)
    pct.changes = [1]
    high = max((0, 1), key=pct.priorities.__getitem__)
    assert pct.choose([0, 1], 0) == high
    assert pct.choose([high], 1) == high
    assert pct.choose([0, 1], 2) == 1 - high


def test_change_points_are_anywhere_among_the_steps_of_a_schedule() -> None:
    own = walker("two-tokens", Sample("pct", 3))
    assert own.steps >= max(len(own.walk(number).path) for number in range(5)) // 2
    changes = {change for state in range(200) for change in Pct(state, 3, 3, own.steps).changes}
    assert changes == set(range(own.steps))
    assert len({tuple(Pct(state, 3, 3, own.steps).priorities) for state in range(200)}) == 6


@pytest.mark.slow
def test_pct_finds_what_random_walks_do_not() -> None:
    rare, sample = "panic:vm_page_alloc", Sample("pct", 2, schedules=2000)
    assert explore(scenario_named("trylock-skips"), sample=sample).found(rare) is not None
    other = Sample("random", schedules=2000)
    assert explore(scenario_named("trylock-skips"), sample=other).found(rare) is None


@pytest.mark.parametrize("name", only_fast(("two-tokens", "free-while-held", "lost-wakeup"), "two-tokens"))
def test_the_shares_of_random_walks_are_near_the_probabilities(name: str) -> None:
    every: Exploration = explore(scenario_named(name))
    found = explore(scenario_named(name), sample=Sample("random", schedules=2000, seed=4))
    for one in every.outcomes:
        likely = one.probability or 0.0
        seen = found.found(one.outcome)
        assert abs((0.0 if seen is None else seen.sampled / 2000) - likely) < 0.05


def test_walks_are_cut_after_the_most_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "MOST_STEPS", 3)
    walk = walker("two-tokens", Sample("random")).walk(0)
    assert (walk.end.outcome, len(walk.path)) == ("bound", 3)


def test_walks_are_cut_after_the_most_ticks() -> None:
    scenario = Named("n", frozenset(), (("a", 0, "while setup.m.hold_count == 0:\n    vm_wait(3)"),))
    with Job(recipe_of(scenario.load()), Limits(ticks=7)).prepared() as own:
        walk = Walker(own.model, Sample("random"), Limits(ticks=7), own.asked).walk(0)
    assert walk.end.outcome == "bound"
    assert list(walk.ticks.values()) == [3, 3]
    assert [walk.path[place] for place in walk.ticks] == [-1] * 2


def test_walks_are_the_same_if_few_states_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = Sample("random", seed=2)
    for name in ("naps", "two-tokens"):
        every = [gist(walker(name, sample).walk(number)) for number in range(6)]
        monkeypatch.setattr(walks, "_REMEMBERED", 3)
        few = walker(name, sample)
        assert [gist(few.walk(number)) for number in range(6)] == every
        assert len(few._nodes) == 3
        monkeypatch.undo()


def test_a_statement_is_broken_at_the_first_step_after_which_it_does_not_hold() -> None:
    own = ready("two-tokens", always=("setup.m.hold_count == 0", "1"))
    walk = Walker(own.model, Sample("random"), Limits(), own.asked).walk(0)
    step, never = walk.broken
    assert never is None
    assert step == list(walk.path).index(2) + 1, "thread c holds the page in its first step"
