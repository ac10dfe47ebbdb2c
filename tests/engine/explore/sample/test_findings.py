"""What samples report: outcomes, values and claims, each by the schedules that were taken."""

from __future__ import annotations

from typing import Any

import pytest

from engine.explore import explore
from engine.explore.exploration import Exploration
from engine.explore.job import Job
from engine.explore.limits import Limits, Sample
from engine.explore.prepared import recipe_of
from engine.explore.sample.walks import Walker
from engine.run.history import History
from engine.scenario.loader import Scenario, load_text
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import scenario_named

NAME = "early-if-queued"

SAMPLE = Sample("random", schedules=400, seed=2)


def sampled(name: str = NAME, sample: Sample = SAMPLE, **words: Any) -> Exploration:
    return explore(scenario_named(name), sample=sample, **words)


def rerun(scenario: Scenario, schedule: str) -> History:
    history = load_text(scenario.form.source, "again.toml", schedule=schedule).start()
    history.extend(10_000)
    return history


def test_each_outcome_has_a_schedule_that_ends_so() -> None:
    found = sampled()
    assert [one.outcome for one in found.outcomes] == ["completed", "unlock_order"]
    for one in found.outcomes:
        history = rerun(scenario_named(NAME), one.schedule)
        assert history.step == one.steps
        assert history.outcome == one.outcome.partition(":")[0]
        assert str(history.branch.finding or "") == one.message
        assert one.switches == one.schedule.count(",")


def test_no_sample_has_more_ends_or_simpler_schedules_than_the_search() -> None:
    every, found = explore(scenario_named(NAME)), sampled()
    for one in found.outcomes:
        exact = every.found(one.outcome)
        assert exact is not None
        assert one.ends <= exact.ends
        assert (one.switches, one.steps) >= (exact.switches, exact.steps)


LATE = Named(
    "late",
    frozenset(),
    (
        (
            "a",
            0,
            "x = 1\nif setup.m.hold_count:\n    vm_page_spin_lock(setup.n)\n    vm_page_spin_unlock(setup.n)",
        ),
        ("b", 0, "y = 1\ny = 2"),
        ("c", 0, "z = 1\nz = 2"),
        ("d", 1, "vm_page_hold(setup.m)\nvm_page_unhold(setup.m)"),
    ),
)
"""Three threads of a cpu, one of which wants a spinlock in few schedules: from then on keys have more."""


def test_an_end_is_counted_once_although_keys_become_finer() -> None:
    for seed in range(3):
        (found,) = explore(LATE.load(), sample=Sample("random", schedules=100, seed=seed)).outcomes
        assert (found.outcome, found.ends, found.sampled) == ("completed", 1, 100)
    with Job(recipe_of(LATE.load()), Limits()).prepared() as ready:
        walker = Walker(ready.model, Sample("random"), Limits(), ready.asked)
        ordered = [bool(walker.walk(number) and ready.model.choices.ordered) for number in range(40)]
    assert ordered[0] is False
    assert ordered[-1] is True


def test_outcomes_but_completed_are_in_the_order_of_how_often_they_were_seen() -> None:
    found = sampled("whose-busy-is-left").outcomes
    assert len(found) == 3
    assert [one.sampled for one in found] == sorted((one.sampled for one in found), reverse=True)


def test_only_random_schedules_estimate_a_probability() -> None:
    for one in sampled().outcomes:
        assert one.probability == one.sampled / 400
    for one in sampled(sample=Sample("pct", 1, schedules=50)).outcomes:
        assert one.probability is None


def test_values_are_counted_by_schedules() -> None:
    values = sampled("loops", exprs=("setup.m.hold_count", "a.i")).values
    for expr in ("setup.m.hold_count", "a.i"):
        own = [value for value in values if value.expr == expr]
        assert sum(value.sampled for value in own) == 400
        assert [value.sampled for value in own] == sorted((value.sampled for value in own), reverse=True)
        assert all(value.schedules is None for value in own)


HELD, FEW = "setup.m.hold_count == 0", "setup.m.hold_count < 5"


@pytest.mark.parametrize(
    ("name", "words", "ok", "is_shown"),
    [
        ("two-tokens", {"always": (HELD,)}, False, True),
        ("two-tokens", {"always": (FEW,)}, None, False),
        ("whose-hold-is-left", {"end": (HELD,)}, False, True),
        ("whose-hold-is-left", {"end": (FEW,)}, None, False),
    ],
    ids=["broken", "not broken", "an end without", "each end with"],
)
def test_samples_refute_a_claim_and_never_prove_one(
    name: str, words: dict[str, Any], ok: bool | None, is_shown: bool
) -> None:
    (claim,) = sampled(name, **words).claims
    assert claim.ok is ok
    assert bool(claim.schedule) is bool(claim.state) is is_shown
    if is_shown:
        scenario = scenario_named(name)
        history = rerun(scenario, claim.schedule)
        history.timeline.seek(claim.step)
        assert not scenario.expression(HELD).holds(history.vm)
    else:
        assert "400" in claim.found
