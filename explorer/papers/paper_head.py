"""What of a run a paper has to name, so that it can be run again: the seed, the machine, the settings."""

from __future__ import annotations

from collections.abc import Iterable

from engine.scenario.loader import Scenario
from engine.scenario.parameters import value_words
from explorer.papers.exercise import Exercise


def settings_words(scenario: Scenario) -> tuple[str, ...]:
    """Return what of a run is not as in the scenario's file, in words, and the values of its parameters.

    A seed is named only where it chooses values: the same question has the same words under any seed.
    """
    seed = [] if scenario.seed is None or not scenario.parameters else [f"seed {scenario.seed}"]
    values = [value_words(scenario.parameters)] if scenario.parameters else []
    machine = [] if scenario.machine is None else [f"machine {scenario.machine}"]
    rules = [] if scenario.given_rules is None else [f"rules {scenario.rules}"]
    given = (one for one in scenario.settings if one.key not in scenario.parameters and not one.is_own)
    keys = [f"{one.key} = {_in_one_line(one.value)}" for one in given]
    return (*seed, *values, *machine, *rules, *keys)


def _in_one_line(value: object) -> str:
    """Return a value; of a text of several lines the first."""
    first, *more = str(value).splitlines() or [""]
    return f"{first[:60]} ..." if more else first


def seed_words(scenarios: Iterable[Scenario]) -> str:
    """Return the seed of a paper in words; "" if none is given."""
    return next((f"Seed {one.seed}" for one in scenarios if one.seed is not None), "")


def moment_words(exercise: Exercise) -> str:
    """Say at which step a question is asked: `at step 12`; "" if it is asked when it is decided.

    It is never the moment as the file writes it: `when queue_of(m) == PQ_CACHE` may answer the question
    before it.
    """
    return "" if exercise.moment is None or exercise.asked is None else f"at step {exercise.asked:,}"
