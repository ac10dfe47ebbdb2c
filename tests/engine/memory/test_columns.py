"""Columns as they are declared, and the atomic operations on them."""

from __future__ import annotations

from engine.memory.columns import ColumnSpec, cmpset, fetchadd, i32, i64, u8, u16, u32, u64
from tests.engine.memory.every_type import Everything, memory_of


def test_the_declarations_are_moved_out_of_the_class() -> None:
    assert Everything.specs() == {
        "byte": u8(), "biased": u8(bias=6), "short": u16(), "word": u32(), "int_": i32(),
        "none": i64(bias=-1), "long": i64(), "address": u64(),
    }  # fmt: skip
    assert not any(hasattr(Everything, name) for name in Everything.specs())


def test_a_type_has_its_mask_and_the_middle_of_its_range() -> None:
    assert (ColumnSpec(8, False).mask, ColumnSpec(8, False).half) == (0xFF, 0)
    assert (ColumnSpec(32, True).mask, ColumnSpec(32, True).half) == (0xFFFFFFFF, 1 << 31)
    assert ColumnSpec(64, False).half == 1 << 63  # kept as two's complement in a signed cell


def test_compare_and_set_stores_only_over_what_it_expects() -> None:
    _, table = memory_of()
    assert cmpset(table.word, 0, 0, 5)
    assert not cmpset(table.word, 0, 0, 9)
    assert table.word[0] == 5


def test_fetch_and_add_returns_the_old_value_and_wraps() -> None:
    _, table = memory_of()
    assert fetchadd(table.word, 0, -1) == 0
    assert table.word[0] == 0xFFFFFFFF
