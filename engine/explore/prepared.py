"""A scenario as its schedules are searched: no schedule of its own, and no ticks that come by themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from engine.scenario.loader import Scenario, load_text
from engine.scenario.settings import Setting

STEPS_PER_TICK: Final = "machine.steps_per_tick"


def settings_of(scenario: Scenario) -> dict[str, Any]:
    """The settings, by key, with which a schedule that was found has to be run."""
    return {STEPS_PER_TICK: 0} if scenario.config.steps_per_tick else {}


def with_schedule(scenario: Scenario, schedule: str) -> Scenario:
    """Return the scenario with another schedule and with the settings of `settings_of`.

    Errors: BadInput if the schedule cannot be read.
    """
    given = {setting.key: setting for setting in scenario.settings}
    given.update({key: Setting(key, value) for key, value in settings_of(scenario).items()})
    again = load_text(
        scenario.form.source,
        str(scenario.form.path),
        machine=scenario.machine,
        rules=scenario.given_rules,
        schedule=schedule,
        settings=tuple(given.values()),
        seed=scenario.seed,
        library=scenario.library,
    )
    return replace(again, name=scenario.name)


def notes_of(scenario: Scenario) -> tuple[str, ...]:
    """What the reader has to know about how a scenario is searched, one sentence each."""
    found = []
    if scenario.form.schedule is not None:
        found.append("the scenario's [schedule] is ignored: every schedule is searched")
    if scenario.config.steps_per_tick:
        own = scenario.config.steps_per_tick
        found.append(
            f"steps_per_tick = 0 instead of {own}: a tick comes from tick(), or when no thread can run"
        )
    return tuple(found)
