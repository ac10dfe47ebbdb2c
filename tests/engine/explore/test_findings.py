"""What is reported of a searched graph."""

from __future__ import annotations

from functools import cache

import pytest

from engine.errors import InvariantViolation
from engine.explore import explore, findings
from engine.explore.exploration import Exploration, Found
from engine.explore.findings import Findings, in_words
from engine.explore.job import Job
from engine.explore.limits import Limits
from engine.explore.prepared import recipe_of
from engine.explore.search import Search
from engine.explore.shown_runs import ShownRun
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import scenario_named

SPINS = Named(
    "spins",
    frozenset(),
    (("waits", 0, "while setup.m.hold_count == 0:\n    pass"), ("helps", 1, "x = 1\nvm_page_hold(setup.m)")),
)
"""The first thread spins until the second one has held the page; for ever if that is never chosen."""

MAYBE = Named(
    "maybe",
    frozenset(),
    (
        ("spins", 0, "if setup.m.hold_count:\n    while setup.m.hold_count:\n        pass"),
        ("taker", 1, "vm_page_hold(setup.m)"),
    ),
)
"""A livelock if the page is held first; else a leak."""


@cache
def searched(name: str) -> Exploration:
    return explore(scenario_named(name))


def found(exploration: Exploration, outcome: str) -> Found:
    one = exploration.found(outcome)
    assert one is not None
    return one


def test_completed_comes_first_and_then_the_likelier_outcomes() -> None:
    for name in ("two-tokens", "free-while-held"):
        outcomes = searched(name).outcomes
        assert outcomes[0].outcome == "completed"
        rest = [one.probability or 0.0 for one in outcomes[1:]]
        assert rest == sorted(rest, reverse=True)


def test_an_unfair_livelock_names_whom_it_starves_and_is_never_the_only_outcome_left() -> None:
    exploration = explore(SPINS.load())
    loop, leak = found(exploration, "livelock"), found(exploration, "leak")
    assert (loop.starves, loop.probability, loop.schedules, loop.inevitable) == (("helps",), 0.0, None, None)
    assert loop.cycle > 0
    assert leak.probability == pytest.approx(1.0)
    assert leak.schedules is None
    assert leak.inevitable is not None
    assert leak.inevitable.step == 0, "no other outcome was ever possible"


def test_a_fair_livelock_has_a_probability_and_a_point_of_no_return() -> None:
    exploration = explore(MAYBE.load())
    loop, leak = found(exploration, "livelock"), found(exploration, "leak")
    assert loop.starves == ()
    assert (loop.probability or 0.0) + (leak.probability or 0.0) == pytest.approx(1.0)
    assert loop.inevitable is not None
    assert leak.inevitable is not None
    assert (loop.inevitable.thread, leak.inevitable.thread) == ("taker", "spins")
    assert (loop.inevitable.alternatives, loop.inevitable.others) == (("spins",), (("leak",),))
    assert (leak.inevitable.alternatives, leak.inevitable.others) == (("taker",), (("livelock",),))


@pytest.mark.slow
def test_the_step_of_the_point_of_no_return_counts_the_opening() -> None:
    exploration = explore(scenario_named("boot"))
    (one,) = exploration.outcomes
    assert one.inevitable is not None
    with Job(recipe_of(scenario_named("boot")), Limits()).prepared() as ready:
        assert one.inevitable.step == ready.model.opening > 0


def test_values_are_in_words() -> None:
    with Job(
        recipe_of(scenario_named("two-tokens")), Limits(), exprs=("setup.m", "global.ticks")
    ).prepared() as ready:
        page, number = ready.expressions
    assert in_words(page, 0x203) == "page 0x203"
    assert in_words(page, None) == in_words(number, None) == "NULL"
    assert in_words(number, 0x203) == "515"
    assert in_words(page, "it has none") == "it has none"


def test_the_likeliest_value_comes_first() -> None:
    values = explore(scenario_named("whose-hold-is-left"), exprs=("setup.m.hold_count",)).values
    assert [value.shown for value in values] == ["1"]
    own = [value.probability or 0.0 for value in explore(MAYBE.load(), exprs=("setup.m.hold_count",)).values]
    assert own == sorted(own, reverse=True)


def test_a_schedule_that_ends_in_another_way_than_was_found_is_our_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def other(*_: object, **__: object) -> ShownRun:
        return ShownRun("a:1", {}, "blocked", "", 1, "")

    monkeypatch.setattr(findings, "shown_run", other)
    with pytest.raises(InvariantViolation, match="found to end as completed ends as blocked"):
        explore(scenario_named("handshake"))


def test_what_a_bounded_search_cannot_know_is_unknown() -> None:
    with Job(recipe_of(scenario_named("two-tokens")), Limits()).prepared() as ready:
        search = Search(ready.model, Limits(), ready.asked)
        graph = search.run()
        exact, bounded = (
            Findings(scenario_named("two-tokens"), ready.model, search, graph, exact=exact)
            for exact in (True, False)
        )
        state = search.ends[0].state
        assert exact.schedules_to([state])
        assert exact.chance_of([state])
        assert (bounded.schedules_to([state]), bounded.chance_of([state])) == (None, None)
        for one, other in zip(exact.outcomes(), bounded.outcomes(), strict=True):
            assert (one.schedule, one.ends) == (other.schedule, other.ends)
            assert one.inevitable is not None
            assert (other.inevitable, other.race) == (None, None)
        schedule, shown, steps = exact.shown_to([state])
        assert schedule
        assert shown
        assert steps == sum(int(item.partition(":")[2]) for item in schedule.split(","))


def test_what_the_opening_already_ends_has_an_empty_schedule() -> None:
    one = explore(Named("ends", frozenset(), (("a", 0, "pass"),)).load()).outcomes[0]
    assert one.outcome == "completed"
    assert (one.steps, one.switches) == (one.schedule.count(":"), 0)
