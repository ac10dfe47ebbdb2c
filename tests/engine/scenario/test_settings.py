"""Keys that are set instead of a file's: what can be set, what wins, and that nothing forgets them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.saved.as_scenario import export_scenario, kernel_digest
from engine.saved.reopen import open_token
from engine.saved.state_string import decode, encode, token_of
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import Settings, parse_setting, without_hardware
from tests.engine.saved.recorded_walks import repacked

LIFE = "life-of-a-page"
ALL = (
    "machine.colors=16",
    "machine.memory=8 MiB",
    "machine.topology=2x2x1",
    "machine.thresholds.v_free_min=99",
    "limits.steps=5000",
    "rules=source",
    "machine.find2_full=true",
)


def read(*texts: str) -> Settings:
    return tuple(map(parse_setting, texts))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("machine.colors=16", 16),
        ("machine.colors = 0x10", 16),
        ("machine.memory=16 MiB", "16 MiB"),
        ('machine.memory="16 MiB"', "16 MiB"),
        ("machine.find2_full=true", True),
        ("machine.ranges=[[0, 4096]]", [[0, 4096]]),
        ("machine.hwloc=a=b.xml", "a=b.xml"),
        ("machine.memory=1\nother = 2", "1\nother = 2"),
        ("rules=document+find2_full=off", "document+find2_full=off"),
    ],
)
def test_a_value_is_toml_or_else_a_string(text: str, value: Any) -> None:
    assert parse_setting(text).value == value


@pytest.mark.parametrize(
    "text", ["machine", "machine.colors", "machine=3", "title=x", "thread.cpu=1", "machine.=1", "=1", ""]
)
def test_a_bad_setting_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"--set .*(is not allowed; set rules or|KEY=VALUE; write)"):
        parse_setting(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("machine.colors=3", "--set machine.colors: colors = 3 is not a power of two; use one from 1"),
        ("machine.colours=4", "--set machine.colours: 'colours' is not a key of [machine]; use colors"),
        ("machine.swap=big", "--set machine.swap: swap = 'big' has the wrong type; it must be an integer"),
        (
            "machine.thresholds.v_free_min=-1",
            "--set machine.thresholds.v_free_min: v_free_min = -1 is out of",
        ),
        ("machine.topology=9x", "--set machine.topology: '9x' is not a topology"),
        ("machine.ranges=[[2, 1]]", "--set machine.ranges: the range is empty"),
        ("machine.hwloc=no.xml", "--set machine.hwloc: there is no file 'no.xml'"),
        ("limits.steps=0", "--set limits.steps: steps = 0 is out of range"),
        ("machine.ranges=[[0, 4096]]", "--set machine.ranges: the page array needs 4224 bytes"),
        ("rules=neither", "there is no rule set 'neither'"),
    ],
)
def test_a_bad_value_names_the_setting_not_a_line_of_the_file(text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_text(
            'format = 1\ntitle = "t"\n[machine]\nmemory = "64 MiB"\n',
            settings=read(text),
        ).start()
    assert str(caught.value).startswith(words)
    assert caught.value.line is None


def test_a_table_that_is_a_word_in_the_file_takes_no_keys() -> None:
    text = 'format = 1\ntitle = "t"\n[machine]\nthresholds = "source"\n'
    with pytest.raises(BadInput, match="thresholds is not a table in the file"):
        load_text(text, settings=read("machine.thresholds.v_free_min=9"))


def test_of_two_the_later_wins_and_a_setting_wins_over_machine_and_rules() -> None:
    scenario = load(LIFE, machine="two-socket", rules="document", settings=read(*ALL, "machine.colors=32"))
    vm = scenario.start().vm
    assert (vm.colors, vm.topology.ncpus) == (32, 4)
    assert scenario.rules == "source+find2_full=True"
    assert scenario.steps == 5000
    assert vm.config.hardware.name == "8 MiB, 2x2x1"
    assert load(
        LIFE, machine="64MiB:1x8x1", settings=read("machine.topology=1x2x2")
    ).config.hardware.name == ("64MiB, 1x2x2")


def test_a_memory_key_replaces_the_other_memory_keys() -> None:
    keys = 'ranges = [[0, "16 MiB"]]\nnuma = [{begin = 0, end = "16 MiB", socket = 0}]\n'
    text = f'format = 1\ntitle = "t"\n[machine]\n{keys}'
    assert load_text(text, settings=read("machine.memory=8 MiB")).config.hardware.name == "8 MiB, 1x1x1"


MACHINES = Path(__file__).parents[1] / "inputs" / "machines"


def test_the_processors_of_an_hwloc_file_are_never_dropped_silently() -> None:
    box = str(MACHINES / "two-sockets.xml")
    text = f'format = 1\ntitle = "t"\n[machine]\nhwloc = "{box}"\n'
    for key in ("machine.memory=8 MiB", "machine.ranges=[[0, 8388608]]"):
        for machine in (None, box):
            with pytest.raises(BadInput, match="are mutually exclusive; give only one"):
                load_text(text, machine=machine, settings=read(key))
    own = load_text(
        'format = 1\ntitle = "t"\n[machine]\nmemory = "8 MiB"\n', settings=read(f"machine.hwloc={box}")
    )
    assert own.start().vm.ncpus == 16


def test_a_machine_without_keys_takes_no_settings_of_its_memory() -> None:
    with pytest.raises(BadInput, match="the machine 'host' cannot be written as keys of"):
        load(LIFE, machine="host", settings=read("machine.memory=8 MiB"))


def moved(scenario: Scenario) -> tuple[str, str, int]:
    """Digest and state string 60 steps into a run."""
    history = scenario.start()
    history.seek(scenario.find_step(history, 60))
    return history.vm.memory.digest(), encode(token_of(scenario, history)), history.total


@pytest.mark.parametrize("machine", [None, "two-socket"])
def test_a_state_string_has_the_settings(machine: str | None) -> None:
    scenario = load(LIFE, machine=machine, settings=read(*ALL))
    digest, text, _ = moved(scenario)
    opened = open_token(decode(text))
    assert opened.scenario.settings == scenario.settings
    assert opened.replayed.history.vm.memory.digest() == digest
    assert opened.scenario.rules == "source+find2_full=True"
    assert moved(load(LIFE, machine=machine))[0] != digest


@pytest.mark.parametrize("broken", [[["title", "x"]], [["machine.colors"]], [3], [[3, 4]], "x"])
def test_a_damaged_setting_of_a_state_string_is_a_message(broken: Any) -> None:
    scenario = load(LIFE, settings=read("machine.colors=16"))
    word = encode(token_of(scenario, scenario.start()))
    assert decode(repacked(word, k=[["machine.colors", 16]])) == decode(word)
    with pytest.raises(BadInput):
        decode(repacked(word, k=broken))


@pytest.mark.parametrize("machine", [None, "two-socket"])
def test_an_exported_scenario_has_the_settings(machine: str | None) -> None:
    scenario = load(LIFE, machine=machine, settings=read(*ALL))
    history = scenario.start()
    scenario.run(history)
    text = export_scenario(scenario, history)
    again = load_text(text)
    run = again.start()
    again.run(run)
    assert kernel_digest(run.vm) == kernel_digest(history.vm)
    assert tomllib.loads(text)["machine"]["colors"] == 16


def test_a_machine_that_is_chosen_later_takes_the_place_of_memory_and_processors_only() -> None:
    assert [one.key for one in without_hardware(read(*ALL))] == [
        "machine.colors",
        "machine.thresholds.v_free_min",
        "limits.steps",
        "rules",
        "machine.find2_full",
    ]


@given(st.text(max_size=60), st.sampled_from(["machine.", "machine.thresholds.", "limits.", "", "rules"]))
def test_no_setting_is_a_traceback(text: str, before: str) -> None:
    try:
        history = load_text('format = 1\ntitle = "t"\n', settings=(parse_setting(before + text),)).start()
    except BadInput:
        return
    assert history.step == 0
