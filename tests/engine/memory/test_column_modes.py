"""Writes to a column: C types, recording, and biases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.memory.column_modes import bind, watch
from engine.memory.columns import ColumnSpec
from engine.memory.journal import Journal
from tests.engine.memory.every_type import memory_of

WRAPS = [
    ("a byte wraps at 256", "byte", 257, 1),
    ("a byte with a bias wraps at 256", "biased", 258, 2),
    ("a short wraps below 0", "short", -1, 0xFFFF),
    ("a word wraps below 0", "word", -1, 0xFFFFFFFF),
    ("a word keeps bit 31", "word", 0x80000000, 0x80000000),
    ("an int turns negative past 2^31", "int_", 0x80000000, -0x80000000),
    ("an int stays negative", "int_", -5, -5),
    ("a long keeps its smallest value", "long", -(1 << 63), -(1 << 63)),
    ("a biased long keeps NULL", "none", -1, -1),
    ("an address is kept as two's complement", "address", 0xFFFFF80000000000, 0xFFFFF80000000000 - (1 << 64)),
]


@pytest.mark.parametrize("recorded", [False, True], ids=["unrecorded", "recorded"])
@pytest.mark.parametrize(("column", "value", "read"), [row[1:] for row in WRAPS], ids=[r[0] for r in WRAPS])
def test_a_write_wraps_as_c_does(column: str, value: int, read: int, recorded: bool) -> None:
    memory, table = memory_of()
    memory.record(Journal() if recorded else None)
    getattr(table, column)[3] = value
    assert getattr(table, column)[3] == read


def test_a_recorded_long_wraps_where_the_memoryview_refuses() -> None:
    memory, table = memory_of()
    memory.record(Journal())
    table.long[0] = (1 << 63) + 5
    assert table.long[0] == -(1 << 63) + 5


def test_an_untouched_cell_reads_its_bias() -> None:
    _, table = memory_of()
    assert (table.biased[0], table.none[0], table.long[0]) == (6, -1, 0)


COLUMNS = ["byte", "biased", "short", "word", "int_", "none", "long", "address"]
WRITES = st.lists(
    st.tuples(st.sampled_from(COLUMNS), st.integers(0, 7), st.integers(-(1 << 40), 1 << 40)), max_size=60
)


@given(WRITES)
def test_recording_changes_nothing_but_the_journal(writes: list[tuple[str, int, int]]) -> None:
    plain, one = memory_of()
    recorded, other = memory_of()
    journal = Journal()
    recorded.record(journal)
    for column, index, value in writes:
        getattr(one, column)[index] = value
        getattr(other, column)[index] = value
    assert plain.array.tolist() == recorded.array.tolist()
    assert plain.digest() == recorded.digest()
    journal.undo_unmarked(recorded.cells)
    assert not recorded.array.any()


def test_a_write_that_changes_nothing_is_not_recorded() -> None:
    memory, table = memory_of()
    journal = Journal()
    memory.record(journal)
    table.word[2] = 0
    table.biased[2] = 6
    table.none[2] = -1
    assert journal.writes == 0


def test_only_an_unrecorded_long_is_the_bare_memory() -> None:
    memory, _ = memory_of()
    long = ColumnSpec(64, True)
    assert isinstance(bind(memory.cells, 0, 4, long, None), memoryview)
    for spec, journal in ((long, Journal()), (ColumnSpec(64, True, 6), None), (ColumnSpec(32, True), None)):
        column = bind(memory.cells, 0, 4, spec, journal)
        assert not isinstance(column, memoryview)
        column[2] = 5
        assert (column[2], memory.cells[2]) == (5, 5 - spec.bias)


def test_each_write_to_a_watched_column_is_seen_after_it_wraps() -> None:
    memory, _ = memory_of()
    seen: list[tuple[int, int, int]] = []
    column = watch(
        memory.cells, 4, 4, ColumnSpec(8, False), lambda index, old, new: seen.append((index, old, new))
    )
    for value in (255, 256 + 7, 7):
        column[2] = value
    assert seen == [(2, 0, 255), (2, 255, 7), (2, 7, 7)]
    assert (column[2], memory.cells[6]) == (7, 7)
