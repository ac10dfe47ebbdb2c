"""The condition that an atomic action decides: the `if` or `return` that follows the action in its source.

A check announces what it looks at, and its result is in the branch that its function then takes. Here the
condition is read from the function's source and evaluated in the machine's current memory, so that the
result can be said without the step after it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any, Final

from engine.debug.function_source import parsed
from engine.errors import BadInput, KernelPanic
from engine.machine.machine import Machine

_READ_BY: Final = frozenset({"find_page", "get", "phys_addr"})
"""The methods that a condition may call: they only read."""

_UNKNOWN: Final = (ArithmeticError, AttributeError, BadInput, KernelPanic, LookupError, NameError, TypeError)
"""What evaluating a condition can raise if it needs a value that is not an integer, or a bad row."""


@dataclass(frozen=True)
class Decision:
    """A condition, and the assignments of local names before it: compiled code and the module's names."""

    before: tuple[CodeType, ...]
    condition: CodeType
    names: Mapping[str, Any]

    def holds(self, vm: Machine, values: Mapping[str, int]) -> bool | None:
        """Whether the condition holds now; None if that depends on more than integers.

        values: the local variables of the call.
        """
        names = {**self.names, **values, "vm": vm}
        try:
            for code in self.before:
                exec(code, names)  # the kernel's own source
            return bool(eval(self.condition, names))  # the kernel's own source
        except _UNKNOWN:
            return None


@cache
def decision_after(code: CodeType, line: int) -> Decision | None:
    """Return the condition that the action at a line of a function decides; None if there is none."""
    source = parsed(code)
    following = [] if source is None else next(_following(source[0], line), [])
    before: list[ast.stmt] = []
    for statement in following:
        condition = _condition(statement)
        if condition is not None:
            return _compiled(before, condition, code)
        if _only_raises(statement):
            continue
        if not _sets_a_name(statement):
            return None
        before.append(statement)
    return None


def _following(tree: ast.AST, line: int) -> Iterator[list[ast.stmt]]:
    """Yield the statements after the one at a line, in its block."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, [])
            for at, statement in enumerate(block if isinstance(block, list) else []):
                if statement.lineno <= line <= (statement.end_lineno or 0) and isinstance(
                    statement, ast.Expr
                ):
                    yield block[at + 1 :]


def _condition(statement: ast.stmt) -> ast.expr | None:
    """The condition of an `if`, or what a `return` decides, if it only reads."""
    found = None
    if isinstance(statement, ast.If) and not _only_raises(statement):
        found = statement.test
    elif isinstance(statement, ast.Return) and statement.value is not None:
        value = statement.value
        found = value.test if isinstance(value, ast.IfExp) else value
    return found if found is not None and _only_reads(found) else None


def _only_raises(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and all(isinstance(part, ast.Raise) for part in statement.body)


def _sets_a_name(statement: ast.stmt) -> bool:
    """Whether a statement only assigns local names, from what it reads."""
    if not isinstance(statement, ast.Assign):
        return False
    targets = [
        part
        for target in statement.targets
        for part in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]
    return all(isinstance(target, ast.Name) for target in targets) and _only_reads(statement.value)


def _only_reads(expression: ast.expr) -> bool:
    """Whether an expression performs no action and calls no method that could write."""
    for node in ast.walk(expression):
        if isinstance(node, ast.Yield | ast.YieldFrom | ast.NamedExpr):
            return False
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr not in _READ_BY
        ):
            return False
    return True


def _compiled(before: list[ast.stmt], condition: ast.expr, code: CodeType) -> Decision:
    module = next(
        each for each in list(sys.modules.values()) if getattr(each, "__file__", None) == code.co_filename
    )
    bodies = (ast.Module([statement], []) for statement in before)
    return Decision(
        tuple(compile(body, code.co_filename, "exec") for body in bodies),
        compile(ast.Expression(condition), code.co_filename, "eval"),
        vars(module),
    )
