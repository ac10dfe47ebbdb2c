"""A scenario as its schedules are searched: no schedule of its own, and no ticks that come by themselves."""

from __future__ import annotations

from typing import Any, Final

from engine.scenario.loader import Scenario
from engine.scenario.recipe import Recipe
from engine.scenario.settings import Setting

STEPS_PER_TICK: Final = "machine.steps_per_tick"
STEPS: Final = "limits.steps"

MOST_STEPS: Final = 1_000_000_000
"""The most steps that a scenario can allow."""


def settings_of(scenario: Scenario, steps: int = 0) -> dict[str, Any]:
    """The settings, by key, with which a schedule that was found has to be run.

    steps: how many steps the run has to be allowed.
    """
    found = {STEPS_PER_TICK: 0} if scenario.config.steps_per_tick else {}
    return {**found, STEPS: min(steps, MOST_STEPS)} if steps > scenario.steps else found


def recipe_of(scenario: Scenario, steps: int = MOST_STEPS) -> Recipe:
    """The recipe of a scenario, with the settings of `settings_of`.

    steps: how many steps a run has to be allowed; a search does not count them.
    Errors: BadInput for a scenario with a reference string, whose hits are one step only if no other thread
            can run, and which is longer than what can be searched.
    """
    for thread in scenario.form.threads:
        if thread.trace is not None:
            raise thread.trace.error(
                f"thread {thread.name} takes a reference string, and the schedules of one are not searched; "
                "use a scenario with scripts"
            )
    given = {setting.key: setting for setting in scenario.settings}
    given.update({key: Setting(key, value) for key, value in settings_of(scenario, steps).items()})
    return Recipe(
        text=scenario.form.source,
        path=str(scenario.form.path),
        name=scenario.name,
        machine=scenario.machine,
        rules=scenario.given_rules,
        settings=tuple(given.values()),
        seed=scenario.seed,
        library=scenario.library,
    )


def notes_of(scenario: Scenario, *, sampled: bool = False) -> tuple[str, ...]:
    """What the reader has to know about how a scenario is searched or sampled, one sentence each."""
    found = []
    if scenario.form.schedule is not None:
        instead = "schedules are sampled" if sampled else "every schedule is searched"
        found.append(f"the scenario's [schedule] is ignored: {instead}")
    if scenario.config.steps_per_tick:
        own = scenario.config.steps_per_tick
        found.append(
            f"steps_per_tick = 0 instead of {own}: a tick comes from tick(), or when no thread can run"
        )
    return tuple(found)
