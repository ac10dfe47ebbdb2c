"""The pages of the queue under the map's cursor, from head to tail: a chip for each."""

from __future__ import annotations

from dataclasses import dataclass

from engine.constants import PBUSY_LOCKED, PBUSY_MASK, PBUSY_WANTED, PG_MARKER
from explorer.lenses.kit.lens import Drawing, Lens, Spot
from explorer.session.session import Session
from explorer.views.changes import writes
from explorer.views.queues import pages_at
from explorer.views.spans import Line, Span

MOST = 400


@dataclass(frozen=True)
class Chip:
    """A page: its name, marks (L locked, W wanted, s soft, w wired, h held, d dirty), and state."""

    name: str
    number: int
    marks: str
    changed: bool
    shown: bool


@dataclass(frozen=True)
class QueueRow:
    """A queue by name, its pages as far as they are shown, how many there are, and lastq and adds."""

    name: str
    chips: tuple[Chip, ...]
    total: int
    lastq: int | None
    adds: int | None


def look(session: Session) -> QueueRow:
    """The queue under the cursor."""
    vm, (base, color) = session.vm, session.place
    pages = pages_at(vm, base, color, session.unqueued)
    step = session.history.step
    written = writes(session.history, step) if step else []
    touched = {index for place, index, _, _ in written if place.table == "page"}
    chips = tuple(_chip(session, m, m in touched) for m in pages[:MOST])
    queue = None if base == "NONE" else session.queue_index(base, color)
    lastq = None if queue is None else vm.queue.lastq[queue]
    adds = None if queue is None else vm.queue.adds[queue]
    return QueueRow(f"{base}[{color}]", chips, len(pages), lastq, adds)


def _chip(session: Session, m: int, changed: bool) -> Chip:
    page = session.vm.page
    busy = page.busy_count[m]
    marks = [
        ("L", busy & PBUSY_LOCKED), ("W", busy & PBUSY_WANTED), ("s", busy & PBUSY_MASK),
        ("w", page.wire_count[m]), ("h", page.hold_count[m]), ("d", page.dirty[m]),
        ("marker", page.flags[m] & PG_MARKER),
    ]  # fmt: skip
    text = "".join(letter for letter, on in marks if on)
    return Chip(session.labels.page(m), session.vm.page_number(m), text, changed, m == session.page)


def draw(row: QueueRow, width: int, height: int) -> Drawing:
    """The queue's name and length, then its chips in reading order; the head is first."""
    words = f" {row.total:,} page{'s' * (row.total != 1)}, head first"
    more = "" if row.lastq is None else f"   lastq {row.lastq}  adds {row.adds}"
    lines: list[Line] = [((row.name, "bold"), (words, "dim"), (more, "faint"))]
    spots: list[Spot] = []
    spans: list[Span] = []
    used = shown = 0
    for chip in row.chips:
        text = f"{chip.name}{':' + chip.marks if chip.marks else ''}"
        size = len(text) + 3
        if used and used + size > width:
            lines.append(tuple(spans))
            spans, used = [], 0
        if len(lines) >= max(height - 1, 1):
            break
        mark = "▸" if chip.shown else "*" if chip.changed else "["
        spots.append(Spot(len(lines), used, used + size - 1, f"page {chip.number}"))
        spans += [
            (mark, "focus" if chip.shown else "faint"),
            (text, "new" if chip.changed else ""),
            ("] ", "faint"),
        ]
        used += size
        shown += 1
    if spans:
        lines.append(tuple(spans))
    if shown < row.total:
        lines.append(((f"... and {row.total - shown:,} more", "dim"),))
    elif not row.total:
        lines.append((("no pages here; ←→↑↓ on the map go to other queues", "dim"),))
    return Drawing(lines, tuple(spots))


PLACE = 40
LENS = Lens(
    "queue", "the queue's pages", "the pages of the queue under the map's cursor, head to tail", look, draw
)
