"""No test without an assertion."""

import ast
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent

Function = ast.FunctionDef | ast.AsyncFunctionDef

FAILS: Final = {"raises", "fail", "warns"}
"""What of pytest fails a test."""


@cache
def _calls(function: Function) -> frozenset[str]:
    """The names that a function calls."""
    called = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return frozenset(
        call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in called
    )


@cache
def _asserts(function: Function) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function))


def without_assertion(functions: list[tuple[str, Function]]) -> list[str]:
    """The tests that neither assert nor call, however deep, a function that does: `FILE:LINE name`.

    Where several functions of the tests share a name, a call of it counts only if each of them asserts.
    """
    named: dict[str, list[Function]] = {}
    for _, function in functions:
        named.setdefault(function.name, []).append(function)
    silent = {name for name, found in named.items() if not all(map(_asserts, found))}
    asserting = FAILS | named.keys() - silent
    while more := {name for name in silent if _all_call(named[name], asserting)}:
        asserting |= more
        silent -= more
    return [
        f"{file}:{function.lineno} {function.name}"
        for file, function in functions
        if function.name.startswith("test_") and not _asserts(function) and not asserting & _calls(function)
    ]


def _all_call(functions: list[Function], asserting: set[str]) -> bool:
    """Whether each of the functions asserts, or calls one that does."""
    return all(_asserts(function) or asserting & _calls(function) for function in functions)


def _functions(file: str, source: str) -> list[tuple[str, Function]]:
    return [(file, node) for node in ast.walk(ast.parse(source)) if isinstance(node, Function)]


def test_every_test_asserts() -> None:
    functions = [
        found
        for path in sorted(ROOT.rglob("*.py"))
        for found in _functions(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]
    assert without_assertion(functions) == []


def test_one_that_does_not_is_found() -> None:
    source = "def test_a():\n    f()\ndef f():\n    g()\ndef g():\n    assert 1\ndef test_b():\n    h()\n"
    assert without_assertion(_functions("x.py", source)) == ["x.py:7 test_b"]
