"""The announcements with which a kernel function can start, read from its source.

The journal records the announcement of each step, but not the function that made it. A function's first step
is announced by the function itself or by the first function it calls. So only steps with one of those texts
can be its entry, and only their operations must be repeated to confirm it.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import CodeType, ModuleType
from typing import Any

import engine.kernel
from engine.debug.function_source import announcements
from engine.run.suspended import is_kernel

Texts = frozenset[str] | None
"""A set of announcements; None if any is possible."""


@cache
def kernel_functions() -> dict[str, Callable[..., Any]]:
    """Return every kernel function of atomic steps, by name."""
    found = {}
    for module in pkgutil.walk_packages(engine.kernel.__path__, "engine.kernel."):
        loaded = importlib.import_module(module.name)
        for name, function in vars(loaded).items():
            if getattr(function, "__module__", "") == loaded.__name__ and _takes_steps(function):
                found[name] = function
    return found


def _takes_steps(value: object) -> bool:
    """Whether a value is a generator function of atomic steps, not of anything else."""
    return inspect.isgeneratorfunction(value) and str(value.__annotations__["return"]).startswith("Steps[")


@cache
def first_texts(name: str) -> Texts:
    """Return the possible announcements of the first step of function `name`; None if they are unknown."""
    function = kernel_functions().get(name)
    if function is None:
        return None
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    assert isinstance(tree.body[0], ast.FunctionDef)
    reader = _Reader(importlib.import_module(function.__module__), name)
    reader.block(tree.body[0].body)
    return None if reader.anything else frozenset(reader.texts)


@cache
def only_function(text: str) -> str:
    """Return the kernel function that announces `text`; "" if several do, or it is not known which.

    An action of a helper of the model is its caller's, if it has only one.
    """
    found = _announcers().get(text, frozenset())
    if len(found) != 1:
        return ""
    (name,), seen = found, set[str]()
    while not is_kernel(kernel_functions()[name].__code__):
        callers = _callers().get(name, frozenset()) - seen
        if len(callers) != 1:
            return ""
        seen.add(name)
        (name,) = callers
    return name


@cache
def _announcers() -> dict[str, frozenset[str]]:
    """Return for each text the functions whose code has it, as a literal or under the name of a constant."""
    return _by(lambda code, scope: {text for text in _values(code, scope) if isinstance(text, str)})


@cache
def _callers() -> dict[str, frozenset[str]]:
    """Return for each function of atomic steps the functions that name it."""
    return _by(lambda code, _: kernel_functions().keys() & set(code.co_names))


def _by(parts: Callable[[CodeType, Mapping[str, object]], Iterable[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, function in kernel_functions().items():
        for part in parts(function.__code__, function.__globals__):
            found.setdefault(part, set()).add(name)
    return {part: frozenset(names) for part, names in found.items()}


def _values(code: CodeType, scope: Mapping[str, object]) -> Iterator[object]:
    yield from code.co_consts
    yield from (scope[name] for name in code.co_names if name in scope)


class _Reader:
    """Reads a function's source up to the first announcement on each path."""

    def __init__(self, module: ModuleType, name: str) -> None:
        self.module = module
        self.name = name
        self.texts: set[str] = set()
        self.anything = False

    def block(self, statements: Iterable[ast.stmt]) -> bool:
        """Read statements in order; return whether a path passes all of them without an announcement."""
        return all(self.statement(statement) for statement in statements)

    def statement(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.If):
            if not self.expression(node.test):
                return False
            branches = [self.block(node.body), self.block(node.orelse)]
            return any(branches)
        if isinstance(node, ast.While):
            return self.expression(node.test) and (self.block(node.body) or not _endless(node))
        if isinstance(node, ast.For):
            if self.expression(node.iter):
                self.block(node.body)
                return True
            return False
        passed = all(
            self.expression(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)
        )
        return passed and not isinstance(node, (ast.Return, ast.Raise))

    def expression(self, node: ast.expr) -> bool:
        """Record the announcements in an expression; return whether there are none."""
        for part in ast.walk(node):
            if isinstance(part, ast.YieldFrom):
                self._call(part.value)
                return False
            if isinstance(part, ast.Yield):
                self._announcement(part.value)
                return False
        return True

    def _call(self, node: ast.expr) -> None:
        called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        texts = first_texts(called) if called and called != self.name else None
        if texts is None:
            self.anything = True
        else:
            self.texts |= texts

    def _announcement(self, node: ast.expr | None) -> None:
        texts = announcements(node, vars(self.module))
        if texts is None:
            self.anything = True
        else:
            self.texts |= set(texts)


def _endless(node: ast.While) -> bool:
    return isinstance(node.test, ast.Constant) and bool(node.test.value)
