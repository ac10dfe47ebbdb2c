"""How amounts are written, and how a thread is found by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.errors import BadInput

_UNITS: Final = (("GiB", 30), ("MiB", 20), ("KiB", 10))


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 page`, `1,024 pages`; `many` where the plural is not `one` + s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def byte_size(amount: int) -> str:
    """An amount of bytes in the largest unit that it reaches, with at most two decimals: `1.5 MiB`."""
    for unit, shift in _UNITS:
        if amount >> shift:
            return f"{amount / (1 << shift):.2f}".rstrip("0").rstrip(".") + f" {unit}"
    return plural(amount, "byte")


def thread_named(names: Sequence[str], word: str) -> int:
    """The number of the thread called `word`, by the names of all threads.

    Errors: BadInput when there is none.
    """
    if word not in names:
        raise BadInput(f"there is no thread {word[:40]}; there are: {', '.join(names) or 'none'}")
    return names.index(word)
