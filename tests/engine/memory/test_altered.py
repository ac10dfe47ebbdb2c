"""A memory that shows other values than its cells hold."""

from __future__ import annotations

import pytest

from engine.memory.altered import Alteration, AstrayError, altered
from engine.memory.cells import Memory
from engine.memory.columns import Column, Table, i64, u8
from engine.memory.journal import Journal


class Two(Table):
    """A column with a bias, and one without."""

    byte: Column = u8(bias=6)
    long: Column = i64()


def memory_of_two() -> tuple[Memory, Two]:
    memory, table = Memory(), Two(4)
    memory.add("t", table)
    memory.allocate()
    table.byte[1], table.long[2] = 9, 70
    return memory, table


def test_an_altered_cell_shows_its_other_value_and_holds_its_own() -> None:
    memory, table = memory_of_two()
    otherwise = {memory.address("t.byte", 1): 1, memory.address("t.long", 0): 5}
    with altered(memory, Alteration(otherwise)):
        assert [table.byte[n] for n in range(4)] == [6, 7, 6, 6]
        assert [table.long[n] for n in range(4)] == [5, 0, 70, 0]
        assert memory.vector("t.long").tolist() == [5, 0, 70, 0]
        assert memory.vector("t.long", 1, 2).tolist() == [0, 70]
    assert [table.byte[n] for n in range(4)] == [6, 9, 6, 6]
    assert memory.vector("t.long").tolist() == [0, 0, 70, 0]
    assert memory.array.tolist() == [0, 3, 0, 0, 0, 0, 70, 0]


def test_a_write_ends_the_alteration_and_is_recorded() -> None:
    memory, table = memory_of_two()
    journal = Journal()
    memory.record(journal)
    otherwise = {memory.address("t.long", 2): 5}
    with altered(memory, Alteration(otherwise)):
        table.long[2] = table.long[2] + 1
        assert table.long[2] == 6
    assert otherwise == {}
    assert (journal.writes, journal.old[0], journal.new[0]) == (1, 70, 6)


def test_code_that_reads_without_end_is_stopped() -> None:
    memory, table = memory_of_two()

    def follow() -> None:
        while table.long[2] == 70:
            pass

    with altered(memory, Alteration({}, left=10)), pytest.raises(AstrayError):
        follow()
    assert table.long[2] == 70
