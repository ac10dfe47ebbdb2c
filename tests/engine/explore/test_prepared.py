"""A scenario as its schedules are searched, and the recipe of which another process makes it."""

from __future__ import annotations

import pickle

import pytest

from engine.errors import BadInput
from engine.explore.prepared import notes_of, recipe_of, settings_of
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.recipe import Recipe
from engine.scenario.settings import Setting
from tests.engine.explore.test_claims_of_a_search import RACE
from tests.engine.replay.strings import scenario_of as replay
from tests.engine.replay.strings import string_of

SCHEDULED = '\n[schedule]\nitems = "one:end,two:end"\n'


def race(rest: str = "", **words: object) -> Scenario:
    return load_text(RACE + rest, "race.toml", **words)  # type: ignore[arg-type]


def test_ticks_that_come_by_themselves_are_switched_off() -> None:
    assert race().config.steps_per_tick == 50
    assert settings_of(race()) == {"machine.steps_per_tick": 0}
    assert recipe_of(race()).scenario().config.steps_per_tick == 0
    without = race(settings=(Setting("machine.steps_per_tick", 0),))
    assert settings_of(without) == {}


def test_the_settings_of_a_scenario_stay() -> None:
    given = (Setting("machine.io_delay", 7), Setting("machine.steps_per_tick", 9))
    config = recipe_of(race(settings=given)).scenario().config
    assert (config.io_delay, config.steps_per_tick) == (7, 0)


@pytest.mark.parametrize("name", ["lost-wakeup", "boot", "two-sockets-boot"])
def test_a_recipe_makes_the_scenario_again_also_after_pickling(name: str) -> None:
    scenario = load(name)
    recipe = recipe_of(scenario)
    again = pickle.loads(pickle.dumps(recipe))
    assert isinstance(again, Recipe)
    one, other = recipe.scenario(), again.scenario()
    assert one.name == other.name == scenario.name
    assert one.start().vm.memory.digest() == other.start().vm.memory.digest()
    assert again.scenario("random:3").form.source == scenario.form.source


def test_a_seed_and_rules_are_kept() -> None:
    recipe = recipe_of(load("boot", seed=5))
    assert (recipe.seed, recipe.scenario().seed) == (5, 5)


def test_a_schedule_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadInput):
        recipe_of(race()).scenario("one:x")


def test_the_notes_say_what_is_ignored() -> None:
    assert notes_of(race(settings=(Setting("machine.steps_per_tick", 0),))) == ()
    (ticks,) = notes_of(race())
    assert ticks.startswith("steps_per_tick = 0 instead of 50: a tick comes from tick()")
    schedule, _ = notes_of(race(SCHEDULED))
    assert schedule == "the scenario's [schedule] is ignored: every schedule is searched"


def test_the_schedules_of_a_reference_string_are_not_searched() -> None:
    with pytest.raises(BadInput, match="thread app takes a reference string"):
        recipe_of(replay(string_of([1, 2]), 8))
