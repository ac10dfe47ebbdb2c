"""Why a cell has its value: the write, what its thread read before, and the writes of those values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.constants import NULL, PBUSY_MASK, PBUSY_NAMES
from engine.debug.call_stack import LONGEST, operation_begin
from engine.debug.failed_check import Decided
from engine.debug.journal_search import last_change
from engine.debug.per_history import Remembered
from engine.debug.why import Cause, Read, why
from engine.run.history import History
from engine.run.suspended import kernel_calls
from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Part, Piece, Sheet
from explorer.lenses.kit.lens import WHOLE, Drawing, Lens
from explorer.session.ending import condition_asked
from explorer.session.session import Session
from explorer.views.changes import cell_words
from explorer.views.labels import Labels, flag_names
from explorer.views.row_writes import FIELDS
from explorer.views.rows import flag_difference
from explorer.views.spans import columns, length

DEPTH: Final = 4
"""Maximum length of a chain of causes."""

FAR: Final = 10_000
"""More columns than the calls of any cause take."""

NARROW: Final = 50
"""Below this width the texts are shortened."""


@dataclass(frozen=True)
class ReadRow:
    """A cell that was read: its value at that time, and the step that wrote it (0: before the run)."""

    subject: str
    cell: str
    value: str
    step: int


@dataclass(frozen=True)
class CauseRow:
    """A write, and what its thread read before.

    calls: the kernel functions, outermost first; line, call: the script line that made the call.
    because: the read that decided the write, whose step is the next cause; None for the last cause.
    """

    step: int
    thread: str
    calls: tuple[str, ...]
    action: str
    subject: str
    cell: str
    old: str
    new: str
    reads: tuple[ReadRow, ...]
    line: int = 0
    call: str = ""
    because: ReadRow | None = None


_RECENT: Final = 4096
"""Number of writes before the cursor among which a page's last write is looked for first."""

_CHAINS: Final = Remembered[tuple[int, int, bool], tuple[CauseRow, ...]](most=4096)
"""The causes of a value, by the address of the cell, the step that wrote it, and whether all reads count."""


@dataclass(frozen=True)
class WhyRow:
    """A cell's value at the cursor and the chain of its causes, nearest first.

    bits: which bits of the value matter, `without LOCKED`, or "".
    cell: "" if there is no cell to explain. cut: why the chain is missing, or "". origin: see History.origin.
    """

    subject: str
    cell: str
    value: str
    causes: tuple[CauseRow, ...]
    cut: str
    step: int
    origin: str
    bits: str = ""


def look(session: Session) -> WhyRow:
    """The causes of the chosen field, or of the last change in the inspected page."""
    history, labels = session.history, session.labels
    found = _asked(session)
    if found is None:
        return WhyRow("", "", "", (), "", history.step, history.origin)
    address, raw = found.cell, int(session.vm.memory.array[found.cell])
    subject, cell, value = cell_words(labels, address, raw)
    written = last_change(history, address, history.step, found.bits)
    rows: tuple[CauseRow, ...] = ()
    cut = ""
    if written is not None:
        if _too_long(history, written):
            cut = f"step {written:,} belongs to a very long call: its reads are not computed"
        else:
            key = address, written, session.everything
            rows = _CHAINS.get(history, key, lambda: {key: _chain(history, labels, *key)})
    return WhyRow(subject, cell, value, rows, cut, history.step, history.origin, _bits_words(raw, found.bits))


def _asked(session: Session) -> Decided | None:
    """The cell to explain and which of its bits; None if no step has changed a page yet."""
    if session.asked is not None:
        return Decided(session.asked, session.bits)
    found, m = condition_asked(session), session.page
    if found is not None or m == NULL:
        return found
    if session.field:
        return Decided(session.vm.memory.address(f"page.{session.field}", m))
    return Decided(_changed_last(session, m))


def _bits_words(value: int, bits: int) -> str:
    """Which bits of flags or of busy_count matter, and whether they are set: `without LOCKED`."""
    if not bits:
        return ""
    names = {bit: name.removeprefix("PBUSY_") for name, bit in PBUSY_NAMES.items()}
    names[PBUSY_MASK] = "a soft count"
    name = names.get(bits) or "|".join(flag_names(bits))
    return f"{'with' if value & bits else 'without'} {name}"


def _changed_last(session: Session, m: int) -> int:
    """The field of a page that changed last; its queue if none has changed."""
    history = session.history
    cells = [session.vm.memory.address(f"page.{name}", m) for name in FIELDS]
    end = history.journal.end(history.step)
    recent = history.journal.address.between(max(end - _RECENT, 0), end)
    hits = np.flatnonzero(np.isin(recent, cells))
    if hits.size:
        return int(recent[hits[-1]])
    step = max(history.writer(address, history.step) or 0 for address in cells)
    written = history.journal.writes_of(step)[::-1] if step else []
    return next((address for address, _, _ in written if address in cells), cells[FIELDS.index("queue")])


def _chain(
    history: History, labels: Labels, address: int, written: int, everything: bool
) -> tuple[CauseRow, ...]:
    causes = why(history, address, written, everything=everything, depth=DEPTH)
    return tuple(_cause_row(history, labels, cause) for cause in causes)


def _too_long(history: History, step: int) -> bool:
    thread = history.record(step).thread
    return thread is not None and step - operation_begin(history, thread, step) > LONGEST


def _cause_row(history: History, labels: Labels, cause: Cause) -> CauseRow:
    subject, cell, old, new = cell_words(labels, cause.address, cause.old, cause.new)
    return CauseRow(
        cause.step,
        "the clock" if cause.thread is None else labels.thread(cause.thread),
        kernel_calls(cause.stack),
        cause.action,
        subject,
        cell,
        old,
        new,
        tuple(_read_row(labels, read) for read in cause.reads),
        cause.line,
        cause.call,
        None if cause.because is None else _read_row(labels, cause.because),
    )


def _read_row(labels: Labels, read: Read) -> ReadRow:
    subject, cell, value = cell_words(labels, read.address, read.value)
    return ReadRow(subject, cell, value, read.writer or 0)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: WhyRow, width: int, height: int) -> Drawing:
    """Draw the question, then each cause in as many lines as fit."""
    sheet = Sheet(width, height)
    if not row.cell:
        sheet.add(("no step has changed a page yet", "dim"))
        return sheet.drawing()
    subject = f"{row.subject} {row.cell}"
    value = f"{row.value}, {row.bits}" if row.bits else row.value
    sheet.add(("why is ", "label"), (subject, "now"), (" = ", "label"), (value, "now"), ("?", "label"))
    if row.cut:
        sheet.add("  ", (row.cut, "warn"))
    elif not row.causes:
        sheet.add("  ", (f"no step of this run changed it: its value is from {row.origin}", "dim"))
    causes = list(row.causes)
    while causes and sheet.room > (each := _lines_each(sheet, len(causes))) - (len(causes) == 1):
        sheet.short = sheet.short or each < MOST
        _add_cause(sheet, row, causes.pop(0), each)
    if causes:
        sheet.add("  ", (f"… {plural(len(causes), 'earlier cause')}", "dim"))
    return sheet.drawing()


MOST: Final = 6
"""The most lines of a cause in a panel that is not scrolled."""


def _lines_each(sheet: Sheet, causes: int) -> int:
    """The number of lines for the next of some causes: for the write, the calls, the reads; many if scrolled.

    What a cause does not need is left to those after it.
    """
    if sheet.height >= WHOLE:
        return WHOLE // (DEPTH + 1)
    return min(max(-(-sheet.room // causes), 2), MOST)


def _add_cause(sheet: Sheet, row: WhyRow, cause: CauseRow, each: int) -> None:
    now = cause.step == row.step
    first = cause is row.causes[0]
    name = "" if first else f"{_of(row, cause.subject, cause.cell)} "
    sheet.add(
        (f"{MARK} " if now else "  ", "now"),
        Piece(f"step {cause.step:,}", "key", f"goto {cause.step}"), f" {cause.thread}: ",
        (name, "now"), *_values(cause, "new" if now else "now"),
        (f"  {cause.action}", "dim"),
    )  # fmt: skip
    left = each - 1
    if each > 2:
        room = FAR if sheet.height >= WHOLE else sheet.width - 7
        sheet.add("    ", ("in ", "label"), (_calls(cause, room), ""))
        left -= 1
    if cause.because is not None:
        sheet.add("    ", ("because ", "label"), *_read_pieces(row, cause.because))
        left -= 1
    if left:
        _add_reads(sheet, row, cause, left)


def _values(cause: CauseRow, style: str) -> list[Part]:
    if cause.cell == "flags":
        return [(flag_difference(cause.old, cause.new), style)]
    return [(cause.old, "old"), (" → ", "dim"), (cause.new, style)]


def _of(row: WhyRow, subject: str, cell: str) -> str:
    """A cell's name, without its subject if that is the subject of the question."""
    return cell if subject == row.subject else f"{subject} {cell}"


def _calls(cause: CauseRow, room: int) -> str:
    """The script line and the calls `outer › inner`; what does not fit is omitted after the first of them."""
    line = [f"line {cause.line} {cause.call}"] if cause.call else []
    names = [*line, *cause.calls] or ["the script"]
    if len(names) > 2 and columns(" › ".join([names[0], "…", names[-1]])) > room:
        names = names[len(line) :]
    cut = list(names)
    while columns(" › ".join(cut)) > room and len(names) > 2:
        del names[1]
        cut = [names[0], "…", *names[1:]]
    return " › ".join(cut)


def _add_reads(sheet: Sheet, row: WhyRow, cause: CauseRow, room: int) -> None:
    """Add what the call read before, nearest first, in at most `room` lines."""
    if not cause.reads:
        sheet.add("    ", ("its call read nothing that explains it", "dim"))
        return
    margin, verb = ("    ", "read ") if sheet.width >= NARROW else ("  ", "read ")
    lines: list[list[Part]] = [[margin, (verb, "label")]]
    for n, read in enumerate(cause.reads):
        pieces = _read_pieces(row, read)
        rest = len(cause.reads) - n
        more = len(f", … {rest - 1} more") if rest > 1 and len(lines) >= room else 1
        if n and length([*lines[-1], *pieces]) + more > sheet.width:
            if len(lines) >= room:
                lines[-1].append((f"… {rest} more", "dim"))
                break
            lines.append([" " * (len(margin) + len(verb))])
        lines[-1] += [*pieces, ", " if rest > 1 else ""]
    for pieces in lines:
        sheet.add(*pieces)


def _read_pieces(row: WhyRow, read: ReadRow) -> list[Part]:
    origin: Part = (row.origin.removesuffix(" or setup"), "dim")
    since = Piece(f"step {read.step:,}", "key", f"goto {read.step}") if read.step else origin
    return [f"{_of(row, read.subject, read.cell)} {read.value} (", since, ")"]


PLACE = 10
LENS = Lens("why", "why", "why the field has its value: the writes and reads", look, draw)
