"""The log of which cells are read and written, and the columns that keep it."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.memory.columns import Column


class Observed:
    """A column that logs every cell before it is read or written."""

    __slots__ = ("base", "column", "log")

    def __init__(self, column: Column, base: int, log: AccessLog) -> None:
        self.column = column
        self.base = base
        self.log = log

    def __getitem__(self, index: int, /) -> int:
        value = self.column[index]
        self.log.cells.append((self.base + index, value, False))
        return value

    def __setitem__(self, index: int, value: int, /) -> None:
        self.log.cells.append((self.base + index, value, True))
        self.column[index] = value


@dataclass
class AccessLog:
    """The reads and writes of cells, in order.

    cells:     (address, value, whether it was a write) for each access.
    stretches: ranges of cells in which a write may change what is read, half-open.
    vectors:   the ranges that were read at once, each after the number of accesses of single cells before it.
    """

    cells: list[tuple[int, int, bool]] = field(default_factory=list)
    stretches: list[tuple[int, int]] = field(default_factory=list)
    vectors: list[tuple[int, tuple[int, int]]] = field(default_factory=list)

    def clear(self) -> None:
        """Forget all accesses."""
        for accesses in (self.cells, self.stretches, self.vectors):
            accesses.clear()
