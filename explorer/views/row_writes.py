"""An index of the writes to each row of a table in a branch's journal, for the history of one row.

A run may write a page a hundred thousand times; the life lens must not read the whole journal whenever the
user steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.debug.biography import Change
from engine.debug.journal_search import writes_between
from engine.debug.per_history import Growing, Rows
from engine.memory.cells import Array
from engine.run.history import History
from explorer.views.rows import PAGE_FIELDS

FIELDS: Final = tuple(name for name in PAGE_FIELDS if name != "spin")
"""The fields in the history of a page; without its lock and its links."""


@dataclass(frozen=True, eq=False)
class Writes:
    """Writes to columns of some rows, in order: their numbers in the journal, their steps and columns."""

    number: Array
    step: Array
    column: Array

    def where(self, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Writes:
        """The writes selected by the mask `kept`."""
        return Writes(self.number[kept], self.step[kept], self.column[kept])


class _Index:
    """Every write to the named columns of a table: its step, its number, its row and its column.

    Numbers of 32 bits are enough: the largest history has fewer writes (`read_history_size`).
    """

    def __init__(self, history: History, table: str, columns: Sequence[str]) -> None:
        memory = history.vm.memory
        specs = list(memory.tables[table].specs())
        self.length = memory.tables[table].length
        self.first = memory.address(f"{table}.{specs[0]}", 0)
        self.beyond = self.first + len(specs) * self.length
        self.wanted = np.isin(specs, columns)
        self.rows = Rows(4, np.uint32)

    def extend(self, history: History, first: int, last: int) -> None:
        """Add the steps first + 1 .. last."""
        journal = history.journal
        writes = writes_between(history, (), first, last, ((self.first, self.beyond),))
        cells = journal.address.at(writes) - self.first
        column, row = np.divmod(cells, self.length)
        kept = self.wanted[column]
        self.rows.extend(journal.steps_of(writes[kept]), writes[kept], row[kept], column[kept])

    def until(self, step: int) -> _Index:
        """A separate index of the steps up to `step`."""
        other = copy(self)
        other.rows = self.rows.until(step)
        return other

    def of(self, row: int) -> Writes:
        """The writes to one row."""
        step, number, of, column = self.rows.columns
        at = np.flatnonzero(of == row)
        return Writes(number[at].astype(np.int64), step[at].astype(np.int64), column[at])


_PAGES: Final = Growing(lambda history: _Index(history, "page", FIELDS), _Index.extend, _Index.until)
_LENGTHS: Final = Growing(lambda history: _Index(history, "queue", ("lcnt",)), _Index.extend, _Index.until)

QUEUE: Final = 0
"""The column of a page's writes that holds its queue."""


def writes_to_page(history: History, m: int) -> Writes:
    """All writes of the branch to the fields of page `m`, before and after the cursor."""
    return _PAGES.of(history).of(m)


def writes_to_length(history: History, q: int) -> Writes:
    """All writes of the branch to the length of queue `q`."""
    return _LENGTHS.of(history).of(q)


def changes_of(history: History, writes: Writes) -> dict[int, tuple[Change, ...]]:
    """The net changes of the writes, by step: each cell once, with its old and new value.

    A step without a net change is omitted.
    """
    journal, steps = history.journal, dict[int, dict[int, Change]]()
    written = (part.at(writes.number).tolist() for part in (journal.address, journal.old, journal.new))
    for step, address, old, new in zip(writes.step.tolist(), *written, strict=True):
        cells = steps.setdefault(step, {})
        before = cells[address].old if address in cells else old
        cells[address] = Change(address, before, new)
    found = {
        step: tuple(change for change in cells.values() if change.old != change.new)
        for step, cells in steps.items()
    }
    return {step: changes for step, changes in found.items() if changes}
