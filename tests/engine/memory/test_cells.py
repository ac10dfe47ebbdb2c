"""The flat memory: recording, the journal's limit, addresses, and the digest."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import CapacityError
from engine.memory.cells import AddressBook, Memory
from engine.memory.columns import Column, Table, i64
from engine.memory.journal import Budget, Journal, JournalFullError
from tests.engine.memory.every_type import memory_of


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
