"""From a file to a run: where it starts, and its end."""

from __future__ import annotations

from typing import Any

import pytest

from engine.scenario.loader import load
from engine.scenario.settings import parse_setting
from tests.engine.scenario.small_scenarios import SETUP, THREAD, scenario_of

# --- the start --------------------------------------------------------------------------------------------


def test_a_start_is_the_same_each_time() -> None:
    scenario = scenario_of(rest=f'[[object]]\nname = "heap"\n{SETUP}{THREAD.format("pass")}')
    assert scenario.start().vm.memory.digest() == scenario.start().vm.memory.digest()


# --- the run ----------------------------------------------------------------------------------------------


def test_a_run_that_reaches_its_limit_is_bound() -> None:
    scenario = scenario_of(rest=f"[limits]\nsteps = 50\n{THREAD.format('while 1:' + chr(10) + '    pass')}")
    history = scenario.start()
    assert (scenario.run(history), history.total) == ("bound", 50)
    assert [row.ok for row in scenario.check_expectations(history)] == [False]


def test_a_run_with_a_step_limit_is_stopped() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1\nx = 2\nx = 3"))
    history = scenario.start()
    assert (scenario.run(history, steps=2), history.step) == ("stopped", 2)
    assert scenario.run(history, steps=9) == "completed"


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ({}, ()),
        ({"rules": "source"}, ("rules",)),
        ({"machine": "32 MiB:1x2x1"}, ("machine",)),
        ({"settings": (parse_setting("machine.colors=16"),)}, ("settings",)),
        ({"settings": (parse_setting("machine.find2_full=off"),)}, ("settings",)),
        ({"settings": (parse_setting("screen.centre=map"),)}, ()),
        ({"schedule": "rr"}, ("schedule",)),
        ({"rules": "source", "machine": "32 MiB:1x2x1"}, ("rules", "machine")),
        (
            {"rules": "source", "settings": (parse_setting("limits.steps=9"),), "schedule": "rr"},
            ("rules", "settings", "schedule"),
        ),
    ],
    ids=lambda value: "-".join(value) or "none",
)
def test_what_is_not_the_files_own_is_named(given: dict[str, Any], other: tuple[str, ...]) -> None:
    assert load("life-of-a-page", **given).other == other
