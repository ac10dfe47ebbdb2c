"""The flat memory: C types, recording, the journal's limit, and the digest."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import CapacityError
from engine.memory.cells import (
    AddressBook,
    Column,
    Memory,
    Table,
    cmpset,
    fetchadd,
    i32,
    i64,
    u8,
    u16,
    u32,
    u64,
)
from engine.memory.journal import Budget, Journal, JournalFullError


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
    memory, table = Memory(), Everything(length)
    memory.add("t", table)
    memory.allocate()
    return memory, table


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


def test_the_journal_has_address_old_and_new_of_each_write() -> None:
    memory, table = memory_of()
    journal = Journal()
    memory.record(journal)
    table.word[1] = 7
    table.word[1] = 9
    journal.mark(3, "twice")
    journal.mark(0, "nothing")
    table.long[0] = -2
    journal.mark(1, "once")
    word, long = memory.address("t.word", 1), memory.address("t.long", 0)
    assert [journal.writes_of(step) for step in (1, 2, 3)] == [
        [(word, 0, 7), (word, 7, 9)],
        [],
        [(long, 0, -2)],
    ]
    assert [(journal.thread(step), journal.label(step)) for step in (1, 2, 3)] == [
        (3, "twice"),
        (0, "nothing"),
        (1, "once"),
    ]


def test_the_journal_grows_past_its_first_buffers() -> None:
    memory, table = memory_of()
    journal = Journal()
    memory.record(journal)
    for number in range(1, 5001):
        table.long[number % 8] = number
        journal.mark(number % 100, "write")
    assert (journal.writes, journal.steps) == (5000, 5000)
    assert journal.writes_of(5000) == [(memory.address("t.long", 0), 4992, 5000)]
    assert journal.thread(4999) == 99


def test_a_full_journal_raises_after_the_last_step_is_complete() -> None:
    memory, table = memory_of()
    journal = Journal(Budget(100))
    memory.record(journal)

    def write_forever() -> None:
        for number in itertools.count(1):
            table.long[0] = number
            journal.mark(0, "write")

    with pytest.raises(JournalFullError, match="of 100 bytes allowed"):
        write_forever()
    assert journal.bytes == 28 * 4
    assert table.long[0] == journal.steps == 4


def test_compare_and_set_stores_only_over_what_it_expects() -> None:
    _, table = memory_of()
    assert cmpset(table.word, 0, 0, 5)
    assert not cmpset(table.word, 0, 0, 9)
    assert table.word[0] == 5


def test_fetch_and_add_returns_the_old_value_and_wraps() -> None:
    _, table = memory_of()
    assert fetchadd(table.word, 0, -1) == 0
    assert table.word[0] == 0xFFFFFFFF


def test_an_observer_sees_which_cells_are_read_and_which_may_be() -> None:
    memory, table = memory_of()
    base = memory.places["t.long"].base
    with memory.observed() as log:
        table.long[3] = table.long[2] + 1
        assert memory.vector("t.long", 2, 3).tolist() == [0, 1, 0]
        memory.expect("t.none")
    assert log.cells == [(base + 2, 0, False), (base + 3, 1, True)]
    assert log.vectors == [(2, (base + 2, base + 5))]
    assert log.stretches == [(base + 2, base + 5), memory.places["t.none"].stretch]
    log.clear()
    assert (log.cells, log.vectors, log.stretches) == ([], [], [])


def test_each_address_belongs_to_the_column_that_gave_it() -> None:
    memory, _ = memory_of()
    for name in memory.places:
        for index in (0, 7):
            place, found = memory.place_of(memory.address(name, index))
            assert (f"{place.table}.{place.name}", found) == (name, index)


class Kept(Table):
    """The values of an address book."""

    value: Column = i64(bias=-1)


def booked() -> tuple[Memory, Kept, AddressBook]:
    memory, table, book = Memory(), Kept(4), AddressBook("things", 4)
    memory.add("kept", table)
    memory.book(book, "kept.value")
    memory.allocate()
    return memory, table, book


def test_the_digest_goes_by_key_not_by_the_order_of_first_use() -> None:
    (one, first, book), (other, second, book2) = booked(), booked()
    for key in ((1, 2), (0, 9)):
        first.value[book.slot(key)] = sum(key)
    for key in ((0, 9), (5, 5), (1, 2)):
        second.value[book2.slot(key)] = sum(key)
    assert one.digest() != other.digest()
    second.value[book2.slot((5, 5))] = -1
    assert one.digest() == other.digest()


def test_a_full_address_book_is_named_in_the_error() -> None:
    _, _, book = booked()
    for number in range(4):
        book.slot((number, 0))
    with pytest.raises(CapacityError, match="things: more than 4"):
        book.slot((4, 0))
    assert book.slot((3, 0)) == 3


@given(st.data())
def test_a_fork_shares_the_past_and_nothing_else(data: Any) -> None:
    memory, table = memory_of()
    journal = Journal()
    memory.record(journal)
    steps = data.draw(st.integers(1, 40))
    for number in range(1, steps + 1):
        table.long[number % 8] = number
        journal.mark(0, f"action {number % 3}")
    at = data.draw(st.integers(0, steps))
    fork = journal.fork(at)
    assert [fork.writes_of(s) for s in range(1, at + 1)] == [journal.writes_of(s) for s in range(1, at + 1)]
    memory.record(fork)
    table.long[0] = -7
    fork.mark(5, "another future")
    assert fork.steps == at + 1
    assert journal.steps == steps
    assert fork.label(at + 1) == "another future"
