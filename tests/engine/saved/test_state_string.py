"""State strings: their content, their length, and invalid ones."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.errors import BadInput
from engine.saved.state_string import LONGEST, PREFIX, decode, encode, token_of
from engine.scenario.library import OWN
from engine.scenario.loader import load, load_text
from tests.engine.saved.recorded_walks import TWO, console_history, repacked


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN.names)
def test_a_library_scenario_on_its_own_schedule_has_a_short_token(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    text = encode(token_of(scenario, history))
    assert text.startswith(PREFIX)
    assert len(text) < 120


def test_a_token_contains_what_differs_from_the_scenario() -> None:
    scenario, history = console_history()
    token = decode(encode(token_of(scenario, history)))
    assert token == token_of(scenario, history)
    assert (token.rules, token.schedule, token.machine) == ("source", "random:5", None)
    assert token.text == TWO
    assert [leg.items for leg in token.course.legs] == ["*30", "console:8,*40"]
    assert token.course.legs[1].call is not None
    assert token.course.legs[1].call.text.startswith("n = vm_page_alloc")
    assert len(encode(token)) < LONGEST


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-6],
        lambda text: text + "AAAA",
        lambda text: text.replace("pq1-", "pq2-"),
        lambda text: text[:20] + "!" + text[21:],
        lambda text: text[:30] + ("A" if text[30] != "A" else "B") + text[31:],
        lambda _: PREFIX,
        lambda _: PREFIX + base64.urlsafe_b64encode(zlib.compress(b"0" * (8 << 20))).decode().rstrip("="),
    ],
    ids=["cut short", "too long", "another prefix", "a strange character", "a wrong one", "empty", "a bomb"],
)
def test_a_damaged_token_is_refused(spoil: Callable[[str], str]) -> None:
    scenario = load("life-of-a-page")
    with pytest.raises(BadInput, match=r"damaged|is not a state string"):
        decode(spoil(encode(token_of(scenario, scenario.start()))))


DEPENDS_NOT = [
    ("title", 'title = "', 'title = "Another: '),
    ("lesson", 'say = """', 'say = """Another lesson. '),
    ("a question's words", 'ask = "', 'ask = "Say: '),
]


@pytest.mark.parametrize(("_", "old", "new"), DEPENDS_NOT, ids=[row[0] for row in DEPENDS_NOT])
def test_lesson_texts_do_not_change_the_strings_of_a_scenario(_: str, old: str, new: str) -> None:
    text = OWN.find("life-of-a-page").read_text(encoding="utf-8")
    assert old in text
    scenario = load_text(text.replace(old, new, 1), "copy.toml")
    assert scenario.sha256 == load("life-of-a-page").sha256


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("vm_page_activate(m)", "vm_page_deactivate(m)"),
        ('memory = "16 MiB"', 'memory = "32 MiB"'),
        ("format = 1", 'format = 1\nrules = "source"'),
        ("format = 1", "format = 1\nlimits.steps = 5000"),
    ],
    ids=["the script", "the machine", "the rules", "the limits"],
)
def test_what_a_run_depends_on_changes_its_strings(old: str, new: str) -> None:
    text = OWN.find("life-of-a-page").read_text(encoding="utf-8")
    assert old in text
    assert load_text(text.replace(old, new, 1), "copy.toml").sha256 != load("life-of-a-page").sha256


DAMAGED: list[tuple[str, dict[str, Any], str]] = [
    ("no digest", {"d": ""}, "8 hexadecimal digits"),
    ("no hash", {"h": ""}, "8 hexadecimal digits"),
    ("a step that is not a number", {"t": "many"}, "'t' is missing or has the wrong type"),
    ("a leg that is not a table", {"l": [3]}, "a part of it is not a JSON object"),
    ("a call of the wrong shape", {"l": [{}, {"p": 0, "c": [1, 2, 3, 4]}]}, "a call in it is not valid"),
    (
        "a call with a negative variable",
        {"l": [{}, {"c": ["z", 0, -300, "y = 2"]}]},
        "a call in it is not valid",
    ),
    ("a call with a negative cpu", {"l": [{}, {"c": ["z", -1, 300, "y = 2"]}]}, "a call in it is not valid"),
    (
        "a call of a thread without a name",
        {"l": [{}, {"c": ["\x1b[", 0, 0, "y = 2"]}]},
        "a call in it is not valid",
    ),
    ("a branch whose name is an escape sequence", {"l": [{"n": "\x1b[31m"}]}, "'n' is not a name"),
    ("a step of more than 64 bits", {"t": 1 << 64}, "'t' is missing or has the wrong type"),
    (
        "a name outside the folder",
        {"n": "../x/y"},
        "not the name of a scenario or of a file without its folder",
    ),
    ("a name that is a folder", {"n": ".."}, "not the name of a scenario or of a file"),
    ("a name with a backslash", {"n": "..\\x"}, "not the name of a scenario or of a file"),
    ("a name of control characters", {"n": "a\x1b]0;b\x07"}, "not the name of a scenario or of a file"),
    ("half of a character", {"x": "title = '\ud800'"}, "it cannot be decoded"),
    ("half of a character in a name", {"l": [{"n": "\udcff"}]}, "it cannot be decoded"),
    ("a setting of thousands of digits", {"k": [["limits.steps", int("9" * 4000)]]}, "at most 64 bits"),
]


@pytest.mark.parametrize(
    ("changes", "message"), [row[1:] for row in DAMAGED], ids=[row[0] for row in DAMAGED]
)
def test_a_wrong_entry_is_refused(changes: dict[str, Any], message: str) -> None:
    scenario = load("life-of-a-page")
    with pytest.raises(BadInput, match=message):
        decode(repacked(encode(token_of(scenario, scenario.start())), **changes))


def test_a_setting_that_is_not_text_has_no_string() -> None:
    scenario = load("life-of-a-page")
    token = replace(token_of(scenario, scenario.start()), schedule="app\udcff")
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        encode(token)
