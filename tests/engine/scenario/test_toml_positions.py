"""Line numbers of the parts of a TOML file."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scenario.toml_positions import Path, Places

DOCUMENT = '''# 1
format = 1
"quoted key" = { inner = 3, deeper = [1,
   2] }
list = [
  1,
  # a comment with ] and "
  { key = "]" },
]
[machine]
memory = "16 MiB"  # 11
thresholds.v_free_min = 69

[[thread]]
name = 'a # no comment'
script = """
one
two \\
   still two
three"""
[[thread]]
script = \'\'\'first
second\'\'\'

[thread.sub]
x = 1
[[thread.part]]
y = """ a \\"quoted\\" end""""
z = "a\\nb"
date = 1979-05-27T07:32:00Z
'''


def at(*rows: tuple[str, Path, int]) -> list[Any]:
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


@pytest.mark.parametrize(
    ("path", "line"),
    at(
        ("a key of the document", ("format",), 2),
        ("a quoted key", ("quoted key",), 3),
        ("a key in an inline table", ("quoted key", "inner"), 3),
        ("an element on another line", ("quoted key", "deeper", 1), 4),
        ("an element after a comment", ("list", 1, "key"), 8),
        ("a table", ("machine",), 10),
        ("a key of a table", ("machine", "memory"), 11),
        ("a dotted key", ("machine", "thresholds", "v_free_min"), 12),
        ("a dotted key's table", ("machine", "thresholds"), 12),
        ("the first element of an array of tables", ("thread", 0), 14),
        ("its key", ("thread", 0, "name"), 15),
        ("the second element", ("thread", 1), 21),
        ("a table inside the last element", ("thread", 1, "sub", "x"), 26),
        ("an array inside the last element", ("thread", 1, "part", 0, "y"), 28),
        ("what follows a string with quotes in it", ("thread", 1, "part", 0, "z"), 29),
        ("what is not there, by what contains it", ("machine", "swap"), 10),
        ("what is not there at all", ("nothing", 3, "here"), 1),
    ),
)
def test_line(path: Path, line: int) -> None:
    tomllib.loads(DOCUMENT)
    assert Places(DOCUMENT).line(path) == line


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        pytest.param(("thread", 0, "script"), [17, 18, 20], id="a line end that is left out"),
        pytest.param(("thread", 1, "script"), [22, 23], id="a string that starts after its quotes"),
        pytest.param(("thread", 1, "part", 0, "z"), [29, 29], id="a line end in letters"),
    ],
)
def test_lines_of_a_string(path: Path, lines: list[int]) -> None:
    assert Places(DOCUMENT).text[path] == lines
    value: Any = tomllib.loads(DOCUMENT)
    for key in path:
        value = value[key]
    assert len(value.split("\n")) == len(lines)


def test_line_ends_of_another_system_count_the_same() -> None:
    assert Places(DOCUMENT.replace("\n", "\r\n")).lines == Places(DOCUMENT).lines


def _paths(value: Any, path: Path = ()) -> list[Path]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *[deeper for key, part in pairs for deeper in _paths(part, (*path, key))]]


def test_every_part_of_the_document_has_its_line() -> None:
    assert set(_paths(tomllib.loads(DOCUMENT))) <= set(Places(DOCUMENT).lines)


PIECES = [
    "a",
    "=",
    " ",
    "\n",
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    '"""',
    "'''",
    "\\",
    "#",
    ",",
    ".",
    "1",
    "\r\n",
    "é",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_is_walked_to_its_end(text: str) -> None:
    places = Places(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in places.lines.values())
