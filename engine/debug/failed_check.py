"""A panic's page, and the fields of it that the failed check is about."""

from __future__ import annotations

from typing import Final

from engine.constants import NULL
from engine.debug.call_stack import LONGEST, in_place, operation_begin, performed_again
from engine.debug.per_history import Remembered
from engine.errors import KernelPanic
from engine.memory.access_log import AccessLog
from engine.run.history import History

_CHECKED: Final = Remembered[int, tuple[int, ...]](most=64)


def panic_page(history: History) -> int:
    """Return the index of the page that the panic at the cursor is about; NULL if there is none."""
    finding = history.branch.finding
    if history.outcome != "panic" or not isinstance(finding, KernelPanic):
        return NULL
    return finding.page


def checked_cell(history: History, m: int) -> int | None:
    """Return the field of page `m` that the panicking step read and that the run wrote last.

    Of fields that are as boot and setup left them, it is the first that was read.

    Returns: the cell's address; None if the panic at the cursor is not about this page, if the step read no
             field of it, or if the operation has more than LONGEST steps.
    """
    return next(iter(checked_cells(history, m)), None)


def checked_cells(history: History, m: int) -> tuple[int, ...]:
    """Return the fields of page `m` that the panicking step read, the one that the run wrote last first.

    Returns: their addresses, each once; () in the cases in which `checked_cell` returns None.
    """
    if m == NULL or m != panic_page(history):
        return ()
    last = history.total
    return _CHECKED.get(history, last, lambda: {last: _checked(history, m, last)})


def _checked(history: History, m: int, last: int) -> tuple[int, ...]:
    if last - operation_begin(history, history.journal.thread(last), last) > LONGEST:
        return ()
    with in_place(history), history.vm.memory.observed() as log:
        for _ in performed_again(history, last):
            log.clear()  # what earlier steps read
        read = dict.fromkeys(_fields_read(history, log, m))
        return tuple(sorted(read, key=lambda cell: -(history.writer(cell, last) or 0)))


def _fields_read(history: History, log: AccessLog, m: int) -> list[int]:
    """Return the cells of page `m` that were read, the first first."""
    memory = history.vm.memory
    cells = (cell for cell, _, written in log.cells if not written)
    places = ((cell, *memory.place_of(cell)) for cell in cells)
    return [cell for cell, place, row in places if place.table == "page" and row == m]
