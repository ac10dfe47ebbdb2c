"""EXPR: the grammar of expectations, questions, `until`, breakpoints, watchpoints and scripts.

The text is parsed with Python's `ast` and compiled to closures; it is never executed as Python. Numbers are
signed 64-bit integers. `values` defines how pages, objects and NULL convert to numbers.

    queue_of(app.m) == PQ_ACTIVE and page[0x3f21].wire_count > 0
    count(FREE) + vmstats.v_cache_count < 100
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.constants import NULL, PQ_NONE, QUEUE_BASES
from engine.errors import BadInput, Line
from engine.language.builtins import FUNCTIONS, compile_function
from engine.language.operators import COMPARISONS, OPERATORS
from engine.language.resolve import compile_attribute, compile_name, compile_subscript
from engine.language.symbols import NOTHING_NAMED, Kind, Names, outside
from engine.language.values import (
    GLOBAL,
    HIGHEST,
    Evaluate,
    Place,
    Scope,
    Value,
    as_number,
    as_truth,
    constant,
    fitting,
    source,
)
from engine.machine.machine import Machine

LONGEST_EXPRESSION: Final = 4000
DEEPEST: Final = 60
"""Maximum nesting depth of the syntax tree."""

_TOO_DEEP: Final = f"nested more than {DEEPEST} levels deep; split it into several lines"

_GLOBAL: Final = re.compile(r"\bglobal(?=\s*\.)")
"""The table whose name is a Python keyword; it is parsed with a capital letter instead."""


_SUCH_AS: Final = "an expression is one such as app.m.busy_count == 0 or count(FREE) < 40"


class Unreadable(BadInput):
    """A text that does not have the grammar of an expression or a script; `place` is that of the text."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message, file=place.file, line=place.line)


@dataclass(frozen=True)
class Expression:
    """A compiled EXPR: its source `text`, the kind of its value, and the closures that evaluate it.

    constant:   its value if it is made of numbers, constants and parameters only; NULL counts as -1.
    parameters: the parameters of the scenario that it has.
    """

    text: str
    kind: Kind
    evaluate: Evaluate
    holds: Callable[[Machine], bool]
    constant: int | None = None
    parameters: frozenset[str] = frozenset()

    def show(self, vm: Machine) -> int | None:
        """Return the value for display: a page as its physical page number, NULL as None.

        Errors: BadInput, with the place in the file, if this machine cannot evaluate it.
        """
        return outside(vm, self.kind, self.evaluate(vm))


def compile_expression(
    text: str, names: Names = NOTHING_NAMED, *, file: str | None = None, line: Line = None
) -> Expression:
    """Compile an EXPR.

    file, line: where the text comes from, for messages.
    Errors: BadInput if the text is not an EXPR; Unreadable if it does not have its grammar.
    """
    place = Place(file, line)
    if len(text) > LONGEST_EXPRESSION:
        raise place.error(
            f"an expression of {len(text)} characters is too long; the limit is {LONGEST_EXPRESSION}"
        )
    tree = _parse(text, place)
    if isinstance(tree.body, ast.Constant) and isinstance(tree.body.value, str):
        inside = text.strip().strip("'\"")[:60]
        raise place.error(f"{_NO_STRING}; quotes are not needed around an expression: write {inside}")
    value = compile_node(tree.body, Scope(names, file=file, line=lambda _: line))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} if names.parameters else ()
    parameters = frozenset(used).intersection(names.parameters)
    # The index of an object is not a number for its readers.
    number = None if value.kind is Kind.OBJECT else value.constant
    return Expression(text, value.kind, value.evaluate, as_truth(value), number, parameters)


def _parse(text: str, place: Place) -> ast.Expression:
    try:
        tree = parse_python(text.strip(), "eval", lambda _: place)
    except Unreadable as error:
        # Other callers say themselves what they take.
        raise error if place.file is None else Unreadable(f"{error.message}; {_SUCH_AS}", place) from None
    assert isinstance(tree, ast.Expression)
    return tree


def parse_python(text: str, mode: str, place_of: Callable[[int], Place]) -> ast.AST:
    """Parse a text with Python's grammar and reject excessive nesting and excessive numbers.

    Python does not print an integer of more than 4,300 digits, so no message could repeat the text.
    place_of: maps a line of the text to a place in the file.
    Errors: Unreadable for a syntax error; BadInput for excessive nesting and for an integer of more than 64
    bits.
    """
    text = _GLOBAL.sub(GLOBAL, text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode=mode)
    except SyntaxError as error:
        place = place_of(error.lineno or 1)
        raise Unreadable(f"cannot read this: {error.msg}", place) from None
    except (RecursionError, MemoryError):
        raise place_of(1).error(_TOO_DEEP) from None
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"cannot read this: {error}", place_of(1)) from None
    for node, depth in _depths(tree) if _can_exceed(text) else ():
        if wrong := _excess(node, depth):
            raise place_of(getattr(node, "lineno", 1)).error(wrong)
    return tree


_NESTED: Final = 5
"""Levels of a syntax tree that take no character of the text."""

_LONG_NUMBER: Final = re.compile(r"[0-9a-fA-F_]{16}")
"""What every text of an integer of more than 64 bits has."""


def _can_exceed(text: str) -> bool:
    """Whether a text may have an excess: a level of nesting takes a character, a large number 16 of them."""
    return len(text) > DEEPEST - _NESTED or _LONG_NUMBER.search(text) is not None


def _excess(node: ast.AST, depth: int) -> str:
    """What is excessive about a node at this depth, and what is right; "" if nothing is."""
    if depth > DEEPEST:
        return _TOO_DEEP
    # -2**63 is the lowest number; its magnitude is the highest integer that a text may have.
    number = node.value if isinstance(node, ast.Constant) else None
    return _TOO_LARGE if isinstance(number, int) and number > HIGHEST + 1 else ""


def _depths(tree: ast.AST) -> Iterator[tuple[ast.AST, int]]:
    """Every node of a tree and its depth."""
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


# --- the grammar ------------------------------------------------------------------------------------------


def compile_node(node: ast.expr, scope: Scope) -> Value:
    """Compile one node of an expression.

    Errors: BadInput if the grammar does not include it.
    """
    compiler = _COMPILERS.get(type(node))
    if compiler is None:
        raise scope.error(node, f"{source(node)} is not allowed in an expression; {_WRITE}")
    return compiler(node, scope)


_NO_STRING: Final = "a string is allowed only as an argument of a function that takes one"
_WRITE: Final = "use numbers, names, page[N].FIELD, + - * // % & | ^ ~ << >>, comparisons, and, or, not"

_TOO_LARGE: Final = "this number is too large; numbers are signed 64-bit integers"


def _compile_constant(node: ast.Constant, scope: Scope) -> Value:
    if isinstance(node.value, str):
        raise scope.error(node, _NO_STRING)
    if not isinstance(node.value, int):
        raise scope.error(node, f"{str(node.value)[:40]} is not an integer; numbers are 64-bit integers")
    if node.value > HIGHEST:
        raise scope.error(node, _TOO_LARGE)
    return constant(int(node.value))


def _compile_unary(node: ast.UnaryOp, scope: Scope) -> Value:
    if _is_lowest(node):
        return constant(-HIGHEST - 1)
    operand = compile_node(node.operand, scope)
    if isinstance(node.op, ast.Not):
        true = as_truth(operand)
        found = _folded(lambda n: int(not _is_true(operand, n)), operand)
        return Value(Kind.NUMBER, lambda vm: int(not true(vm)), operand.shared, found)
    number, place, text = as_number(operand), scope.place(node), source(node)
    if isinstance(node.op, ast.Invert):
        found = _folded(lambda n: ~n, operand)
        return Value(Kind.NUMBER, lambda vm: ~number(vm), operand.shared, found)
    sign = -1 if isinstance(node.op, ast.USub) else 1
    found = _folded(lambda n: fitting(sign * n, place, text), operand)
    return Value(Kind.NUMBER, lambda vm: fitting(sign * number(vm), place, text), operand.shared, found)


def _folded(operation: Callable[..., int], *operands: Value) -> int | None:
    """Return the value of an operation on constants; None if an operand is not one, or if it is an error."""
    numbers = [operand.constant for operand in operands]
    if None in numbers:
        return None
    try:
        return operation(*numbers)
    except BadInput:
        return None


def _is_true(value: Value, number: int) -> bool:
    """Whether a constant of the kind of `value` is true."""
    return number != (NULL if value.kind.nullable else 0)


def _is_lowest(node: ast.UnaryOp) -> bool:
    """Whether this is -2**63, whose magnitude alone would be too large."""
    operand = node.operand
    return (
        isinstance(node.op, ast.USub) and isinstance(operand, ast.Constant) and operand.value == HIGHEST + 1
    )


def _compile_binary(node: ast.BinOp, scope: Scope) -> Value:
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    return combine(node, node.op, left, right, scope)


def combine(node: ast.AST, op: ast.operator, left: Value, right: Value, scope: Scope) -> Value:
    """Compile `left op right`, with an overflow check.

    Errors: BadInput for an unsupported operator; at evaluation also for an overflow, a division by zero, or
            a shift count out of range.
    """
    function = OPERATORS.get(type(op))
    if function is None:
        hint = "use // for division" if isinstance(op, ast.Div) else "use + - * // % & | ^ << >>"
        raise scope.error(node, f"this operator is not supported; {hint}")
    first, second, place, text = as_number(left), as_number(right), scope.place(node), source(node)

    def evaluate(vm: Machine) -> int:
        try:
            return fitting(function(first(vm), second(vm)), place, text)
        except BadInput as error:
            if error.line is not None or error.file is not None:
                raise
            raise place.error(f"{text}: {error.message}") from None

    found = _folded(lambda one, other: fitting(function(one, other), place, text), left, right)
    return Value(Kind.NUMBER, evaluate, left.shared or right.shared, found)


def _compile_logic(node: ast.BoolOp, scope: Scope) -> Value:
    values = [compile_node(value, scope) for value in node.values]
    kinds = {value.kind for value in values}
    kind = values[0].kind if len(kinds) == 1 else Kind.NUMBER
    raw = [value.evaluate if kind is value.kind else as_number(value) for value in values]
    true = [as_truth(value) for value in values]
    stop_at = isinstance(node.op, ast.Or)

    def evaluate(vm: Machine) -> int:
        for is_true, number in zip(true[:-1], raw, strict=False):
            if is_true(vm) is stop_at:
                return number(vm)
        return raw[-1](vm)

    shared = any(value.shared for value in values)
    if kind is Kind.NUMBER and len(kinds) > 1:
        # A page and a number have only a truth value in common: an existing page may have the number 0.
        return Value(kind, _truth_of(true, stop_at), shared)

    def decide(*numbers: int) -> int:
        of_kind = (number for number in numbers[:-1] if _is_true(values[0], number) is stop_at)
        return next(of_kind, numbers[-1])

    return Value(kind, evaluate, shared, _folded(decide, *values))


def _truth_of(true: list[Callable[[Machine], bool]], any_of: bool) -> Evaluate:
    def evaluate(vm: Machine) -> int:
        return int(any(part(vm) for part in true) if any_of else all(part(vm) for part in true))

    return evaluate


def _compile_comparison(node: ast.Compare, scope: Scope) -> Value:
    sides = (node.left, *node.comparators)
    values = [compile_node(side, scope) for side in sides]
    for n, op in enumerate(node.ops):
        if isinstance(op, ast.Eq | ast.NotEq):
            _check_queue(node, op, (values[n], sides[n]), (values[n + 1], sides[n + 1]), scope)
            _check_queue(node, op, (values[n + 1], sides[n + 1]), (values[n], sides[n]), scope)
    return compare(node, node.ops, values, scope)


def _check_queue(
    node: ast.Compare,
    op: ast.cmpop,
    field: tuple[Value, ast.expr],
    queue: tuple[Value, ast.expr],
    scope: Scope,
) -> None:
    """Reject `p.queue == PQ_ACTIVE`, which holds only for the queue of colour 0."""
    (value, cell), (other, name) = field, queue
    colored = other.constant in QUEUE_BASES.values() and other.constant != PQ_NONE
    if value.field not in _QUEUES or not colored or not isinstance(name, ast.Name):
        return
    sign = "==" if isinstance(op, ast.Eq) else "!="
    right = f"{source(cell)} {sign} {name.id} + COLOR"
    if value.field == "page.queue" and isinstance(cell, ast.Attribute):
        right = f"queue_of({source(cell.value)}) {sign} {name.id}"
    raise scope.error(node, f"{source(cell)} holds the colour too; compare {right}")


_QUEUES: Final = ("page.queue", "thread.queue_spin", "daemon.q1", "daemon.q2", "daemon.q3")
"""The columns whose numbers are queues of one colour."""


def compare(node: ast.AST, ops: list[ast.cmpop], values: list[Value], scope: Scope) -> Value:
    """Compile a chain of comparisons; its value is 1 or 0.

    Errors: BadInput for `is` and `in`, and for a page compared with an object.
    """
    links = []
    for op, left, right in zip(ops, values[:-1], values[1:], strict=True):
        function = COMPARISONS.get(type(op))
        if function is None:
            raise scope.error(node, f"{source(node)} is not a comparison; use == != < <= > >=")
        links.append((function, *_comparable(left, right, node, scope)))

    def evaluate(vm: Machine) -> int:
        return int(all(function(left(vm), right(vm)) for function, left, right in links))

    def decide(*numbers: int) -> int:
        pairs = zip(links, numbers, numbers[1:], strict=False)
        return int(all(function(left, right) for (function, _, _), left, right in pairs))

    return Value(Kind.NUMBER, evaluate, any(value.shared for value in values), _folded(decide, *values))


def _comparable(left: Value, right: Value, node: ast.AST, scope: Scope) -> tuple[Evaluate, Evaluate]:
    kinds = {left.kind, right.kind}
    if kinds == {Kind.PAGE, Kind.OBJECT}:
        raise scope.error(node, f"{source(node)} compares a page with an object; compare like with like")
    if Kind.NUMBER in kinds or Kind.INDEX in kinds:
        return as_number(left), as_number(right)
    return left.evaluate, right.evaluate


def _compile_call(node: ast.Call, scope: Scope) -> Value:
    value = compile_function(node, scope, compile_node)
    if value is None:
        known = ", ".join(FUNCTIONS)
        raise scope.error(node, f"{source(node.func)} is not a function of expressions; use one of {known}")
    return value


def same_value(one: int | None, other: int | None) -> bool:
    """Whether two displayed values are the same answer; NULL equals -1."""
    return (NULL if one is None else one) == (NULL if other is None else other)


_COMPILERS: Final[dict[type[ast.expr], Callable[..., Value]]] = {
    ast.Constant: _compile_constant,
    ast.UnaryOp: _compile_unary,
    ast.BinOp: _compile_binary,
    ast.BoolOp: _compile_logic,
    ast.Compare: _compile_comparison,
    ast.Call: _compile_call,
    ast.Name: compile_name,
    ast.Attribute: lambda node, scope: compile_attribute(node, scope, compile_node),
    ast.Subscript: lambda node, scope: compile_subscript(node, scope, compile_node),
}
