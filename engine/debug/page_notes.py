"""What the steps of a run say about pages in play: writes to a page, and variables that hold one.

`engine.debug.in_play` follows these notes. A long stretch of the journal is read by vector operations, a
few steps write by write; both give the same notes.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import NULL, PG_FICTITIOUS, PG_UNQUEUED
from engine.debug.journal_search import writes_between
from engine.memory.block import EVENT
from engine.memory.cells import Array
from engine.run.history import History

QUEUE, FLAGS, COLOR, WRITTEN, HELD = range(5)
"""A note's kind: a new value of one of three fields; a thread wrote the page; a variable has a new value."""

FIELDS: Final = ("queue", "flags", "pc")
"""The fields of a page that decide on its lane, by kind."""

RESERVED: Final = PG_UNQUEUED | PG_FICTITIOUS
"""The flags of a page that never sits on a queue."""

_FEW: Final = 64
"""Up to this number of steps are read write by write."""

Mask = npt.NDArray[np.bool_]


Note = tuple[int, int, int, int, int]
"""A note: its step, kind, subject, value and old value.

The subject is the page; for HELD, the variable. The value is that of the field; for HELD, the page or NULL;
else 0. The old value is that of the field before. (A bare tuple: a long run has a hundred thousand.)
"""


class Layout:
    """The addresses of a history's cells that are of interest."""

    def __init__(self, history: History) -> None:
        places, page = history.vm.memory.places, history.vm.page
        self.first, self.links = places["page.queue"].base, places["page.next"].base
        self.rest, self.beyond = places["page.flags"].base, places["page.fake_addr"].base + page.length
        self.fields = tuple(places[f"page.{name}"].base for name in FIELDS)
        self.rows, self.pages = page.length, history.vm.marker_base
        self.slots, self.bias = places["resident.page"].stretch, places["resident.page"].spec.bias
        self.variables = places["variable.value"].base
        programs = history.programs
        self.boot = frozenset(t for t, program in enumerate(programs) if program.boot)
        own = (program.pages for t, program in enumerate(programs) if t not in self.boot)
        self.held = frozenset[int]().union(*own)


def notes_of(history: History, first: int, last: int, known: Container[int]) -> list[Note]:
    """Return the notes of steps first + 1 .. last in order; a page is noted as WRITTEN once.

    known: pages whose first write is noted already.
    """
    layout = Layout(history)
    if last - first <= _FEW:
        return list(_first_writes(_read(history, layout, first, last), known))
    return _Stretch(history, layout, first, last).notes(known)


def _first_writes(notes: Iterable[Note], known: Container[int]) -> Iterator[Note]:
    seen: set[int] = set()
    for note in notes:
        _, kind, m, _, _ = note
        if kind != WRITTEN:
            yield note
        elif m not in known and m not in seen:
            seen.add(m)
            yield note


# --- a few steps --------------------------------------------------------------------------------------------


def _read(history: History, layout: Layout, first: int, last: int) -> Iterator[Note]:
    journal = history.journal
    for step in range(first + 1, last + 1):
        t = journal.thread(step)
        counts = t != EVENT and t not in layout.boot
        for address, old, new in journal.writes_of(step):
            if layout.first <= address < layout.beyond:
                yield from _page_notes(layout, step, address, old, new, counts=counts)
            elif layout.slots[0] <= address < layout.slots[1]:
                values = (old + layout.bias, new + layout.bias) if counts else ()
                yield from ((step, WRITTEN, m, 0, 0) for m in values if m >= 0)
            elif address - layout.variables in layout.held:
                m = new if 0 <= new < layout.pages else NULL
                yield step, HELD, address - layout.variables, m, 0


def _page_notes(
    layout: Layout, step: int, address: int, old: int, new: int, *, counts: bool
) -> Iterator[Note]:
    m = (address - layout.first) % layout.rows
    if m >= layout.pages or layout.links <= address < layout.rest:
        return
    if address - m in layout.fields:
        kind = layout.fields.index(address - m)
        if kind != FLAGS or (old ^ new) & RESERVED:
            yield step, kind, m, new, old
    if counts:
        yield step, WRITTEN, m, 0, 0


# --- many steps ---------------------------------------------------------------------------------------------

_Columns = tuple[Array, Array, Array, Array, Array]
"""The number of the write, and kind, subject, value and old value of the note; same length."""


class _Stretch:
    """Steps first + 1 .. last of a journal."""

    def __init__(self, history: History, layout: Layout, first: int, last: int) -> None:
        self.history, self.journal, self.layout = history, history.journal, layout
        self.first, self.last = first, last
        threads = self.journal.threads(first, last)
        steps = np.flatnonzero(np.isin(threads, [EVENT, *layout.boot])) + first + 1
        self.others = self.journal.ends(steps - 1), self.journal.ends(steps)
        """The first write, and the write after the last one, of each step that does not count."""

    def notes(self, known: Container[int]) -> list[Note]:
        """Return the notes in order."""
        parts = [*self._of_pages(), *self._of_slots(), self._of_variables()]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        write, *rest = (column[order] for column in columns)
        # A page may be noted as written twice: by a cell, and by its slot in an object.
        steps = self.journal.steps_of(write).tolist()
        return list(_first_writes(zip(steps, *(part.tolist() for part in rest), strict=True), known))

    def _writes(self, cells: list[int], *stretches: tuple[int, int]) -> Array:
        return writes_between(self.history, cells, self.first, self.last, stretches)

    def _count(self, writes: Array) -> Mask:
        """Whether the step of each write counts."""
        begins, ends = self.others
        began, ended = (edge.searchsorted(writes, side="right") for edge in (begins, ends))
        counts: Mask = began <= ended
        return counts

    def _of_pages(self) -> list[_Columns]:
        """The writes to a page's queue, flags and colour, and the first write to each page."""
        layout = self.layout
        writes = self._writes([], (layout.first, layout.links), (layout.rest, layout.beyond))
        cells = self.journal.address.at(writes).astype(np.int64)
        row = (cells - layout.first) % layout.rows
        real = row < layout.pages
        writes, cells, row = writes[real], cells[real], row[real]
        own = self._count(writes)
        mine, pages = writes[own], row[own]
        first = np.unique(pages, return_index=True)[1]
        parts = [_columns(WRITTEN, mine[first], pages[first])]
        for kind, base in enumerate(layout.fields):
            at = cells - row == base
            parts.append(self._of_field(kind, writes[at], row[at]))
        return parts

    def _of_field(self, kind: int, writes: Array, pages: Array) -> _Columns:
        old, new = self.journal.old.at(writes), self.journal.new.at(writes)
        if kind == FLAGS:
            changed = (old ^ new) & RESERVED != 0
            writes, pages, old, new = writes[changed], pages[changed], old[changed], new[changed]
        return _columns(kind, writes, pages, new, old)

    def _of_slots(self) -> list[_Columns]:
        """The pages that a thread put into an object's slot or took out of it."""
        writes = self._writes([], self.layout.slots)
        writes = writes[self._count(writes)]
        found = []
        for values in (self.journal.old.at(writes), self.journal.new.at(writes)):
            m = values + self.layout.bias
            found.append(_columns(WRITTEN, writes[m >= 0], m[m >= 0]))
        return found

    def _of_variables(self) -> _Columns:
        """The pages that variables of threads got."""
        base, pages = self.layout.variables, self.layout.pages
        writes = self._writes([base + slot for slot in sorted(self.layout.held)])
        value = self.journal.new.at(writes)
        held = np.where((value >= 0) & (value < pages), value, NULL)
        return _columns(HELD, writes, self.journal.address.at(writes).astype(np.int64) - base, held)


def _columns(
    kind: int, write: Array, subject: Array, value: Array | None = None, old: Array | None = None
) -> _Columns:
    zeros = np.zeros(write.size, np.int64)
    kinds = np.full(write.size, kind, np.int64)
    return write, kinds, subject, zeros if value is None else value, zeros if old is None else old
