"""The scenario file: errors with their lines."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.format import ScenarioForm, keys_read, parse_scenario, read_scenario
from engine.scenario.library import OWN
from engine.scenario.loader import load, load_text
from engine.scenario.toml_reader import Key
from tests.engine.scenario.small_scenarios import GOOD, WAKE, refused, sentences


def test_the_file_that_the_rows_spoil_is_good(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text(GOOD)
    scenario = load(str(path))
    assert scenario.run(scenario.start()) == "completed"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("no format", "format = 1\n", "", 1, "a scenario has no format; add format = 1"),
        ("a format of the future", "format = 1", "format = 2", 1, "format = 2 is not supported"),
        ("no title", 'title = "t"\n', "", 1, "a scenario has no title"),
        ("unknown rules", 'title = "t"', 'title = "t"\nrules = "mine"', 3, "document and source"),
        ("an object of no type", 'name = "heap"', 'name = "heap"\ntype = "file"', 8, "vnode"),
        ("a cpu that is not there", "cpu = 0", "cpu = 2", 8, "this machine has cpus 0 to 1"),
        ("a process that is not there", "cpu = 0", 'process = "sh"', 10, "there is no process 'sh'"),
        ("a control character", WAKE, "x = 1 \\u0007", 13, "control character"),
        ("a schedule of an unknown thread", "[machine]", '[schedule]\nitems = "bob:block:3"\n[machine]', 4, "schedule item"),
        ("a schedule's third line", "[machine]", '[schedule]\nitems = """\napp:end # 1\n\ntick:00"""\n[machine]', 7, "tick:00"),
        ("a schedule of a stranger", "[machine]", '[schedule]\nitems = """\napp:1, # 1\napp:2, eve:3"""\n[machine]', 6, "no thread eve"),
        ("a question at no time", 'before = "app:2"\n', "", 15, "a question needs one moment"),
        ("an expectation of nothing", 'at = "end"\nthat = "app.m != NULL"\n', "", 20, "[[expect]] has no that"),
        ("an unknown outcome", 'at = "end"\nthat = "app.m != NULL"', 'outcome = "fine"', 21, "completed, blocked"),
        ("no steps at all", "[machine]", "[limits]\nsteps = 0\n[machine]", 4, "use 1 to"),
    ),
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    sentences(
        ("not UTF-8, on the third line", b"format = 1\n\n# \xff\n", 3, "not UTF-8"),
        ("lists in lists in lists", b"format = 1\nx = " + b"[" * 5000, 1, "nests too deeply"),
        ("a number of many digits", b"format = 1\nx = " + b"9" * 5000, 2, "an integer has at most 64 bits"),
        ("a hexadecimal number of many digits", b"\nformat = 0x" + b"f" * 5000, 2, "at most 64 bits"),
        ("nothing at all", b"", 1, "this is an empty file, not a scenario; give a scenario's file"),
    ),
)
def test_a_file_that_is_not_a_scenario(content: bytes, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load(str(path))
    assert (caught.value.file, words in str(caught.value)) == (str(path), True), str(caught.value)
    assert caught.value.line is not None


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    path.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(BadInput, match="the limit is 1,048,576 bytes"):
        load(str(path))


# --- what a file says -------------------------------------------------------------------------------------


def form_of(text: str) -> ScenarioForm:
    return parse_scenario(f'format = 1\ntitle = "t"\n{text}', Path("f.toml"))


def test_a_missing_key_has_its_default() -> None:
    form = form_of("")
    assert (form.level, form.rules, form.steps, form.teaches, form.covers) == (
        "beginner",
        "document",
        1_000_000,
        "",
        (),
    )
    assert (form.setup, form.schedule, form.objects, form.threads, form.questions) == (None, None, (), (), ())
    assert form.source == 'format = 1\ntitle = "t"\n'


@pytest.mark.parametrize(("table", "centre"), [("", "stage"), ('[screen]\ncentre = "map"', "map")])
def test_the_screen_begins_with_the_stage_unless_the_file_says_otherwise(table: str, centre: str) -> None:
    assert form_of(table).screen.centre == centre


def test_without_a_stepped_boot_a_thread_may_be_called_boot() -> None:
    (thread,) = form_of('[[thread]]\nname = "boot"\nscript = "pass"').threads
    assert thread.name == "boot"


@pytest.mark.parametrize(
    ("size", "pages"),
    [("", 1024), ("size = 3", 3), ('size = "8 KiB"', 2), ('size = "5 KiB"', 2), ('size = "1 B"', 1)],
)
def test_an_object_s_size_is_in_pages_or_in_words(size: str, pages: int) -> None:
    (form,) = form_of(f'[[object]]\nname = "heap"\n{size}').objects
    assert (form.size, form.type, form.pg_color) == (pages, "default", None)


def test_processes_are_numbered_from_100_on_unless_they_have_a_pid() -> None:
    rows = "".join(
        f'[[process]]\nname = "{name}"\n{more}\n'
        for name, more in (("a", ""), ("b", "pid = 7"), ("c", "nice = -20"))
    )
    assert [(form.name, form.pid, form.nice) for form in form_of(rows).processes] == [
        ("a", 100, 0),
        ("b", 7, 0),
        ("c", 102, -20),
    ]


def test_a_thread_has_its_process_and_its_lines() -> None:
    text = '[[process]]\nname = "sh"\n[[thread]]\nname = "app"\nprocess = "sh"\nscript = """\na\nb"""\n'
    form = form_of(text)
    (thread,) = form.threads
    assert (thread.process, thread.cpu) == (form.processes[0], 0)
    assert [thread.script.line(number) for number in (1, 2, 9)] == [9, 10, 10]


def test_an_expectation_about_all_schedules_is_not_the_outcome_of_the_run() -> None:
    rows = (
        '[[expect]]\nevery = "end"\noutcome = "script error"\n[[expect]]\nsome = "end"\nthat = "2"\n'
        '[[expect]]\nalways = "3"\n[[expect]]\noutcome = "leak"\n[[expect]]\nsome = "end"\noutcome = "blocked"\n'
    )
    assert [(form.over, form.that, form.outcome) for form in form_of(rows).expects] == [
        ("every", "", "script error"),
        ("some", "2", ""),
        ("always", "3", ""),
        ("", "", "leak"),
        ("some", "", "blocked"),
    ]


def test_an_expectation_is_at_the_end_unless_it_has_a_moment() -> None:
    rows = (
        '[[expect]]\nthat = "1"\n[[expect]]\nat = 3\nthat = "2"\n[[expect]]\noutcome = "panic:vm_page_free"\n'
    )
    assert [(form.at, form.that, form.outcome) for form in form_of(rows).expects] == [
        ("end", "1", ""),
        (3, "2", ""),
        ("end", "", "panic:vm_page_free"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    sentences(
        ("a map of no object", '[[process]]\nname = "a"\nmaps = [{object = "x", start = 0, pages = 1}]', 5, "there is no object 'x'; add an [[object]]"),
        ("a nice value out of range", '[[process]]\nname = "a"\nnice = 21', 5, "use -20 to 20"),
        ("a device with a script", '[[thread]]\nname = "biodone"\nscript = "pass"', 3, "remove its script and process"),
        ("a step below 0", '[[expect]]\nat = -1\nthat = "1"', 4, "at = -1 is not a step; steps start at 0"),
        ("two outcomes", '[[expect]]\noutcome = "blocked"\n[[expect]]\noutcome = "blocked"', 6, "this is a second outcome"),
        ("an outcome at a moment", '[[expect]]\nat = 1\noutcome = "blocked"', 3, "split it into two [[expect]]"),
        ("a panic of no function", '[[expect]]\noutcome = "panic:"', 4, "or panic:FUNCTION"),
        ("a centre that is not one", '[screen]\ncentre = "lesson"', 4, "centre = 'lesson' is not possible; use one of stage, map"),
        ("an unknown key of the screen", '[screen]\ncenter = "map"', 4, "'center' is not a key of [screen]; use centre"),
        ("a word that is not a way to boot", '[machine]\nboot = "slowly"', 4, "use one of at-once, stepped"),
        ("a thread with the name of boot's", '[machine]\nboot = "stepped"\n[[thread]]\nname = "boot"\nscript = "pass"', 6, "'boot' is the thread that boots the machine, step by step; choose another name"),
        ("an object with the name of boot's thread", '[machine]\nboot = "stepped"\n[[object]]\nname = "boot"', 6, "choose another name"),
        ("a process with the name of boot's thread", '[machine]\nboot = "stepped"\n[[process]]\nname = "boot"', 6, "choose another name"),
        ("every at another moment", '[[expect]]\nevery = "start"\nthat = "1"', 4, "every = 'start' is not possible; write every = \"end\""),
        ("some at another moment", '[[expect]]\nsome = "app:1"\nthat = "1"', 4, "write some = \"end\""),
        ("every that is a number", '[[expect]]\nevery = 1\nthat = "1"', 4, "every = 1 has the wrong type; it must be a string"),
        ("every of nothing", '[[expect]]\nevery = "end"', 4, 'with every has that or an outcome; add that = "EXPR" or outcome'),
        ("some of two things", '[[expect]]\nsome = "end"\nthat = "1"\noutcome = "leak"', 4, "with some has that or an outcome; split it into two [[expect]]"),
        ("every with a moment", '[[expect]]\nevery = "end"\nat = "end"\nthat = "1"', 5, "with every is about the end of schedules; remove at"),
        ("every and always", '[[expect]]\nevery = "end"\nalways = "1"', 5, "has one of every, some, always; split it into 2 [[expect]]"),
        ("always with that", '[[expect]]\nalways = "1"\nthat = "1"', 5, "always has the EXPR that holds after every step; remove that"),
        ("always with an outcome and a moment", '[[expect]]\nalways = "1"\nat = 1\noutcome = "leak"', 5, "remove at and outcome"),
        ("an outcome that no schedule has", '[[expect]]\nevery = "end"\noutcome = "hang"', 5, "'hang' is not an outcome; use completed, blocked, deadlock, livelock, unlock_order, leak, script error, invariant or panic:FUNCTION"),
        ("an outcome that only a search has", '[[expect]]\noutcome = "script error"', 4, "'script error' is not an outcome; use completed, blocked, deadlock, livelock, unlock_order, leak or panic:FUNCTION"),
        ("a question at two moments", '[[question]]\nbefore = 1\nafter = 1', 3, "a question needs one moment"),
    ),
)  # fmt: skip
def test_a_bad_table_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        form_of(text)
    assert str(caught.value).startswith(f"f.toml:{line}: ")
    assert words in str(caught.value)


def test_a_directory_and_a_missing_file_are_messages(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"{tmp_path}: this is a directory; give a scenario file"):
        read_scenario(tmp_path)
    with pytest.raises(
        BadInput, match=r"none\.toml: cannot read the file: No such file or directory; give a scenario"
    ):
        read_scenario(tmp_path / "none.toml")


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    plain, marked = tmp_path / "plain.toml", tmp_path / "marked.toml"
    plain.write_text(GOOD, encoding="utf-8")
    marked.write_text(GOOD, encoding="utf-8-sig")
    assert load(str(marked)).sha256 == load(str(plain)).sha256
    marked.write_text("format = 2\n", encoding="utf-8-sig")
    with pytest.raises(BadInput) as caught:
        load(str(marked))
    assert caught.value.line == 1


@pytest.mark.slow
def test_many_processes_with_maps_start_in_seconds() -> None:
    maps = ",".join(f'{{object = "o", start = {4096 * (n + 1)}, pages = 1}}' for n in range(15))
    processes = "".join(f'[[process]]\nname = "p{n}"\nmaps = [{maps}]\n' for n in range(800))
    text = f'format = 1\ntitle = "t"\n[[object]]\nname = "o"\n{processes}[[thread]]\nname = "a"\nscript = "x = 1"\n'
    begun = time.process_time()
    vm = load_text(text).start().vm
    assert time.process_time() - begun < 8
    assert vm.processes == 800
    assert int(vm.memory.vector("map_entry.used").sum()) == 800 * 15


def test_the_keys_that_are_asked_for_are_known_with_their_types() -> None:
    asked = keys_read([GOOD, 'format = 1\ntitle = "t"\n[machine]\nranges = [[0, "4 MiB"]]\nnuma = []'])
    assert asked["[machine]"]["colors"] == Key("integer", "1 to 1,024", False, 1024)
    assert asked["[machine]"]["numa"] == Key("list of tables", "", False, [])
    assert asked["[machine]"]["thresholds"] == Key("string or table", '"2020", "newer"', False, "2020")
    assert asked["[machine]"]["hash_rule"].default is None
    assert asked["[[thread]]"]["script"].required
    assert not asked["[setup]"]["script"].required
    assert asked["[[object]]"]["size"] == Key("integer or size", "1 to 2^44 pages", False, 1024)


def test_no_scenario_of_the_library_has_a_key_that_is_not_among_them() -> None:
    asked = keys_read(path.read_text(encoding="utf-8") for path in OWN.path.glob("*.toml"))
    for path in OWN.path.glob("*.toml"):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        assert document.keys() <= asked["a scenario"].keys()
        for key, value in document.items():
            for table in value if isinstance(value, list) else [value]:
                if isinstance(table, dict):
                    title = f"[[{key}]]" if isinstance(value, list) else f"[{key}]"
                    assert table.keys() <= asked[title].keys()
