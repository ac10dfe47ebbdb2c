"""Runs that begin with counters of a real machine, shared: the dump goes with them, and no file is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.saved.as_scenario import export_scenario
from engine.saved.reopen import check_shared, file_of, open_token
from engine.saved.state_string import Token, decode, encode, own_counters, shared_settings, token_of
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import COUNTERS_KEY, Setting, is_counters_file, parse_setting

DUMP = (
    "db> show pageq\nPQ_FREE: 9 8\nPQ_CACHE: 1 0\nPQ_ACTIVE: 5 5\nPQ_INACTIVE: 20 30\nvmstats.v_free_min: 7\n"
)
FILE = (
    'format = 1\ntitle = "t"\n[machine]\ncounters = "dump.txt"\n[[thread]]\nname = "app"\nscript = "x = 1"\n'
)


def folder_of(tmp_path: Path) -> Path:
    (tmp_path / "dump.txt").write_text(DUMP)
    (tmp_path / "s.toml").write_text(FILE)
    return tmp_path


def shared(scenario: Scenario) -> Token:
    history = scenario.start()
    history.extend(2)
    token = decode(encode(token_of(scenario, history)))
    check_shared(token)
    assert file_of(token) is None
    return token


def by_file(folder: Path) -> Scenario:
    return load(str(folder / "s.toml"))


def by_setting(folder: Path) -> Scenario:
    return load("tour", settings=(parse_setting(f"machine.counters={folder}/dump.txt"),))


@pytest.mark.parametrize("begun", [by_file, by_setting])
def test_a_state_string_opens_without_the_file_and_is_shared_again(tmp_path: Path, begun: object) -> None:
    assert callable(begun)
    scenario = begun(folder_of(tmp_path))
    token = shared(scenario)
    (tmp_path / "dump.txt").unlink()
    opened = open_token(token)
    again = opened.scenario
    assert (again.sha256, again.config, again.is_own) == (scenario.sha256, scenario.config, scenario.is_own)
    assert again.form.source == scenario.form.source
    assert encode(token_of(again, opened.replayed.history)) == encode(token)
    assert len(encode(token)) < 400


def test_the_text_is_in_the_string_once(tmp_path: Path) -> None:
    named, set_ = by_file(folder_of(tmp_path)), by_setting(tmp_path)
    assert (own_counters(named), shared_settings(named)) == (
        own_counters(open_token(shared(named)).scenario),
        (),
    )
    assert own_counters(set_) is None
    ((key, value),) = ((one.key, one.value) for one in shared_settings(set_))
    assert (key, is_counters_file(value), "db>" in value) == (COUNTERS_KEY, False, False)
    inline = load_text(FILE.replace('"dump.txt"', f"'''{DUMP}'''"))
    assert (own_counters(inline), shared_settings(inline)) == (None, ())
    assert inline.sha256 == named.sha256
    assert open_token(shared(inline)).scenario.sha256 == named.sha256


def test_an_export_has_the_dump_in_it(tmp_path: Path) -> None:
    scenario = by_file(folder_of(tmp_path))
    text = export_scenario(scenario, scenario.start())
    again = load_text(text, "elsewhere.toml")
    assert again.sha256 == scenario.sha256
    assert again.start().vm.memory.digest() == scenario.start().vm.memory.digest()


SECRET = "/etc/passwd"

FOREIGN: dict[str, dict[str, object]] = {
    "in the text": {"counters": None},
    "as its counters": {"counters": SECRET},
    "in a setting": {"settings": (Setting(COUNTERS_KEY, SECRET),)},
    "in a setting, under counters of its own": {
        "counters": DUMP,
        "settings": (Setting(COUNTERS_KEY, SECRET),),
    },
    "as its counters, under a setting": {"counters": SECRET, "settings": (Setting(COUNTERS_KEY, DUMP),)},
    "by a setting that is a number": {"settings": (Setting(COUNTERS_KEY, 3),)},
}


@pytest.mark.parametrize("changes", FOREIGN.values(), ids=FOREIGN)
def test_a_state_string_that_names_a_dump_is_refused_unread(
    tmp_path: Path, changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = shared(by_file(folder_of(tmp_path)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("engine.scenario.counters.state_of", None)
    foreign = decode(encode(replace(token, **changes)))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=r"it names the file '.*', and state strings do not open files"):
        open_token(foreign)
    with pytest.raises(BadInput, match="this run depends on the file"):
        check_shared(foreign)


def test_a_dump_that_is_damaged_in_a_string_is_a_message(tmp_path: Path) -> None:
    token = shared(by_file(folder_of(tmp_path)))
    for counters, wrong in (
        ("nothing\n", "the counters in the state string: counters: line 1: this is not a dump"),
        (DUMP.replace("9 8", "9 7"), "has the sha256"),
    ):
        with pytest.raises(BadInput, match=wrong):
            open_token(replace(token, counters=counters))
