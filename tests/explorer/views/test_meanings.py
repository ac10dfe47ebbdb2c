"""The meaning of the number in a cell, from the one table that sentences, the log and the commands use."""

from __future__ import annotations

import pytest

from engine.constants import NULL
from explorer.session.session import Session
from explorer.views.changes import cell_words
from explorer.views.meanings import meaning


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("process.state", 4, "SZOMB"),
        ("process.map_writer", 1, "app"),
        ("process.map_writer", 0, "free"),
        ("object.flags", 8576, "WRITEABLE|MIGHTBEDIRTY|ONEMAPPING"),
        ("object.flags", 0, "0"),
        ("object.type", 1, "swap"),
        ("object.address", -8796091973120, "0xfffff80000100200"),
        ("hash.m", NULL, "none"),
        ("hash.m", 85, "0x55"),
        ("hash.object", NULL, "none"),
        ("buf.flags", 1, "SYNC"),
        ("buf.flags", 0x60, "TRY_TO_CACHE|ALLOW_ACTIVE"),
        ("buf.kind", 1, "swap read"),
        ("buf.block", NULL, "none"),
        ("swap.block", 256, "256"),
        ("thread.wake", 35, "EWOULDBLOCK"),
        ("thread.flags", 1, "SYSTHREAD"),
        ("cpu.current", 1, "pager"),
        ("cpu.current", NULL, "none"),
        ("page.pindex", -1, str((1 << 64) - 1)),
        ("page.wire_count", 3, "3"),
        ("map_entry.prot", 3, "READ|WRITE"),
    ],
)
def test_a_number_is_said_as_what_it_is(life: Session, column: str, value: int, words: str) -> None:
    assert meaning(life.labels, life.vm.memory.places[column], 0)(value) == words


def test_a_process_is_called_by_its_number(life: Session) -> None:
    address = life.vm.memory.address("process.state", 1)
    assert cell_words(life.labels, address, 1, 4) == ("process 1", "state", "SACTIVE", "SZOMB")


def test_every_column_has_a_meaning_for_a_value_it_can_have(life: Session) -> None:
    for place in life.vm.memory.columns:
        value = place.spec.bias if place.table in ("thread", "token") else 0
        assert meaning(life.labels, place, 0)(value)
