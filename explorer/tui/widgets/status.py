"""The status line: step, branch, last thread, free memory, and the outcome of the run."""

from __future__ import annotations

from explorer.views.rows import StatusRow
from explorer.views.spans import Line, Span, length

WIDE = 200
"""From this width on, the machine and the rules are named even if they are the scenario's own."""

ALWAYS = -1
"""The rank of the parts that are never left out; a part of a higher rank is less important."""

_OUTCOME_STYLES = {"completed": "bar-good", "blocked": "bar-warn", "stopped": "bar-warn"}


def status_line(row: StatusRow, width: int, title: str) -> Line:
    """Format the line in `width` columns; the least important parts are left out first."""
    left: list[Span] = [(" t ", "bar-dim"), (_time(row), "bar-bold")]
    pieces: list[tuple[int, list[Span]]] = [
        (3, [(f" {_where(row)}", "bar-dim")]),
        (1, [(f"  {row.thread}", "bar")]),
        (2, [("  ▸", "bar-dim"), (row.branch, "bar")]),
    ]
    if row.stepping:
        pieces.append((ALWAYS, [(f"  s→{row.stepping}", "bar-warn")]))
    if row.activity:
        pieces.append((ALWAYS, [(f"  {row.activity}", "bar-warn")]))
    if row.outcome:
        style = _OUTCOME_STYLES.get(row.outcome, "bar-bad")
        pieces.append((ALWAYS, [("  ", "bar"), (f" {row.outcome.upper()} ", style)]))
    if row.question:
        style = "bar-warn" if row.due else "bar-dim"
        pieces.append((ALWAYS if row.due else 3, [(f"  {row.question}", style)]))
    if row.score:
        pieces.append((3, [("  predicted ", "bar-dim"), (row.score, "bar")]))
    if not row.own or width >= WIDE:
        settings = f"  {row.machine} · {row.rules}"
        pieces.append((4 if row.own else 0, [(settings, "bar-dim" if row.own else "bar-warn")]))
    if row.parameters:
        pieces.append((0, [(f"  {row.parameters}", "bar-warn")]))
    pieces.append((5, [(f"  {title}", "bar-dim")]))
    right: list[tuple[int, list[Span]]] = [
        (1, [("free ", "bar-dim"), (f"{row.free:,}", "bar-bold")]),
        (2, [("  min ", "bar-dim"), (f"{row.minimum:,}", "bar")]),
        (4, [("  reserved ", "bar-dim"), (f"{row.reserved:,}", "bar")]),
    ]
    for least in (5, 4, 3, 2, 1, 0, ALWAYS):
        front = [*left, *(span for rank, spans in pieces if rank <= least for span in spans)]
        back = [span for rank, spans in right if rank <= least for span in spans]
        room = width - length(front) - length(back) - 1
        if room >= 1 or least == ALWAYS:
            break
    return (*front, (" " * max(room, 0), "bar"), *back, (" ", "bar"))


def _time(row: StatusRow) -> str:
    return f"{row.step:,}/{row.total:,}"


def _where(row: StatusRow) -> str:
    """Format the position within the recorded steps, and whether the run can continue at their end."""
    if not row.total:
        return "start" if row.open else "end"
    percent = f"{100 * row.step // row.total}%"
    return percent if row.step < row.total else f"{percent} {'last' if row.open else 'end'}"
