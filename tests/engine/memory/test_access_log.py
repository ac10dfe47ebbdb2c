"""The log of the cells that are read and written."""

from __future__ import annotations

import pytest

from engine.errors import CapacityError
from engine.memory.access_log import Keys, Stretch
from engine.memory.cells import AddressBook, Memory
from tests.engine.memory.every_type import Everything, memory_of


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


def test_cells_and_ranges_are_read_in_one_order() -> None:
    memory, table = memory_of()
    base, ints = memory.places["t.long"].base, memory.places["t.int_"].base
    with memory.observed() as log:
        memory.vector("t.int_", 1, 2)
        table.long[5] += 1
        table.long[6] = 0
        memory.vector("t.long")
        table.long[2] = table.long[5] + table.long[6] + table.long[7]
        memory.vector("t.int_", 1, 2)
    whole = [Stretch(ints + 1, ints + 3), Stretch(base, base + 8)]
    assert log.reads() == [whole[0], base + 5, whole[1], base + 7]
    assert log.written() == [base + 5, base + 6, base + 2]


@pytest.fixture
def booked() -> tuple[Memory, Everything, AddressBook]:
    """A memory, its table, and an address book of the column `none`, with room for three keys."""
    memory, table = memory_of()
    book = AddressBook("pages", 3)
    memory.book(book, "t.none")
    return memory, table, book


def test_the_read_of_an_absent_key_is_the_read_of_a_cell(
    booked: tuple[Memory, Everything, AddressBook],
) -> None:
    memory, table, book = booked
    base = memory.places["t.none"].base
    with memory.observed_with_keys() as log:
        # As the kernel reads it: without a slot, there is nothing at the key.
        slot = book.slots.get((7, 1))
        assert slot is not None
        assert table.none[slot] == -1
        table.none[book.slot((7, 2))] = 5
        assert log.reads() == [base]
        assert log.written() == [base + 1]
    assert book.slots == {(7, 1): 0, (7, 2): 1}
    assert type(book.slots) is dict


def test_listing_the_keys_of_an_address_book_is_a_read(
    booked: tuple[Memory, Everything, AddressBook],
) -> None:
    memory, table, book = booked
    base = memory.places["t.none"].base
    with memory.observed_with_keys() as log:
        assert table.none[book.slot((7, 1))] == -1
        assert list(book.slots.items()) == [((7, 1), 0)]
        assert table.none[0] == -1
    assert log.reads() == [base, Keys(0)]


def test_a_full_address_book_says_so_however_it_is_asked(
    booked: tuple[Memory, Everything, AddressBook],
) -> None:
    memory, _, book = booked
    with memory.observed_with_keys():
        for pindex in range(3):
            assert book.slots.get((0, pindex)) == pindex
        assert book.slots.get((1, 0)) is None
        with pytest.raises(CapacityError, match="pages: more than 3 different keys were used"):
            book.slot((1, 0))
