"""[parameters]: the values of a run, where they are used, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.run.splitmix import MASK64
from engine.scenario.loader import load, load_text
from engine.scenario.parameters import (
    Parameter,
    are_allowed,
    are_default,
    value_words,
    variants,
)
from engine.scenario.settings import parse_setting
from tests.engine.scenario.some_pages import PAGES, pages

BARE = 'format = 1\ntitle = "t"\n'


def refused(text: str, *sets: str) -> str:
    """Return the message of a text that is not a scenario."""
    with pytest.raises(BadInput) as caught:
        load_text(text, "f.toml", settings=tuple(map(parse_setting, sets)))
    return str(caught.value)


# --- the values of a run ----------------------------------------------------------------------------------


def test_the_first_value_is_the_default() -> None:
    scenario = pages()
    assert dict(scenario.parameters) == {"n": 4, "colors": 16}
    assert (scenario.seed, scenario.is_own, scenario.is_variant) == (None, True, True)


SEEDS: list[tuple[int, int, int]] = [
    (0, 6, 32),  # splitmix64(0) is 16294208416658607535, 1 mod 3; of 1 10451216379200822465, 1 mod 2
    (1, 8, 16),  # of 1: 2 mod 3; of 2 10905525725756348110, 0 mod 2
    (2, 6, 32),  # of 2: 1 mod 3; of 3 2092789425003139053, 1 mod 2
    (3, 4, 16),  # of 3: 0 mod 3; of 4 7958955049054603978, 0 mod 2
    (2026, 6, 16),  # 15824617304438902051, 1 mod 3; 6423385959715476896, 0 mod 2
    (MASK64, 8, 32),  # 16490336266968443936, 2 mod 3; after the largest seed comes 0 again
]
"""A seed, and the values that it chooses, by an implementation in C."""


@pytest.mark.parametrize(("seed", "n", "colors"), SEEDS)
def test_a_seed_chooses_a_value_for_each_parameter(seed: int, n: int, colors: int) -> None:
    scenario = pages(seed=seed)
    assert dict(scenario.parameters) == {"n": n, "colors": colors}
    assert scenario.seed == seed
    assert scenario.is_variant


def test_a_parameter_of_one_value_counts_as_one_of_the_file() -> None:
    text = PAGES.replace("[parameters]\n", "[parameters]\nsize = 3\n")
    # splitmix64(1) is 2 mod 3, and splitmix64(2) is 0 mod 2: n is parameter 1 now, and colors parameter 2.
    assert dict(pages(seed=0, text=text).parameters) == {"size": 3, "n": 8, "colors": 16}


def test_a_seed_that_chooses_the_defaults_is_the_file_itself() -> None:
    own, chosen = pages(), pages(seed=3)
    assert chosen.is_own
    assert chosen.sha256 == own.sha256
    assert not chosen.changed_parameters


def test_other_values_are_not_the_file_itself() -> None:
    scenario = pages(seed=2026)
    assert (scenario.is_own, scenario.is_variant, scenario.other) == (False, True, ())
    assert dict(scenario.changed_parameters) == {"n": 6}
    assert scenario.sha256 != pages().sha256
    assert scenario.sha256 == pages("n=6").sha256


def test_a_setting_wins_over_the_seed_in_any_order() -> None:
    assert dict(pages("n=8", seed=0).parameters) == {"n": 8, "colors": 32}
    assert dict(pages("n=4", "n=8").parameters) == {"n": 8, "colors": 16}


def test_a_setting_can_give_a_value_that_the_file_does_not_have() -> None:
    scenario = pages("n=7")
    assert scenario.parameters["n"] == 7
    assert not scenario.is_variant
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert [check.ok for check in scenario.check_expectations(history)] == [True, True]


def test_a_seed_changes_nothing_in_a_scenario_without_parameters() -> None:
    own, seeded = load("life-of-a-page"), load("life-of-a-page", seed=7)
    assert (seeded.seed, seeded.is_own, seeded.sha256) == (7, True, own.sha256)
    assert seeded.start().vm.memory.digest() == own.start().vm.memory.digest()
    assert dict(seeded.parameters) == {}
    assert seeded.variants == ({},)


@given(st.integers(0, MASK64))
def test_a_seed_always_chooses_values_of_the_file(seed: int) -> None:
    scenario = pages(seed=seed)
    assert scenario.is_variant
    assert dict(scenario.parameters) == dict(pages(seed=seed).parameters)


def test_the_same_seed_gives_the_same_run() -> None:
    digests = []
    for seed in (0, 0, 3):
        scenario = pages(seed=seed)
        history = scenario.start()
        scenario.run(history)
        digests.append(history.vm.memory.digest())
    assert digests[0] == digests[1] != digests[2]


# --- where they are used ----------------------------------------------------------------------------------


def test_a_string_that_is_wholly_a_parameter_is_a_number() -> None:
    config = pages("colors=8").config
    assert config.colors == 8
    assert config.thresholds == (("v_free_min", 4),)


def test_a_parameter_is_a_part_of_a_string_of_the_machine() -> None:
    text = (
        f"{BARE}[parameters]\nmib = [8, 32]\nsockets = 2\n[machine]\n"
        'ranges = [["0", "{mib} MiB"]]\ntopology = "{sockets}x1x1"\n'
        'numa = [{ begin = 0, end = "{mib}MiB", socket = "{sockets}" }]\n'
    )
    assert refused(text).startswith("f.toml:9: socket = 2 is out of range; use 0 to 1")
    scenario = load_text(text.replace('"{sockets}" }', "0 }"), seed=0)
    assert scenario.config.hardware.phys_avail == ((0, 32 << 20),)
    assert scenario.config.hardware.topology.phys_ids == 2


def test_a_parameter_is_the_cpu_of_a_thread() -> None:
    text = f"""{BARE}[parameters]
where = [1, 0]
[machine]
topology = "1x2x1"
[[thread]]
name = "app"
cpu = "{{where}}"
script = "x = where"
"""
    assert load_text(text).programs[0].cpu == 1
    assert refused(text, "where=2").endswith("there is no cpu 2; this machine has cpus 0 to 1")
    assert refused(text.replace('"{where}"', '"cpu {where}"')).startswith(
        "f.toml:9: cpu = 'cpu 1' has the wrong type; it must be an integer"
    )


def test_a_parameter_is_the_nice_of_a_process() -> None:
    text = f'{BARE}[parameters]\nnice = [5, -20]\n[[process]]\nname = "A"\nnice = "{{nice}}"\n'
    assert load_text(text).form.processes[0].nice == 5
    assert "nice = 21 is out of range" in refused(text, "nice=21")


def test_a_setting_of_the_machine_may_use_a_parameter() -> None:
    assert pages("machine.memory={n}MiB", seed=0).config.hardware.phys_avail[-1][1] == 6 << 20
    with pytest.raises(
        BadInput, match=r"^--set machine.memory: \{m\} is not a parameter; use one of n, colors"
    ):
        pages("machine.memory={m}MiB")


def test_scripts_and_expressions_read_it_by_its_name() -> None:
    scenario = pages("n=6")
    history = scenario.start()
    assert scenario.run(history) == "completed"
    assert scenario.expression("app.taken == n and n * n == 36").holds(history.vm)
    assert scenario.expression("page[n].queue == page[6].queue").holds(history.vm)
    assert scenario.find_step(history, "when app.taken == n // 2") > 0


def test_texts_have_the_number_and_keep_other_braces() -> None:
    scenario = pages("n=8", "colors=32")
    assert scenario.pages[0].say == "It takes 8 pages of 32 colours, {not_one} of {{2}}."
    (question,) = scenario.questions
    assert question.ask == "With 8 in the file, how many pages does it take?"
    assert question.why == "The loop ends at 8."


def test_the_older_key_lesson_has_the_number_too() -> None:
    text = 'format = 1\ntitle = "t"\nlesson = "Take {n}."\n[parameters]\nn = 3\n'
    assert load_text(text).pages[0].say == "Take 3."


def test_texts_of_a_file_without_parameters_keep_their_braces() -> None:
    assert load_text(f'{BARE}[[page]]\nsay = "a {{n}} b"\n').pages[0].say == "a {n} b"


def test_a_negative_value_and_the_largest_are_numbers_like_others() -> None:
    text = f"{BARE}[parameters]\nlow = {-(1 << 63)}\nhigh = {(1 << 63) - 1}\nless = -3\n"
    text += '[[expect]]\nthat = "low < less and less == -3 and high > 0 and low + high == -1"\n'
    scenario = load_text(text)
    assert all(check.ok for check in scenario.check_expectations(scenario.start()))


# --- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("n = []", "4: n has no value; write one integer or more, the default first"),
        ('n = "4"', "4: n = '4' has the wrong type; it must be an integer or a list"),
        ("n = 1.5", "4: n = 1.5 has the wrong type"),
        ("n = true", "4: n = True has the wrong type"),
        ("n = { a = 1 }", "4: n = {'a': 1} has the wrong type"),
        ("n = [1, true]", "4: n: True is not an integer of 64 bits; write one such as 4"),
        ('n = [\n1,\n"x"]', "6: n: 'x' is not an integer of 64 bits"),
        ("n = [1, [2]]", "4: n: [2] is not an integer of 64 bits"),
        ("n = 0x8000000000000000", "4: n: 9223372036854775808 is not an integer of 64 bits"),
        ("n = [4, 6,\n4]", "5: n has the value 4 twice; remove one of them"),
        ("page = 3", "4: the name 'page' is reserved; choose another name"),
        ("daemon = 3", "4: the name 'daemon' is reserved"),
        ("PQ_NONE = 3", "4: the name 'PQ_NONE' is reserved"),
        ("count = 3", "4: the name 'count' is reserved"),
        ("vm_page_alloc = 3", "4: the name 'vm_page_alloc' is reserved"),
        ("run = 3", "4: the name 'run' is reserved"),
        ("i = 3", "4: the name 'i' is reserved"),
        ("rules = 3", "4: the name 'rules' is reserved"),
        ("yes = 3", "4: the name 'yes' is reserved"),
        ("setup = 3", "4: the name 'setup' is reserved"),
        ("boot = 3", "4: the name 'boot' is reserved"),
        ("curproc = 3", "4: the name 'curproc' is reserved"),
        ("app = 3", "4: the name 'app' is taken; choose another name: a [[thread]] has this one"),
        ("heap = 3", "4: the name 'heap' is taken; choose another name: a [[object]] has this one"),
        ("shell = 3", "4: the name 'shell' is taken; choose another name: a [[process]] has this one"),
        ("while = 3", "4: 'while' is not a name; use letters, digits and _"),
        ("a-b = 3", "4: 'a-b' is not a name"),
        ('"" = 3', "4: '' is not a name"),
        ('"a\\u001b[31m" = 3', r"3: 'a\x1b[31m' is not a name"),
        ("4 = 3", "4: '4' is not a name"),
        (f"{'n' * 41} = 3", f"4: the name {'n' * 40}... is too long; the limit is 40 characters"),
        (f"n = {[*range(65)]}", "4: n has more than 64 values; use fewer"),
        ("a = [1, 2, 3, 4, 5]\nb = [1, 2, 3, 4, 5]\nc = [1, 2, 3]", "3: the parameters have more than 64 v"),
        ("\n".join(f"p{n} = 1" for n in range(65)), "3: the file has more than 64 parameters; use fewer"),
    ],
)
def test_a_bad_parameter_is_refused_with_its_line(line: str, words: str) -> None:
    text = f"{BARE}[parameters]\n{line}\n"
    text += '[[object]]\nname = "heap"\n[[process]]\nname = "shell"\n[[thread]]\nname = "app"\nscript = ""\n'
    assert refused(text).startswith(f"f.toml:{words}")


def test_64_variants_are_allowed() -> None:
    text = f"{BARE}[parameters]\na = [1, 2, 3, 4]\nb = [1, 2, 3, 4]\nc = [1, 2, 3, 4]\nd = 1\n"
    assert len({tuple(values.items()) for values in load_text(text).variants}) == 64


@pytest.mark.parametrize("table", ["parameters = 3", "parameters = [1]", "[[parameters]]\nn = 1"])
def test_parameters_that_are_not_a_table_are_refused(table: str) -> None:
    assert refused(f"{BARE}{table}\n").startswith("f.toml:3: parameters = ")


def test_an_empty_table_has_no_parameters() -> None:
    assert dict(load_text(f"{BARE}[parameters]\n").parameters) == {}


@pytest.mark.parametrize(
    ("key", "line"), [("memory", "[machine]"), ("v_free_min", "[machine.thresholds]"), ("swap", "[machine]")]
)
def test_an_unknown_parameter_in_the_machine_is_refused_with_its_line(key: str, line: str) -> None:
    text = f'{BARE}[parameters]\nn = 3\n{line}\n{key} = "{{m}}"\n'
    assert refused(text) == "f.toml:6: {m} is not a parameter; use one of n"
    bare = text.replace("[parameters]\nn = 3\n", "")
    assert refused(bare) == "f.toml:4: {m} is not a parameter; the file has no [parameters]; add m = 4"


def test_an_unknown_parameter_in_a_range_or_a_cpu_is_refused_with_its_line() -> None:
    ranges = f'{BARE}[machine]\nranges = [\n["0", "{{m}}MiB"]]\n'
    assert refused(ranges).startswith("f.toml:5: {m} is not a parameter")
    thread = f'{BARE}[[thread]]\nname = "app"\nscript = ""\ncpu = "{{m}}"\n'
    assert refused(thread).startswith("f.toml:6: {m} is not a parameter")


def test_the_name_of_an_hwloc_file_may_have_braces() -> None:
    assert "there is no file 'a{b}.xml'" in refused(f'{BARE}[machine]\nhwloc = "a{{b}}.xml"\n')
    text = f'{BARE}[parameters]\nb = 2\n[machine]\nhwloc = "a{{b}}.xml"\n'
    assert "there is no file 'a2.xml'" in refused(text)


@pytest.mark.parametrize("script", ["n = 3", "x = 1\nn += 1", "for n in range(3):\n    x = n", "n, x = 1, 2"])
def test_a_script_cannot_assign_to_a_parameter(script: str) -> None:
    text = f"{BARE}[parameters]\nn = 3\n[[thread]]\nname = \"app\"\nscript = '''\n{script}\n'''\n"
    line = 8 + script.startswith("x")
    words = "n is a parameter of the scenario; a script only reads it; choose another name for the variable"
    assert refused(text) == f"f.toml:{line}: {words}"
    assert refused(text.replace("[[thread]]\nname", "[setup]\n#")).startswith(f"f.toml:{line}: n is a para")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n=x", "--set n: 'x' is not an integer of 64 bits; write one such as n=4"),
        ("n=1.5", "--set n: 1.5 is not an integer of 64 bits"),
        ("n=true", "--set n: True is not an integer of 64 bits"),
        ("n=[4, 6]", "--set n: [4, 6] is not an integer of 64 bits"),
        ("n=", "--set n: '' is not an integer of 64 bits"),
        ("n=9223372036854775808", "--set n: 9223372036854775808 is not an integer of 64 bits"),
        ("m=3", "--set 'm' is not allowed; set rules or a key of machine, machine.thresholds, limits, "
         "screen, or one of the parameters: n, colors"),
        ("N=3", "--set 'N' is not allowed; "),
    ],
)  # fmt: skip
def test_a_bad_setting_of_a_parameter_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        pages(text)
    assert str(caught.value).startswith(words)


def test_a_setting_of_a_parameter_needs_a_scenario_that_has_it() -> None:
    with pytest.raises(BadInput, match=r"^--set 'n' is not allowed; .*; this scenario has no parameters$"):
        load("life-of-a-page", settings=(parse_setting("n=3"),))


# --- the parts --------------------------------------------------------------------------------------------


def test_variants_have_each_value_with_each_other_the_defaults_first() -> None:
    found = variants((Parameter("a", (1, 2), 2), Parameter("b", (5,), 5), Parameter("c", (7, 8), 7)))
    assert [tuple(values.values()) for values in found] == [(1, 5, 7), (1, 5, 8), (2, 5, 7), (2, 5, 8)]
    assert variants(()) == ({},)


@pytest.mark.parametrize(
    ("value", "default", "allowed"), [(4, True, True), (6, False, True), (7, False, False)]
)
def test_a_value_is_the_default_or_allowed(value: int, default: bool, allowed: bool) -> None:
    parameter = Parameter("n", (4, 6), value)
    assert (are_default((parameter,)), are_allowed((parameter,))) == (default, allowed)


def test_values_in_words() -> None:
    values: dict[str, Any] = {"n": 6, "wired": -2}
    assert value_words(values) == "n = 6, wired = -2"
    assert value_words({}) == ""
