"""The operators of EXPR on numbers, and the precedence of all operators."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Final

from engine.errors import BadInput


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise BadInput("division by zero")
    return left // right


def _modulo(left: int, right: int) -> int:
    if right == 0:
        raise BadInput("division by zero")
    return left % right


def _check_shift(count: int) -> int:
    if not 0 <= count <= 63:
        raise BadInput(f"cannot shift by {count} bits; the shift count is from 0 to 63")
    return count


OPERATORS: Final[dict[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: _divide,
    ast.Mod: _modulo,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: lambda left, right: left << _check_shift(right),
    ast.RShift: lambda left, right: left >> _check_shift(right),
}

COMPARISONS: Final[dict[type[ast.cmpop], Callable[[int, int], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}

Operator = ast.boolop | ast.operator | ast.unaryop | ast.cmpop

PRECEDENCE: Final[tuple[tuple[type[Operator], ...], ...]] = (
    (ast.Or,),
    (ast.And,),
    (ast.Not,),
    tuple(COMPARISONS),
    (ast.BitOr,),
    (ast.BitXor,),
    (ast.BitAnd,),
    (ast.LShift, ast.RShift),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.FloorDiv, ast.Mod),
    (ast.USub, ast.UAdd, ast.Invert),
)
"""Every operator of EXPR, the loosest first; those of one row bind alike. It is Python's order."""


def symbol(kind: type[Operator]) -> str:
    """Return an operator as it is written: `<<`, `not`."""
    one, op = ast.Constant(1), kind()
    if isinstance(op, ast.unaryop):
        return ast.unparse(ast.UnaryOp(op, one)).removesuffix("1").strip()
    if isinstance(op, ast.boolop):
        text = ast.unparse(ast.BoolOp(op, [one, one]))
    elif isinstance(op, ast.cmpop):
        text = ast.unparse(ast.Compare(one, [op], [one]))
    else:
        text = ast.unparse(ast.BinOp(one, op, one))
    return text.strip("1 ")
