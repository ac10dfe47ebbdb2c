"""What a value read from a file, a string or a trace may look like: predicates, made of one another.

JSON's true is no number here, although Python's True is one; a row may be a list or, once read, a tuple.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeGuard

Shape = Callable[[Any], bool]
"""Whether a value is one of its kind."""


def is_text(value: Any) -> TypeGuard[str]:
    """Whether it is a string."""
    return isinstance(value, str)


def is_number(value: Any) -> TypeGuard[int]:
    """Whether it is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_count(value: Any) -> TypeGuard[int]:
    """Whether it is a whole number from 0 on."""
    return is_number(value) and value >= 0


def is_flag(value: Any) -> TypeGuard[bool]:
    """Whether it is true or false."""
    return isinstance(value, bool)


def is_table(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether it is an object of JSON, or a table of TOML."""
    return isinstance(value, dict)


def is_any(value: Any) -> bool:  # whatever it is
    """Every value."""
    return True


def or_null(shape: Shape) -> Shape:
    """Null, or a value of this shape."""
    return lambda value: value is None or shape(value)


def list_of(shape: Shape) -> Shape:
    """A list of any length whose members have this shape."""
    return lambda value: isinstance(value, list | tuple) and all(map(shape, value))


def row_of(*columns: Shape) -> Shape:
    """A list of as many members as there are columns, each of its column's shape."""

    def suits(value: Any) -> bool:
        if not isinstance(value, list | tuple) or len(value) != len(columns):
            return False
        return all(shape(part) for shape, part in zip(columns, value, strict=True))

    return suits
