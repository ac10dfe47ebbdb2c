"""The life of the inspected page: its queues over time, and every change of its fields.

If the cursor is on a queue of the map instead, the life of that queue: its length over time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from engine.constants import NULL, PQ_L2_MASK, PQ_L2_SIZE, QUEUE_BASES
from engine.debug.biography import Change
from engine.debug.per_history import Remembered
from engine.memory.block import EVENT
from engine.memory.cells import Array
from engine.memory.distinct import distinct
from engine.run.history import History
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Part, Piece, Sheet, joined, newest
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.changes import cell_words
from explorer.views.glyphs import LEVELS
from explorer.views.instructions import called_at
from explorer.views.page import near, page_row
from explorer.views.queues import band_of
from explorer.views.row_writes import QUEUE, Writes, changes_of, writes_to_length, writes_to_page
from explorer.views.rows import TYPES
from explorer.views.spans import Span

MOST: Final = 60
"""Maximum number of changes shown; more than any screen has lines."""

NAMES: Final = tuple(QUEUE_BASES)
"""The queue types in the order of their queue indexes."""

NAME: Final = 9
"""Width of a line's name."""


@dataclass(frozen=True, eq=False)
class Stays:
    """A value over time: each step at which it changed, and the value since then.

    For a page, the number of its queue type (an index in NAMES); for a queue, its length."""

    steps: Array
    values: Array

    def pairs(self) -> list[tuple[int, int]]:
        """The (step, value) pairs, in order."""
        return list(zip(self.steps.tolist(), self.values.tolist(), strict=True))


@dataclass(frozen=True)
class Chapter:
    """A step that changed the subject: its thread, the function that the script called, and the changes."""

    step: int
    thread: str
    function: str
    action: str
    changes: tuple[tuple[str, str, str], ...]


_CHAPTERS: Final = Remembered[tuple[int, int], Chapter](most=4096)
"""The chapters of pages' lives, by page and step."""


@dataclass(frozen=True, eq=False)
class LifeRow:
    """The life of a page or a queue.

    stays:    the queue types of a page over the whole recorded branch; None for a queue.
    lengths:  the lengths of a queue over the whole recorded branch; None for a page.
    chapters: the last MOST chapters up to the cursor; earlier: the number of changes before them.
    """

    title: str
    where: str
    stays: Stays | None
    lengths: Stays | None
    chapters: tuple[Chapter, ...]
    earlier: int
    step: int
    total: int


def look(session: Session) -> LifeRow:
    """The life of the inspected page, or of the queue under the map's cursor if no page is pinned."""
    m = session.page
    if m == NULL or (session.pinned is None and session.cursor is not None):
        return _queue_life(session)
    return _page_life(session, m)


# --- a page -------------------------------------------------------------------------------------------------


def _page_life(session: Session, m: int) -> LifeRow:
    history, labels = session.history, session.labels
    row = page_row(history, labels, m, following=session.pinned is None)
    assert row is not None
    writes = writes_to_page(history, m)
    past = int(np.searchsorted(writes.step, history.step, side="right"))
    recent = slice(max(past - 4 * MOST, 0), past)
    found = changes_of(history, Writes(writes.number[recent], writes.step[recent], writes.column[recent]))
    last = list(found)[-MOST:]
    chapters = tuple(
        _CHAPTERS.get(history, (m, step), partial(_page_chapter, session, m, step, found[step]))
        for step in last
    )
    earlier = recent.start + len(found) - len(last)
    local = f", {words}" if (words := near(row)) else ""
    title = f"page {labels.page(m)}  colour {row.values['pc']} of {row.band}  on {row.node}{local}"
    stays = _stays(history, m, writes)
    return LifeRow(title, row.queue, stays, None, chapters, earlier, history.step, history.total)


def _page_chapter(
    session: Session, m: int, step: int, changes: tuple[Change, ...]
) -> dict[tuple[int, int], Chapter]:
    words = (_words(session, change.address, change.old, change.new) for change in changes)
    return {(m, step): _chapter(session, step, tuple(words))}


def _words(session: Session, address: int, old: int, new: int) -> tuple[str, str, str]:
    _, cell, before, after = cell_words(session.labels, address, old, new)
    return cell, before, after


def _chapter(session: Session, step: int, changes: tuple[tuple[str, str, str], ...]) -> Chapter:
    history = session.history
    t = history.journal.thread(step)
    who = "event" if t == EVENT else session.labels.thread(t)
    return Chapter(step, who, called_at(history, step), history.action(step), changes)


def _stays(history: History, m: int, writes: Writes) -> Stays:
    """The queue types of a page over the whole branch."""
    moved = writes.where(writes.column == QUEUE)
    journal = history.journal
    first = journal.old[int(moved.number[0])] if moved.number.size else history.vm.page.queue[m]
    queues = np.concatenate([[first], journal.new.at(moved.number)])
    return Stays(np.concatenate([[0], moved.step]), (queues + PQ_L2_MASK) // PQ_L2_SIZE)


# --- a queue ------------------------------------------------------------------------------------------------


def _queue_life(session: Session) -> LifeRow:
    history, vm = session.history, session.vm
    base, color = session.place
    title = f"{base}[{color}] of {band_of(vm, color)}"
    if base not in QUEUE_BASES or base == "NONE":
        where = "NONE is not a queue: no list and no length"
        return LifeRow(title, where, None, None, (), 0, history.step, history.total)
    q = QUEUE_BASES[base] + color
    writes = writes_to_length(history, q)
    past = int(np.searchsorted(writes.step, history.step, side="right"))
    shown = range(max(past - MOST, 0), past)
    chapters = tuple(_length_chapter(session, int(writes.number[n]), int(writes.step[n])) for n in shown)
    journal = history.journal
    first = journal.old[int(writes.number[0])] if writes.number.size else vm.queue.lcnt[q]
    counts = np.concatenate([[first], journal.new.at(writes.number)])
    lengths = Stays(np.concatenate([[0], writes.step]), counts)
    where = plural(vm.queue.lcnt[q], "page")
    return LifeRow(title, where, None, lengths, chapters, shown.start, history.step, history.total)


def _length_chapter(session: Session, n: int, step: int) -> Chapter:
    journal = session.history.journal
    return _chapter(session, step, (("pages", f"{journal.old[n]:,}", f"{journal.new[n]:,}"),))


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: LifeRow, width: int, height: int) -> Drawing:
    """Draw the subject, its timeline, and below it the changes, newest last."""
    sheet = Sheet(width, height)
    changed = bool(row.chapters) and row.chapters[-1].step == row.step
    sheet.add((f"{MARK} " if changed else "  ", "now"), (row.where, "now"), "  ", (row.title, "label"))
    _add_time(sheet, row)
    if not row.chapters:
        sheet.add(("  no change up to this step", "dim"))
    shown, hidden = newest(row.chapters, sheet.room)
    if row.earlier and not hidden:
        shown = shown[max(len(shown) - sheet.room + 1, 0) :]
    hidden = row.earlier + len(row.chapters) - len(shown)
    if hidden:
        sheet.add(f"{'…':>9} ", (plural(hidden, "earlier change"), "dim"))
    names = max((len(chapter.thread) for chapter in shown), default=0)
    for chapter in shown:
        sheet.add(*_chapter_pieces(chapter, chapter.step == row.step, names, width))
    return sheet.drawing()


def _chapter_pieces(chapter: Chapter, now: bool, names: int, width: int) -> list[Part]:
    pieces: list[Part] = [
        (f"{MARK} " if now else "  ", "now"),
        Piece(f"{chapter.step:>7,}", "key", f"goto {chapter.step}"),
        (f" {chapter.thread:<{names}} ", "now" if now else ""),
    ]
    for cell, old, new in chapter.changes:
        pieces += [(f"{cell} ", ""), (old, "old"), ("→", "dim"), (new, "new" if now else "now"), "  "]
    if width >= 60:
        function = f"{chapter.function}: " if chapter.function else ""
        pieces.append((f"{function}{chapter.action}", "dim"))
    return pieces


# --- time from left to right --------------------------------------------------------------------------------


def _add_time(sheet: Sheet, row: LifeRow) -> None:
    """Add the timeline of the whole recorded run with the cursor; the part after the cursor is faint."""
    if not row.total:
        return
    room = max(sheet.width - NAME - 1, 1)
    if row.lengths is not None:
        _add_lane(sheet, row, "pages", _levels(row, row.lengths, room))
    elif row.stays is not None:
        _add_stays(sheet, row, row.stays, room)
    if sheet.height >= 8:
        end = f"{row.total:,}"
        sheet.add((f"{'0':>{NAME + 1}}{f'step {row.step:,}':^{max(room - 1 - len(end), 0)}}{end}", "dim"))


def _add_stays(sheet: Sheet, row: LifeRow, stays: Stays, room: int) -> None:
    """Add a line per type that the page was on, for all types in a high panel, or one line of letters."""
    there = {NAMES[n] for n in distinct(stays.values).tolist()}
    lanes = [name for name in TYPES if name in there or sheet.height >= 16]
    types = [NAMES[n] for n in _at_ends(row, stays, room)]
    if len(lanes) + 5 > sheet.height:
        _add_lane(sheet, row, "queue", [("-" if name == "NONE" else name[0], _fill(name)) for name in types])
        return
    begun = _cells_of(row, stays, room)
    for name in lanes:
        short = begun[stays.values == NAMES.index(name)] if name != "NONE" else begun[:0]
        _add_lane(sheet, row, name, _lane(name, types, set(short.tolist())))


def _fill(name: str) -> str:
    return f"fill-{name}"


def _add_lane(sheet: Sheet, row: LifeRow, name: str, cells: list[Span]) -> None:
    at = _cell_of(row.step, row, len(cells))
    pieces = []
    for n, (text, style) in enumerate(cells):
        middle = min((2 * n + 1) * (row.total + 1) // (2 * len(cells)), row.total)
        shown = ("┃", "cursor") if n == at else (text, style if n < at else "faint")
        pieces.append(Piece(*shown, f"goto {middle}"))
    sheet.add((f"{name:<{NAME}}", "label"), *joined(pieces))


def _cell_of(step: int, row: LifeRow, room: int) -> int:
    """The cell of a timeline that contains a step."""
    return min(step * room // (row.total + 1), room - 1)


def _cells_of(row: LifeRow, stays: Stays, room: int) -> Array:
    """The cell in which each stay starts."""
    found: Array = np.minimum(stays.steps * room // (row.total + 1), room - 1)
    return found


def _at_ends(row: LifeRow, stays: Stays, room: int) -> list[int]:
    """The value at the end of each cell."""
    ends = -(-(np.arange(room) + 1) * (row.total + 1) // room) - 1
    values: list[int] = stays.values[np.searchsorted(stays.steps, ends, side="right") - 1].tolist()
    return values


def _lane(name: str, types: list[str], begun: set[int]) -> list[Span]:
    """The line of one type: filled where the page was on it; a stay shorter than a cell is a small square."""
    fill = _fill(name)
    return [
        ("█", fill) if at == name else ("▪", fill) if n in begun else ("·", "faint")
        for n, at in enumerate(types)
    ]


def _levels(row: LifeRow, lengths: Stays, room: int) -> list[Span]:
    """The queue's length at the end of each cell, relative to its maximum."""
    most = max(int(lengths.values.max()), 1)
    return [(LEVELS[-(-pages * 8 // most)], "now") for pages in _at_ends(row, lengths, room)]


PLACE = 20
LENS = Lens("life", "life", "the life of the inspected page, or of the map's queue", look, draw)
