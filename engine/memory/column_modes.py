"""What a write to a column does, in each mode of the memory.

- unrecorded: a 64-bit column is the bare memoryview; a narrower column wraps as in C;
- recorded: a write that changes the cell also appends (address, old, new) to the journal;
- watched: unrecorded, and a function sees each write of a narrow column.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from engine.memory.columns import Column, ColumnSpec
from engine.memory.journal import Journal


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
    seen: Callable[[int, int, int], None]


class _Wrapping(_Written):
    """A narrow column in unrecorded mode: a write wraps as in C."""

    __slots__ = ()

    def __setitem__(self, index: int, value: int, /) -> None:
        half = self.half
        self.cells[index] = ((value + half) & self.mask) - half


class _Watched(_Wrapping):
    """A narrow column in watched mode."""

    __slots__ = ()

    def __setitem__(self, index: int, value: int, /) -> None:
        old = self.cells[index]
        _Wrapping.__setitem__(self, index, value)
        self.seen(index, old, self.cells[index])


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


_SLOTS: Final = ("base", "bias", "cells", "half", "journal", "mask", "seen")


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


def _writes(spec: ColumnSpec, journal: Journal | None) -> Any:
    if journal is None:
        return _Biased if spec.bias else _Wrapping
    return _RecordedBiased if spec.bias else _RecordedLong if spec.bare else _Recorded


def bind(
    memory: memoryview[int], base: int, length: int, spec: ColumnSpec, journal: Journal | None
) -> Column:
    """Return the column of the cells base .. base + length - 1 of `memory`.

    journal: records its writes; None for the unrecorded mode.
    """
    if journal is None and spec.bare:
        return memory[base : base + length]
    bound: Column = _made(_writes(spec, journal), memory, base, length, spec, journal)
    return bound


def watch(
    memory: memoryview[int], base: int, length: int, spec: ColumnSpec, seen: Callable[[int, int, int], None]
) -> Column:
    """Return a narrow column without bias in watched mode.

    seen: called after each write, with the index, the old and the new value.
    """
    column = _made(_Watched, memory, base, length, spec, None)
    column.seen = seen
    bound: Column = column
    return bound


def _made(
    writes: Any, memory: memoryview[int], base: int, length: int, spec: ColumnSpec, journal: Journal | None
) -> Any:
    column = _column_class(writes, length).from_buffer(memory, 8 * base)
    column.cells, column.base, column.journal = memory[base : base + length], base, journal
    column.bias, column.half, column.mask = spec.bias, spec.half, spec.mask
    return column
