"""The thread panel: the place of each thread, its next action, what it holds and waits for."""

from __future__ import annotations

from typing import Final

from explorer.views.rows import ThreadRow
from explorer.views.spans import Line, line, rule, thread_style

_STATE_STYLES = {"runs": "good", "waits": "warn", "sleeping": "warn", "panicked": "bad", "ended": "dim"}


MOST: Final = 6
"""More lines than a thread takes."""


def threads_title(width: int, *, focused: bool, part: str = "") -> Line:
    """Format the title; part: the part of the lines that is visible."""
    right = line((part, "dim")) if part else ()
    return rule(line(("threads", "title")), width, focused=focused, right=right)


def thread_lines(
    rows: tuple[ThreadRow, ...], width: int, height: int, *, focused: bool, more: str = ""
) -> list[Line]:
    """Format the panel: one to four lines per thread, as many as fit."""
    lines, _ = laid_out(rows, width, height)
    return [threads_title(width, focused=focused, part=more), *lines]


def laid_out(rows: tuple[ThreadRow, ...], width: int, height: int) -> tuple[list[Line], list[int]]:
    """Return the lines below the title of a panel of that height, and the number of each line's thread."""
    room = max((height - 1) // max(len(rows), 1), 1)
    lines: list[Line] = []
    owners: list[int] = []
    for row in _window(rows, height - 1):
        block = _block(row, width, room)
        lines += block
        owners += [row.number] * len(block)
    return lines, owners


def _window(rows: tuple[ThreadRow, ...], room: int) -> tuple[ThreadRow, ...]:
    """Return the rows that fit with one line each, including the current thread."""
    if len(rows) <= room:
        return rows
    at = next((n for n, row in enumerate(rows) if row.next or row.chosen), 0)
    begin = min(max(at - room // 2, 0), len(rows) - room)
    return rows[begin : begin + room]


def _block(row: ThreadRow, width: int, room: int) -> list[Line]:
    """Format a thread in at most `room` lines; the most important ones stay."""
    place = next(reversed(row.calls), "")
    lines = []
    if row.waits:
        lines.append(line(("  waits for ", "warn"), (row.waits, "now")))
    if row.action:
        lines.append(line(("  next  ", "label"), (row.action, "now" if row.next else "")))
    if row.holds:
        lines.append(line(("  holds ", "label"), (", ".join(row.holds), "")))
    if place and len(lines) + 1 < room:
        lines.insert(0, line(("  in    ", "label"), (_chain(row, width - 8), "")))
        place = ""
    return [_head(row, place), *lines[: max(room - 1, 0)]]


def _head(row: ThreadRow, place: str) -> Line:
    mark, style = ("▶", "next") if row.next else ("•", "ran") if row.ran else (" ", "")
    return line(
        (mark, style), (row.name, thread_style(row.number)), (" ←s " if row.chosen else " ", "warn"),
        (f"cpu{row.cpu} ", "dim"), (row.state, _STATE_STYLES.get(row.state, "dim")), (f" {place}", ""),
    )  # fmt: skip


def _chain(row: ThreadRow, width: int) -> str:
    """Format the current kernel calls, `outer › inner`; if they do not fit, the outer ones are left out."""
    names = row.calls
    cut = 0
    while cut < len(names) - 1 and len(" › ".join(names[cut:])) + 4 * (cut > 0) > width:
        cut += 1
    return " › ".join((*["…"] * (cut > 0), *names[cut:]))
