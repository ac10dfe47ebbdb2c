"""The log of the cells that are read and written."""

from __future__ import annotations

from tests.engine.memory.every_type import memory_of


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
