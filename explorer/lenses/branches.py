"""The branches of the run as a tree: where each left its parent, how far it goes, how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Part, Piece, Sheet
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.spans import cut, length
from explorer.views.timeline import is_finding

OPEN: Final = "can go on"

WIDE: Final = 56
"""Columns from which on there is room for where a branch left its parent."""


@dataclass(frozen=True)
class BranchRow:
    """A branch: its number and name, its place in the tree, and what is recorded of it.

    stem: the lines of the tree in front of its name. fork: the step at which it left its parent, -1 for the
    first one. own: steps of its own.
    """

    number: int
    name: str
    stem: str
    fork: int
    total: int
    own: int
    outcome: str
    here: bool


@dataclass(frozen=True)
class BranchesRow:
    """The tree top down; `step` is the cursor's in the branch that is `here`."""

    branches: tuple[BranchRow, ...]
    step: int


def look(session: Session) -> BranchesRow:
    """Every branch of the run."""
    history = session.history
    children: dict[int | None, list[int]] = {}
    for number, branch in enumerate(history.branches):
        children.setdefault(branch.parent, []).append(number)
    found: list[BranchRow] = []
    # Depth first with a stack of its own: a branch of a branch of a branch may go on for long.
    waiting = [(number, "", "") for number in reversed(children.get(None, []))]
    while waiting:
        number, stem, below = waiting.pop()
        found.append(_branch_row(session, number, stem))
        forks = children.get(number, [])
        for fork in reversed(forks):
            last = fork == forks[-1]
            waiting.append((fork, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")))
    return BranchesRow(tuple(found), history.step)


def _branch_row(session: Session, number: int, stem: str) -> BranchRow:
    history = session.history
    branch = history.branches[number]
    total = branch.timeline.journal.steps
    fork = branch.fork_step if branch.parent is not None else -1
    outcome, here = branch.outcome or OPEN, number == history.current
    return BranchRow(number, branch.name, stem, fork, total, total - max(fork, 0), outcome, here)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: BranchesRow, width: int, height: int) -> Drawing:
    """A line a branch, those around the current one where there is no room for all."""
    sheet = Sheet(width, height)
    if sheet.room > 3:
        sheet.add(*_head(row, width))
    first, beyond = _window(row, sheet.room)
    if first:
        sheet.add(("  … ", "dim"), (plural(first, "branch", "branches") + " above", "dim"))
    for branch in row.branches[first:beyond]:
        sheet.add(*_pieces(row, branch, width))
    left = len(row.branches) - beyond
    if left:
        sheet.add(("  … ", "dim"), (plural(left, "branch", "branches") + " below", "dim"))
    elif len(row.branches) == 1 and sheet.room:
        sheet.add("  ", ("another branch begins where you step another thread in the past", "dim"))
    return sheet.drawing()


def _window(row: BranchesRow, room: int) -> tuple[int, int]:
    """The branches that fit, the current one among them; a line tells what is left out at either end."""
    count = len(row.branches)
    if count <= room:
        return 0, count
    here = next(n for n, branch in enumerate(row.branches) if branch.here)
    shown = max(room - 2, 1)
    first = min(max(here - shown // 2, 0), count - shown)
    if first <= 1:
        return 0, max(room - 1, 1)
    return (count - max(room - 1, 1), count) if first + shown >= count - 1 else (first, first + shown)


def _name_width(row: BranchesRow, width: int) -> int:
    """Columns of the tree and the names; what does not fit is cut at the tree's root."""
    longest = max(length([branch.stem, branch.name]) for branch in row.branches)
    return max(min(longest, width - 24), 8)


def _head(row: BranchesRow, width: int) -> list[Part]:
    fork = f"  {'left at':>9}" if width >= WIDE else ""
    return [("  ", ""), (f"{'branch':<{_name_width(row, width)}}{fork}  {'ends at':>9}  how", "label")]


def _pieces(row: BranchesRow, branch: BranchRow, width: int) -> list[Part]:
    room = _name_width(row, width)
    stem = branch.stem[max(length([branch.stem, branch.name]) - room, 0) :]
    name = cut(branch.name, room)
    fork = "" if branch.fork < 0 else f"{branch.fork:,}"
    pieces: list[Part] = [
        (f"{MARK} " if branch.here else "  ", "now"),
        (stem, "faint"),
        Piece(name, "now" if branch.here else "", f"branch {branch.number}"),
        " " * (room - length([stem, name])),
        (f"  {fork:>9}" if width >= WIDE else "", "dim"),
        (f"  {branch.total:>9,}  ", "dim"),
        (branch.outcome, _style(branch.outcome)),
    ]
    if branch.here and width >= WIDE:
        pieces.append((f"  cursor: {row.step:,}", "now"))
    return pieces


def _style(outcome: str) -> str:
    if is_finding(outcome):
        return "bad"
    return "good" if outcome == "completed" else "dim"


PLACE = 140
LENS = Lens("branches", "branches", "the tree of branches; a click goes to one", look, draw)
