"""What replaces a part of a scenario's file: another machine, rules, or schedule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load_text
from engine.scenario.overrides import (
    Given,
    RunHardware,
    config_of,
    not_own,
    own_rules,
    own_schedule,
    schedule_of,
)
from engine.scenario.settings import parse_setting
from tests.engine.scenario.small_scenarios import THREAD, scenario_of, sentences


def test_the_machine_the_rules_and_the_schedule_can_be_replaced(tmp_path: Path) -> None:
    schedule = tmp_path / "s.txt"
    schedule.write_text("app:2,  # two steps\napp:end\n")
    text = 'format = 1\ntitle = "t"\n[machine]\nmemory = "4 MiB"\nfind2_full = true\n' + THREAD.format(
        "x = 1"
    )
    scenario = load_text(text, machine="64MiB:2x4x2", rules="source", schedule=f"@{schedule}")
    assert scenario.config.hardware.topology.ncpus == 16
    assert scenario.rules == "source"  # rules that are given replace the file's options too
    assert scenario.schedule.text == "app:2,app:end"


@pytest.mark.parametrize(
    ("options", "words"),
    sentences(
        ("an unknown machine", {"machine": "toaster"}, "there is no machine 'toaster'"),
        ("unknown rules", {"rules": "mine"}, "document and source"),
        ("an unknown option", {"rules": "document+find3=on"}, "there is no rule 'find3'"),
        ("an option without value", {"rules": "document+find2_full"}, "OPTION=VALUE"),
        ("a bad schedule", {"schedule": "app:sideways"}, "schedule item"),
        ("a schedule of a stranger", {"schedule": "app,eve:2"}, "there is no thread eve; there are: app"),
        ("a schedule file that is not there", {"schedule": "@/no/such/file"}, "cannot be read"),
        ("a machine with too few cpus", {"machine": "tiny"}, "this machine has cpus 0 to 0"),
    ),
)
def test_a_bad_replacement_is_a_message(options: dict[str, Any], words: str) -> None:
    thread = '[[thread]]\nname = "app"\ncpu = 1\nscript = "pass"\n'
    with pytest.raises(BadInput) as caught:
        load_text(f'format = 1\ntitle = "t"\n[machine]\ntopology = "1x2x1"\n{thread}', **options)
    assert words in str(caught.value)


def test_what_is_not_given_is_the_files_own() -> None:
    scenario = scenario_of(machine="find2_full = false", rest=THREAD.format("x = 1"))
    form, given = scenario.form, Given.of(None, None, None, ())
    config = config_of(form, 1, given, daemons=False, hardware=RunHardware(given, form.path))
    assert config.rules == own_rules(form) == scenario.config.rules
    assert own_schedule(form) == schedule_of(form, None) == scenario.schedule
    assert not_own(form, scenario.config, None, ()) == ()


def test_what_is_given_is_named() -> None:
    scenario = scenario_of(rest=THREAD.format("x = 1"))
    source = load_text('format = 1\ntitle = "t"\n', rules="source").config
    colors, centre = (parse_setting(text) for text in ("machine.colors=16", "screen.centre=map"))
    form = scenario.form
    assert not_own(form, source, "tiny", (colors,)) == ("rules", "machine", "settings")
    assert not_own(form, scenario.config, None, (centre,)) == ()


def test_a_machine_comes_before_the_settings_that_change_it() -> None:
    colors = parse_setting("machine.memory=8 MiB")
    assert Given.of("tiny", None, None, (colors,)).before == "tiny"
    assert Given.of("tiny", "source", None, ()).before is None
    assert Given.of(None, "source", None, (parse_setting("rules=document"),)).rules == "document"
