"""The scenario of a replay, as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.references.reader import Reading
from engine.replay.kernel import replay_kernel
from engine.replay.scenario import replay_scenario
from engine.scenario.loader import load, load_text
from engine.scenario.trace_file import read_trace
from tests.engine.replay.strings import string_of


def test_the_text_is_a_scenario_that_names_its_string() -> None:
    name = "made:loop:pages=20,length=100"
    scenario = load_text(replay_scenario(name, read_trace(name, Reading()), 24, 10, "source"), "replay.toml")
    assert scenario.rules == "source"
    assert [program.name for program in scenario.programs] == ["pager", "app", "biodone"]
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert history.vm.variable.value[0] == 100
    assert scenario.expression("app.position").show(history.vm) == 100
    start, further, end = scenario.form.pages
    assert "20 pages" in start.say
    assert (start.do, further.do) == ("until app.position >= 100", "continue")
    assert all(scenario.expression(cell).evaluate(history.vm) is not None for cell in end.look)
    misses = end.say.partition(":print ")[2].partition("`")[0]
    counts = replay_kernel(read_trace(name, Reading()), 24, tick=10, rules="source")
    assert scenario.expression(misses).show(history.vm) == counts.misses


def test_a_file_is_read_as_its_keys_say(tmp_path: Path) -> None:
    trace = tmp_path / 'a "b".csv'
    trace.write_text("r,4096\nw,8192\nr,4096\n")
    keys = {"format": "csv", "columns": "op=1,addr=2"}
    text = replay_scenario(str(trace), string_of([1, 2, 1]), 16, keys=keys)
    path = tmp_path / "replay.toml"
    path.write_text(text)
    scenario = load(str(path))
    string = scenario.programs[1].string
    assert string is not None
    assert (string.places.tolist(), string.writes.tolist()) == ([1, 2], [False, True, False])
    before = scenario.sha256
    trace.write_text("r,4096\nw,8192\nw,4096\n")
    assert load(str(path)).sha256 != before, "a run depends on what is in the file"


@pytest.mark.parametrize("name", ["a\nb", "a\udcffb"])
def test_a_name_that_no_key_can_have_is_refused_before_it_comes_into_the_title(name: str) -> None:
    string = string_of([1], name=name)
    with pytest.raises(BadInput, match=r"^the name 'a.*b' has a line break, or bytes .*; rename it$"):
        replay_scenario(name, string, 16)
    scenario = load_text(replay_scenario("given", string, 16), "replay.toml", strings={"given": string})
    assert scenario.title == "a?b in 16 frames"


def test_the_rules_may_have_options() -> None:
    string = string_of([1])
    text = replay_scenario("given", string, 16, rules="source+nice_rule=none,find2_full=on")
    assert load_text(text, "replay.toml", strings={"given": string}).rules == "source+find2_full=True"


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(BadInput, match="the kernel cannot run with 1 frame"):
        replay_scenario("x", string_of([1]), 1)
