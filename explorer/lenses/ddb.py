"""What the kernel's debugger would print at this moment: show page, show pageq, and the sysctls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.constants import PQ_HOLD, VMSTATS_FIELDS
from engine.machine.sysctl import BOOT, sysctls
from engine.reports.ddb import SHOWN_COUNTERS, SHOWN_QUEUES
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Sheet, in_columns
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.spans import Span, columns, length

FIRST: Final = 128
"""Colours of a queue type that a row keeps: more than any screen has room for in a line."""


@dataclass(frozen=True)
class Counter:
    """A line `name: value`; changed: the last step wrote it."""

    name: str
    value: int
    changed: bool = False


@dataclass(frozen=True)
class QueueLine:
    """The lengths of the first of a type's `colors` colours, and all lengths together.

    changed: the colours whose length the last step changed, with that length.
    ddb:     whether DDB's show pageq has this line.
    """

    label: str
    lengths: tuple[int, ...]
    colors: int
    total: int
    changed: tuple[tuple[int, int], ...] = ()
    ddb: bool = True


@dataclass(frozen=True)
class DdbRow:
    """The console's text as values."""

    counters: tuple[Counter, ...]
    queues: tuple[QueueLine, ...]
    sysctls: tuple[Counter, ...]


def look(session: Session) -> DdbRow:
    """What DDB would print at the cursor."""
    vm, written = session.vm, _written(session)
    stats = written.get("vmstats.count", frozenset())
    fields = [(name, VMSTATS_FIELDS.index(name)) for name in SHOWN_COUNTERS]
    count = vm.vmstats.count
    counters = tuple(Counter(f"vmstats.{name}", count[at], at in stats) for name, at in fields)
    return DdbRow(
        counters, _queues(session, written.get("queue.lcnt", frozenset())), _sysctls(session, written)
    )


def _written(session: Session) -> dict[str, frozenset[int]]:
    """The cells that the last step changed: column -> indexes."""
    history = session.history
    found: dict[str, set[int]] = {}
    for address, _, _ in history.journal.writes_of(history.step) if history.step else ():
        place, index = history.vm.memory.place_of(address)
        found.setdefault(f"{place.table}.{place.name}", set()).add(index)
    return {column: frozenset(indexes) for column, indexes in found.items()}


def _queues(session: Session, written: frozenset[int]) -> tuple[QueueLine, ...]:
    vm = session.vm
    lcnt = vm.memory.vector("queue.lcnt")
    found = []
    for label, base in {**SHOWN_QUEUES, "PQ_HOLD": PQ_HOLD}.items():
        own = lcnt[base : base + vm.colors]
        changed = tuple((q - base, int(lcnt[q])) for q in sorted(written) if base <= q < base + vm.colors)
        first = tuple(own[:FIRST].tolist())
        found.append(QueueLine(label, first, vm.colors, int(np.sum(own)), changed, label in SHOWN_QUEUES))
    return tuple(found)


def _sysctls(session: Session, written: dict[str, frozenset[int]]) -> tuple[Counter, ...]:
    """The sysctls that are one number each; structures repeat these field by field."""
    found = []
    for name, entry in sysctls(session.vm).items():
        value = entry.read(session.vm) if entry.access != BOOT else None
        if isinstance(value, int):
            cell = entry.cell
            changed = cell is not None and cell[1] in written.get(cell[0], ())
            found.append(Counter(name, value, changed))
    return tuple(found)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: DdbRow, width: int, height: int) -> Drawing:
    """All three texts under their commands, or the first two as short as can be."""
    sheet = Sheet(width, height)
    if height >= len(row.counters) // 2 + len(row.queues) + 6:
        _at_length(sheet, row)
    else:
        _in_short(sheet, row)
    return sheet.drawing()


def _at_length(sheet: Sheet, row: DdbRow) -> None:
    sheet.add(("db> ", "dim"), ("show page", "key"))
    columns = 1 if sheet.room >= len(row.counters) + len(row.queues) + 10 else 2
    _add_counters(sheet, row.counters, columns, sheet.room)
    sheet.add(("db> ", "dim"), ("show pageq", "key"), ("  = totals, and PQ_HOLD, are no part of it", "dim"))
    for line in row.queues:
        sheet.add(*_queue_pieces(line, sheet.width))
    sheet.add(("# ", "dim"), ("sysctl", "key"))
    _add_counters(sheet, row.sysctls, max(sheet.width // 40, 1), sheet.room)


def _in_short(sheet: Sheet, row: DdbRow) -> None:
    """Counters without their prefix in as many columns as fit; queue types two to a line where they fit."""
    counters = [replace(entry, name=entry.name.removeprefix("vmstats.")) for entry in row.counters]
    columns = max(sheet.width // 26, 1)
    each = 2 if sheet.width >= 60 else 1
    lines = -(-len(row.queues) // each)
    _add_counters(sheet, counters, columns, max(sheet.room - lines, sheet.room * 2 // 3))
    cells = [_queue_pieces(line, sheet.width // each) for line in row.queues]
    shown = cells if sheet.room >= lines else cells[: max(sheet.room - 1, 0) * each]
    for pieces in in_columns(shown, each, sheet.width):
        sheet.add(*pieces)
    if len(shown) < len(cells):
        sheet.add((f"  … {plural(len(cells) - len(shown), 'more queue type')}", "dim"))


def _add_counters(sheet: Sheet, counters: Sequence[Counter], columns: int, room: int) -> None:
    """Counters in columns, top down; what does not fit is counted, and what changed is always there."""
    shown = list(counters)
    if len(shown) > room * columns:
        kept = max(room - 1, 0) * columns
        changed = [entry for entry in counters if entry.changed][:kept]
        chosen = [*changed, *(entry for entry in counters if not entry.changed)][:kept]
        shown = [entry for entry in counters if entry in chosen]
    lines = -(-len(shown) // columns)
    rows = [shown[n::lines] for n in range(lines)]
    for entries in rows:
        for pieces in in_columns([_counter_pieces(entry) for entry in entries], columns, sheet.width):
            sheet.add(*pieces)
    if len(shown) < len(counters):
        sheet.add((f"  … {plural(len(counters) - len(shown), 'more number')}", "dim"))


def _counter_pieces(entry: Counter) -> list[Span]:
    mark = f"{MARK} " if entry.changed else "  "
    return [(mark, "now"), (f"{entry.name}: ", ""), (str(entry.value), "new" if entry.changed else "now")]


def _queue_pieces(line: QueueLine, width: int) -> list[Span]:
    """`PQ_FREE: 4 4 4 … = 3,711`: as many colours as fit; those that changed always."""
    changed, label = dict(line.changed), line.label if line.ddb else f"{line.label} (not DDB's)"
    pieces = [(f"{MARK} " if changed else "  ", "now"), (f"{label}:", "")]
    used = length(pieces)
    for color, pages in enumerate(line.lengths):
        piece = (f" {MARK}{pages}", "new") if color in changed else (f" {pages}", "")
        used += columns(piece[0])
        if used + length(_rest(line, color + 1)) >= width:
            return [*pieces, *_rest(line, color)]
        pieces.append(piece)
    return [*pieces, *_rest(line, len(line.lengths))]


def _rest(line: QueueLine, first: int) -> list[Span]:
    """What follows when the colours from `first` on are left out: the changed ones of them, the total."""
    dots = [(" …", "dim")] if first < line.colors else []
    changed = [(f" {MARK}[{color}] {pages}", "new") for color, pages in line.changed if color >= first]
    return [*dots, *changed[:2], (f" = {line.total:,}", "dim")]


PLACE = 160
LENS = Lens("ddb", "ddb", "what DDB prints at this moment: show page, show pageq, and sysctls", look, draw)
