"""The one flat memory of integers, its named columns, and the journal of every write (DESIGN, decision 1).

Everything that can change is a cell of one NumPy int64 array. A column is a named range of that array; a
table
is the set of columns of one structure: `vm.page.busy_count[m]`. What a write to a column does depends on the
mode:

- unrecorded: a 64-bit column is the bare memoryview; a narrower column wraps as in C;
- recorded: a write that changes the cell also appends (address, old, new) to the journal.

Kernel functions look a column up at each use, so the mode can change between any two steps. The operating
system commits the memory of `np.zeros` lazily, so untouched cells cost nothing. If the usual value of a
column is not 0, the column has a bias and its cells hold the difference.
"""

from __future__ import annotations

import ctypes
import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from engine.errors import CapacityError
from engine.memory.journal import Journal

Array = npt.NDArray[np.int64]


V_co = TypeVar("V_co", bound=int, covariant=True)


class ColumnOf(Protocol[V_co]):
    """A column as kernel functions see it, with values of type `V_co`; NULL may be stored too."""

    def __getitem__(self, index: int, /) -> V_co: ...

    def __setitem__(self, index: int, value: int, /) -> None: ...


Column = ColumnOf[int]
"""A column of plain numbers."""


@dataclass(frozen=True)
class ColumnSpec:
    """A column's C type (`bits` wide, `signed` or not) and bias, the value read from an untouched cell."""

    bits: int
    signed: bool
    bias: int = 0

    @property
    def bare(self) -> bool:
        """Whether a bare memoryview behaves like this type."""
        return self.bits == 64 and self.signed and not self.bias

    @property
    def half(self) -> int:
        """The value to add before masking and subtract afterwards so that the result is in range."""
        return 1 << (self.bits - 1) if self.signed or self.bits == 64 else 0

    @property
    def mask(self) -> int:
        """A mask with all bits of the type set."""
        return (1 << self.bits) - 1


def u8(bias: int = 0) -> Any:
    """Declare a column of uint8_t."""
    return ColumnSpec(8, False, bias)


def u16() -> Any:
    """Declare a column of uint16_t."""
    return ColumnSpec(16, False)


def u32() -> Any:
    """Declare a column of uint32_t."""
    return ColumnSpec(32, False)


def i32(bias: int = 0) -> Any:
    """Declare a column of int."""
    return ColumnSpec(32, True, bias)


def i64(bias: int = 0) -> Any:
    """Declare a column of long."""
    return ColumnSpec(64, True, bias)


def u64() -> Any:
    """Declare a column of uint64_t, kept as two's complement in the signed cell."""
    return ColumnSpec(64, False)


class Table:
    """The columns of one structure, declared as class attributes; all have the same length.

    The declarations are removed from the class: an instance attribute is found at full speed only if the
    class has no attribute of that name, and kernel functions spend most of their time looking up columns.
    """

    title = ""
    _declared: ClassVar[dict[str, ColumnSpec]] = {}

    def __init_subclass__(cls) -> None:
        cls._declared = {name: spec for name, spec in vars(cls).items() if isinstance(spec, ColumnSpec)}
        for name in cls._declared:
            delattr(cls, name)

    def __init__(self, length: int) -> None:
        self.length = length

    @classmethod
    def specs(cls) -> dict[str, ColumnSpec]:
        """The declared columns by name, in order."""
        return cls._declared


class _Written:
    """The write side of a column; reads use the array's own `__getitem__`.

    cells, base: the column's part of the memory and its first address; journal: receives recorded writes.
    """

    __slots__ = ()

    cells: memoryview[int]
    base: int
    bias: int
    half: int
    mask: int
    journal: Journal


class _Wrapping(_Written):
    """A narrow column in unrecorded mode: a write wraps as in C."""

    __slots__ = ()

    def __setitem__(self, index: int, value: int, /) -> None:
        half = self.half
        self.cells[index] = ((value + half) & self.mask) - half


class _RecordedLong(_Written):
    """A recorded `long`: wraps only a value that the memoryview refuses.

    A write that does not change the cell is not recorded.
    """

    __slots__ = ()

    def _store(self, index: int, value: int, /) -> None:
        cells = self.cells
        old = cells[index]
        if value == old:
            return
        journal = self.journal
        n = journal.fill
        try:
            journal.tail_new[n] = value
        except IndexError:
            journal.grow()
            journal.tail_new[n] = value
        except ValueError:
            self._store(index, ((value + self.half) & self.mask) - self.half)
            return
        journal.tail_old[n] = old
        journal.tail_address[n] = self.base + index
        journal.fill = n + 1
        cells[index] = value

    __setitem__ = _store


class _Recorded(_RecordedLong):
    """A recorded narrow column."""

    __slots__ = ()

    def __setitem__(self, index: int, value: int, /) -> None:
        half = self.half
        self._store(index, ((value + half) & self.mask) - half)


class _Biased(_Written):
    """A column with a bias in unrecorded mode."""

    __slots__ = ()

    def __getitem__(self, index: int, /) -> int:
        return self.cells[index] + self.bias

    def __setitem__(self, index: int, value: int, /) -> None:
        half = self.half
        self.cells[index] = ((value + half) & self.mask) - half - self.bias


class _RecordedBiased(_RecordedLong):
    """A recorded column with a bias."""

    __slots__ = ()

    def __getitem__(self, index: int, /) -> int:
        return self.cells[index] + self.bias

    def __setitem__(self, index: int, value: int, /) -> None:
        half = self.half
        self._store(index, ((value + half) & self.mask) - half - self.bias)


_SLOTS: Final = ("base", "bias", "cells", "half", "journal", "mask")


@cache
def _column_class(writes: Any, length: int) -> Any:
    """Return a class: a C array of `length` 64-bit cells with the write behaviour of `writes`.

    Elements are read in C, at half the cost of a Python `__getitem__`; kernel functions read more than they
    write.
    """
    array = ctypes.c_int64 * length
    return type(
        writes.__name__, (writes, array), {"__slots__": _SLOTS, "_type_": ctypes.c_int64, "_length_": length}
    )


@dataclass(frozen=True)
class Placed:
    """A column's place in the memory: cells base .. base + length - 1."""

    table: str
    name: str
    base: int
    length: int
    spec: ColumnSpec

    @property
    def stretch(self) -> tuple[int, int]:
        """Its cells as a half-open range of addresses."""
        return self.base, self.base + self.length


class AddressBook:
    """A map from keys to cells; each new key gets the next free cell of a column.

    Keys are (int, int). The map only grows and is not journalled. The values are the cells of its column; an
    empty slot holds NULL.
    """

    def __init__(self, title: str, capacity: int) -> None:
        self.title = title
        self.capacity = capacity
        self.slots: dict[tuple[int, int], int] = {}

    def slot(self, key: tuple[int, int]) -> int:
        """Return the cell index of `key`, assigned on first use.

        Errors: CapacityError if the address book is full.
        """
        slot = self.slots.get(key)
        if slot is None:
            if len(self.slots) >= self.capacity:
                raise CapacityError(f"{self.title}: more than {self.capacity} different keys were used")
            slot = self.slots[key] = len(self.slots)
        return slot


def _writes(spec: ColumnSpec, journal: Journal | None) -> Any:
    if journal is None:
        return _Biased if spec.bias else _Wrapping
    return _RecordedBiased if spec.bias else _RecordedLong if spec.bare else _Recorded


class _Observed:
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


class Memory:
    """The flat memory: tables laid end to end, with one digest and one recording mode.

    instead: values that vectors show instead of those of the cells; see `engine.memory.altered`.
    """

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.columns: list[Placed] = []
        self.size = 0
        self.books: list[tuple[AddressBook, str]] = []
        self.journal: Journal | None = None
        self.instead: dict[int, int] = {}
        self._log: AccessLog | None = None

    def add(self, name: str, table: Table) -> None:
        """Assign each column of `table` its range of cells; the table is usable after `allocate`."""
        self.tables[name] = table
        for column, spec in table.specs().items():
            self.columns.append(Placed(name, column, self.size, table.length, spec))
            self.size += table.length

    def book(self, book: AddressBook, column: str) -> None:
        """Make `column` ("table.name") hold the values of `book`; the digest then uses keys, not slots."""
        self.books.append((book, column))

    def allocate(self) -> None:
        """Allocate the cells, all 0, and bind the columns in unrecorded mode."""
        self.array: Array = np.zeros(self.size, np.int64)
        self.cells: memoryview[int] = self.array.data
        self._bases = [place.base for place in self.columns]
        self.places = {f"{place.table}.{place.name}": place for place in self.columns}
        self.record(None)

    def record(self, journal: Journal | None) -> None:
        """Record all later writes in `journal`; with None, stop recording."""
        self.journal = journal
        for place in self.columns:
            setattr(self.tables[place.table], place.name, self._bind(place, journal))

    def _bind(self, place: Placed, journal: Journal | None) -> Column:
        spec = place.spec
        cells = self.cells[place.base : place.base + place.length]
        if journal is None and spec.bare:
            return cells
        column = _column_class(_writes(spec, journal), place.length).from_buffer(self.cells, 8 * place.base)
        column.cells, column.base, column.journal = cells, place.base, journal
        column.bias, column.half, column.mask = spec.bias, spec.half, spec.mask
        bound: Column = column
        return bound

    @contextmanager
    def observed(self) -> Iterator[AccessLog]:
        """While the context is active, log each access through a column and each column taken as a vector."""
        log = self._log = AccessLog()
        for place in self.columns:
            table = self.tables[place.table]
            setattr(table, place.name, _Observed(getattr(table, place.name), place.base, log))
        try:
            yield log
        finally:
            self._log = None
            for place in self.columns:
                table = self.tables[place.table]
                setattr(table, place.name, getattr(table, place.name).column)

    def vector(self, name: str, first: int = 0, length: int | None = None) -> Array:
        """Return cells of column `name` ("table.column") as an array view, without bias.

        first, length: the rows; by default the whole column.
        """
        place = self.places[name]
        base = place.base + first
        beyond = place.base + place.length if length is None else base + length
        if self._log is not None:
            self._log.stretches.append((base, beyond))
            self._log.vectors.append((len(self._log.cells), (base, beyond)))
        cells = self.array[base:beyond]
        changed = [address for address in self.instead if base <= address < beyond]
        if changed:
            cells = cells.copy()
            for address in changed:
                cells[address - base] = self.instead[address]
        return cells

    def writing(self, name: str) -> AbstractContextManager[Array]:
        """Context manager: the cells of a column as an array to write, without bias; changes are recorded.

        Without a journal it is the column itself, so that boot writes whole ranges at full speed. Otherwise
        the column changes on exit: nothing else may use it meanwhile.
        """
        if self.journal is None and self._log is None and not self.instead:
            place = self.places[name]
            return nullcontext(self.array[place.base : place.base + place.length])
        return self._recording(name)

    @contextmanager
    def _recording(self, name: str) -> Iterator[Array]:
        place = self.places[name]
        cells = self.array[place.base : place.base + place.length].copy()
        for address, value in self.instead.items():
            if place.base <= address < place.base + place.length:
                cells[address - place.base] = value
        new = cells.copy()
        yield new
        self._write(place.base, np.flatnonzero(new != cells), new)

    def _write(self, base: int, rows: npt.NDArray[np.intp], values: Array) -> None:
        """Write `values[rows]` to the cells `base + rows`, recorded and observed."""
        address, new = base + rows, values[rows]
        if self._log is not None:
            written = zip(address.tolist(), new.tolist(), strict=True)
            self._log.cells += [(cell, value, True) for cell, value in written]
        for cell in self.instead.keys() & set(address.tolist()):
            del self.instead[cell]
        if self.journal is not None:
            self.journal.add(address, self.array[address], new)
        self.array[address] = new

    def expect(self, name: str) -> None:
        """Show an observer that a row which a column does not have yet may change what is read."""
        if self._log is not None:
            self._log.stretches.append(self.places[name].stretch)

    def address(self, name: str, index: int) -> int:
        """The address of one cell."""
        return self.places[name].base + index

    def place_of(self, address: int) -> tuple[Placed, int]:
        """Return the column that holds `address`, and the index in it."""
        place = self.columns[bisect_right(self._bases, address) - 1]
        return place, address - place.base

    def digest(self) -> str:
        """Return blake2b-128 over the fixed columns in order, then each book's non-empty pairs by key."""
        state = hashlib.blake2b(digest_size=16)
        kept = {column for _, column in self.books}
        for place in self.columns:
            if f"{place.table}.{place.name}" not in kept:
                state.update(self.array[place.base : place.base + place.length].data)
        for book, column in self.books:
            for (first, second), value in self._pairs(book, column):
                state.update(np.array([first, second, value], np.int64).data)
        return state.hexdigest()

    def _pairs(self, book: AddressBook, column: str) -> Iterator[tuple[tuple[int, int], int]]:
        stretch = self.vector(column)
        return ((key, int(stretch[slot])) for key, slot in sorted(book.slots.items()) if stretch[slot])


def cmpset(column: Column, index: int, old: int, new: int) -> bool:
    """Compare-and-set: store `new` if the cell holds `old`; return whether it did."""
    if column[index] != old:
        return False
    column[index] = new
    return True


def fetchadd(column: Column, index: int, delta: int) -> int:
    """Add `delta` to a cell, wrapping as its type does; return the old value."""
    old = column[index]
    column[index] = old + delta
    return old
