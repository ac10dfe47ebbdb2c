"""A panic's page, and the fields of it that the failed check is about."""

from __future__ import annotations

from typing import Final

from engine.constants import NULL
from engine.debug.call_stack import LONGEST, in_place, operation_begin, performed_again
from engine.debug.per_history import Remembered
from engine.errors import KernelPanic
from engine.run.history import History

TABLES: Final = frozenset({"page", "object", "resident", "queue", "alist", "map_entry", "pte", "swap"})
"""The tables whose cells a failed check can be about."""

_CHECKED: Final = Remembered[int, tuple[int, ...]](most=64)


def panic_page(history: History) -> int:
    """Return the index of the page that the panic at the cursor is about; NULL if there is none."""
    finding = history.branch.finding
    if history.outcome != "panic" or not isinstance(finding, KernelPanic):
        return NULL
    return finding.page


def panic_cell(history: History) -> int | None:
    """Return the cell that the failed check at the cursor is about: of those it read, the one written last.

    Returns: its address; None without a panic, if the step read no such cell, or if the operation has more
             than LONGEST steps.
    """
    return next(iter(_read(history)), None) if history.outcome == "panic" else None


def checked_cell(history: History, m: int) -> int | None:
    """Return the field of page `m` that the panicking step read and that the run wrote last.

    Returns: the cell's address; None if the panic at the cursor is not about this page, or in the cases in
             which `panic_cell` returns None.
    """
    return next(iter(checked_cells(history, m)), None)


def checked_cells(history: History, m: int) -> tuple[int, ...]:
    """Return the fields of page `m` that the panicking step read, the one that the run wrote last first.

    Returns: their addresses, each once; () in the cases in which `checked_cell` returns None.
    """
    if m == NULL or m != panic_page(history):
        return ()
    place_of = history.vm.memory.place_of
    places = ((cell, *place_of(cell)) for cell in _read(history))
    return tuple(cell for cell, place, row in places if place.table == "page" and row == m)


def _read(history: History) -> tuple[int, ...]:
    """Return the cells of TABLES that the panicking step read, the one that the run wrote last first.

    Of cells that are as boot and setup left them, the one that was read last is first.
    """
    last = history.total
    return _CHECKED.get(history, last, lambda: {last: _read_by(history, last)})


def _read_by(history: History, last: int) -> tuple[int, ...]:
    if last - operation_begin(history, history.journal.thread(last), last) > LONGEST:
        return ()
    memory = history.vm.memory
    with in_place(history), memory.observed() as log:
        for _ in performed_again(history, last):
            log.clear()  # what earlier steps read
        cells = [cell for cell, _, written in log.cells if not written]
    found = [cell for cell in dict.fromkeys(reversed(cells)) if memory.place_of(cell)[0].table in TABLES]
    return tuple(sorted(found, key=lambda cell: -(history.writer(cell, last) or 0)))
