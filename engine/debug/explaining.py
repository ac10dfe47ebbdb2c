"""Which of the cells that an operation read explain a write of it, and which of these come first.

A write is about some pages and objects: those of its cell, and those that its active calls have as
parameters. Reads of these, and of what the script line itself reads, explain it. Reads of other pages, of
counters, locks, list links, settings and the topology are left out by default; `bookkeeping` says which
columns are which.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType, GeneratorType
from typing import Any, Final

from engine.constants import NULL, PAGE_SHIFT
from engine.debug.function_source import parsed
from engine.machine import bookkeeping
from engine.machine.machine import Machine
from engine.run.history import History

UNEXPLAINING: Final = bookkeeping.LISTS | bookkeeping.LOCKS | bookkeeping.STATES | bookkeeping.PROGRESS
"""The columns that do not explain a value although they were read."""

SCHEDULING: Final = frozenset(
    {"thread.run_next", "cpu.runq_head", "cpu.runq_tail", "thread.sleep_next", "thread.sleep_prev"}
    | {"global.sleepq_head", "global.sleepq_tail"}
)
"""The lists that each step may read to find out which thread runs."""

ON_REQUEST: Final = (
    bookkeeping.LISTS
    | bookkeeping.LOCKS
    | bookkeeping.MAP_LISTS
    | bookkeeping.MAP_LOCKS
    | bookkeeping.COUNTERS
    | bookkeeping.FIXED
    | bookkeeping.DAEMON_PROGRESS
)
"""The columns whose reads are causes only on request."""

_KINDS: Final = {
    **dict.fromkeys(("Page", "MaybePage", "list[Page]"), "page"),
    **dict.fromkeys(("Obj", "HeldObj", "MaybeObj", "MaybeHeldObj", "TokenObj"), "object"),
}
"""The types of parameters that name a row, and its table."""


@dataclass(frozen=True)
class Named:
    """What a write is about.

    cell: the cell; row: its table and row. pages, objects: those of the row and of the active calls.
    direct: the cells that the script line itself read.
    """

    cell: int
    row: tuple[str, int]
    pages: frozenset[int]
    objects: frozenset[int]
    direct: frozenset[int]


def named(history: History, address: int, value: int, calls: Iterable[GeneratorType[Any, Any, Any]]) -> Named:
    """Return what a write of a cell is about, in the current memory; `direct` is empty.

    value: what is written, with the column's bias. calls: the suspended calls that are about to write it.
    """
    vm = history.vm
    place, row = vm.memory.place_of(address)
    rows = {(place.table, row), *_parameters(calls)}
    pages = {at for table, at in rows if table == "page"}
    if place.table == "resident":
        pages |= {vm.resident.page[row], value}
    if place.table == "variable" and any(row in program.pages for program in history.programs):
        pages.add(value)
    pages.discard(NULL)
    objects = {at for table, at in rows if table == "object"} | {vm.page.object[m] for m in pages}
    return Named(address, (place.table, row), frozenset(pages), frozenset(objects), frozenset())


def _parameters(calls: Iterable[GeneratorType[Any, Any, Any]]) -> Iterator[tuple[str, int]]:
    """Yield the pages and objects that the calls have as parameters."""
    for call in calls:
        for name, table in _typed(call.gi_code):
            value = None if call.gi_frame is None else call.gi_frame.f_locals.get(name)
            for row in value if isinstance(value, list) else [value]:
                if isinstance(row, int) and row != NULL:
                    yield table, row


@cache
def _typed(code: CodeType) -> tuple[tuple[str, str], ...]:
    """The parameters of a function that name a row, each with its table."""
    source = parsed(code)
    arguments = [] if source is None else source[0].args.args
    kinds = [(one.arg, one.annotation and ast.unparse(one.annotation)) for one in arguments]
    return tuple((name, _KINDS[kind]) for name, kind in kinds if kind in _KINDS)


def explains(history: History, cell: int, value: int, of_the_run: bool, about: Named) -> bool:
    """Whether a read of a cell explains a write by default.

    value: with the column's bias; of_the_run: whether a step of the run wrote it.
    """
    vm = history.vm
    place, row = vm.memory.place_of(cell)
    column = f"{place.table}.{place.name}"
    if column in SCHEDULING or column in UNEXPLAINING - ON_REQUEST:
        return False
    if column in ON_REQUEST:
        return cell in about.direct
    if cell in about.direct or (place.table, row) == about.row:
        return True
    return of_the_run if place.table in ("global", "thread") else _about(vm, place.table, row, value, about)


def _about(vm: Machine, table: str, row: int, value: int, about: Named) -> bool:
    """Whether a row belongs to the pages and objects that a write is about; rows of other tables do."""
    if table == "page":
        return row in about.pages
    if table == "object":
        return row in about.objects
    if table == "resident":
        return value == NULL or value in about.pages
    if table == "pte":
        return value >> PAGE_SHIFT in {vm.page_number(m) for m in about.pages}
    if table == "swap":
        kept = vm.swap_slots.slots
        return row in {kept.get((vm.page.object[m], vm.page.pindex[m])) for m in about.pages}
    return True


def nearness(history: History, cell: int, about: Named) -> int:
    """Return how near a read cell is to a write: 0 for its row, 1 for what it is about, 2 for others.

    -1 for the signal that made the thread exit.
    """
    place, row = history.vm.memory.place_of(cell)
    if (place.table, place.name) == ("thread", "signal"):
        return -1
    if (place.table, row) == about.row:
        return 0
    rows = {"page": about.pages, "object": about.objects}.get(place.table, frozenset())
    return 1 if cell in about.direct or row in rows else 2
