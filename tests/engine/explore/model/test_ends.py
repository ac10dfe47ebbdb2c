"""The outcome of a state at which nothing follows."""

from __future__ import annotations

import pytest

from engine.errors import BadInput, CapacityError, KernelPanic
from engine.explore.model.ends import SCRIPT_ERROR, has_lost_wakeup, outcome_of_idle, outcome_of_step
from engine.explore.model.marks import Marks
from engine.run.endings import UNLOCK_ORDER
from engine.run.threads import BLOCKED, COMPLETED, DEADLOCK
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import SideBySide, scenario_named

WAITS = Named(
    "waits",
    frozenset(),
    (("a", 0, "vm_page_busy_wait(setup.m, 1)"), ("b", 1, "vm_page_hold(setup.n)")),
    setup="vm_page_busy_wait(m, 1)",
)
"""Thread a waits for a page that is never given back: it blocks, and no wakeup is lost."""


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        (KernelPanic("panic", "vm_page_free", "it is not free"), "panic:vm_page_free"),
        (BadInput("no such page"), SCRIPT_ERROR),
        (CapacityError("too many tokens"), SCRIPT_ERROR),
    ],
    ids=["panic", "bad input", "capacity"],
)
def test_a_step_that_ends_the_run_has_the_outcome(
    ending: KernelPanic | BadInput | CapacityError, outcome: str
) -> None:
    assert outcome_of_step(ending) == outcome


def test_only_a_completed_run_is_looked_at_for_what_is_left() -> None:
    model = SideBySide(scenario_named("two-tokens")).model
    early = Marks(True, model.marking.start.lows, ())
    for outcome in (BLOCKED, DEADLOCK):
        assert outcome_of_idle(model, outcome, early) == outcome
    assert outcome_of_idle(model, COMPLETED, early) == UNLOCK_ORDER
    assert outcome_of_idle(model, COMPLETED, model.marking.start) == COMPLETED


def test_a_blocked_run_is_a_lost_wakeup_only_if_a_thread_would_find_what_it_sleeps_for() -> None:
    found = {}
    for scenario in (scenario_named("lost-wakeup"), WAITS.load()):
        both = SideBySide(scenario)
        for seed in range(200):
            for _ in both.walk(seed, 400):
                pass
            if both.run_choices() == BLOCKED:
                found[both.scenario.name] = has_lost_wakeup(both.model)
                break
    assert list(found.values()) == [True, False]
