"""The scenario file: what is refused in it, with its line."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.scenario.loader import load
from tests.engine.scenario.small_scenarios import GOOD, WAKE, refused, sentences


def test_the_file_that_the_rows_spoil_is_good(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text(GOOD)
    scenario = load(str(path))
    assert scenario.run(scenario.start()) == "completed"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("no format", "format = 1\n", "", 1, "a scenario has no format; write format = 1"),
        ("a format of the future", "format = 1", "format = 2", 1, "format = 2 is not known"),
        ("no title", 'title = "t"\n', "", 1, "a scenario has no title"),
        ("rules that are none", 'title = "t"', 'title = "t"\nrules = "mine"', 3, "document and source"),
        ("an object of no type", 'name = "heap"', 'name = "heap"\ntype = "file"', 8, "vnode"),
        ("a cpu that is not there", "cpu = 0", "cpu = 2", 8, "this machine has cpus 0 to 1"),
        ("a process that is not there", "cpu = 0", 'process = "sh"', 10, "there is no process 'sh'"),
        ("a control character", WAKE, "x = 1 \\u0007", 13, "control character"),
        ("a schedule of nobody", "[machine]", '[schedule]\nitems = "bob:block:3"\n[machine]', 4, "schedule item"),
        ("a schedule's third line", "[machine]", '[schedule]\nitems = """\napp:end # 1\n\ntick:0"""\n[machine]', 7, "tick:0"),
        ("a schedule of a stranger", "[machine]", '[schedule]\nitems = """\napp:1, # 1\napp:2, eve:3"""\n[machine]', 6, "no thread eve"),
        ("a question at no time", 'before = "app:2"\n', "", 15, "a question has one moment"),
        ("an expectation of nothing", 'at = "end"\nthat = "app.m != NULL"\n', "", 20, "[[expect]] has no that"),
        ("an outcome that is none", 'at = "end"\nthat = "app.m != NULL"', 'outcome = "fine"', 21, "completed, blocked"),
        ("no steps at all", "[machine]", "[limits]\nsteps = 0\n[machine]", 4, "it is from 1 to"),
    ),
)  # fmt: skip
def test_what_a_file_cannot_say_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


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
