"""Which steps wrote which rows of a table: an index of a branch's journal, for looks at one row's past.

A page may have been written a hundred thousand times in a run; a look at its life must not read the journal
for each step of the person.
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
"""What a page's past is told by; its locks and links are left out."""


@dataclass(frozen=True, eq=False)
class Writes:
    """Writes to some rows' columns, in order: their numbers in the journal, the steps, and the columns."""

    number: Array
    step: Array
    column: Array

    def where(self, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Writes:
        """Those of them that are chosen."""
        return Writes(self.number[kept], self.step[kept], self.column[kept])


class _Index:
    """Every write to the named columns of a table, and the row that it is about."""

    def __init__(self, history: History, table: str, columns: Sequence[str]) -> None:
        memory = history.vm.memory
        specs = list(memory.tables[table].specs())
        self.length = memory.tables[table].length
        self.first = memory.address(f"{table}.{specs[0]}", 0)
        self.beyond = self.first + len(specs) * self.length
        self.wanted = np.isin(specs, columns)
        self.rows = Rows(4)

    def extend(self, history: History, first: int, last: int) -> None:
        """Work the steps first + 1 .. last in."""
        journal = history.journal
        writes = writes_between(history, (), first, last, ((self.first, self.beyond),))
        cells = np.asarray(journal.address)[writes].astype(np.int64) - self.first
        column, row = np.divmod(cells, self.length)
        kept = self.wanted[column]
        self.rows.extend(journal.steps_of(writes[kept]), writes[kept], row[kept], column[kept])

    def until(self, step: int) -> _Index:
        """An index of its own of the steps up to `step`."""
        other = copy(self)
        other.rows = self.rows.until(step)
        return other

    def of(self, row: int) -> Writes:
        """The writes to one row."""
        step, number, of, column = self.rows.columns
        at = np.flatnonzero(of == row)
        return Writes(number[at], step[at], column[at])


_PAGES: Final = Growing(lambda history: _Index(history, "page", FIELDS), _Index.extend, _Index.until)
_LENGTHS: Final = Growing(lambda history: _Index(history, "queue", ("lcnt",)), _Index.extend, _Index.until)

QUEUE: Final = 0
"""The column of a page's writes that says which queue it is on."""


def writes_to_page(history: History, m: int) -> Writes:
    """All writes of the branch to the fields of page `m`, whatever the cursor."""
    return _PAGES.of(history).of(m)


def writes_to_length(history: History, q: int) -> Writes:
    """All writes of the branch to the length of queue `q`."""
    return _LENGTHS.of(history).of(q)


def changes_of(history: History, writes: Writes) -> dict[int, tuple[Change, ...]]:
    """What writes come to, by step: each cell once, from its old value to its new.

    A step that changed nothing in the end is left out.
    """
    journal, steps = history.journal, dict[int, dict[int, Change]]()
    for n, step in zip(writes.number.tolist(), writes.step.tolist(), strict=True):
        address, cells = journal.address[n], steps.setdefault(step, {})
        old = cells[address].old if address in cells else journal.old[n]
        cells[address] = Change(address, old, journal.new[n])
    found = {
        step: tuple(change for change in cells.values() if change.old != change.new)
        for step, cells in steps.items()
    }
    return {step: changes for step, changes in found.items() if changes}
