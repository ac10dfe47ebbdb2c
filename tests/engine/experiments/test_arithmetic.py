"""The arithmetic of FIGURES: exact integers, floats, and null."""

from __future__ import annotations

import ast
import math

import pytest

from engine.errors import BadInput
from engine.experiments.arithmetic import Arithmetic, Number, divided, parse_figures
from engine.language.values import Place

NAMES: dict[str, Number] = {"null": None, "inf": math.inf, "two": 2, "half": 0.5, "big": (1 << 63) - 1}


def value(text: str) -> Number:
    def leaf(node: ast.expr) -> object:
        return (lambda _: NAMES[node.id]) if isinstance(node, ast.Name) else None

    arithmetic = Arithmetic[None](leaf, Place("a.toml", 7))  # type: ignore[arg-type]  # an Evaluate
    return arithmetic.compile(parse_figures(text, Place("a.toml", 7)))(None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("7 / 2", 3.5),
        ("big // 1 - 1", (1 << 63) - 2),
        ("1 / 0", None),
        ("0 / 0", None),
        ("null + 1", None),
        ("null == null", None),
        ("null < 1", None),
        ("inf - inf", None),
        ("inf * 0", None),
        ("inf > 100", 1),
        ("1 / inf", 0.0),
        ("inf / inf", None),
        ("7.5 // two", 3.0),
        ("-7 // two", -4),
        ("-half", -0.5),
        ("not null", None),
        ("not 0.0", 1),
        ("0 and null", 0),
        ("null and 0", 0),
        ("1 and null", None),
        ("1 or null", 1),
        ("null or 0", None),
        ("two and half", 1),
        ("0 or 0.0", 0),
        ("1 < two < 3", 1),
        ("1 < two < 2", 0),
        ("~two & 7", 5),
        ("+two << 3", 16),
    ],
)
def test_a_value(text: str, wanted: Number) -> None:
    found = value(text)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    "text",
    [
        *("big + 1", "1 // 0", "1 % 0", "half & 1", "~half", "1 << 64", "two ** 2", "1 if two else 0"),
        *(
            "'a'",
            "1e999",
            "3j",
            "f(1)",
            "two.x",
            "[1]",
            "1 in two",
            "(",
            "1" * 5000,
            "-" * 200 + "1",
            "x := 1",
        ),
    ],
)
def test_what_has_no_value_is_an_error_with_its_place(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        value(text)
    assert (caught.value.file, caught.value.line) == ("a.toml", 7)


def test_a_quotient_of_integers_that_no_float_has_is_null() -> None:
    assert divided(10**400, 1) is None
    assert divided(6, 3) == 2.0
