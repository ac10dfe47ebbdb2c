"""Output of the kernel debugger at the cursor's step: show page, show pageq, and the sysctls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.constants import PQ_HOLD, VMSTATS_FIELDS, VMSTATS_SIZE
from engine.machine.sysctl import BOOT, Sysctl, sysctls
from engine.reports.ddb import SHOWN_COUNTERS, SHOWN_QUEUES
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Sheet, in_columns
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.spans import Span, columns, length

FIRST: Final = 128
"""Maximum number of colours kept per queue type; more than fit in a line of any screen."""


@dataclass(frozen=True)
class Counter:
    """A line `name: value`; `changed` if the last step wrote the value."""

    name: str
    value: int
    changed: bool = False


@dataclass(frozen=True)
class QueueLine:
    """The lengths of the first queues of a type, and the total over all its `colors` colours.

    changed: the colour and new length of each queue whose length the last step changed.
    ddb:     whether DDB's show pageq prints this line.
    """

    label: str
    lengths: tuple[int, ...]
    colors: int
    total: int
    changed: tuple[tuple[int, int], ...] = ()
    ddb: bool = True


@dataclass(frozen=True)
class DdbRow:
    """The debugger's output as values."""

    counters: tuple[Counter, ...]
    queues: tuple[QueueLine, ...]
    sysctls: tuple[Counter, ...]


def look(session: Session) -> DdbRow:
    """DDB's output at the cursor."""
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
    """The integer sysctls; the structure sysctls only repeat their values."""
    found = []
    for name, entry in sysctls(session.vm).items():
        value = entry.read(session.vm) if entry.access != BOOT else None
        if isinstance(value, int):
            found.append(Counter(name, value, _changed(entry, written)))
    return tuple(found)


def _changed(entry: Sysctl, written: dict[str, frozenset[int]]) -> bool:
    """Whether the last step changed the sysctl's cell; a rolled-up counter's are those of the cpus too."""
    if entry.cell is None:
        return False
    column, index = entry.cell
    pending = written.get("gd_vmstats.adj", frozenset()) if entry.compute is not None else frozenset()
    return index in written.get(column, ()) or any(at % VMSTATS_SIZE == index for at in pending)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: DdbRow, width: int, height: int) -> Drawing:
    """Draw all three outputs under their commands, or a short form of the first two."""
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
    sheet.add(("db> ", "dim"), ("show pageq", "key"), ("  (DDB omits the = totals and PQ_HOLD)", "dim"))
    for line in row.queues:
        sheet.add(*_queue_pieces(line, sheet.width))
    sheet.add(("# ", "dim"), ("sysctl", "key"))
    _add_counters(sheet, row.sysctls, max(sheet.width // 40, 1), sheet.room)


def _in_short(sheet: Sheet, row: DdbRow) -> None:
    """Draw counters without their prefix in as many columns as fit, and one or two queue types per line."""
    sheet.short = True
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
    """Add counters in columns, top down. If they do not all fit, keep the changed ones and count the rest."""
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
        sheet.add((f"  … {plural(len(counters) - len(shown), 'more value')}", "dim"))


def _counter_pieces(entry: Counter) -> list[Span]:
    mark = f"{MARK} " if entry.changed else "  "
    return [(mark, "now"), (f"{entry.name}: ", ""), (str(entry.value), "new" if entry.changed else "now")]


def _queue_pieces(line: QueueLine, width: int) -> list[Span]:
    """`PQ_FREE: 4 4 4 … = 3,711`: as many colours as fit, and always the changed ones."""
    changed, label = dict(line.changed), line.label if line.ddb else f"{line.label} (not DDB)"
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
    """The end of a line that omits the colours from `first`: the changed ones among them, and the total."""
    dots = [(" …", "dim")] if first < line.colors else []
    changed = [(f" {MARK}[{color}] {pages}", "new") for color, pages in line.changed if color >= first]
    return [*dots, *changed[:2], (f" = {line.total:,}", "dim")]


PLACE = 160
LENS = Lens("ddb", "ddb", "what DDB prints at this step: show page, show pageq, and sysctls", look, draw)
