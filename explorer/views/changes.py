"""The changes of a step: its writes as named cells, and the page that it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import NULL, VMSTATS_FIELDS, VMSTATS_SIZE, queue_name
from engine.machine.bookkeeping import PLUMBING
from engine.machine.machine import TOKENS_PER_THREAD
from engine.machine.tables import DAEMONS
from engine.memory.bulk import columns_of
from engine.memory.cells import AddressBook, Array, Placed
from engine.run.history import History
from engine.words import plural
from explorer.views.labels import Labels
from explorer.views.meanings import meaning
from explorer.views.rows import Change

_ORDER: Final = {name: n for n, name in enumerate(("page", "queue", "alist", "object", "resident", "thread"))}
_FIRST: Final = {name: n for n, name in enumerate(("queue", "busy_count", "lcnt", "flags", "object"))}

MANY: Final = 200
"""Number of cells from which on the changes of a step are summed up by column."""

_SUBJECTS: Final = {
    "page": "page",
    "vmstats": "counter",
    "queue": "queue",
    "alist": "block",
    "gd_vmstats": "cpu counter",
}
"""What one row of a table is called in such a sum."""

Write = tuple[Placed, int, int, int]
"""A column, the index in it, and the old and new values as the column reads them."""

RawWrite = tuple[int, int, int]
"""An address, and the old and new values of the memory."""


def writes(history: History, step: int) -> list[Write]:
    """The cells that step `step` (1 .. total) changed, each once, in the order of first write."""
    found = []
    for address, old, new in net_writes(history.journal.writes_of(step)):
        place, index = history.vm.memory.place_of(address)
        found.append((place, index, old + place.spec.bias, new + place.spec.bias))
    return found


def net_writes(journal: Iterable[RawWrite]) -> list[RawWrite]:
    """The net change of each cell, in the order of first write; a cell that ends as it began is left out."""
    merged: dict[int, tuple[int, int]] = {}
    for address, old, new in journal:
        merged[address] = (merged[address][0] if address in merged else old, new)
    return [(address, old, new) for address, (old, new) in merged.items() if old != new]


def changes(history: History, labels: Labels, step: int) -> tuple[Change, ...]:
    """The changes of step `step` in words: pages first, then queues, then the rest; bookkeeping last."""
    if not 1 <= step <= history.total:
        return ()
    if history.journal.end(step) - history.journal.end(step - 1) > MANY:
        return _summed(history, labels, step)
    found = sorted(writes(history, step), key=lambda write: _rank(labels, write))
    return tuple(_change(labels, *write) for write in found)


def _summed(history: History, labels: Labels, step: int) -> tuple[Change, ...]:
    """The changes of a step that changed many cells: those of a column together, as one change."""
    address, old, new = history.journal.written(step - 1, step)
    columns = columns_of(history.vm.memory, address)
    ranked = sorted(columns, key=lambda place: _rank(labels, (place, 0, 0, 0)))
    return tuple(_sum_of(labels, place, address, old, new) for place in ranked)


def column_writes(
    place: Placed, address: npt.NDArray[np.uint32], old: Array, new: Array
) -> tuple[Array, Array, Array]:
    """The rows of a column that a step wrote, ascending, with their first old and their last new values.

    address, old, new: all writes of the step, in order.
    """
    own = np.flatnonzero((address >= place.base) & (address < place.base + place.length))
    cells, first = np.unique(address[own], return_index=True)
    last = own.size - 1 - np.unique(address[own][::-1], return_index=True)[1]
    bias = place.spec.bias
    return cells.astype(np.int64) - place.base, old[own][first] + bias, new[own][last] + bias


def _sum_of(labels: Labels, place: Placed, address: npt.NDArray[np.uint32], old: Array, new: Array) -> Change:
    """The change of all cells of a column; the arguments are all writes of the step."""
    rows, before, after = column_writes(place, address, old, new)
    row = int(rows[0])
    if rows.size == 1:
        return _change(labels, place, row, int(before[0]), int(after[0]))
    words = meaning(labels, place, row)
    subject = plural(rows.size, _SUBJECTS.get(place.table, f"{place.table} cell"))
    return Change(
        subject,
        place.name,
        _range_words(words, before),
        _range_words(words, after),
        _is_plumbing(labels, place, row),
    )


def _range_words(words: Callable[[int], str], values: Array) -> str:
    """The words of the lowest and of the highest value."""
    low, high = words(int(values.min())), words(int(values.max()))
    return low if low == high else f"{low}..{high}"


def change_of(labels: Labels, address: int, old: int, new: int) -> Change:
    """Describe a write of the journal; old and new are raw memory values."""
    place, index = labels.vm.memory.place_of(address)
    return _change(labels, place, index, old + place.spec.bias, new + place.spec.bias)


def _is_plumbing(labels: Labels, place: Placed, index: int) -> bool:
    """Whether a cell is bookkeeping; a variable without a name is, too."""
    return f"{place.table}.{place.name}" in PLUMBING or (
        place.table == "variable" and labels.is_hidden(index)
    )


def _rank(labels: Labels, write: Write) -> tuple[bool, int, int]:
    place, index, _, _ = write
    return _is_plumbing(labels, place, index), _ORDER.get(place.table, 9), _FIRST.get(place.name, 9)


def _change(labels: Labels, place: Placed, index: int, old: int, new: int) -> Change:
    subject, cell = _subject(labels, place, index)
    words = meaning(labels, place, index)
    return Change(subject, cell, words(old), words(new), _is_plumbing(labels, place, index))


def _subject(labels: Labels, place: Placed, index: int) -> tuple[str, str]:
    """The owner of a cell, and the name of the cell within its owner."""
    table, name = place.table, place.name
    if table == "page":
        return labels.page_called(index), name
    if table == "queue":
        return f"queue {queue_name(index)}", name
    if table == "vmstats":
        return "vmstats", VMSTATS_FIELDS[index]
    if table == "gd_vmstats":
        return f"cpu {index // VMSTATS_SIZE} {name}", VMSTATS_FIELDS[index % VMSTATS_SIZE]
    if table == "object":
        return labels.object(index), name
    if table == "thread":
        return labels.thread(index), name
    if table == "variable":
        thread, named = labels.variable(index)
        return thread, "value of an expression" if labels.is_hidden(index) else named
    if table in ("resident", "swap"):
        return _keyed(labels, table, name, index)
    return _plain_subject(labels, table, name, index)


def _plain_subject(labels: Labels, table: str, name: str, index: int) -> tuple[str, str]:
    if table == "token":
        return labels.thread(index // TOKENS_PER_THREAD), f"token {name}"
    if table == "alist":
        return "reserve", f"page {index:#x} free"
    if table == "global":
        return "kernel", name
    if table == "daemon":
        return DAEMONS[index], name
    if table in ("process", "pte"):
        return _of_process(labels, table, name, index)
    return (f"cpu {index}", name) if table == "cpu" else (f"{table}[{index}]", name)


def _of_process(labels: Labels, table: str, name: str, index: int) -> tuple[str, str]:
    if table == "process":
        return labels.process(index), name
    p, vpn = next(islice(labels.vm.pte_slots.slots, index, None), (NULL, 0))
    return labels.process(p), f"pte[{vpn:#x}]"


def _keyed(labels: Labels, table: str, name: str, index: int) -> tuple[str, str]:
    book: AddressBook = labels.vm.resident_slots if table == "resident" else labels.vm.swap_slots
    obj, pindex = next(islice(book.slots, index, None), (NULL, 0))
    return labels.object(obj), f"{name}[{pindex}]"


def touched_page(history: History, step: int, *, since: int = 0) -> int:
    """The page that was changed last, up to step `step`; NULL if there is none.

    since: the number of the first write to look at.
    List links do not count, because they change in a page's neighbours too; nor do the markers of scans.
    """
    memory, journal = history.vm.memory, history.journal
    first = memory.places["page.queue"].base
    beyond = memory.places["page.fake_addr"].base + memory.places["page.fake_addr"].length
    links = memory.places["page.next"].base, memory.places["page.flags"].base
    end = journal.end(step)
    while end > since:
        begin = max(end - 4096, since)
        address = journal.address.between(begin, end)
        of_page = (address >= first) & (address < beyond) & ~((address >= links[0]) & (address < links[1]))
        of_page &= (address - first) % history.vm.page.length < history.vm.marker_base
        hits = np.flatnonzero(of_page)
        if hits.size:
            return memory.place_of(int(address[hits[-1]]))[1]
        end = begin
    return NULL


def cell_words(labels: Labels, address: int, *values: int) -> tuple[str, ...]:
    """Describe a cell: its owner, its name, and each of `values` as its column reads it.

    values: raw values of the memory or the journal, without the column's bias.
    """
    place, index = labels.vm.memory.place_of(address)
    words = meaning(labels, place, index)
    return (*_subject(labels, place, index), *(words(value + place.spec.bias) for value in values))
