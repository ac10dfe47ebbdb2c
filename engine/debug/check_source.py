"""The conditions in the source of a function that decide whether control reaches a line.

They are, the nearest first: the condition of an assertion at the line, that of a statement around it, and
those of the statements before it in its blocks that would have left the block.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from types import CodeType
from typing import Final

from engine.debug.function_source import parsed

Lines = tuple[int, int]
"""The first and the last line of an expression or a statement in its file."""

_ASSERTIONS: Final = frozenset({"kkassert"})
"""Functions whose first argument is a condition that has to hold."""

_LEAVES: Final = (ast.Return, ast.Raise, ast.Continue, ast.Break)


@cache
def deciding_lines(code: CodeType, line: int) -> tuple[tuple[Lines, ...], ...]:
    """Return the conditions that decide whether control reaches a line of a function, the nearest first.

    Returns: for each condition its own lines, then those of the statements that gave its names their values;
             () without a source.
    """
    source = parsed(code)
    if source is None:
        return ()
    function = source[0]
    return tuple((_lines(test), *_origins(function, test)) for test in _tests(function, line))


def _tests(function: ast.FunctionDef, line: int) -> Iterator[ast.expr]:
    way = list(_way(function, line))
    yield from _asserted(way[-1][0][way[-1][1]] if way else function)
    for block, at, test in reversed(way):
        for before in reversed(block[:at]):
            if isinstance(before, ast.If) and isinstance(before.body[-1], _LEAVES):
                yield before.test
        if test is not None:
            yield test


def _way(function: ast.FunctionDef, line: int) -> Iterator[tuple[list[ast.stmt], int, ast.expr | None]]:
    """Yield the blocks around a line, outermost first: statements, which of them, the block's condition."""
    inner: ast.stmt | None = function
    while inner is not None:
        found = None
        for name in ("body", "orelse", "finalbody"):
            block = getattr(inner, name, [])
            for at, statement in enumerate(block):
                if statement.lineno <= line <= (statement.end_lineno or 0):
                    yield block, at, _condition(inner)
                    found = statement
        inner = found


def _condition(statement: ast.stmt) -> ast.expr | None:
    if isinstance(statement, ast.If | ast.While):
        return statement.test
    return statement.iter if isinstance(statement, ast.For) else None


def _asserted(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the condition of a statement that only asserts one."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _ASSERTIONS:
        yield call.args[0]


def _origins(function: ast.FunctionDef, test: ast.expr) -> Iterator[Lines]:
    """Yield the lines of the assignments to the names whose values a condition compares."""
    names = set(_compared(test))
    for node in ast.walk(function):
        if isinstance(node, ast.stmt) and names & _assigned(node):
            yield _lines(node)
        if isinstance(node, ast.While) and any(names & _assigned(inner) for inner in node.body):
            yield _lines(node.test)


def _assigned(node: ast.AST) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _compared(expression: ast.expr) -> Iterator[str]:
    """Yield the names in an expression except those that only choose a row or are an argument."""
    if isinstance(expression, ast.Name):
        yield expression.id
    if isinstance(expression, ast.Subscript | ast.Attribute | ast.Yield | ast.YieldFrom):
        return
    parts = ast.iter_child_nodes(expression)
    if isinstance(expression, ast.Call) and not _converts(expression):
        return
    for part in parts:
        if isinstance(part, ast.expr):
            yield from _compared(part)


def _converts(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in ("bool", "int")


def _lines(node: ast.expr | ast.stmt) -> Lines:
    return node.lineno, node.end_lineno or node.lineno
