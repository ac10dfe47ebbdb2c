"""The event log: one line per step, newest last, up to the current step."""

from __future__ import annotations

from typing import Final

from explorer.views.rows import Change, EventRow
from explorer.views.spans import Line, Span, columns, fit, length, line, rule, thread_style, wrapped

NARROW = 64
"""Below this width, a line does not have room for function, action and cells."""

MOST: Final = 3
"""Maximum number of lines for what the newest step did; a longer sentence gives way to its action."""


def log_lines(
    rows: tuple[EventRow, ...], width: int, height: int, *, focused: bool, at: int | None = None
) -> list[Line]:
    """Format the panel: one line for each row, and the last row with every cell that it changed.

    A panel of one line says what the newest step did instead of a title.
    at: the step under the cursor, which has every cell too; None without a cursor.
    """
    if height == 1 and rows and not focused:
        return [fit(line(*_who(rows[-1]), (rows[-1].sentence or rows[-1].action, "now")), width)]
    right = line(("Enter goes there", "dim")) if at is not None else ()
    title = rule(line(("log", "title")), width, focused=focused, right=right)
    return [title, *(spans for _, spans in placed_lines(rows, width, height, at=at))]


def placed_lines(
    rows: tuple[EventRow, ...], width: int, height: int, *, at: int | None = None
) -> list[tuple[EventRow, Line]]:
    """Return the lines under the title, each with the row that it is of."""
    if not rows:
        return []
    pointed = next((n for n, row in enumerate(rows) if row.step == at), len(rows) - 1)
    last = [(rows[pointed], spans) for spans in last_lines(rows[pointed], width, max(height - 2, 1))]
    if rows[pointed].step == at:
        last[0] = (rows[pointed], (("▸", "focus"), *last[0][1][1:]))
    newer = [(row, _one_line(row, width)) for row in rows[pointed + 1 :]]
    newer = newer[: max(height - 1 - len(last), 0)]
    room = max(height - 1 - len(last) - len(newer), 0)
    older = rows[:pointed][max(pointed - room, 0) :] if room else ()
    return [*((row, _one_line(row, width)) for row in older), *last, *newer]


def _who(row: EventRow) -> list[Span]:
    mark = ("▶", "ran") if row.now else (" ", "")
    return [mark, (f"{row.step:>5,} ", "dim"), (f"{row.thread} ", thread_style(row.number))]


def _one_line(row: EventRow, width: int) -> Line:
    """Format thread, function, action and cells; on a narrow panel, the action before the function.

    What the step printed, zeroed or compared comes before its action.
    """
    if row.remarks:
        return line(*_who(row), ("; ".join(row.remarks), "warn"), (f"  {row.action}", "dim"))
    if width < NARROW:
        return line(*_who(row), (row.action, ""), (f"  {row.function}", "dim"))
    spans = [*_who(row), (f"{row.function} " if row.function else "", ""), (row.action, "dim")]
    for n, change in enumerate(row.changes):
        spans += [("  " if n else "  · ", "faint"), (str(change), "")]
    return tuple(spans)


def last_lines(row: EventRow, width: int, room: int) -> list[Line]:
    """Format the newest step: what it did, on a few lines if needed, then as many cells as fit."""
    head = line(*_who(row), (f"{row.function} " if row.function else "", "now"))
    style = "" if row.function else "now"
    said = _after(head, row.sentence, style, width)
    if not row.sentence or len(said) > min(room, MOST):
        said = _after(head, row.action, style, width if room > 1 else 0)
    return [*said, *_remarks(row, width), *_cells(row, width)][:room]


def _remarks(row: EventRow, width: int) -> list[Line]:
    """Format what the step printed, zeroed and compared, each on its own lines."""
    return [
        ((" " * 7, ""), (part, "warn")) for text in row.remarks for part in wrapped(text, max(width - 7, 8))
    ]


def _after(head: Line, text: str, style: str, width: int) -> list[Line]:
    """Format a text on the line of its head if it fits there, else on the lines below."""
    if not width or length(head) + columns(text) <= width:
        return [(*head, (text, style))]
    return [head, *(((" " * 7, ""), (part, style)) for part in wrapped(text, max(width - 7, 8)))]


def _cells(row: EventRow, width: int) -> list[Line]:
    """Format the cells that changed, as many on a line as fit."""
    lines: list[Line] = []
    cells: list[Span] = []
    used = 7
    for change in row.changes:
        text = f"{change.subject} {change.cell} "
        values = _values(change)
        size = columns(text) + length(values) + 2
        if cells and used + size > width:
            lines.append(((" " * 7, ""), *cells))
            cells, used = [], 7
        cells += [(text, ""), *values, ("  ", "")]
        used += size
    if cells:
        lines.append(((" " * 7, ""), *cells))
    return lines


def _values(change: Change) -> list[Span]:
    if change.difference:
        return [(change.difference, "new")]
    return [(change.old, "dim"), ("→", "dim"), (change.new, "new")]
