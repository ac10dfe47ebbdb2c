"""What names stand for: rows, queues, counters and variables, and how a value is shown outside."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.constants import NULL, PQ_ACTIVE, PQ_FREE, PQ_HOLD, PQ_NONE, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.kernel.boot.sequence import boot
from engine.language.symbols import (
    CPU_COUNTERS,
    POINTERS,
    Kind,
    Names,
    Variable,
    check_row,
    column_kind,
    counter_at,
    outside,
    page_at,
    queue_at,
    queue_base,
    read_number,
    row_called,
    variable_named,
)
from engine.machine.machine import Machine, MachineConfig
from engine.machine.topology import Hardware, Topology


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


NAMES = Names(
    ("heap",),
    ("app", "pager"),
    {
        "setup": {"x": Variable(0)},
        "app": {"m": Variable(1, Kind.PAGE), "$1": Variable(2)},
        "pager": {"$2": Variable(3)},
    },
)


@pytest.fixture(scope="module")
def vm() -> Machine:
    """Pages 0x100 to 0x4ff."""
    return boot(MachineConfig(Hardware("symbols", Topology.grid(1, 1, 1), ((0x100000, 0x500000),))))


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Kind.NUMBER, -1, -1),
        (Kind.PAGE, NULL, None),
        (Kind.PAGE, 5, 0x105),
        (Kind.PAGE, 0x400, -1),
        (Kind.OBJECT, NULL, None),
        (Kind.OBJECT, 2, 2),
        (Kind.INDEX, NULL, None),
        (Kind.INDEX, 0, 0),
        (Kind.NULL, NULL, None),
    ],
)
def test_a_value_is_shown_by_its_kind(vm: Machine, kind: Kind, value: int, shown: int | None) -> None:
    """The first fake page is the row after the last of memory, and is called -1."""
    assert outside(vm, kind, value) == shown
    assert kind.nullable is (kind is not Kind.NUMBER)


def test_every_pointer_is_a_column_of_the_machine_and_any_other_column_a_number(vm: Machine) -> None:
    for table, column in POINTERS:
        assert column in vm.memory.tables[table].specs()
    assert column_kind("page", "next") is Kind.PAGE
    assert column_kind("page", "flags") is Kind.NUMBER
    assert "v_tfree" in CPU_COUNTERS
    assert "current" not in CPU_COUNTERS


def test_a_variable_is_found_by_its_slot() -> None:
    assert NAMES.variable_at[1] == ("app", "m", Kind.PAGE)
    assert NAMES.variable_at.keys() == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("read", "found"),
    sentences(
        ("a decimal number", lambda: read_number(" 12 ", "a page"), 12),
        ("a hexadecimal number", lambda: read_number("0X1f", "a page"), 31),
        ("a negative number", lambda: read_number("-0x2", "a page"), -2),
        ("the last row", lambda: check_row("cpu", 3, 4), 3),
        ("a queue", lambda: queue_at(PQ_ACTIVE, 1023), PQ_ACTIVE + 1023),
        ("no queue", lambda: queue_at(PQ_NONE, 0), 0),
        ("a short queue type", lambda: queue_base("HOLD"), PQ_HOLD),
        ("the kernel's name of it", lambda: queue_base("PQ_FREE"), PQ_FREE),
        ("no queue type", lambda: queue_base("WARM"), None),
        ("a small letter", lambda: queue_base("free"), None),
        ("a name", lambda: row_called("pager", "thread", ("app", "pager"), 9), 1),
        ("a number where there are names", lambda: row_called("0x8", "thread", ("app", "pager"), 9), 8),
        ("a counter", lambda: VMSTATS_FIELDS[counter_at("v_wire_count")], "v_wire_count"),
        ("a variable", lambda: variable_named(NAMES, "app", "m"), Variable(1, Kind.PAGE)),
        ("a hidden variable", lambda: variable_named(NAMES, "app", "$1"), Variable(2)),
        ("the setup's variable", lambda: variable_named(NAMES, "setup", "x"), Variable(0)),
    ),
)  # fmt: skip
def test_a_named_item_is_found(read: Callable[[], object], found: object) -> None:
    assert read() == found


@pytest.mark.parametrize(
    ("read", "message"),
    sentences(
        ("no number", lambda: read_number("x", "a page"), "'x' is not the number of a page; write it in decimal or with 0x"),
        ("digits of another script", lambda: read_number("٣", "a page"), "is not the number of a page"),
        ("a number without end", lambda: read_number("1" * 21, "a page"), "is not the number of a page"),
        ("a sign alone", lambda: read_number("-", "a page"), "is not the number of a page"),
        ("a row too far", lambda: check_row("cpu", 4, 4), "there is no cpu[4]; the index is from 0 to 3"),
        ("a row below 0", lambda: check_row("cpu", -1, 4), "there is no cpu[-1]; the index is from 0 to 3"),
        ("no type", lambda: queue_at(5, 0), "5 is not a queue type; use one of NONE, FREE, INACTIVE, ACTIVE, CACHE, HOLD"),
        ("a colour too far", lambda: queue_at(PQ_FREE, 1024), "there is no colour 1024; the colour is from 0 to 1023"),
        ("a colour below 0", lambda: queue_at(PQ_FREE, -1), "there is no colour -1; the colour is from 0 to 1023"),
        ("a colour of no queue", lambda: queue_at(PQ_NONE, 1), "there is no colour 1"),
        ("an unknown name", lambda: row_called("bob", "thread", ("app",), 9), "there is no thread 'bob'; use one of app"),
        ("an unknown name where none is known", lambda: row_called("bob", "thread", (), 9), "there is no thread 'bob'; give its index"),
        ("a number too far", lambda: row_called("9", "thread", ("app",), 9), "there is no thread[9]; the index is from 0 to 8"),
        ("no counter", lambda: counter_at("v_tea"), "'v_tea' is not a field of vmstats; use one of v_page_count, v_free_reserved"),
        ("no thread", lambda: variable_named(NAMES, "bob", "m"), "there is no thread 'bob'; the threads are: setup, app, pager"),
        ("no variable", lambda: variable_named(NAMES, "app", "q"), "app has no variable 'q'; its variables are: m"),
        ("hidden ones are not offered", lambda: variable_named(NAMES, "pager", "q"), "its variables are: none"),
    ),
)  # fmt: skip
def test_an_unknown_name_is_a_message_with_the_known_ones(read: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        read()
    assert message in caught.value.message


def test_a_page_is_found_by_its_number(vm: Machine) -> None:
    assert [page_at(vm, number) for number in (0x100, 0x4FF, -1)] == [0, 0x3FF, 0x400]
    for number in (0xFF, 0x500):
        with pytest.raises(BadInput, match=f"there is no page {number:#x}; this machine has 0x100 to 0x4ff"):
            page_at(vm, number)
