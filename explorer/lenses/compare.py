"""The cells that differ between two moments, pages first, with both values."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.lenses.kit.drawing import Sheet
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.branches import runs_on
from explorer.session.session import Session
from explorer.views.changes import change_of
from explorer.views.rows import Change
from explorer.views.spans import columns, padded, shortened


@dataclass(frozen=True)
class CompareRow:
    """The names of two moments and the cells that differ.

    hidden: the number of unlisted bookkeeping cells. runs_on: which of the two runs on, or "".
    """

    left: str
    right: str
    changes: tuple[Change, ...]
    hidden: int
    runs_on: str = ""


def look(session: Session) -> CompareRow | None:
    """The last comparison, or None."""
    if session.compared is None:
        return None
    left, right, found = session.compared
    changes = [change_of(session.labels, one.address, one.left, one.right) for one in found]
    shown = tuple(change for change in changes if not change.plumbing)
    names = [
        f"{session.history.branches[moment.branch].name} at step {moment.step:,}" for moment in (left, right)
    ]
    on = runs_on(session, left, right)
    return CompareRow(names[0], names[1], shown, len(changes) - len(shown), on)


def draw(row: CompareRow | None, width: int, height: int) -> Drawing:
    """Draw one line per cell: its name, its value at the left moment, and its value at the right moment."""
    sheet = Sheet(width, height)
    if row is None:
        sheet.add(("nothing compared yet", "dim"))
        sheet.add(("d compares with the parent branch,", "dim"))
        sheet.add((":compare BRANCH:STEP with any moment", "dim"))
        return sheet.drawing()
    sheet.add((row.left, "bold"), ("  |  ", "faint"), (row.right, "bold"))
    if row.runs_on:
        sheet.add((row.runs_on, "warn"))
    if not row.changes:
        sheet.add(("no differences (bookkeeping ignored)", "good"))
        return sheet.drawing()
    label = min(max(columns(_name(one)) for one in row.changes) + 2, width // 2)
    room = max(height - 2 - bool(row.runs_on), 0)
    for change in row.changes[:room]:
        name = padded(shortened(_name(change), label - 1), label)
        sheet.add(name, (change.old, "dim"), ("  |  ", "faint"), (change.new, "now"))
    left_out = len(row.changes) - room
    if left_out > 0:
        sheet.add((f"... and {left_out:,} more; z gives the panel the screen", "dim"))
    return sheet.drawing()


def _name(change: Change) -> str:
    return f"{change.subject} {change.cell}"


PLACE = 150
LENS = Lens("compare", "two moments", "how two moments or branches differ", look, draw)
