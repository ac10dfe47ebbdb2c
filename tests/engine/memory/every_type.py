"""A memory of one table that has a column of each type."""

from __future__ import annotations

from engine.memory.cells import Memory
from engine.memory.columns import Column, Table, i32, i64, u8, u16, u32, u64


class Everything(Table):
    """One column of each type."""

    byte: Column = u8()
    biased: Column = u8(bias=6)
    short: Column = u16()
    word: Column = u32()
    int_: Column = i32()
    none: Column = i64(bias=-1)
    long: Column = i64()
    address: Column = u64()


def memory_of(length: int = 8) -> tuple[Memory, Everything]:
    """Return the memory and its table, whose columns have `length` cells."""
    memory, table = Memory(), Everything(length)
    memory.add("t", table)
    memory.allocate()
    return memory, table
