"""The search: where it ends early, what it says then, and that its order does not change what it finds."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.explore import explore, search
from engine.explore.exploration import Exploration
from engine.explore.graph.state_graph import EVENT
from engine.explore.job import Job
from engine.explore.limits import Limits, Progress
from engine.explore.prepared import recipe_of
from engine.explore.search import Search
from engine.scenario.loader import load
from tests.engine.explore.named_scenarios import NAMED, Named
from tests.engine.explore.side_by_side import content_of, scenario_named
from tests.tiers import only_fast

ENDLESS = Named(
    "endless",
    frozenset(),
    (
        ("a", 0, "x = 0\nwhile x >= 0:\n    x += 1"),
        ("b", 1, "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)"),
    ),
)
"""Thread a counts for ever; b completes."""

NAPS = Named(
    "for-ever", frozenset(), (("a", 0, "while setup.m.hold_count == 0:\n    vm_wait(7)\n    x += 1"),)
)


def gist(found: Exploration) -> object:
    """What does not depend on the order in which states were found."""
    graph = found.graph
    assert graph is not None
    outcomes = sorted(
        (one.outcome, one.ends, one.schedules, one.switches, one.steps, one.lost) for one in found.outcomes
    )
    ends = Counter(graph.outcomes[number] for number in graph.ends.values())
    return found.states, found.transitions, outcomes, ends, Counter(graph.thread.tolist())


def test_a_number_of_states_bounds_a_search() -> None:
    found = explore(ENDLESS.load(), limits=Limits(states=400))
    assert (found.complete, found.bound, found.states) == (False, "400 states", 400)
    assert found.ok is None
    assert found.growing is not None
    assert found.growing[0] == "thread[a].var.x"
    assert found.growing[1] > 50
    for one in found.outcomes:
        assert (one.schedules, one.probability, one.inevitable) == (None, None, None)


def test_a_search_of_exactly_that_many_states_is_bounded_only_if_states_are_left() -> None:
    every = explore(scenario_named("whose-hold-is-left"))
    assert every.states is not None
    assert explore(scenario_named("whose-hold-is-left"), limits=Limits(states=every.states + 1)).complete
    assert not explore(scenario_named("whose-hold-is-left"), limits=Limits(states=every.states - 1)).complete


@pytest.mark.slow
def test_memory_bounds_a_search() -> None:
    found = explore(load("page-queues"), limits=Limits(memory=1 << 20))
    assert (found.complete, found.bound) == (False, "8,192 states in 1 MiB")


def test_ticks_bound_a_search_that_continues_elsewhere() -> None:
    found = explore(NAPS.load(), limits=Limits(ticks=21))
    assert (found.complete, found.bound, found.outcomes) == (False, "21 ticks in a schedule", ())
    assert found.graph is not None
    assert int(found.graph.length[found.graph.thread == EVENT].sum()) == 21


def test_a_caller_that_says_no_stops_a_search() -> None:
    asked: list[Progress] = []

    def once(progress: Progress) -> bool:
        asked.append(progress)
        return len(asked) < 2

    found = explore(load("page-queues"), progress=once)
    assert (found.complete, found.bound) == (False, "stopped")
    assert [one.states for one in asked] == [4096, 8192]
    assert asked[1].transitions >= 4095
    assert asked[1].sampled == 0


@pytest.mark.parametrize("depth", only_fast((1, 2, 5, 17), 2))
@pytest.mark.parametrize(
    "name", only_fast([one.name for one in NAMED], "two-spinlocks", "naps", "never-a-hold")
)
def test_a_search_in_parts_finds_the_same(monkeypatch: pytest.MonkeyPatch, name: str, depth: int) -> None:
    every = explore(scenario_named(name))
    monkeypatch.setattr(search, "DEPTH", depth)
    assert gist(explore(scenario_named(name))) == gist(every)


def test_a_thread_that_never_ends_does_not_hide_what_others_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "DEPTH", 50)
    found = explore(ENDLESS.load(), limits=Limits(states=200))
    graph = found.graph
    assert graph is not None
    assert Counter(graph.thread.tolist())[1] > 50


def test_the_machine_is_at_its_start_after_a_search() -> None:
    for limits in (Limits(), Limits(states=50)):
        with Job(recipe_of(scenario_named("two-tokens")), limits).prepared() as ready:
            before, local = content_of(ready.model.vm.memory), list(ready.model.local)
            Search(ready.model, limits, ready.asked).run()
            assert content_of(ready.model.vm.memory) == before
            assert ready.model.local == local


def test_an_end_has_the_values_of_what_is_watched() -> None:
    named = Named("v", frozenset(), (("a", 0, "x = setup.m.hold_count"), ("b", 1, "vm_page_hold(setup.m)")))
    job = Job(recipe_of(named.load()), Limits(), exprs=("a.x", "setup.m.hold_count"))
    with job.prepared() as ready:
        own = Search(ready.model, job.limits, ready.asked)
        own.run()
    assert sorted((end.outcome, end.values) for end in own.ends) == [("leak", (0, 1)), ("leak", (1, 1))]


def test_a_search_that_is_run_again_because_keys_were_too_coarse_has_no_end_twice() -> None:
    job = Job(recipe_of(scenario_named("queue-of-a-cpu")), Limits())
    with job.prepared() as ready:
        own = Search(ready.model, job.limits, ready.asked)
        graph = own.run()
        assert ready.model.choices.ordered
    assert len(own.ends) == len(graph.ends)
