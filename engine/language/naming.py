"""Names of cells: conversion between CELL texts and addresses, and display of values.

Every cell of the memory has one name. The most common are:

    page[0x3f21].busy_count    queue[FREE,5].lcnt    vmstats.v_free_count    global.ticks    hash[7].m
    cpu[0].view.v_free_count   cpu[0].adj.v_free_count   cpu[0].cnt.v_tfree   cpu[0].current
    object[heap].generation    object[heap].page[3]      object[heap].swap[3]
    thread[app].state          thread[app].var.m         thread[app].token[0].object
    daemon[0].phase            marker[pager].next        process[A].minflt       process[A].pte[0x10]
    map_entry[0].start         buf[0].done

A page is named by its physical page number (a fictitious page by -1, -2, ...), an object or thread by its
name, or by its index if it has no name, and a marker by the thread whose scan it marks. Cells not yet bound
to a key or variable are `resident[N].page`, `swap[N].block`, `pte[N].entry` and `variable[N].value`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from engine.constants import NULL, QUEUE_BASES, VMSTATS_FIELDS, VMSTATS_SIZE, Thread, type_and_color
from engine.errors import BadInput
from engine.language.symbols import (
    CPU_COUNTERS,
    NOTHING_NAMED,
    VM_TOKEN,
    Kind,
    Names,
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
from engine.machine.machine import TOKENS_PER_THREAD, Machine
from engine.machine.tables import EMPTY
from engine.memory.cells import AddressBook, Placed

LONGEST_CELL: Final = 200


@dataclass(frozen=True)
class Keyed:
    """A cell that may not be allocated yet: the page or swap block of `object` at `pindex`.

    For the table `pte`, `object` is a process and `pindex` a page number of its address space.
    """

    table: str
    object: int
    pindex: int

    def slot(self, vm: Machine) -> int | None:
        """Index of the cell in its column, or None if it is not allocated; its value is then NULL."""
        return _book(vm, self.table).slots.get((self.object, self.pindex))

    def address(self, vm: Machine) -> int | None:
        """Address of the cell, or None if it is not allocated."""
        slot = self.slot(vm)
        return None if slot is None else vm.memory.address(KEYED_COLUMNS[self.table], slot)


KEYED_COLUMNS: Final = {"page": "resident.page", "swap": "swap.block", "pte": "pte.entry"}


def _book(vm: Machine, table: str) -> AddressBook:
    return {"page": vm.resident_slots, "swap": vm.swap_slots, "pte": vm.pte_slots}[table]


# --- values -----------------------------------------------------------------------------------------------


def shown_value(vm: Machine, address: int, raw: int, names: Names = NOTHING_NAMED) -> int | None:
    """Convert the cell content `raw` for display: a page to its physical page number, NULL to None.

    raw:   the value in the memory and the journal, without the column's bias.
    names: needed for variables that hold pages.
    """
    place, index = vm.memory.place_of(address)
    value = raw + place.spec.bias
    kind = column_kind(place.table, place.name)
    if place.table == "variable" and index in names.variable_at:
        kind = names.variable_at[index][2]
    if kind is Kind.NUMBER and place.spec.bits == 64 and not place.spec.signed:
        return value & place.spec.mask
    return outside(vm, kind, value)


# --- from address to name ---------------------------------------------------------------------------------


def name_of(vm: Machine, address: int, names: Names = NOTHING_NAMED) -> str:
    """Return the CELL text of the cell at `address`.

    Errors: BadInput if the memory has no such cell.
    """
    if not 0 <= address < vm.memory.size:
        raise BadInput(f"there is no cell {address}; this machine has cells 0 to {vm.memory.size - 1}")
    place, index = vm.memory.place_of(address)
    namer = _NAMERS.get(place.table)
    return namer(vm, place, index, names) if namer else f"{place.table}[{index}].{place.name}"


def page_text(vm: Machine, m: int) -> str:
    """Return the name of page `m` in a CELL, such as `page[0x3f21]`; NULL and a bad index in words."""
    if not 0 <= m < vm.page.length:
        return "NULL" if m == NULL else f"not a page (index {m})"
    number = vm.page_number(m)
    return f"page[{number}]" if number < 0 else f"page[{number:#x}]"


def held_pages(vm: Machine, names: Names, freed: Container[int] = ()) -> dict[int, str]:
    """Return the pages that are named by a variable that holds them now: page -> variable, such as `app.m`.

    Of several variables, the first of a thread in the file's order. Variables of a thread that has not
    started have no value yet. A variable of the setup names only pages without an object, until the run
    frees them: the page may be anything then.

    freed: the pages that the run has freed.
    """
    value, state, obj = vm.variable.value, vm.thread.state, vm.page.object
    found: dict[int, str] = {}
    of_setup: dict[int, str] = {}
    for slot, t, name in names.page_variables:
        m = value[slot]
        if not 0 <= m < vm.marker_base:
            continue
        if t == NULL and obj[m] == NULL and m not in freed:
            of_setup.setdefault(m, name)
        elif t != NULL and state[t] != EMPTY:
            found.setdefault(m, name)
    return of_setup | found


def page_name(vm: Machine, m: int, names: Names, held: Mapping[int, str] | None = None) -> str:
    """Return the name that people use for page `m`: `app.m`, else `heap[3]`, else `0xc03`.

    The first variable of a thread that holds the page, else its object and index there, else the setup's
    variable if the run has not freed the page, else its physical number.
    held: the result of `held_pages`, if it is known already.
    """
    known = held_pages(vm, names) if held is None else held
    if m in known:
        return known[m]
    obj = vm.page.object[m]
    if obj == NULL:
        return vm.page_word(m)
    return f"{_word(obj, names.objects)}[{vm.page.pindex[m]}]"


def object_text(vm: Machine, obj: int, names: Names | None = None) -> str:
    """Return the name of object `obj` in a CELL: `object[heap]`; the default names are the machine's."""
    known = vm.object_names if names is None else names.objects
    return f"object[{VM_TOKEN if obj == vm.vm_token else _word(obj, known)}]"


def thread_text(vm: Machine, t: int, names: Names | None = None) -> str:
    """Return the name of thread `t` in a CELL: `thread[app]`; the default names are the machine's."""
    known = vm.thread_names if names is None else names.threads
    return f"thread[{_word(t, known)}]"


def queue_text(q: int) -> str:
    """Return the name of queue `q` in a CELL: `queue[FREE,5]`."""
    name, color = type_and_color(q)
    return f"queue[{name},{color}]"


def _name_page(vm: Machine, place: Placed, index: int, names: Names) -> str:
    if index >= vm.marker_base:
        return f"marker[{_word(index - vm.marker_base, names.threads)}].{place.name}"
    return f"{page_text(vm, index)}.{place.name}"


def _name_queue(vm: Machine, place: Placed, index: int, names: Names) -> str:
    return f"{queue_text(index)}.{place.name}"


def _name_vmstats(vm: Machine, place: Placed, index: int, names: Names) -> str:
    return f"vmstats.{VMSTATS_FIELDS[index]}"


def _name_gd_vmstats(vm: Machine, place: Placed, index: int, names: Names) -> str:
    cpu, counter = divmod(index, VMSTATS_SIZE)
    return f"cpu[{cpu}].{place.name}.{VMSTATS_FIELDS[counter]}"


def _name_cpu(vm: Machine, place: Placed, index: int, names: Names) -> str:
    return f"cpu[{index}].{'cnt.' if place.name in CPU_COUNTERS else ''}{place.name}"


def _name_global(vm: Machine, place: Placed, index: int, names: Names) -> str:
    return f"global.{place.name}"


def _name_object(vm: Machine, place: Placed, index: int, names: Names) -> str:
    return f"{object_text(vm, index, names)}.{place.name}"


def _word(index: int, known: Sequence[str]) -> str | int:
    return known[index] if 0 <= index < len(known) else index


def _process_text(index: int, names: Names) -> str:
    return f"process[{_word(index, names.processes)}]"


def _name_process(vm: Machine, place: Placed, index: int, names: Names) -> str:
    return f"{_process_text(index, names)}.{place.name}"


def _name_thread(vm: Machine, place: Placed, index: int, names: Names) -> str:
    return f"{thread_text(vm, index, names)}.{place.name}"


def _name_token(vm: Machine, place: Placed, index: int, names: Names) -> str:
    thread, slot = divmod(index, TOKENS_PER_THREAD)
    return f"{thread_text(vm, thread, names)}.token[{slot}].{place.name}"


def _name_variable(vm: Machine, place: Placed, index: int, names: Names) -> str:
    if index not in names.variable_at:
        return f"variable[{index}].{place.name}"
    thread, name, _ = names.variable_at[index]
    return f"thread[{thread}].var.{name}"


def _name_keyed(vm: Machine, place: Placed, index: int, names: Names) -> str:
    table = "page" if place.table == "resident" else place.table
    slots = _book(vm, table).slots
    if index >= len(slots):
        return f"{place.table}[{index}].{place.name}"
    owner, at = next(islice(slots, index, None))
    name = _process_text(owner, names) if table == "pte" else object_text(vm, owner, names)
    return f"{name}.{table}[{at:#x}]" if table == "pte" else f"{name}.{table}[{at}]"


_NAMERS: Final[dict[str, Callable[[Machine, Placed, int, Names], str]]] = {
    "page": _name_page,
    "queue": _name_queue,
    "vmstats": _name_vmstats,
    "gd_vmstats": _name_gd_vmstats,
    "cpu": _name_cpu,
    "global": _name_global,
    "object": _name_object,
    "thread": _name_thread,
    "token": _name_token,
    "variable": _name_variable,
    "resident": _name_keyed,
    "swap": _name_keyed,
    "pte": _name_keyed,
    "process": _name_process,
}


# --- from name to address ---------------------------------------------------------------------------------

_CELL: Final = re.compile(r"\s*([a-z_]+)\s*(?:\[([^\[\]]*)\])?\s*\.\s*(.*?)\s*", re.ASCII)
_KEY: Final = re.compile(r"(page|swap)\[([^\[\]]*)\]", re.ASCII)
_PTE: Final = re.compile(r"pte\[([^\[\]]*)\]", re.ASCII)
_TOKEN: Final = re.compile(r"token\[([^\[\]]*)\]\.(\w+)", re.ASCII)


def parse_cell(vm: Machine, text: str, names: Names = NOTHING_NAMED) -> int | Keyed:
    """Return the address of the cell named `text`, or a Keyed if the cell is not allocated yet.

    Errors: BadInput, with the valid forms, if there is no such cell.
    """
    if text[:1] in ("'", '"') and text[-1:] == text[0]:
        raise BadInput(f"quotes are not needed around a cell; write {text[1:-1][:60]}")
    match = _CELL.fullmatch(text) if len(text) <= LONGEST_CELL else None
    parser = _PARSERS.get(match[1]) if match else None
    if match is None or parser is None:
        raise BadInput(f"{text[:LONGEST_CELL]!r} is not a cell; {CELL_FORMS}")
    if (match[2] is None) is not (match[1] in ("vmstats", "global")):
        raise BadInput(f"{text!r} is not a cell; {CELL_FORMS}")
    return parser(vm, match[2] or "", match[3], names)


CELL_FORMS: Final = (
    "write page[N].FIELD, queue[BASE,COLOR].FIELD, vmstats.FIELD, cpu[N].view.FIELD, object[NAME].FIELD, "
    "object[NAME].page[PINDEX], thread[NAME].var.NAME, process[NAME].FIELD, hash[SLOT].FIELD or global.NAME"
)


def column_address(vm: Machine, table: str, column: str, index: int) -> int:
    """Return the address of one cell of a table.

    Errors: BadInput if the table has no such column or row.
    """
    if column not in vm.memory.tables[table].specs():
        fields = ", ".join(vm.memory.tables[table].specs())
        raise BadInput(f"{column[:40]!r} is not a field of {table}; use one of {fields}")
    check_row(table, index, vm.memory.tables[table].length)
    return vm.memory.address(f"{table}.{column}", index)


def object_at(vm: Machine, word: str, names: Names) -> int:
    """Return the object that `word`, a name or an index, refers to.

    Errors: BadInput if there is no such object.
    """
    if word == VM_TOKEN:
        return vm.vm_token
    return row_called(word.strip(), "object", names.objects, vm.object.length)


def _parse_page(vm: Machine, key: str, rest: str, names: Names) -> int:
    return column_address(vm, "page", rest, page_at(vm, read_number(key, "a page")))


def _parse_queue(vm: Machine, key: str, rest: str, names: Names) -> int:
    word, _, color = key.partition(",")
    base = queue_base(word.strip())
    if base is None:
        raise BadInput(f"{word[:40]!r} is not a queue type; use one of {', '.join(QUEUE_BASES)}")
    return column_address(vm, "queue", rest, queue_at(base, read_number(color, "a colour")))


def _parse_vmstats(vm: Machine, key: str, rest: str, names: Names) -> int:
    return vm.memory.address("vmstats.count", counter_at(rest))


def _parse_cpu(vm: Machine, key: str, rest: str, names: Names) -> int:
    cpu = check_row("cpu", read_number(key, "a cpu"), vm.ncpus)
    copy, dot, counter = rest.partition(".")
    if dot and copy in ("view", "adj", "taken"):
        return vm.memory.address(f"gd_vmstats.{copy}", cpu * VMSTATS_SIZE + counter_at(counter))
    return column_address(vm, "cpu", counter if dot and copy == "cnt" else rest, cpu)


def _parse_global(vm: Machine, key: str, rest: str, names: Names) -> int:
    return column_address(vm, "global", rest, 0)


def _parse_object(vm: Machine, key: str, rest: str, names: Names) -> int | Keyed:
    obj = object_at(vm, key, names)
    keyed = _KEY.fullmatch(rest)
    if keyed is None:
        return column_address(vm, "object", rest, obj)
    pindex = read_number(keyed[2], "a page of an object")
    cell = Keyed(keyed[1], obj, pindex - (1 << 64) if pindex >= 1 << 63 else pindex)
    address = cell.address(vm)
    return cell if address is None else address


def _parse_thread(vm: Machine, key: str, rest: str, names: Names) -> int:
    if rest.startswith("var."):
        return vm.memory.address("variable.value", variable_named(names, key.strip(), rest[4:]).slot)
    t = row_called(key.strip(), "thread", names.threads, vm.thread.length)
    token = _TOKEN.fullmatch(rest)
    if token is None:
        return column_address(vm, "thread", rest, t)
    slot = check_row("token", read_number(token[1], "a token"), TOKENS_PER_THREAD)
    return column_address(vm, "token", token[2], t * TOKENS_PER_THREAD + slot)


def _parse_marker(vm: Machine, key: str, rest: str, names: Names) -> int:
    t = row_called(key.strip(), "thread", names.threads, vm.thread.length)
    return column_address(vm, "page", rest, vm.marker_of(Thread(t)))


def _parse_process(vm: Machine, key: str, rest: str, names: Names) -> int | Keyed:
    p = row_called(key.strip(), "process", names.processes, vm.process.length)
    keyed = _PTE.fullmatch(rest)
    if keyed is None:
        return column_address(vm, "process", rest, p)
    cell = Keyed("pte", p, read_number(keyed[1], "a page of an address space"))
    address = cell.address(vm)
    return cell if address is None else address


def _parse_row(table: str) -> Callable[[Machine, str, str, Names], int | Keyed]:
    def parse(vm: Machine, key: str, rest: str, names: Names) -> int:
        return column_address(vm, table, rest, read_number(key, table))

    return parse


_BY_NUMBER: Final = (
    *("hash", "alist", "resident", "swap", "io", "variable"),
    *("pte", "map_entry", "backing", "blist", "buf"),
)

_PARSERS: Final[dict[str, Callable[[Machine, str, str, Names], int | Keyed]]] = {
    "page": _parse_page,
    "queue": _parse_queue,
    "vmstats": _parse_vmstats,
    "cpu": _parse_cpu,
    "global": _parse_global,
    "object": _parse_object,
    "thread": _parse_thread,
    "marker": _parse_marker,
    "process": _parse_process,
    **{table: _parse_row(table) for table in (*_BY_NUMBER, "daemon")},
}
