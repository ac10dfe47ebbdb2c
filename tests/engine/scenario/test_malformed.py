"""Bad scenario files: each is refused with its file, the right line, and what would be right."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


GOOD = '''format = 1
title = "t"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = """
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(m)
"""
[[question]]
before = "app:2"
ask = "?"
answer = "PQ_NONE"
value = "queue_of(app.m)"
[[expect]]
at = "end"
that = "app.m != NULL"
'''
"""A file without fault; each row replaces one piece of it."""

CALL = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"
WAKE = "vm_page_wakeup(m)"


def test_the_file_that_the_rows_spoil_is_good(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text(GOOD)
    scenario = load(str(path))
    assert scenario.run(scenario.start()) == "completed"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("TOML that is none", 'title = "t"', "title = t", 2, "this is not TOML"),
        ("a string that never ends", 'that = "app.m != NULL"', 'that = """app', 22, "not TOML"),
        ("a key given twice", 'title = "t"', 'title = "t"\ntitle = "u"', 3, "not TOML"),
        ("no format", "format = 1\n", "", 1, "a scenario has no format; write format = 1"),
        ("a format of the future", "format = 1", "format = 2", 1, "format = 2 is not known"),
        ("a format in words", "format = 1", 'format = "1"', 1, "is not a whole number"),
        ("no title", 'title = "t"\n', "", 1, "a scenario has no title"),
        ("a title of two lines", 'title = "t"', 'title = "a\\nb"', 2, "one line of text"),
        ("a level that is none", 'title = "t"', 'title = "t"\nlevel = "hard"', 3, "beginner, intermediate"),
        ("rules that are none", 'title = "t"', 'title = "t"\nrules = "mine"', 3, "document and source"),
        ("a key that is none", 'title = "t"', 'title = "t"\ntitel = "t"', 3, "'titel' is no key of a scenario"),
        ("a table that is none", "[[object]]", "[[objekt]]", 6, "'objekt' is no key of a scenario; there is object"),
        ("covers with a number", 'title = "t"', 'title = "t"\ncovers = [\n"a",\n3]', 5, "3 is not a string"),
        ("memory that is no size", '"4 MiB"', '"4 bananas"', 4, "is not a memory size"),
        ("too little memory", '"4 MiB"', '"4 KiB"', 4, "out of range"),
        ("a topology that is none", '"1x2x1"', '"two"', 5, "is not a topology"),
        ("memory and hwloc", "topology = ", 'hwloc = "x.xml"\n#', 5, "memory and hwloc exclude each other"),
        ("an hwloc file that is not there", 'memory = "4 MiB"\ntopology = "1x2x1"', 'hwloc = "no.xml"', 4, "no.xml"),
        ("colors no power of two", "topology", "colors = 100\ntopology", 5, "a power of two"),
        ("a threshold that is none", "[[object]]", "[machine.thresholds]\nv_fre_min = 3\n[[object]]", 7, "v_free_min"),
        ("a counter as threshold", "[[object]]", "[machine.thresholds]\nv_free_count = 3\n[[object]]", 7, "no key"),
        ("a rule option that is none", "topology", 'assoc_rule = "x"\ntopology', 5, "seed16, source"),
        ("a switch that is neither on nor off", "topology", 'trylock = "maybe"\ntopology', 5, "true or false"),
        ("ranges not in order", 'memory = "4 MiB"', 'ranges = [[0x800000, 0x900000],\n[0, 0x700000]]', 4, "overlap"),
        ("a range that is none", 'memory = "4 MiB"', 'ranges = [[0, 0x700000],\n[5]]', 5, "[BEGIN, END]"),
        ("an object of no type", 'name = "heap"', 'name = "heap"\ntype = "file"', 8, "vnode"),
        ("an object with a bad name", 'name = "heap"', 'name = "my heap"', 7, "is no name"),
        ("an object called like a constant", 'name = "heap"', 'name = "PQ_FREE"', 7, "has a meaning already"),
        ("a name used twice", 'name = "app"', 'name = "heap"', 9, "is taken"),
        ("a misspelt key", "script =", "scirpt =", 11, "'scirpt' is no key of [[thread]]; write script"),
        ("no script", f'script = """\n{CALL}\n{WAKE}\n"""\n', "", 8, "[[thread]] has no script"),
        ("a cpu that is not there", "cpu = 0", "cpu = 2", 8, "this machine has cpus 0 to 1"),
        ("a process that is not there", "cpu = 0", 'process = "sh"', 10, "there is no process 'sh'"),
        ("a script that is not Python", CALL, "m = = 3", 12, "invalid syntax"),
        ("an unknown function", CALL, CALL + "\nvm_page_foo(m)", 13, "did you mean vm_page"),
        ("a function of Python", WAKE, "print(m)", 13, "print is no function that a script may call"),
        ("an import", WAKE, "import os", 13, "'import' is not part of the script language"),
        ("an attribute of a method", WAKE, "m.__class__.x = 1", 13, "cannot be assigned"),
        ("too few arguments", WAKE, "vm_page_wakeup()", 13, "write vm_page_wakeup(m)"),
        ("a page where an object belongs", CALL, "m = page[64]\nm = vm_page_alloc(m, 0, 1)", 13, "obj of vm_page_alloc is"),
        ("a number where a page belongs", WAKE, "vm_page_wakeup(5)", 13, "m of vm_page_wakeup is a page"),
        ("a variable that is two things", WAKE, "m = 3", 13, "m holds a page elsewhere and a number here"),
        ("a variable that nobody assigns", WAKE, "vm_page_wakeup(q)", 13, "'q' is no variable"),
        ("a result of a function without", WAKE, "x = vm_page_wakeup(m)", 13, "returns nothing"),
        ("too few variables", WAKE, "a = vm_page_lookup_busy_try(heap, 0, 1)", 13, "returns 2 values"),
        ("break without a loop", WAKE, "break", 13, "stands in no loop"),
        ("a line that does nothing", WAKE, "m.queue", 13, "alone does nothing"),
        ("a division with /", WAKE, "x = 5 / 2", 13, "write // for division"),
        ("a number too large", WAKE, "x = 99999999999999999999", 13, "signed 64-bit"),
        ("a control character", WAKE, "x = 1 \\u0007", 13, "control character"),
        ("a setup that is wrong", "[machine]", '[setup]\nscript = """\n\nx = y\n"""\n[machine]', 6, "'y' is no variable"),
        ("a schedule of nobody", "[machine]", '[schedule]\nitems = "bob:block:3"\n[machine]', 4, "schedule item"),
        ("a schedule's third line", "[machine]", '[schedule]\nitems = """\napp:end # 1\n\ntick:0"""\n[machine]', 7, "tick:0"),
        ("a schedule of a stranger", "[machine]", '[schedule]\nitems = """\napp:1, # 1\napp:2, eve:3"""\n[machine]', 6, "no thread eve"),
        ("a question at no time", 'before = "app:2"\n', "", 15, "a question has one moment"),
        ("a question at an empty line", '"app:2"', '"app:9"', 16, "line 9 of app runs nothing"),
        ("a question to nobody", '"app:2"', '"bob:2"', 16, "there is no thread 'bob'"),
        ("an answer that is no value", '"PQ_NONE"', '"on a queue"', 18, "cannot read this"),
        ("a value that is none", '"queue_of(app.m)"', '"queue_of(app.q)"', 19, "app has no variable 'q'"),
        ("an expectation of nothing", 'at = "end"\nthat = "app.m != NULL"\n', "", 20, "[[expect]] has no that"),
        ("an expectation that is none", "app.m != NULL", "app.m is NULL", 22, "is no comparison"),
        ("an outcome that is none", 'at = "end"\nthat = "app.m != NULL"', 'outcome = "fine"', 21, "completed, blocked"),
        ("no steps at all", "[machine]", "[limits]\nsteps = 0\n[machine]", 4, "it is from 1 to"),
    ),
)  # fmt: skip
def test_bad_file(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    assert GOOD.count(old) == 1
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(BadInput) as caught:
        load(str(path))
    assert str(caught.value).startswith(f"{path}:{line}: "), str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    sentences(
        ("not UTF-8, on the third line", b"format = 1\n\n# \xff\n", 3, "not UTF-8"),
        ("lists in lists in lists", b"format = 1\nx = " + b"[" * 5000, 1, "nests too deeply"),
        ("a number of many digits", b"format = 1\nx = " + b"9" * 5000, 1, "not TOML"),
        ("nothing at all", b"", 1, "has no format"),
    ),
)
def test_a_file_that_is_no_text_of_ours(content: bytes, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load(str(path))
    assert (caught.value.file, words in str(caught.value)) == (str(path), True), str(caught.value)
    assert caught.value.line is not None


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    path.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(BadInput, match="larger than"):
        load(str(path))


@pytest.mark.parametrize(
    ("script", "line", "words"),
    sentences(
        ("it panics", "x = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\nvm_page_wakeup(x)\nvm_page_wakeup(x)", 3, "panic"),
        ("it waits for ever", "m = page[100]\nx = vm_page_sbusy_try(m)\nvm_page_busy_wait(m, 1)", 3, "nobody wakes"),
        ("it never ends", "while 1:\n    pass", 1, "takes more than 1000 steps"),
        ("it divides by zero", "x = 0\ny = 5 // x", 2, "division by zero"),
        ("it keeps an object", "vm_object_hold(heap)", 1, "still holds"),
        ("it looks at NULL", "m = NULL\nq = m.queue", 2, "m is NULL here"),
        ("it takes too many tokens", "for i in range(9):\n    vm_object_hold(heap)", 2, "tokens"),
    ),
)  # fmt: skip
def test_a_setup_that_does_not_come_to_its_end(script: str, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    text = f'[limits]\nsteps = 1000\n[setup]\nscript = """\n{script}\n"""\n[machine]'
    path.write_text(GOOD.replace("[machine]", text))
    scenario = load(str(path))
    with pytest.raises(BadInput) as caught:
        scenario.start()
    assert (caught.value.file, caught.value.line) == (str(path), line + 6)
    assert words in str(caught.value)
