"""Lists, runs and ranges in sentences; a list is cut, and the rest of it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

MOST: Final = 30
"""Maximum number of items of a list; the rest is counted."""


def listed(items: Iterable[str], what: str) -> list[str]:
    """The first MOST items, and how many more there are."""
    found = list(items)
    left = len(found) - MOST
    return [*found[:MOST], *([f"And {left:,} more {what}."] if left > 0 else [])]


def comma_list(items: Iterable[str]) -> str:
    """The first MOST items in one line, and how many more there are."""
    found = list(items)
    left = len(found) - MOST
    return ", ".join(found[:MOST]) + (f", and {left:,} more" if left > 0 else "")


def runs_of(values: Iterable[int], first: int) -> Iterator[tuple[int, int, int]]:
    """Each run of one value as (value, its first number, its last number); the numbers start at `first`."""
    at = first
    for value, group in groupby(values):
        count = sum(1 for _ in group)
        yield value, at, at + count - 1
        at += count


def number_range(first: int, last: int, *, hexadecimal: bool = False) -> str:
    """The numbers from `first` to `last`, which is included; one number if they are equal."""
    one, other = (f"{first:#x}", f"{last:#x}") if hexadecimal else (f"{first:,}", f"{last:,}")
    return one if first == last else f"{one} to {other}"
