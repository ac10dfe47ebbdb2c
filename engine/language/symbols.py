"""What names stand for: the objects, threads and variables of a scenario, and the rows of a machine's tables.

Inside, a page is its array index and NULL is -1; outside a page is its physical page number. What a number
stands for is known of every column and every variable, so that it can be shown and compared rightly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Final

from engine.constants import NULL, PQ_L2_SIZE, QUEUE_BASES, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.machine.machine import Machine
from engine.machine.tables import CpuTable

NUMBER: Final = re.compile(r"-?(?:\d{1,20}|0[xX][0-9a-fA-F]{1,16})", re.ASCII)

SETUP: Final = "setup"
"""The name under which the setup's variables are found."""

VM_TOKEN: Final = "vm_token"
"""The name of the object table's last row, which stands for the token of memory waits."""


class Kind(Enum):
    """What a number stands for: itself, a page, an object, another index that may be NULL, or NULL alone."""

    NUMBER = "a number"
    PAGE = "a page"
    OBJECT = "an object"
    INDEX = "an index"
    NULL = "NULL"

    @property
    def nullable(self) -> bool:
        """Whether -1 means that there is none."""
        return self is not Kind.NUMBER


@dataclass(frozen=True)
class Variable:
    """A script's variable: its cell in the variable table, and what it holds."""

    slot: int
    kind: Kind = Kind.NUMBER


@dataclass(frozen=True)
class Names:
    """The names a scenario gives: objects, threads and processes by index, and each thread's variables.

    variables: thread name (or `setup`) -> variable name -> variable; hidden ones are called `$1`, `$2`, ...
    """

    objects: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    variables: Mapping[str, Mapping[str, Variable]] = field(default_factory=dict)
    processes: tuple[str, ...] = ()

    @cached_property
    def variable_at(self) -> dict[int, tuple[str, str, Kind]]:
        """Slot of the variable table -> (thread, variable, kind)."""
        return {
            variable.slot: (thread, name, variable.kind)
            for thread, variables in self.variables.items()
            for name, variable in variables.items()
        }


NOTHING_NAMED: Final = Names()


POINTERS: Final = {
    ("page", "next"): Kind.PAGE,
    ("page", "prev"): Kind.PAGE,
    ("page", "object"): Kind.OBJECT,
    ("queue", "head"): Kind.PAGE,
    ("queue", "tail"): Kind.PAGE,
    ("cpu", "current"): Kind.INDEX,
    ("cpu", "runq_head"): Kind.INDEX,
    ("cpu", "runq_tail"): Kind.INDEX,
    ("global", "sleepq_head"): Kind.INDEX,
    ("global", "sleepq_tail"): Kind.INDEX,
    ("hash", "m"): Kind.PAGE,
    ("hash", "object"): Kind.OBJECT,
    ("io", "page"): Kind.PAGE,
    ("io", "object"): Kind.OBJECT,
    ("resident", "page"): Kind.PAGE,
    ("swap", "block"): Kind.INDEX,
    ("thread", "page_spin"): Kind.PAGE,
    ("thread", "sleep_next"): Kind.INDEX,
    ("thread", "sleep_prev"): Kind.INDEX,
    ("thread", "run_next"): Kind.INDEX,
    ("token", "object"): Kind.OBJECT,
    ("thread", "process"): Kind.INDEX,
    ("process", "first_entry"): Kind.INDEX,
    ("map_entry", "backing"): Kind.INDEX,
    ("map_entry", "next"): Kind.INDEX,
    ("backing", "object"): Kind.OBJECT,
    ("backing", "next"): Kind.INDEX,
    ("buf", "object"): Kind.OBJECT,
    ("buf", "block"): Kind.INDEX,
    ("buf", "requested"): Kind.PAGE,
}
"""The columns whose values are no plain numbers."""

CPU_COUNTERS: Final = tuple(name for name in CpuTable.specs() if name.startswith("v_"))
"""The columns of a cpu that are reached as `cpu[N].cnt.F`."""


def column_kind(table: str, column: str) -> Kind:
    """What the values of a column are."""
    return POINTERS.get((table, column), Kind.NUMBER)


def outside(vm: Machine, kind: Kind, value: int) -> int | None:
    """A value of some kind as it is shown."""
    if kind.nullable and value == NULL:
        return None
    return vm.page_number(value) if kind is Kind.PAGE else value


def read_number(text: str, what: str) -> int:
    """Read an index, decimal or 0x.

    Errors: BadInput that names `what` the number is of.
    """
    text = text.strip()
    if NUMBER.fullmatch(text) is None:
        raise BadInput(f"{text[:40]!r} is no number of {what}; write it in decimal or with 0x")
    return int(text, 16 if "x" in text.lower() else 10)


def check_row(table: str, index: int, length: int) -> int:
    """Return `index` if it is a row of the table.

    Errors: BadInput when it is none.
    """
    if not 0 <= index < length:
        raise BadInput(f"there is no {table}[{index}]; there are 0 to {length - 1}")
    return index


def page_at(vm: Machine, number: int) -> int:
    """The array index of the page called `number` outside.

    Errors: BadInput when there is none.
    """
    m = vm.page_index(number)
    if m == NULL:
        last = vm.first_page + vm.vm_page_array_size - 1
        raise BadInput(f"there is no page {number:#x}; this machine has {vm.first_page:#x} to {last:#x}")
    return m


def queue_at(base: int, color: int) -> int:
    """The queue of a type and colour.

    Errors: BadInput when there is none.
    """
    if base not in QUEUE_BASES.values():
        raise BadInput(f"{base} is no queue type; write {', '.join(QUEUE_BASES)}, or PQ_FREE and so on")
    if not 0 <= color < (PQ_L2_SIZE if base else 1):
        raise BadInput(f"there is no colour {color}; there are 0 to {PQ_L2_SIZE - 1}")
    return base + color


def queue_base(word: str) -> int | None:
    """The queue type called `FREE` or `PQ_FREE`; None when it is no type."""
    return QUEUE_BASES.get(word.removeprefix("PQ_"))


def row_called(word: str, table: str, known: tuple[str, ...], length: int) -> int:
    if word in known:
        return known.index(word)
    if NUMBER.fullmatch(word) is None:
        there = ", ".join(known) or "none"
        raise BadInput(f"no {table} is called {word[:40]!r}; there are: {there}")
    return check_row(table, read_number(word, table), length)


def counter_at(word: str) -> int:
    """The offset of a vmstats field.

    Errors: BadInput when there is none of that name.
    """
    if word not in VMSTATS_FIELDS:
        raise BadInput(f"{word[:40]!r} is no field of vmstats; there are {', '.join(VMSTATS_FIELDS)}")
    return VMSTATS_FIELDS.index(word)


def variable_named(names: Names, thread: str, name: str) -> Variable:
    """The variable of a thread's script, or of the setup.

    Errors: BadInput when there is none of that name.
    """
    variables = names.variables.get(thread)
    if variables is None:
        raise BadInput(f"no thread is called {thread[:40]!r}; there are: {', '.join(names.variables)}")
    if name not in variables:
        there = ", ".join(word for word in variables if not word.startswith("$")) or "none"
        raise BadInput(f"{thread} has no variable {name[:40]!r}; its variables are: {there}")
    return variables[name]
