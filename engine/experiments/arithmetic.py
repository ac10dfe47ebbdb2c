"""FIGURES without its names: the arithmetic of measures and verdicts.

Integers are exact and signed 64-bit, as in EXPR; `/` and decimals give floats. A value may be null: it is not
known, or there is none. x/0 is null, and so is what is computed from null, except that `0 and null` is 0 and
`1 or null` is 1. The ratio of two means may be inf. What is not a number, such as inf - inf, is null.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from engine.errors import BadInput
from engine.language.expressions import LONGEST_EXPRESSION, parse_python
from engine.language.operators import COMPARISONS, OPERATORS
from engine.language.values import Place, fitting, source

C = TypeVar("C")

Number = int | float | None
"""A value; None is null."""

Evaluate = Callable[[C], Number]
Note = Callable[[C, str], None]
"""Keeps why a value is null, in words, for a context."""

Leaf = Callable[[ast.expr], Callable[[C], Number] | None]
"""Compiles what is not arithmetic, such as a name; None for a node that is."""

_INTEGERS_ONLY: Final = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)
_WRITE: Final = "use numbers, names, + - * / // % & | ^ ~ << >>, comparisons, and, or, not"


def parse_figures(text: str, place: Place) -> ast.expr:
    """Parse the text of a measure or verdict.

    Errors: BadInput if it is too long, or does not have the grammar.
    """
    if len(text) > LONGEST_EXPRESSION:
        words = f"an expression of {len(text)} characters is too long; the limit is {LONGEST_EXPRESSION}"
        raise place.error(words)
    tree = parse_python(text.strip(), "eval", lambda _: place)
    assert isinstance(tree, ast.Expression)
    return tree.body


class Arithmetic(Generic[C]):
    """Compiles trees of FIGURES to functions of a context `C`, which has the values of the names.

    leaf:  compiles what is not arithmetic; it is asked first.
    place: of the text, for messages.
    note:  is given why an operation on known values is null.
    """

    def __init__(self, leaf: Leaf[C], place: Place, note: Note[C] = lambda _, __: None) -> None:
        self.leaf, self.place, self.note = leaf, place, note

    def compile(self, node: ast.expr) -> Evaluate[C]:
        """Compile a tree.

        Errors: BadInput for what FIGURES does not have; the function raises it for an overflow, a // or % by
                zero, and for bits of a decimal.
        """
        if (found := self.leaf(node)) is not None:
            return found
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.BoolOp():
                return self._logic(node)
        raise self.place.error(f"{source(node)} is not allowed here; {_WRITE}")

    def _constant(self, node: ast.Constant) -> Evaluate[C]:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.place.error(f"{source(node)} is not a number; use one such as 4 or 0.5")
        fixed: int | float = value
        return lambda _: fixed

    def _unary(self, node: ast.UnaryOp) -> Evaluate[C]:
        operand, text = self.compile(node.operand), source(node)
        if isinstance(node.op, ast.Not):
            return lambda c: _not(operand(c))
        if isinstance(node.op, ast.UAdd):
            return operand
        if isinstance(node.op, ast.USub):
            return lambda c: None if (x := operand(c)) is None else self._fitting(-x, text)

        def invert(c: C) -> Number:
            x = operand(c)
            return None if x is None else ~self._integer(x, text)

        return invert

    def _binary(self, node: ast.BinOp) -> Evaluate[C]:
        left, right, text = self.compile(node.left), self.compile(node.right), source(node)
        if isinstance(node.op, ast.Div):
            return self._quotient(left, right, text)
        function = OPERATORS.get(type(node.op))
        if function is None:
            raise self.place.error(f"{text}: this operator is not supported; {_WRITE}")
        bits = isinstance(node.op, _INTEGERS_ONLY)

        def evaluate(c: C) -> Number:
            x, y = left(c), right(c)
            if x is None or y is None:
                return None
            if bits:
                x, y = self._integer(x, text), self._integer(y, text)
            try:
                found = self._fitting(function(x, y), text)  # type: ignore[arg-type]  # + - * // % take floats
            except BadInput as error:
                if error.file is not None or error.line is not None:
                    raise
                raise self.place.error(f"{text}: {error.message}") from None
            if found is None:
                self.note(c, f"{text} is null: {x:g} and {y:g} have no such value")
            return found

        return evaluate

    def _quotient(self, left: Evaluate[C], right: Evaluate[C], text: str) -> Evaluate[C]:
        def evaluate(c: C) -> Number:
            x, y = left(c), right(c)
            found = divided(x, y)
            if found is None and x is not None and y is not None:
                self.note(c, f"{text} is null: {x:g} / {y:g}")
            return found

        return evaluate

    def _comparison(self, node: ast.Compare) -> Evaluate[C]:
        sides = [self.compile(side) for side in (node.left, *node.comparators)]
        functions = [COMPARISONS.get(type(op)) for op in node.ops]
        if None in functions:
            raise self.place.error(f"{source(node)} is not a comparison; use == != < <= > >=")

        def evaluate(c: C) -> Number:
            values = [side(c) for side in sides]
            if None in values:
                return None
            links = zip(functions, values, values[1:], strict=False)
            return int(all(function(x, y) for function, x, y in links))  # type: ignore[misc, arg-type]

        return evaluate

    def _logic(self, node: ast.BoolOp) -> Evaluate[C]:
        parts, decides = [self.compile(part) for part in node.values], isinstance(node.op, ast.Or)

        def evaluate(c: C) -> Number:
            unknown = False
            for part in parts:
                value = part(c)
                unknown = unknown or value is None
                if value is not None and bool(value) is decides:
                    return int(decides)
            return None if unknown else int(not decides)

        return evaluate

    def _fitting(self, value: int | float, text: str) -> Number:
        """Return a value that is an integer of 64 bits, or a decimal; null for what is not a number."""
        if isinstance(value, float):
            return None if math.isnan(value) else value
        return fitting(value, self.place, text)

    def _integer(self, value: int | float, text: str) -> int:
        if isinstance(value, float):
            raise self.place.error(f"{text}: {value} has no bits; use integers")
        return value


def _not(value: Number) -> Number:
    return None if value is None else int(not value)


def divided(x: Number, y: Number) -> Number:
    """Return x / y; null if one of them is, or y is 0, or it is not a number."""
    if x is None or y is None or y == 0:
        return None
    try:
        found = x / y
    except OverflowError:  # integers of more digits than a float has
        return None
    return None if math.isnan(found) else found
