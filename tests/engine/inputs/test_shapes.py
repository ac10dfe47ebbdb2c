"""Shapes of values from outside: which values have which."""

from __future__ import annotations

from typing import Any

import pytest

from engine.inputs.shapes import (
    Shape,
    is_any,
    is_count,
    is_flag,
    is_number,
    is_table,
    is_text,
    list_of,
    or_null,
    row_of,
)

PAIR = row_of(is_number, is_text)
SUITS: list[tuple[str, Shape, list[Any], list[Any]]] = [
    ("a text", is_text, ["", "a"], [None, 1, ["a"]]),
    ("a number", is_number, [0, -1, 1 << 70], [True, False, 1.0, "1", None]),
    ("a count", is_count, [0, 3], [-1, True, 1.0]),
    ("a flag", is_flag, [True, False], [0, 1, "true", None]),
    ("a table", is_table, [{}, {"a": 1}], [[], None]),
    ("a number or null", or_null(is_number), [None, 4], ["", True]),
    ("a list of texts", list_of(is_text), [[], ["a"], ("a", "b")], ["a", [1], None, {"a": 1}]),
    ("a row", PAIR, [[1, "a"], (1, "a")], [[1], [1, "a", 2], ["a", 1], "1a", None]),
    ("rows", list_of(PAIR), [[], [[1, "a"], [2, "b"]]], [[1, "a"], [[1, "a"], [2]]]),
    ("anything twice", row_of(is_any, is_any), [[None, {}]], [[], [1]]),
]


@pytest.mark.parametrize(
    ("shape", "suit", "others"), [row[1:] for row in SUITS], ids=[row[0] for row in SUITS]
)
def test_a_shape_is(shape: Shape, suit: list[Any], others: list[Any]) -> None:
    assert [value for value in suit if not shape(value)] == []
    assert [value for value in others if shape(value)] == []
