"""What of a run a paper has to name, so that it can be run again: the machine, the rules, the settings."""

from __future__ import annotations

from engine.scenario.loader import Scenario


def settings_words(scenario: Scenario) -> tuple[str, ...]:
    """Return what of a run is not as in the scenario's file, one `KEY value` for each; empty if nothing is."""
    machine = [] if scenario.machine is None else [f"machine {scenario.machine}"]
    rules = [] if scenario.given_rules is None else [f"rules {scenario.rules}"]
    return (*machine, *rules, *(f"{one.key} {one.value}" for one in scenario.settings))
