"""The scenario's scripts, side by side if there is room, with the current line of each thread."""

from __future__ import annotations

from explorer.views.rows import SourceRow
from explorer.views.spans import Line, Span, filled, fit, length, line, rule, thread_style, wrapped

GUTTER = 5
"""Columns before the text of a line: its mark, its number, and the cursor."""

FAR = 1 << 16
"""More columns than a line of a script has."""

COLUMN = 38
"""Minimum width of a script's column."""


def source_lines(
    rows: tuple[SourceRow, ...], width: int, height: int, *, focused: bool, scroll: int = 0
) -> list[Line]:
    """Format the panel: a column per thread, or only the current threads if not all fit."""
    if not rows:
        return [rule(line(("source", "title")), width, focused=focused)]
    count = max(min(width // COLUMN, len(rows)), 1)
    shown = shown_rows(rows, count)
    rest = [_elsewhere(row, width) for row in rows if row not in shown][: max((height - 3) // 3, 0)]
    height -= len(rest)
    each = width // count
    columns = [
        _column(row, each if n < count - 1 else width - each * (count - 1), height, focused, scroll)
        for n, row in enumerate(shown)
    ]
    return [*(tuple(span for column in columns for span in column[y]) for y in range(height)), *rest]


def _elsewhere(row: SourceRow, width: int) -> Line:
    """Format a thread without a column: its name and its current line."""
    text = row.lines[row.line - 1].strip() if row.line else row.nowhere
    spans = line(
        (f"{row.name} ", thread_style(row.number)),
        (f"{row.line} " if row.line else "", "faint"),
        (text, "dim"),
    )
    return fit(spans, width)


def shown_rows(rows: tuple[SourceRow, ...], count: int) -> tuple[SourceRow, ...]:
    """Return the `count` rows around the current thread."""
    at = next((n for n, row in enumerate(rows) if row.next), None)
    if at is None:
        at = next((n for n, row in enumerate(rows) if row.ran), 0)
    begin = min(max(at - count + 1, 0), len(rows) - count)
    return rows[begin : begin + count]


def _column(row: SourceRow, width: int, height: int, focused: bool, scroll: int) -> list[Line]:
    """Format a thread's column, exactly `height` lines of exactly `width` columns."""
    place = f"line {row.line}" if row.line else row.nowhere
    title = line((row.name, thread_style(row.number)), (f" cpu{row.cpu}", "dim"))
    lines = [rule(title, width, focused=focused, right=line((place, "dim")))]
    placed = placed_lines(row, width, height - 1, scroll, focused=focused)
    return [*lines, *(filled(spans, width) for _, spans in placed)][:height]


def placed_lines(
    row: SourceRow, width: int, room: int, scroll: int = 0, *, focused: bool
) -> list[tuple[int, Line]]:
    """Return the `room` lines under a column's title, each with the number of its script line.

    With the focus, the line under the cursor is wrapped if it is too long.
    """
    begin = first_line(row, room, scroll)
    found: list[tuple[int, Line]] = []
    end = 0
    for number in range(begin + 1, begin + room + 1):
        pointed = focused and number == row.cursor
        parts = _whole_line(row, number, width) if pointed else [_code_line(row, number, width)]
        found += [(number, spans) for spans in parts]
        end = len(found) if pointed else end
    skipped = max(end - room, 0)
    return found[skipped : skipped + max(room, 0)]


def _whole_line(row: SourceRow, number: int, width: int) -> list[Line]:
    """Format a line of the script in as many lines as it needs."""
    whole = _code_line(row, number, FAR)
    if length(whole) < width:
        return [whole]
    *head, (text, style) = whole
    indent = len(text) - len(text.lstrip())
    first, *others = wrapped(text, max(width - 1 - GUTTER - indent, 8))
    below = " " * (GUTTER + indent)
    return [(*head, (" " * indent + first, style)), *(((below, ""), (part, style)) for part in others)]


def first_line(row: SourceRow, room: int, scroll: int) -> int:
    """Return the number of lines above the window that shows the current line."""
    beyond = max(len(row.lines) - room, 0)
    at = row.cursor or row.line or (1 if row.nowhere == "power-on" else len(row.lines))
    return min(max(at - 1 - room // 2 + scroll, 0), beyond)


def _code_line(row: SourceRow, number: int, width: int) -> Line:
    if number > len(row.lines):
        return ()
    current = number == row.line
    mark = ("▶" if row.next else "•" if row.ran else "▷") if current else " "
    style = "next" if row.next else "ran" if row.ran else "dim"
    text = row.lines[number - 1].expandtabs(4)
    body: Span = (text, "line" if current else "dim" if text.lstrip().startswith("#") else "code")
    gutter: Span = ("▸" if number == row.cursor else " ", "focus")
    if number in row.breaks:
        gutter = ("◉" if number == row.cursor else "●", "bad")
    return fit(line((mark, style), (f"{number:>3}", "faint"), gutter, body), width - 1)
