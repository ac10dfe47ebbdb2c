"""From a file to a run: where it starts, and its end."""

from __future__ import annotations

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
