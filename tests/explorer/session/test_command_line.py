"""The run that a command line selects: a scenario with its settings, or the moment of a state string."""

from __future__ import annotations

import argparse

import pytest

from engine.errors import BadInput
from engine.saved.state_string import encode, token_of
from engine.scenario.loader import load
from engine.scenario.settings import parse_setting
from explorer.session.command_line import asked_for, open_place, read_settings

LIFE = "life-of-a-page"


def test_the_command_line_overrides_the_scenario_file() -> None:
    arguments = argparse.Namespace(
        scenario=LIFE, machine="two-socket", rules="source", schedule="rr", sets=["machine.colors=16"]
    )
    scenario = asked_for(arguments)
    assert (scenario.machine, scenario.rules, scenario.schedule.text) == ("two-socket", "source", "rr")
    assert scenario.config.colors == 16
    assert read_settings(arguments) == (parse_setting("machine.colors=16"),)
    assert asked_for(arguments, "tour").name == "tour"


def test_without_options_the_rules_and_schedule_are_those_of_the_file() -> None:
    plain = asked_for(argparse.Namespace(scenario=LIFE, machine=None, sets=[]))
    assert (plain.rules, plain.given_rules) == ("document", None)
    with pytest.raises(BadInput, match="coulours"):
        asked_for(argparse.Namespace(scenario=LIFE, machine=None, sets=["machine.coulours=4"]))


def test_a_state_string_gives_the_run_at_its_step() -> None:
    scenario = load(LIFE)
    made = scenario.start()
    made.extend(12)
    opened, history, names = open_place(token_of(scenario, made))
    assert (opened.name, history.step, names) == (LIFE, 12, scenario.names)
    assert history.vm.memory.digest() == made.vm.memory.digest()
    assert encode(token_of(opened, history)) == encode(token_of(scenario, made))


@pytest.mark.parametrize(
    ("machine", "sets", "noted"),
    [("two-socket", [], True), (None, [], False), (None, ["machine.colors=4"], False)],
    ids=["another machine", "its own machine", "its own machine with a setting"],
)
def test_a_machine_that_keeps_the_scenarios_thresholds_is_noted(
    machine: str | None, sets: list[str], noted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = asked_for(argparse.Namespace(scenario="nice-waits-first", machine=machine, sets=sets))
    err = capsys.readouterr().err
    warnings = [f"warning: nice-waits-first: {text}" for text in scenario.warnings]
    assert err.splitlines() == warnings
    assert ("the file's [machine.thresholds] stay: v_" in err) == noted
    asked_for(argparse.Namespace(scenario="boot", machine=machine, sets=sets))
    assert capsys.readouterr().err == ""
