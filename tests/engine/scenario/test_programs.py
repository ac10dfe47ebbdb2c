"""The programs of a scenario's threads, and whether the clock of their machine ticks by itself."""

from __future__ import annotations

import pytest

from engine.scenario.machine_form import DAEMON_STEPS_PER_TICK
from tests.engine.replay.strings import loop, scenario_of
from tests.engine.scenario import small_scenarios

DAEMON = '[[thread]]\nname = "pager"\nscript = "pagedaemon()"\n'
APP = small_scenarios.THREAD.format("pass")


@pytest.mark.parametrize(("rest", "ticks"), [(APP, 0), (APP + DAEMON, DAEMON_STEPS_PER_TICK)])
def test_the_clock_ticks_by_itself_where_a_daemon_works(rest: str, ticks: int) -> None:
    assert small_scenarios.scenario_of(rest=rest).config.steps_per_tick == ticks


def test_a_reference_string_counts_the_ticks_itself() -> None:
    scenario = scenario_of(loop(4, 2), 8, tick=5)
    assert scenario.config.steps_per_tick == 0
    string = scenario.programs[1].string
    assert string is not None
    assert (string.tick, len(string)) == (5, 8)
    assert scenario.config.capacity.places == 4
