"""Many writes of one step."""

from __future__ import annotations

import numpy as np
import pytest

from engine.memory.bulk import at_once, columns_of
from engine.memory.cells import Memory
from engine.memory.columns import Column, Table, i64, u8
from engine.memory.journal import Journal


class Numbers(Table):
    """Two columns of four cells."""

    title = "numbers"
    plain: Column = i64()
    small: Column = u8(bias=3)


def memory() -> tuple[Memory, Numbers, Journal]:
    """A memory with one table, recorded."""
    made, table, journal = Memory(), Numbers(4), Journal()
    made.add("numbers", table)
    made.allocate()
    made.record(journal)
    return made, table, journal


def test_at_once_records_the_net_change_of_each_cell() -> None:
    made, table, journal = memory()
    with at_once(made):
        table.plain[1] = 5
        table.plain[1] = 7
        table.plain[2] = 9
        table.plain[2] = 0
        table.small[0] = 4
    journal.mark(0, "many writes")
    assert journal.writes_of(1) == [(1, 0, 7), (4, 0, 1)]
    table.plain[0] = 1
    assert journal.writes == 3, "the memory is recorded again"


def test_an_error_undoes_what_was_done_at_once() -> None:
    made, table, journal = memory()
    with pytest.raises(ZeroDivisionError):
        _fail(made, table)
    assert not made.array.any()
    assert journal.writes == 0
    assert made.journal is journal


def _fail(made: Memory, table: Numbers) -> None:
    with at_once(made):
        table.plain[1] = 5
        raise ZeroDivisionError


def test_the_columns_of_addresses_are_in_order() -> None:
    made, _, _ = memory()
    assert [place.name for place in columns_of(made, np.array([4, 7, 0]))] == ["plain", "small"]
    assert [place.name for place in columns_of(made, np.array([5]))] == ["small"]


def test_a_column_written_as_a_whole_is_recorded_where_it_changed() -> None:
    made, table, journal = memory()
    table.plain[3] = 8
    with made.writing("numbers.plain") as plain:
        plain[:] = [0, 6, 0, 8]
        assert table.plain[1] == 0, "the column changes on exit"
    journal.mark(0, "one write of two")
    assert journal.writes_of(1) == [(3, 0, 8), (1, 0, 6)]
    assert table.plain[1] == 6


def test_without_a_journal_a_column_is_written_in_place() -> None:
    made, table, _ = memory()
    made.record(None)
    with made.writing("numbers.small") as small:
        small[2] = 1
        assert table.small[2] == 4


def test_an_observer_sees_a_column_written_as_a_whole() -> None:
    made, _, _ = memory()
    with made.observed() as log, made.writing("numbers.plain") as plain:
        plain[2] = 5
    assert log.cells == [(2, 5, True)]


def test_writing_shows_altered_values_and_ends_the_alteration_of_what_it_writes() -> None:
    made, table, journal = memory()
    made.instead = {0: 4, 1: 5}
    with made.writing("numbers.plain") as plain:
        assert plain.tolist() == [4, 5, 0, 0]
        plain[0] += 1
    assert (made.instead, table.plain[0], journal.take_unmarked()) == ({1: 5}, 5, [(0, 0, 5)])
    made.instead = {}


def test_a_journal_grows_for_many_writes() -> None:
    journal, many = Journal(), 5000
    cells = np.arange(many)
    journal.add(cells, cells * 0, cells + 1)
    journal.mark(0, "five thousand")
    assert journal.writes_of(1)[-1] == (many - 1, 0, many)
    assert journal.writes == many
