"""The values that a key of an experiment takes: how they are written, and how they are shown.

In a file they are a list, or `"A..B"` for the integers from A to B; after `--vary KEY=` they are divided by
commas. A value is a boolean, an integer, a decimal or a string.
"""

from __future__ import annotations

import math
import re
import tomllib
from typing import Any, Final

from engine.errors import BadInput

Value = bool | int | float | str

MOST_POINTS: Final = 100_000
"""The limit of the product of the numbers of values, and of the values of one key."""

LONGEST_TEXT: Final = 400
"""Characters of a string, at most."""

_SPAN: Final = re.compile(r"\s*(-?\d{1,18})\s*\.\.\s*(-?\d{1,18})\s*", re.ASCII)
_PARTS: Final = re.compile(r"""\s*("(?:\\.|[^"\\])*"|'[^']*'|[^,]*?)\s*(?:,|$)""")
"""A value after `--vary KEY=`, up to its comma."""

_A_VALUE: Final = 'write integers, decimals, true, false or strings, or "0..19" for the integers from 0 to 19'


def read_values(written: Any) -> tuple[Value, ...]:
    """Return the values that a file gives a key: a list, or "A..B".

    Errors: BadInput, without a place, if it is neither, has no value, too many, or one twice.
    """
    if isinstance(written, str) and (found := _SPAN.fullmatch(written)):
        return _span(int(found[1]), int(found[2]))
    if not isinstance(written, list):
        raise BadInput(f"{_cut(written)} is not a list of values; {_A_VALUE}")
    return _checked(written)


def parse_values(text: str) -> tuple[Value, ...]:
    """Return the values of a `--vary KEY=` text: `1,16`, `0..19`, `on,"a, b"`.

    Errors: as read_values.
    """
    if found := _SPAN.fullmatch(text):
        return _span(int(found[1]), int(found[2]))
    parts = _parts(text)
    if "" in parts:
        at = parts.index("")
        where = f"after {_cut(f'{parts[at - 1]},')}" if at else "before the comma"
        raise BadInput(f"a value is missing {where}; {_A_VALUE}")
    return _checked([_parsed(part) for part in parts])


def value_text(value: Value) -> str:
    """Return a value as TOML has it, but a string without quotes: `16`, `true`, `monotone`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same: 1 and 1.0 are, 1 and true are not."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _parts(text: str) -> list[str]:
    """Divide a text at its commas outside of quotes."""
    if not text.strip():
        return []
    found, at = [], 0
    while at <= len(text) and (part := _PARTS.match(text, at)) is not None:
        found.append(part[1])
        if part.end() == len(text) and not part[0].rstrip().endswith(","):
            return found
        at = part.end()
    return [one.strip() for one in text.split(",")]  # a quote that does not end: no quotes at all


def _parsed(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text}\n")
    except (ValueError, RecursionError):
        return text
    return read["value"] if len(read) == 1 and not isinstance(read["value"], list | dict) else text


def _span(first: int, last: int) -> tuple[int, ...]:
    if last < first:
        raise BadInput(f"{first}..{last} has no value; write the lower number first")
    if last - first >= MOST_POINTS:
        raise BadInput(f"{first}..{last} has more than {MOST_POINTS:,} values; use fewer")
    return tuple(range(first, last + 1))


def _checked(values: list[Any]) -> tuple[Value, ...]:
    if not values:
        raise BadInput(f"there is no value; {_A_VALUE}")
    if len(values) > MOST_POINTS:
        raise BadInput(f"there are more than {MOST_POINTS:,} values; use fewer")
    seen: set[tuple[bool, Value]] = set()
    for value in values:
        if wrong := _wrong(value):
            raise BadInput(wrong)
        key = (isinstance(value, bool), value)
        if key in seen:
            raise BadInput(f"the value {value_text(value)[:60]} is there twice; remove one of them")
        seen.add(key)
    return tuple(values)


def _wrong(value: Any) -> str:
    """What is wrong with a value, and what would be right; "" if nothing is."""
    if isinstance(value, str):
        if not value or len(value) > LONGEST_TEXT or not value.isprintable():
            return f"the string {_cut(value)} is empty, too long or not printable; {_A_VALUE}"
        return ""
    if isinstance(value, int):
        return "" if -(1 << 63) <= value < 1 << 63 else "an integer has at most 64 bits; use a smaller one"
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"{value} is not a finite number; {_A_VALUE}"
    return f"{_cut(value)} is not a value; {_A_VALUE}"


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
