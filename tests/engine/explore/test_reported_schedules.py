"""Every schedule that is reported does what is said of it, when it is run: outcome, steps, state string."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from engine.errors import BadInput, CapacityError
from engine.explore import explore
from engine.explore.exploration import Found
from engine.explore.limits import Limits, Sample
from engine.explore.model.ends import INVARIANT, SCRIPT_ERROR
from engine.invariants import CALLERS_RULES, violations
from engine.run.history import History
from engine.saved.reopen import open_token, read_token
from engine.scenario.loader import Scenario, load_text
from engine.scenario.settings import setting
from tests.engine.explore.brute_counts import LIVELOCK
from tests.engine.explore.brute_key import Keys
from tests.engine.explore.named_scenarios import NAMED, Named
from tests.engine.explore.small_scenarios import SEEDS, THREAD, scenario_of
from tests.tiers import only_fast

FAST_SEEDS: Final = (25, 49, 56, 191, 248)


def rerun(scenario: Scenario, found: Found) -> tuple[Scenario, History]:
    """The scenario with a schedule that was found, as a user loads it, and its run at step 0."""
    again = load_text(
        scenario.form.source,
        scenario.name,
        schedule=found.schedule or "rr",
        settings=tuple(setting(key, value) for key, value in found.settings.items()),
    )
    return again, again.start()


def check_outcomes(scenario: Scenario, outcomes: Sequence[Found]) -> None:
    """Run every schedule that was found in a scenario."""
    assert outcomes
    for found in outcomes:
        again, history = rerun(scenario, found)
        if found.outcome == LIVELOCK:
            check_cycle(history, found)
        elif found.outcome == SCRIPT_ERROR:
            check_error(history, found)
        elif found.outcome == INVARIANT:
            check_violation(history, found)
        else:
            check_end(again, history, found)
        check_state(history, found)


def check(scenario: Scenario) -> None:
    """Run every schedule that a full search finds in a scenario."""
    check_outcomes(scenario, explore(scenario).outcomes)


def check_end(scenario: Scenario, history: History, found: Found) -> None:
    """The run ends by itself, with the outcome and the number of steps that are reported."""
    assert (scenario.run(history), history.total) == (found.outcome, found.steps)
    if found.outcome not in ("blocked", "completed"):
        assert str(history.branch.finding or "") == found.message


def check_error(history: History, found: Found) -> None:
    """The step after the reported ones fails with the message that is reported."""
    with pytest.raises((BadInput, CapacityError)) as error:
        history.extend(found.steps + 1)
    assert (str(error.value), history.total) == (found.message, found.steps)


def check_violation(history: History, found: Found) -> None:
    """After the reported steps, a check of the machine fails; the run itself could continue."""
    assert history.extend(found.steps) == found.steps
    assert str(violations(history.vm, CALLERS_RULES)[0]) == found.message


def check_cycle(history: History, found: Found) -> None:
    """The last steps lead from a state back to it."""
    assert history.extend(found.steps - found.cycle) == found.steps - found.cycle
    keys = Keys(history)
    before = keys.key()
    assert history.extend(found.cycle) == found.cycle
    assert history.outcome is None
    assert keys.key() == before


def check_state(history: History, found: Found) -> None:
    """The state string opens the run at its last step, with the same memory."""
    opened = open_token(read_token(found.state)).replayed.history
    assert opened.step == found.steps
    assert opened.vm.memory.digest() == history.vm.memory.digest()


@pytest.mark.parametrize("named", only_fast(NAMED, *NAMED[::3]), ids=lambda named: named.name)
def test_the_reported_schedules_of_a_scenario_made_by_hand_are_true(named: Named) -> None:
    check(named.load())


@pytest.mark.parametrize("seed", only_fast(SEEDS, *FAST_SEEDS))
def test_the_reported_schedules_of_a_made_scenario_are_true(seed: int) -> None:
    check(scenario_of(seed))


def test_a_scenario_with_ticks_of_its_own_is_run_without_them() -> None:
    named = next(one for one in NAMED if one.name == "naps")
    ticking = replace(named, switches="steps_per_tick = 3").load()
    (found,) = explore(ticking).outcomes
    assert found.settings == {"machine.steps_per_tick": 0}
    check(ticking)


def short_of_steps(limit: int) -> Scenario:
    """A scenario that allows a run `limit` steps; its threads take five."""
    head = f'format = 1\ntitle = "limited"\n[limits]\nsteps = {limit}\n[machine]\ntopology = "1x2x1"\n'
    a = THREAD.format(name="a", cpu=0, script="x = 1\nx = 2\nx = 3\nx = 4")
    b = THREAD.format(name="b", cpu=1, script="y = 1")
    return load_text(head + a + b, "limited.toml", schedule="rr")


@pytest.mark.parametrize(("limit", "needed"), [(3, 6), (5, 6), (6, None)])
@pytest.mark.parametrize("sample", [None, Sample("random", schedules=3)], ids=["all", "sampled"])
def test_a_schedule_that_is_longer_than_a_run_may_be_says_how_many_steps_it_needs(
    limit: int, needed: int | None, sample: Sample | None
) -> None:
    scenario = short_of_steps(limit)
    outcomes = explore(scenario, sample=sample).outcomes
    assert [found.settings.get("limits.steps") for found in outcomes] == [needed]
    check_outcomes(scenario, outcomes)


def test_time_does_not_jump_beyond_the_limit_of_ticks() -> None:
    named = Named("long-nap", frozenset(), (("a", 0, "vm_wait(0x7fffffff)"), ("b", 1, "vm_wait(150)")))
    every = explore(named.load())
    assert (every.complete, every.bound, every.outcomes) == (False, "200 ticks in a schedule", ())
    sampled = explore(named.load(), sample=Sample("random", schedules=5))
    assert (sampled.outcomes, sampled.notes) == (
        (),
        ("5 schedules had not ended after 100,000 steps or 200 ticks",),
    )
    nap = Named("nap", frozenset(), (("a", 0, "vm_wait(150)"), ("b", 1, "y = 1")))
    assert explore(nap.load(), limits=Limits(ticks=150)).complete
    assert explore(nap.load(), limits=Limits(ticks=149)).bound == "149 ticks in a schedule"


@pytest.mark.parametrize("sample", [None, Sample("random", schedules=2)], ids=["all", "sampled"])
def test_a_scenario_may_have_many_threads(sample: Sample | None) -> None:
    threads = tuple((f"t{n}", n % 2, "x = 1") for n in range(200))
    found = explore(Named("many", frozenset(), threads).load(), limits=Limits(states=300), sample=sample)
    assert [one.outcome for one in found.outcomes] == ["completed"]
    assert found.outcomes[0].steps == 200
