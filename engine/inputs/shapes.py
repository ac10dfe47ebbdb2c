"""Composable predicates for the shape of values read from a file, a string or a trace.

JSON's true is not a number here, although Python's True is; a row may be a list or a tuple.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeGuard

Shape = Callable[[Any], bool]
"""A predicate: whether a value has the shape."""


def is_text(value: Any) -> TypeGuard[str]:
    """Whether a value is a string."""
    return isinstance(value, str)


def is_number(value: Any) -> TypeGuard[int]:
    """Whether a value is an integer."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_count(value: Any) -> TypeGuard[int]:
    """Whether a value is an integer from 0 to the largest of 64 bits."""
    return is_long(value) and value >= 0


def is_long(value: Any) -> TypeGuard[int]:
    """Whether a value is an integer of at most 64 bits, signed or unsigned."""
    return is_number(value) and -(1 << 63) <= value < 1 << 64


def is_flag(value: Any) -> TypeGuard[bool]:
    """Whether a value is true or false."""
    return isinstance(value, bool)


def is_table(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a JSON object or a TOML table."""
    return isinstance(value, dict)


def is_any(value: Any) -> bool:  # accepts every value
    """Accept every value."""
    return True


def or_null(shape: Shape) -> Shape:
    """Return the shape of null or a value of the given shape."""
    return lambda value: value is None or shape(value)


def list_of(shape: Shape) -> Shape:
    """Return the shape of a list of any length whose members have the given shape."""
    return lambda value: isinstance(value, list | tuple) and all(map(shape, value))


def row_of(*columns: Shape) -> Shape:
    """Return the shape of a list with one member for each column, of the column's shape."""

    def suits(value: Any) -> bool:
        if not isinstance(value, list | tuple) or len(value) != len(columns):
            return False
        return all(shape(part) for shape, part in zip(columns, value, strict=True))

    return suits
