"""The variables of scripts: their names, and what they hold."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import ast
import time
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.language.symbols import Kind, Variable
from engine.script.source import Script
from engine.script.variables import Parsed, Variables, assigned_names, assignments
from tests.engine.scenario.small_scenarios import WAKE, refused, sentences


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    sentences(
        ("an object as a variable", WAKE, "heap = m", 13, "the name heap is reserved or taken; choose another name"),
        ("a thread as a variable", WAKE, "app = m", 13, "the name app is reserved or taken; choose another name"),
        ("a constant as a variable", WAKE, "PQ_FREE = 1", 13, "the name PQ_FREE is reserved or taken"),
        ("a function as a variable", WAKE, "vm_page_free = 1", 13, "the name vm_page_free is reserved or taken"),
        ("a loop's variable that is taken", WAKE, "for end in range(2):\n    pass", 13, "the name end is reserved or taken"),
        ("a long name", WAKE, f"{'x' * 41} = 1", 13, f"the name {'x' * 40}... is too long; the limit is 40 characters"),
        ("a variable that is two things", WAKE, "m = 3", 13, "m is a page elsewhere and a number here"),
    ),
)  # fmt: skip
def test_a_variable_that_cannot_be_is_refused_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    refused(tmp_path, old, new, line, words)


def parsed(owner: str, text: str, first: int = 1) -> Parsed:
    """A script that starts at line `first` of f.toml."""
    lines = range(first, first + text.count("\n") + 1)
    return Parsed(owner, Script(text, "f.toml", lambda: lines), ast.parse(text), text)


def kinds(text: str, more: str = "") -> dict[str, Kind]:
    """What the variables of the thread app hold, beside a thread other."""
    variables = Variables(("heap",), ("app", "other"))
    variables.declare([parsed("app", text), parsed("other", more)])
    return {name: variable.kind for name, variable in variables.tables["app"].items()}


HELD = [
    ("a number", "x = 1", Kind.NUMBER),
    ("the object's name", "x = heap", Kind.OBJECT),
    ("NULL alone can as well be a page", "x = NULL", Kind.PAGE),
    ("NULL and an object", "x = NULL\nx = heap", Kind.OBJECT),
    ("a result", "x = vm_page_alloc(heap, 0, 1)", Kind.PAGE),
    ("the second result", "m, x = vm_page_lookup_busy_try(heap, 0, 0)", Kind.NUMBER),
    ("the first result", "x, n = vm_page_lookup_busy_try(heap, 0, 0)", Kind.PAGE),
    ("one of several at once", "n, x = 1, heap", Kind.OBJECT),
    ("another variable, assigned later", "x = y\ny = z\nz = heap", Kind.OBJECT),
    ("another thread's", "x = other.p", Kind.PAGE),
    ("another thread's, by its name", "x = thread[other].var.p", Kind.PAGE),
    ("a pointer of a page", "p = page[5]\nx = p.next", Kind.PAGE),
    ("a page's object", "x = page[5].object", Kind.OBJECT),
    ("a number of a page", "x = page[5].queue", Kind.NUMBER),
    ("a page of an object", "x = object[heap].page[3]", Kind.PAGE),
    ("a page by its address", "x = PHYS_TO_VM_PAGE(4096)", Kind.PAGE),
    ("arithmetic", "p = page[5]\nx = p + 1", Kind.NUMBER),
    ("a loop's counter", "for x in range(3):\n    pass", Kind.NUMBER),
    ("what is counted up", "x = 0\nx += 1", Kind.NUMBER),
    ("or, of two pages", "p = page[5]\nx = p or page[6]", Kind.PAGE),
    ("or, of a page and a number", "p = page[5]\nx = p or 6", Kind.NUMBER),
    ("or, with a call", "p = page[5]\nx = p or vm_page_alloc(heap, 0, 1)", Kind.NUMBER),
    ("only itself", "x = x", Kind.NUMBER),
]


@pytest.mark.parametrize(("text", "kind"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_a_variable_holds_what_is_assigned_to_it(text: str, kind: Kind) -> None:
    assert kinds(text, "p = page[1]")["x"] is kind


def test_two_kinds_at_once_are_refused_where_the_second_is() -> None:
    variables = Variables(("heap",), ("app",))
    with pytest.raises(
        BadInput, match="x is a page elsewhere and an object here; use two variables"
    ) as error:
        variables.declare([parsed("app", "x = page[5]\n\nx = heap", first=10)])
    assert (error.value.file, error.value.line) == ("f.toml", 12)


def test_each_variable_has_a_cell_of_its_own_and_hidden_ones_come_after() -> None:
    variables = Variables((), ("app", "other"))
    variables.declare([parsed("app", "x = 1\ny = 2\nx = 3"), parsed("other", "x = 1")])
    assert {name: variable.slot for name, variable in variables.tables["app"].items()} == {"x": 0, "y": 1}
    assert variables.tables["other"] == {"x": Variable(2)}
    assert variables.hidden("app", Kind.PAGE) == Variable(3, Kind.PAGE)
    assert variables.hidden("other", Kind.NUMBER) == Variable(4)
    variables.hidden("app", Kind.OBJECT)
    assert list(variables.names.variables["app"]) == ["x", "y", "$1", "$2"]


def test_a_thread_that_is_added_leaves_the_others_as_they_are() -> None:
    variables = Variables(("heap",), ("app",))
    variables.declare([parsed("app", "x = heap\ny = 1")])
    beside = Variables.beside(variables.names, "console")
    beside.declare([parsed("console", "z = app.x")])
    assert beside.names.threads == ("app", "console")
    assert beside.tables["app"] == variables.tables["app"]
    assert beside.tables["console"] == {"z": Variable(2, Kind.OBJECT)}
    assert "console" not in variables.tables
    beside = Variables.beside(variables.names, "console", first=40)
    beside.declare([parsed("console", "z = 1")])
    assert beside.tables["console"] == {"z": Variable(40)}


def test_names_are_assigned_in_the_order_of_the_text() -> None:
    tree = ast.parse("b = 1\nfor c in range(3):\n    d, a = 1, 2\n    b += 1")
    assert [name.id for name in assigned_names(tree)] == ["b", "c", "d", "a", "b"]


def test_an_assignment_names_the_value_and_which_of_its_results() -> None:
    tree = ast.parse("a = 1\nb, c = 2, 3\nd, e = f()\nfor g in range(3):\n    g += 1")
    found = [(name.id, value and ast.unparse(value), at) for name, value, at in assignments(tree)]
    assert sorted(found) == [
        ("a", "1", 0),
        ("b", "2", 0),
        ("c", "3", 0),
        ("d", "f()", 0),
        ("e", "f()", 1),
        ("g", None, 0),
        ("g", None, 0),
    ]


@pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])
def test_a_long_chain_of_variables_takes_little_time(order: int) -> None:
    links = [f"v{number + 1} = v{number}" for number in range(4000)]
    begun = time.process_time()
    found = kinds("\n".join(["v0 = heap", *links[::order]]))
    assert time.process_time() - begun < 5
    assert set(found.values()) == {Kind.OBJECT}


def test_a_kind_that_becomes_known_late_is_compared_with_all_that_read_it() -> None:
    with pytest.raises(BadInput, match="c is an object elsewhere and a page here") as error:
        kinds("c = heap\nc = b\nb = a\na = page[5]")
    assert error.value.line == 2
