"""A table of several threads: their names, cpus and scripts; the machine of the run says how many there are."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from engine.errors import BadInput
from engine.saved.as_scenario import export_scenario
from engine.saved.reopen import open_token
from engine.saved.state_string import decode, encode, token_of
from engine.scenario.every_error import every_error
from engine.scenario.format import parse_scenario
from engine.scenario.loader import Scenario, load_text
from engine.scenario.numbered_threads import numbered
from engine.scenario.settings import parse_setting
from engine.scenario.toml_positions import Places
from engine.scenario.toml_reader import Section
from tests.engine.scenario.small_scenarios import sentences

HEAD: Final = """format = 1
title = "t"
[parameters]
n = [2, 3]
app1 = 4
[machine]
memory = "4 MiB"
topology = "1x4x1"
[[object]]
name = "heap"
"""
EACH: Final = """[[thread]]
each = "cpu"
name = "a{i}"
script = \"\"\"
m = vm_page_alloc(heap, {i}, VM_ALLOC_NORMAL)  #@taken
vm_page_wakeup(m)
\"\"\"
"""
COUNT: Final = '[[thread]]\ncount = "{n}"\nname = "late{i}"\ncpu = "{i}"\nscript = "x = 10 * {i} + n"\n'
AT: Final = '[[expect]]\nat = "a3:@taken"\nthat = "a3.m == NULL"\n'


def threads_of(scenario: Scenario) -> list[tuple[str, int]]:
    return [(thread.name, thread.cpu) for thread in scenario.form.threads]


def on_cpus(name: str, count: int) -> list[tuple[str, int]]:
    return [(f"{name}{i}", i) for i in range(count)]


@pytest.mark.parametrize(
    ("options", "cpus", "late"),
    [
        ({}, 4, 2),
        ({"machine": "4MiB:1x6x1"}, 6, 2),
        ({"settings": (parse_setting("machine.topology=1x5x1"), parse_setting("n=0"))}, 5, 0),
        ({"machine": "4MiB:1x6x1", "settings": (parse_setting("machine.topology=2x4x1"),), "seed": 1}, 8, 3),
        ({"settings": (parse_setting("n=4"),)}, 4, 4),
    ],
)
def test_there_are_as_many_threads_as_the_machine_of_the_run_and_the_parameters_say(
    options: dict[str, Any], cpus: int, late: int
) -> None:
    assert threads_of(load_text(HEAD + EACH + COUNT, **options)) == [
        *on_cpus("a", cpus),
        *on_cpus("late", late),
    ]


def test_each_thread_has_its_number_in_its_script_and_the_same_anchors() -> None:
    scenario = load_text(HEAD + EACH + COUNT + AT)
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert [scenario.expression(f"{name}.x").show(history.vm) for name in ("late0", "late1")] == [2, 12]
    assert [scenario.expression(f"a{i}.m.pindex").show(history.vm) for i in range(4)] == [0, 1, 2, 3]
    assert all(checked.ok for checked in scenario.check_expectations(history))


def test_a_cpu_that_is_given_is_that_of_all_threads() -> None:
    text = HEAD + EACH.replace("name", "cpu = 2\nname")
    assert threads_of(load_text(text)) == [(f"a{i}", 2) for i in range(4)]


def test_a_numbered_run_is_reopened_and_exported_with_the_same_memory() -> None:
    scenario = load_text(
        HEAD + EACH + COUNT, machine="4MiB:1x6x1", schedule="a5:3,late1:1", settings=(parse_setting("n=4"),)
    )
    history = scenario.start()
    history.extend(40)
    opened = open_token(decode(encode(token_of(scenario, history))))
    assert opened.replayed.history.vm.memory.digest() == history.vm.memory.digest()
    exported = load_text(export_scenario(scenario, history)).start()
    exported.extend(40)
    assert exported.vm.memory.digest() == history.vm.memory.digest()


def test_a_console_call_has_room_beside_more_threads_than_a_machine_usually_has() -> None:
    scenario = load_text(HEAD + COUNT.replace('"{i}"', "0").replace('"{n}"', "100"))
    assert len(scenario.form.threads) == 100
    assert scenario.config.capacity.threads >= 132


def test_reading_a_file_alone_opens_no_other_one() -> None:
    text = HEAD.replace('memory = "4 MiB"\ntopology = "1x4x1"', 'hwloc = "/none.xml"') + EACH
    assert parse_scenario(text, Path("f.toml")).machine.hwloc == "/none.xml"
    with pytest.raises(BadInput, match=r"scenario:7: there is no file '/none\.xml'"):
        load_text(text)


def test_a_single_thread_keeps_its_table() -> None:
    part = Section("[[thread]]", {"name": "app"}, ("thread", 0), Places(""), "f.toml")
    assert list(numbered([part], lambda: 4)) == [part]


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    sentences(
        ("a name without the number", EACH.replace("a{i}", "a"), 13, "all threads of this table would be called 'a'; write name = \"a{i}\""),
        ("each and count", f"{EACH}count = 3", 18, "each and count are mutually exclusive; give only one"),
        ("each of something else", EACH.replace('"cpu"', '"core"'), 12, "each = 'core' is not possible; use one of cpu"),
        ("a negative count", COUNT.replace('"{n}"', "-1"), 12, "count = -1 is out of range; use 0 to 1024"),
        ("a count in words", COUNT.replace("{n}", "many"), 12, "count = 'many' has the wrong type; it must be an integer"),
        ("a count of no parameter", COUNT.replace("{n}", "{m}"), 12, "{m} is not a parameter; use one of n, app1"),
        ("a number as the count", COUNT.replace("{n}", "{i}"), 12, "{i} is only allowed in name, cpu and script of a [[thread]]"),
        ("a number in the machine", '[machine.thresholds]\nv_free_min = "{i}"', 12, "{i} is only allowed in name, cpu and script of a [[thread]]"),
        ("a single thread with a number in its name", '[[thread]]\nname = "a{i}"\nscript = ""', 12, 'this table is one thread; add count = 4 or each = "cpu"'),
        ("a single thread with a number as its cpu", '[[thread]]\nname = "a"\ncpu = "{i}"\nscript = ""', 13, 'this table is one thread; add count = 4 or each = "cpu"'),
        ("a cpu past the last", COUNT.replace('"{n}"', "5"), 11, "thread late4: there is no cpu 4; this machine has cpus 0 to 3"),
        ("a name that begins with the number", EACH.replace("a{i}", "{i}a"), 13, "'0a' is not a name"),
        ("a name that a parameter has", EACH.replace("a{i}", "app{i}"), 13, "the name 'app1' is taken"),
        ("a name that another table has", EACH + EACH.replace("a{i}", "a1{i}").replace('each = "cpu"', "count = 1").replace("a1{i}", "a{i}"), 20, "the name 'a0' is taken"),
        ("too many threads", COUNT + COUNT.replace('"{n}"', "1023").replace("late", "b"), 17, "the file has more than 1,024 threads"),
        ("an error in the scripts", EACH.replace("wakeup(m)", "wakeup(q)"), 16, "'q' is not a variable"),
        ("an unknown key", f"{EACH}cpus = 3", 18, "'cpus' is not a key of [[thread]]; use cpu"),
        ("no name", COUNT.replace('name = "late{i}"\n', ""), 11, "[[thread]] has no name"),
    ),
)  # fmt: skip
def test_a_bad_table_is_one_error_with_its_line(rows: str, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(HEAD + rows)
    errors = every_error(str(path))
    assert len(errors) == 1, errors
    error = errors[0]
    assert str(error).startswith(f"{path}:{line}: "), str(error)
    assert words in str(error)
