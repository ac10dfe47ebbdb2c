"""The log of which cells are read and written, and the columns that keep it."""

from __future__ import annotations

from collections.abc import ItemsView
from dataclasses import dataclass, field
from typing import TypeVar

from engine.memory.columns import Column

T = TypeVar("T")


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
    books:     the address books whose keys were listed, by number, each after the number of accesses before.
    """

    cells: list[tuple[int, int, bool]] = field(default_factory=list)
    stretches: list[tuple[int, int]] = field(default_factory=list)
    vectors: list[tuple[int, tuple[int, int]]] = field(default_factory=list)
    books: list[tuple[int, int]] = field(default_factory=list)

    def clear(self) -> None:
        """Forget all accesses."""
        for accesses in (self.cells, self.stretches, self.vectors, self.books):
            accesses.clear()

    def reads(self) -> list[int | Whole]:
        """What was read before it was written, each once, in the order of the first read."""
        whole: list[tuple[int, Whole]] = [(at, Stretch(*span)) for at, span in self.vectors]
        whole += [(at, Keys(book)) for at, book in self.books]
        whole.sort(key=lambda read: read[0])
        own, found, n = set[int](), dict[int | Whole, None](), 0
        for at, read in whole:
            self._read_cells(n, at, own, found)
            found[read] = None
            n = at
        self._read_cells(n, len(self.cells), own, found)
        return list(found)

    def _read_cells(self, first: int, beyond: int, own: set[int], found: dict[int | Whole, None]) -> None:
        for address, _, writes in self.cells[first:beyond]:
            if writes:
                own.add(address)
            elif address not in own:
                found[address] = None

    def written(self) -> list[int]:
        """The cells that were written, each once, in the order of the first write."""
        return list(dict.fromkeys(address for address, _, writes in self.cells if writes))


@dataclass(frozen=True, slots=True)
class Stretch:
    """The cells first .. beyond - 1, read at once."""

    first: int
    beyond: int


@dataclass(frozen=True, slots=True)
class Keys:
    """The number of keys of an address book: a step that lists them depends on it."""

    book: int


Whole = Stretch | Keys
"""What can be read at once."""


class ObservedSlots(dict[tuple[int, int], int]):
    """The slots of an address book while accesses are logged: a key that is looked up gets a slot.

    So the read of a key that is absent is the read of a cell, which a later write changes. That the keys are
    listed or counted is logged.
    """

    def __init__(self, slots: dict[tuple[int, int], int], capacity: int, number: int, log: AccessLog) -> None:
        """capacity: of the book; a key after that many has no slot. number: of the book."""
        super().__init__(slots)
        self.capacity = capacity
        self.number = number
        self.log = log

    def get(self, key: tuple[int, int], default: T | None = None) -> int | T | None:  # type: ignore[override]
        """Return the slot of a key, assigned on first use; `default` if the book is full."""
        slot = super().get(key)
        if slot is None:
            if super().__len__() >= self.capacity:
                return default
            slot = self[key] = super().__len__()
        return slot

    def items(self) -> ItemsView[tuple[int, int], int]:  # type: ignore[override]
        """All keys and their slots."""
        self.log.books.append((len(self.log.cells), self.number))
        return super().items()

    def __len__(self) -> int:
        """The number of keys."""
        self.log.books.append((len(self.log.cells), self.number))
        return super().__len__()
