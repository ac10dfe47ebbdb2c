"""Formatting of counts and sizes, and lookup of a thread by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from engine.errors import BadInput

_UNITS: Final = (("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10))


def plural(count: int, one: str, many: str = "") -> str:
    """Format a count with its noun: `1 page`, `1,024 pages`; give `many` if the plural is not `one` + s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence lists them: `1`, `1 and 2`, `1, 2 and 3`."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def number_text(number: int) -> str:
    """Format a number of a range: `40`, `1,024`, and from 2^15 on powers of two: `2^31 - 1`, `-2^62`."""
    size, sign = abs(number), "-" if number < 0 else ""
    if size >= 1 << 15 and size & (size - 1) == 0:
        return f"{sign}2^{size.bit_length() - 1}"
    if number >= 1 << 15 and number & (number + 1) == 0:
        return f"2^{number.bit_length()} - 1"
    return f"{number:,}"


def byte_size(amount: int) -> str:
    """Format a number of bytes in the largest unit it reaches, with at most two decimals: `1.5 MiB`."""
    for unit, shift in _UNITS:
        if amount >> shift:
            return f"{amount / (1 << shift):.2f}".rstrip("0").rstrip(".") + f" {unit}"
    return plural(amount, "byte")


def thread_named(names: Sequence[str], word: str) -> int:
    """Return the number of the thread called `word`: its index in `names`, the names of all threads.

    Errors: BadInput if there is no such thread.
    """
    if word not in names:
        raise BadInput(f"there is no thread {word[:40]}; there are: {', '.join(names) or 'none'}")
    return names.index(word)
