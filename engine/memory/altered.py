"""A memory in which some cells seem to have other values: what a column returns, not what the cells hold.

Used to perform a step again as if something had been different; see `engine.debug.reasons`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from engine.memory.cells import Memory
from engine.memory.columns import Column

MOST_READS: Final = 200_000
"""Number of reads after which an altered memory gives up: altered links may form a circle."""


class AstrayError(Exception):
    """The code that reads an altered memory does not end."""


@dataclass
class Alteration:
    """The altered cells, address -> value without bias; and how many more reads are allowed."""

    cells: dict[int, int]
    left: int = MOST_READS


class _Altered:
    """A column that reads altered cells first; a write ends the alteration of its cell."""

    __slots__ = ("alteration", "base", "bias", "column")

    def __init__(self, column: Column, base: int, bias: int, alteration: Alteration) -> None:
        self.column = column
        self.base = base
        self.bias = bias
        self.alteration = alteration

    def __getitem__(self, index: int, /) -> int:
        alteration = self.alteration
        alteration.left -= 1
        if alteration.left < 0:
            raise AstrayError
        value = alteration.cells.get(self.base + index) if index >= 0 else None
        return self.column[index] if value is None else value + self.bias

    def __setitem__(self, index: int, value: int, /) -> None:
        self.alteration.cells.pop(self.base + index, None)
        self.column[index] = value


@contextmanager
def altered(memory: Memory, alteration: Alteration) -> Iterator[None]:
    """While the context is active, columns and vectors of the memory show the altered values."""
    memory.instead = alteration.cells
    for place in memory.columns:
        table = memory.tables[place.table]
        column = _Altered(getattr(table, place.name), place.base, place.spec.bias, alteration)
        setattr(table, place.name, column)
    try:
        yield
    finally:
        memory.instead = {}
        for place in memory.columns:
            table = memory.tables[place.table]
            setattr(table, place.name, getattr(table, place.name).column)
