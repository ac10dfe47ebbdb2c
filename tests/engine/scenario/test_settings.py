"""Keys that are set instead of a file's: what can be set, what wins, and that nothing forgets them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.machine.rules import RULE_VALUES
from engine.saved.as_scenario import export_scenario, kernel_digest
from engine.saved.reopen import open_token
from engine.saved.state_string import decode, encode, token_of
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import (
    Settings,
    of_the_run,
    parse_setting,
    rule_options,
    without_hardware,
    without_rules,
)
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
AT_POWER_ON = ("machine.boot=stepped", "screen.centre=map")


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
    "text",
    ["machine", "machine.colors", "a-title=x", "thread.cpu=1", "machine.=1", "=1", "n\u00f6=1", ".n=1", ""],
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
        ("machine=3", "--set 'machine' is not allowed; set rules or a key of machine, machine.thresholds, "),
        ("title=x", "--set 'title' is not allowed; set rules or a key of machine, machine.thresholds, "),
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


def test_what_the_screen_shows_is_not_what_a_run_depends_on() -> None:
    own, shown = load(LIFE), load(LIFE, settings=read("screen.centre=map"))
    assert (own.form.screen.centre, shown.form.screen.centre) == ("stage", "map")
    assert shown.sha256 == own.sha256 != load(LIFE, settings=read("machine.colors=16")).sha256
    assert of_the_run(shown.settings) == ()
    own_answers = [
        load(LIFE, settings=read(text)).questions[0].own for text in ("screen.centre=map", "limits.steps=9")
    ]
    assert own_answers == [True, False], "an answer of the file is checked under its own settings"


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


OPTIONS = """format = 1
title = "t"
rules = "source"
[machine]
memory = "8 MiB"
nice_rule = "formula"
thresholds = "newer"
pmap_model = "counted"
find2_full = true
"""
KEPT = "source+find2_full=True,pmap_model=counted"


@pytest.mark.parametrize(
    ("rules", "settings", "name"),
    [
        (None, (), "source+find2_full=True,nice_rule=formula,thresholds=newer,pmap_model=counted"),
        ("source", (), "source"),
        ("document", (), "document"),
        ("document+nice_rule=none", (), "document+nice_rule=none"),
        ("source+thresholds=newer,find2_full=on", (), "source+find2_full=True,thresholds=newer"),
        (None, ("rules=document+nice_rule=none",), "document+nice_rule=none"),
        ("document", ("rules=source",), "source"),
        ("source", ("machine.nice_rule=formula",), "source+nice_rule=formula"),
        ("source+find2_full=on", ("machine.find2_full=false",), "source"),
        ("document", ("machine.thresholds=newer", "machine.colors=16"), "document+thresholds=newer"),
        (None, ("machine.pmap_model=counted", "rules=source"), "source+pmap_model=counted"),
        (None, ("machine.nice_rule=none", "machine.thresholds=2020"), KEPT),
    ],
)  # fmt: skip
def test_rules_given_by_hand_win_over_every_option_of_the_file(
    rules: str | None, settings: tuple[str, ...], name: str
) -> None:
    scenario = load_text(OPTIONS, rules=rules, settings=read(*settings))
    assert scenario.rules == scenario.start().vm.rules.name() == name
    word = encode(token_of(scenario, scenario.start()))
    assert open_token(decode(word)).scenario.rules == name
    assert load_text(export_scenario(scenario, scenario.start())).rules == name


@pytest.mark.parametrize("option", RULE_VALUES)
def test_each_option_by_hand_wins_over_the_files(option: str) -> None:
    for value in RULE_VALUES[option]:
        for other in RULE_VALUES[option]:
            text = f'format = 1\ntitle = "t"\n[machine]\n{option} = {toml_value(other)}\n'
            by_rules = load_text(text, rules=f"document+{option}={value}")
            by_set = load_text(text, settings=read(f"machine.{option}={toml_value(value)}"))
            assert getattr(by_rules.config.rules, option) == value
            assert getattr(by_set.config.rules, option) == value


def toml_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


@pytest.mark.parametrize(
    ("machine", "rules", "sets"), [("", None, ()), (None, "", ()), (None, None, ("rules=",))]
)
def test_an_empty_text_given_by_hand_is_refused(
    machine: str | None, rules: str | None, sets: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput, match=r"there is no (machine|rule set) ''"):
        load(LIFE, machine=machine, rules=rules, settings=read(*sets))


def test_the_drivers_reserve_belongs_to_the_machine() -> None:
    text = 'format = 1\ntitle = "t"\n[machine]\nmemory = "8 MiB"\ndma_reserved = "1 MiB"\n'

    def reserve(machine: str | None, *sets: str) -> int:
        return load_text(text, machine=machine, settings=read(*sets)).config.hardware.dma_reserved or 0

    other = reserve("64MiB:1x1x1")
    assert reserve(None) == 1 << 20 != other
    assert reserve(None, "machine.dma_reserved=2 MiB") == 2 << 20
    assert reserve("64MiB:1x1x1", "machine.dma_reserved=2 MiB") == 2 << 20
    assert reserve("64MiB:1x1x1", "machine.topology=1x2x1") == other


def test_limits_of_the_file_that_another_machine_keeps_are_a_warning() -> None:
    text = 'format = 1\ntitle = "t"\n[machine.thresholds]\nv_free_min = 69\nv_free_target = 200\n'
    words = "the file's [machine.thresholds] stay: v_free_target = 200, v_free_min = 69"
    (warning,) = load_text(text, machine="tiny").warnings
    assert warning == f"{words}; set a limit with --set machine.thresholds.NAME=PAGES"
    by_hand = read("machine.thresholds.v_free_min=70")
    (warning,) = load_text(text, machine="tiny", settings=by_hand).warnings
    assert warning.startswith("the file's [machine.thresholds] stay: v_free_target = 200; set")
    assert load_text(text).warnings == ()
    assert load_text('format = 1\ntitle = "t"\n', machine="tiny").warnings == ()


def test_rules_that_are_chosen_later_take_the_place_of_rule_options_only() -> None:
    left = [one.key for one in without_rules(read(*ALL, "machine.thresholds=newer"))]
    assert left == [*(text.partition("=")[0] for text in ALL[:6])]
    assert rule_options(read(*ALL)) == {"find2_full"}


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


@pytest.mark.parametrize("more", [(), AT_POWER_ON], ids=["at step 0", "at power-on"])
@pytest.mark.parametrize("machine", [None, "two-socket"])
def test_a_state_string_has_the_settings(machine: str | None, more: tuple[str, ...]) -> None:
    scenario = load(LIFE, machine=machine, settings=read(*ALL, *more))
    digest, text, _ = moved(scenario)
    opened = open_token(decode(text))
    assert opened.scenario.settings == scenario.settings
    assert opened.replayed.history.vm.memory.digest() == digest
    assert opened.scenario.rules == "source+find2_full=True"
    assert moved(load(LIFE, machine=machine))[0] != digest


@pytest.mark.parametrize("broken", [[["title.x", "x"]], [["machine.colors"]], [3], [[3, 4]], "x"])
def test_a_damaged_setting_of_a_state_string_is_a_message(broken: Any) -> None:
    scenario = load(LIFE, settings=read("machine.colors=16"))
    word = encode(token_of(scenario, scenario.start()))
    assert decode(repacked(word, k=[["machine.colors", 16]])) == decode(word)
    with pytest.raises(BadInput):
        decode(repacked(word, k=broken))


@pytest.mark.parametrize("more", [(), AT_POWER_ON], ids=["at step 0", "at power-on"])
@pytest.mark.parametrize("machine", [None, "two-socket"])
def test_an_exported_scenario_has_the_settings(machine: str | None, more: tuple[str, ...]) -> None:
    scenario = load(LIFE, machine=machine, settings=read(*ALL, *more))
    history = scenario.start()
    scenario.run(history)
    text = export_scenario(scenario, history)
    again = load_text(text)
    run = again.start()
    again.run(run)
    assert kernel_digest(run.vm) == kernel_digest(history.vm)
    assert tomllib.loads(text)["machine"]["colors"] == 16
    assert (again.form.screen, run.booted) == (scenario.form.screen, history.booted)


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
