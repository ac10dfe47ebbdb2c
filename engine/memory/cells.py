"""The one flat memory of integers, its named columns, and the journal of every write (DESIGN, decision 1).

Everything that can change is a cell of one NumPy int64 array. A column is a named range of that array; a
table is the set of columns of one structure: `vm.page.busy_count[m]`. The columns are declared with
`engine.memory.columns`; what a write to one does depends on the mode, see `engine.memory.column_modes`.

Kernel functions look a column up at each use, so the mode can change between any two steps. The operating
system commits the memory of `np.zeros` lazily, so untouched cells cost nothing.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from engine.errors import CapacityError
from engine.memory.access_log import AccessLog, Observed, ObservedSlots
from engine.memory.column_modes import bind, watch
from engine.memory.columns import ColumnSpec, Table
from engine.memory.journal import Journal

Array = npt.NDArray[np.int64]


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

    def add(self, keys: Iterable[tuple[int, int]], number: int) -> int:
        """Assign the next cells to `number` keys that have none, in their order; return the first cell.

        Errors: CapacityError if the address book has no room for them.
        """
        first = len(self.slots)
        if first + number > self.capacity:
            raise CapacityError(f"{self.title}: more than {self.capacity} different keys were used")
        self.slots.update(zip(keys, range(first, first + number), strict=False))
        return first


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
            column = bind(self.cells, place.base, place.length, place.spec, journal)
            setattr(self.tables[place.table], place.name, column)

    def watch(self, name: str, seen: Callable[[int, int, int], None]) -> None:
        """Call `seen(index, old, new)` after each write to a narrow column, until the recording mode changes.

        Only without a journal.
        """
        place = self.places[name]
        column = watch(self.cells, place.base, place.length, place.spec, seen)
        setattr(self.tables[place.table], place.name, column)

    @contextmanager
    def observed_with_keys(self) -> Iterator[AccessLog]:
        """As `observed`; address books assign a slot to every key that is looked up, also an absent one."""
        with self.observed() as log:
            for number, (book, _) in enumerate(self.books):
                book.slots = ObservedSlots(book.slots, book.capacity, number, log)
            try:
                yield log
            finally:
                for book, _ in self.books:
                    book.slots = dict(book.slots)

    @contextmanager
    def observed(self) -> Iterator[AccessLog]:
        """While the context is active, log each access through a column and each column taken as a vector."""
        log = self._log = AccessLog()
        for place in self.columns:
            table = self.tables[place.table]
            setattr(table, place.name, Observed(getattr(table, place.name), place.base, log))
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

    @property
    def is_observed(self) -> bool:
        """Whether what is read is logged; code that reads ahead should not do so then."""
        return self._log is not None

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
            state.update(self._pairs(book, column).data)
        return state.hexdigest()

    def _pairs(self, book: AddressBook, column: str) -> Array:
        """The keys of a book and their values, by key, as rows of three; without those that are empty."""
        number = len(book.slots)
        keys = np.fromiter(chain.from_iterable(book.slots), np.int64, 2 * number).reshape(-1, 2)
        values = self.vector(column)[np.fromiter(book.slots.values(), np.int64, number)]
        filled = np.flatnonzero(values)
        order = filled[np.lexsort((keys[filled, 1], keys[filled, 0]))]
        return np.column_stack((keys[order], values[order]))
