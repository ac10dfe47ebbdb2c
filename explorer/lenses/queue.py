"""The pages of the queue under the map's cursor, from head to tail, each as a chip."""

from __future__ import annotations

from dataclasses import dataclass

from engine.constants import PBUSY_LOCKED, PBUSY_MASK, PBUSY_WANTED, PG_MARKER
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Piece, Row, Sheet, flow
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.changes import writes
from explorer.views.queues import pages_at

MOST = 400

END = "] "
"""Follows each chip."""


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
    """A queue: its name, the first MOST pages, its length, and its lastq and adds."""

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
    """Draw the queue's name and length, then its chips, the head first."""
    sheet = Sheet(width, height)
    more = "" if row.lastq is None else f"   lastq {row.lastq}  adds {row.adds}"
    sheet.add((row.name, "bold"), (f" {plural(row.total, 'page')}, head first", "dim"), (more, "faint"))
    lines = flow(map(_pieces, row.chips), width, gap=0)[: max(height - 2, 0)]
    for pieces in lines:
        sheet.add(*pieces)
    shown = sum(piece.text == END for pieces in lines for piece in pieces)
    if shown < row.total:
        sheet.add((f"... and {row.total - shown:,} more", "dim"))
    elif not row.total:
        sheet.add(("no pages here; ←→↑↓ on the map select a queue", "dim"))
    return sheet.drawing()


def _pieces(chip: Chip) -> Row:
    """`[0x40:w] `; the inspected page and changed pages have another opening mark."""
    mark = MARK if chip.shown else "*" if chip.changed else "["
    text = f"{chip.name}:{chip.marks}" if chip.marks else chip.name
    verb = f"page {chip.number}"
    return (
        Piece(mark, "focus" if chip.shown else "faint", verb),
        Piece(text, "new" if chip.changed else "", verb),
        Piece(END, "faint", (verb, "")),
    )


PLACE = 40
LENS = Lens(
    "queue", "the queue's pages", "the pages of the queue under the map's cursor, head to tail", look, draw
)
