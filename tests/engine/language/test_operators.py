"""The operators of EXPR: every one in the table is accepted, and they bind as the table says."""

from __future__ import annotations

import ast
import itertools

import pytest

from engine.language.expressions import compile_expression
from engine.language.operators import COMPARISONS, OPERATORS, PRECEDENCE, symbol

SYMBOLS = [[symbol(kind) for kind in level] for level in PRECEDENCE]
UNARY = {"not", "+", "-", "~"}


def test_the_table_has_every_operator_once() -> None:
    found = [kind for level in PRECEDENCE for kind in level]
    assert len(found) == len(set(found))
    others = {ast.Or, ast.And, ast.Not, ast.USub, ast.UAdd, ast.Invert}
    assert {*found} == {*OPERATORS, *COMPARISONS, *others}


@pytest.mark.parametrize("text", [word for level in SYMBOLS[3:10] for word in level])
def test_an_operator_of_two_numbers_is_accepted(text: str) -> None:
    assert compile_expression(f"7 {text} 2").text == f"7 {text} 2"


@pytest.mark.parametrize("text", [*SYMBOLS[2], *SYMBOLS[10]])
def test_an_operator_of_one_number_is_accepted(text: str) -> None:
    assert compile_expression(f"{text} 2").text == f"{text} 2"


LEVELS = [level for n, level in enumerate(SYMBOLS[:10]) if n != 2]


@pytest.mark.parametrize(("loose", "tight"), [*itertools.combinations(range(len(LEVELS)), 2)])
def test_an_operator_of_a_lower_row_binds_tighter(loose: int, tight: int) -> None:
    for one, other in itertools.product(LEVELS[loose], LEVELS[tight]):
        assert ast.dump(ast.parse(f"a {one} b {other} c")) == ast.dump(ast.parse(f"a {one} (b {other} c)"))
        assert ast.dump(ast.parse(f"a {other} b {one} c")) == ast.dump(ast.parse(f"(a {other} b) {one} c"))


def test_not_is_looser_than_a_comparison_and_the_signs_are_the_tightest() -> None:
    assert ast.dump(ast.parse("not a == b")) == ast.dump(ast.parse("not (a == b)"))
    assert ast.dump(ast.parse("not a and b")) == ast.dump(ast.parse("(not a) and b"))
    for sign in SYMBOLS[10]:
        assert ast.dump(ast.parse(f"{sign}a * b")) == ast.dump(ast.parse(f"({sign}a) * b"))
