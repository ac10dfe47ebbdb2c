"""A panic's page, and the cell whose value made the check fail.

The candidates are what the check's condition had read (`engine.debug.check_reads`). The cell is the first of
them of which another value would have averted the panic; of flags and of busy_count, the bits that would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, islice
from typing import Final

from engine.constants import NULL, PBUSY_MASK, PBUSY_NAMES, PG_NAMES, PQ_NONE, QUEUE_BASES, type_and_color
from engine.debug.call_stack import LONGEST, operation_begin
from engine.debug.check_reads import CheckRead, check_reads
from engine.debug.journal_search import steps_of_thread
from engine.debug.per_history import Remembered
from engine.debug.reasons import panics_with
from engine.errors import KernelPanic
from engine.machine.bookkeeping import FIXED, LISTS, LOCKS
from engine.run.history import History

TABLES: Final = frozenset({"page", "object", "resident", "queue", "alist", "map_entry", "pte", "swap"})
"""The tables whose cells a failed check can be about."""

MOST_STEPS: Final = 3_000
"""Maximum number of steps that are performed again to find out which cell decided: about 100 ms."""

BITS: Final = {
    "page.flags": tuple(PG_NAMES.values()),
    "page.busy_count": (*PBUSY_NAMES.values(), PBUSY_MASK),
}
"""The columns that hold several facts, and the bits of each fact."""


@dataclass(frozen=True)
class Decided:
    """The cell that an end is about, and which of its bits; bits: 0 for its whole value."""

    cell: int
    bits: int = 0


_CHECKED: Final = Remembered[int, tuple[Decided, ...]](most=64)


def panic_page(history: History) -> int:
    """Return the index of the page that the panic at the cursor is about; NULL if there is none."""
    finding = history.branch.finding
    if history.outcome != "panic" or not isinstance(finding, KernelPanic):
        return NULL
    return finding.page


def failed_check(history: History) -> Decided | None:
    """Return the cell that decided the panic at the cursor.

    Returns: None without a panic, if the check was about constants of the script only, or if the operation
             has more than LONGEST steps.
    """
    return next(iter(_read(history)), None) if history.outcome == "panic" else None


def checked_cells(history: History, m: int) -> tuple[int, ...]:
    """Return the fields of page `m` that the conditions of the failed check read, the deciding one first.

    Returns: their addresses, each once; () if no field of this page decided the panic at the cursor, or in
             the cases in which `failed_check` returns None.
    """
    if m == NULL or m != panic_page(history):
        return ()
    place_of = history.vm.memory.place_of
    cells = [one.cell for one in _read(history)]
    own = [place.table == "page" and row == m for place, row in map(place_of, cells)]
    return tuple(compress(cells, own)) if own[:1] == [True] else ()


def _read(history: History) -> tuple[Decided, ...]:
    """Return the cells of TABLES that the check's conditions read, the one that decided first."""
    last = history.total
    return _CHECKED.get(history, last, lambda: {last: _read_by(history, last)})


def _read_by(history: History, last: int) -> tuple[Decided, ...]:
    t = history.journal.thread(last)
    begin = operation_begin(history, t, last)
    if last - begin > LONGEST:
        return ()
    reads = _candidates(history, last)
    room = MOST_STEPS // max(len(steps_of_thread(history, t, begin, last)), 1)
    first = _deciding(history, last, reads, room) or _nearest(history, reads)
    if first is None:
        return ()
    others = dict.fromkeys(read.address for read in reads if read.address != first.cell)
    return (first, *map(Decided, others))


def _nearest(history: History, reads: list[CheckRead]) -> Decided | None:
    """Return the first candidate, if it is not only an argument."""
    known = bool(reads) and history.vm.memory.place_of(reads[0].address)[0].table in TABLES
    return Decided(reads[0].address) if known else None


def _candidates(history: History, last: int) -> list[CheckRead]:
    """Return the reads that may have decided.

    Locks and links of lists are among them only if there is nothing else, and variables if not even those.
    """
    place_of = history.vm.memory.place_of
    reads = [(read, place_of(read.address)[0]) for read in check_reads(history, last)]
    known = [(read, f"{place.table}.{place.name}") for read, place in reads if place.table in TABLES]
    known = [(read, column) for read, column in known if column not in FIXED]
    plain = [read for read, column in known if column not in LISTS | LOCKS]
    variables = [read for read, place in reads if place.table == "variable"]
    return plain or [read for read, _ in known] or variables


def _deciding(history: History, last: int, reads: list[CheckRead], room: int) -> Decided | None:
    """Return the first cell of which another value would have averted the panic, by at most `room` attempts.

    Otherwise the first one with which another check would have failed; None without such a cell.
    """
    other = None
    attempts = ((read, value, bits) for read in reads for value, bits in _others(history, read))
    for read, value, bits in islice(attempts, room):
        bias = history.vm.memory.place_of(read.address)[0].spec.bias
        panic = panics_with(history, last, read.step, read.address, value - bias)
        if panic is None:
            return Decided(read.address, bits)
        if str(panic) != str(history.branch.finding):
            other = other or Decided(read.address, bits)
    return other


def _others(history: History, read: CheckRead) -> Iterator[tuple[int, int]]:
    """Yield other values that a cell could have had, each with the bits in which it differs, or 0."""
    place, row = history.vm.memory.place_of(read.address)
    column = f"{place.table}.{place.name}"
    if column in BITS:
        yield from ((_changed(read.value, bits), bits) for bits in BITS[column])
    elif column == "page.queue":
        color = type_and_color(read.value)[1] if read.value != PQ_NONE else history.vm.page.pc[row]
        queues = [PQ_NONE, *(base + color for base in QUEUE_BASES.values() if base != PQ_NONE)]
        yield from ((queue, 0) for queue in queues if queue != read.value)
    elif place.table == "variable":
        yield from ((value, 0) for value in (0, 1, read.value + 1) if value != read.value)
    else:
        full = place.spec.mask if place.spec.bits <= 16 else 0
        owner = history.journal.thread(history.total) + 1
        near = dict.fromkeys((0, 1, NULL, full, owner, read.value + 1))
        yield from ((value, 0) for value in near if value != read.value)


def _changed(value: int, bits: int) -> int:
    """Return a value in which the bits are cleared, or else, if none of them is set, the lowest is set."""
    return value & ~bits if value & bits else value | (bits & -bits)
