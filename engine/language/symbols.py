"""The meaning of names: a scenario's objects, threads and variables, and the rows of a machine's tables.

Internally a page is its array index and NULL is -1; externally a page is its physical page number. Every
column and variable has a kind, so that its values are displayed and compared correctly.
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
"""The owner name of the setup's variables."""

VM_TOKEN: Final = "vm_token"
"""The name of the object table's last row, which represents vm_token, the token of memory waits."""


class Kind(Enum):
    """The kind of a value: a number, a page, an object, another index that may be NULL, or only NULL."""

    NUMBER = "a number"
    PAGE = "a page"
    OBJECT = "an object"
    INDEX = "an index"
    NULL = "NULL"

    @property
    def nullable(self) -> bool:
        """Whether -1 means NULL."""
        return self is not Kind.NUMBER


@dataclass(frozen=True)
class Variable:
    """A script's variable: its cell in the variable table, and the kind of its values."""

    slot: int
    kind: Kind = Kind.NUMBER


@dataclass(frozen=True)
class Names:
    """The names of a scenario: objects, threads and processes by index, and each thread's variables.

    variables: thread name (or `setup`) -> variable name -> variable; hidden ones are `$1`, `$2`, ...
    parameters: the scenario's parameters, each a number that is the same everywhere in a run.
    """

    objects: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    variables: Mapping[str, Mapping[str, Variable]] = field(default_factory=dict)
    processes: tuple[str, ...] = ()
    parameters: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def variable_at(self) -> dict[int, tuple[str, str, Kind]]:
        """Slot of the variable table -> (thread, variable, kind)."""
        return {
            variable.slot: (thread, name, variable.kind)
            for thread, variables in self.variables.items()
            for name, variable in variables.items()
        }

    @cached_property
    def page_variables(self) -> tuple[tuple[int, int, str], ...]:
        """The variables that hold pages, in the file's order, without hidden ones.

        Each as (slot, thread, `app.m`); the thread is NULL for the setup's variables.
        """
        return tuple(
            (variable.slot, self.threads.index(owner) if owner in self.threads else NULL, f"{owner}.{name}")
            for owner, variables in self.variables.items()
            for name, variable in variables.items()
            if variable.kind is Kind.PAGE and not name.startswith("$")
        )


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
"""The columns whose values are not plain numbers."""

CPU_COUNTERS: Final = tuple(name for name in CpuTable.specs() if name.startswith("v_"))
"""The columns of a cpu that are named `cpu[N].cnt.F`."""


def column_kind(table: str, column: str) -> Kind:
    """The kind of a column's values."""
    return POINTERS.get((table, column), Kind.NUMBER)


def outside(vm: Machine, kind: Kind, value: int) -> int | None:
    """Convert a value from its internal to its external form; NULL becomes None."""
    if kind.nullable and value == NULL:
        return None
    return vm.page_number(value) if kind is Kind.PAGE else value


def read_number(text: str, what: str) -> int:
    """Parse an index, decimal or with 0x.

    what: what the number denotes, for the message, such as "a page".
    Errors: BadInput if the text is not a number.
    """
    text = text.strip()
    if NUMBER.fullmatch(text) is None:
        raise BadInput(f"{text[:40]!r} is not the number of {what}; write it in decimal or with 0x")
    return int(text, 16 if "x" in text.lower() else 10)


def check_row(table: str, index: int, length: int) -> int:
    """Return `index` if it is a row of the table.

    Errors: BadInput if it is not.
    """
    if not 0 <= index < length:
        raise BadInput(f"there is no {table}[{index}]; the index is from 0 to {length - 1}")
    return index


def page_at(vm: Machine, number: int) -> int:
    """Return the array index of the page with the physical page number `number`.

    Errors: BadInput if there is no such page.
    """
    m = vm.page_index(number)
    if m == NULL:
        last = vm.first_page + vm.vm_page_array_size - 1
        raise BadInput(f"there is no page {number:#x}; this machine has {vm.first_page:#x} to {last:#x}")
    return m


def queue_at(base: int, color: int) -> int:
    """Return the queue of a type and colour.

    Errors: BadInput if there is no such queue.
    """
    if base not in QUEUE_BASES.values():
        raise BadInput(f"{base} is not a queue type; use one of {', '.join(QUEUE_BASES)}")
    colors = PQ_L2_SIZE if base else 1
    if not 0 <= color < colors:
        raise BadInput(f"there is no colour {color}; the colour is from 0 to {colors - 1}")
    return base + color


def queue_base(word: str) -> int | None:
    """Return the queue type named `FREE` or `PQ_FREE`; None if there is none of that name."""
    return QUEUE_BASES.get(word.removeprefix("PQ_"))


def row_called(word: str, table: str, known: tuple[str, ...], length: int) -> int:
    """Return the row of a table that `word`, one of the `known` names or an index, refers to.

    Errors: BadInput if there is no such row.
    """
    if word in known:
        return known.index(word)
    if NUMBER.fullmatch(word) is None:
        hint = f"use one of {', '.join(known)}" if known else "give its index"
        raise BadInput(f"there is no {table} {word[:40]!r}; {hint}")
    return check_row(table, read_number(word, table), length)


def counter_at(word: str) -> int:
    """Return the offset of a vmstats field.

    Errors: BadInput if there is no field of that name.
    """
    if word not in VMSTATS_FIELDS:
        raise BadInput(f"{word[:40]!r} is not a field of vmstats; use one of {', '.join(VMSTATS_FIELDS)}")
    return VMSTATS_FIELDS.index(word)


def variable_named(names: Names, thread: str, name: str) -> Variable:
    """Return a variable of a thread's script or of the setup.

    Errors: BadInput if there is no variable of that name.
    """
    variables = names.variables.get(thread)
    if variables is None:
        raise BadInput(f"there is no thread {thread[:40]!r}; the threads are: {', '.join(names.variables)}")
    if name not in variables:
        there = ", ".join(word for word in variables if not word.startswith("$")) or "none"
        raise BadInput(f"{thread} has no variable {name[:40]!r}; its variables are: {there}")
    return variables[name]
