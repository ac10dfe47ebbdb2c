"""The forms of CELL as a reference lists them: each with its index, its range and the types of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.constants import PQ_L2_SIZE, VMSTATS_FIELDS
from engine.machine.machine import TOKENS_PER_THREAD, Machine

_FORMS: Final = {
    "page": "page[N]",
    "queue": "queue[BASE,COLOR]",
    "vmstats": "vmstats",
    "cpu": "cpu[N]",
    "global": "global",
    "object": "object[NAME]",
    "thread": "thread[NAME]",
    "token": "thread[NAME].token[K]",
    "marker": "marker[NAME]",
    "process": "process[NAME]",
    "hash": "hash[SLOT]",
}
"""The form of each table with an index of its own kind; the others are TABLE[N]."""

_ORDER: Final = (
    *("page", "queue", "vmstats", "cpu", "global", "object", "thread", "token", "marker", "process"),
    *("map_entry", "backing", "buf", "daemon", "hash", "alist", "io"),
    *("resident", "swap", "pte", "variable", "blist"),
)


@dataclass(frozen=True)
class CellForm:
    """The cells of one table.

    table:   its name. form: how a cell is written, without its field.
    indexes: the smallest and the largest index; None without an index.
    fields:  the C type of each field.
    """

    table: str
    form: str
    indexes: tuple[int, int] | None
    fields: dict[str, str]


def cell_forms(vm: Machine) -> Iterator[CellForm]:
    """Yield the forms of all cells of a machine."""
    for table in _ORDER:
        yield CellForm(table, _FORMS.get(table, f"{table}[N]"), _indexes(vm, table), _fields(vm, table))


def _fields(vm: Machine, table: str) -> dict[str, str]:
    if table == "vmstats":
        type_name = vm.memory.tables["vmstats"].specs()["count"].name
        return dict.fromkeys(VMSTATS_FIELDS, type_name)
    columns = vm.memory.tables["page" if table == "marker" else table].specs()
    return {name: column.name for name, column in columns.items()}


def _indexes(vm: Machine, table: str) -> tuple[int, int] | None:
    if table in ("vmstats", "global"):
        return None
    if table == "page":
        return vm.first_page, vm.first_page + vm.vm_page_array_size - 1
    lengths = {"queue": PQ_L2_SIZE, "cpu": vm.ncpus, "token": TOKENS_PER_THREAD, "marker": vm.thread.length}
    return 0, (lengths[table] if table in lengths else vm.memory.tables[table].length) - 1
