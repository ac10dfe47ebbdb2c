"""The branches of the run as a tree: where each forked, its last step, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.words import plural
from explorer.lenses.kit.drawing import MARK, Part, Piece, Sheet
from explorer.lenses.kit.lens import Drawing, Lens
from explorer.session.session import Session
from explorer.views.spans import length, shortened
from explorer.views.timeline import is_finding

OPEN: Final = "not ended"

WIDE: Final = 56
"""Minimum width for the column that shows where a branch forked."""


@dataclass(frozen=True)
class BranchRow:
    """A branch: its number, name, position in the tree, length and outcome.

    stem: the tree lines before its name. fork: the step at which it left its parent, -1 for the root.
    own: the number of steps after the fork.
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
    """The tree from top to bottom; `step` is the cursor's step in the branch that is `here`."""

    branches: tuple[BranchRow, ...]
    step: int


def look(session: Session) -> BranchesRow:
    """All branches of the run, in tree order."""
    history = session.history
    children: dict[int | None, list[int]] = {}
    for number, branch in history.kept():
        children.setdefault(branch.parent, []).append(number)
    found: list[BranchRow] = []
    # Depth first with an explicit stack: branches may be nested deeper than the recursion limit.
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
    total = branch.total
    fork = branch.fork_step if branch.parent is not None else -1
    outcome, here = branch.outcome or OPEN, number == history.current
    return BranchRow(number, branch.name, stem, fork, total, total - max(fork, 0), outcome, here)


# --- drawing ------------------------------------------------------------------------------------------------


def draw(row: BranchesRow, width: int, height: int) -> Drawing:
    """Draw one line per branch; if they do not all fit, those around the current branch."""
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
        sheet.add("  ", ("step another thread in the past to branch", "dim"))
    return sheet.drawing()


def _window(row: BranchesRow, room: int) -> tuple[int, int]:
    """The range of branches that fit, including the current one.

    Each end that is cut off takes one line, which says how many branches are omitted."""
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
    """Width of the tree and the names; a line that does not fit is cut on the left."""
    longest = max(length([branch.stem, branch.name]) for branch in row.branches)
    return max(min(longest, width - 24), 8)


def _head(row: BranchesRow, width: int) -> list[Part]:
    fork = f"  {'forked at':>9}" if width >= WIDE else ""
    return [("  ", ""), (f"{'branch':<{_name_width(row, width)}}{fork}  {'ends at':>9}  outcome", "label")]


def _pieces(row: BranchesRow, branch: BranchRow, width: int) -> list[Part]:
    room = _name_width(row, width)
    stem = branch.stem[max(length([branch.stem, branch.name]) - room, 0) :]
    name = shortened(branch.name, room)
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
LENS = Lens("branches", "branches", "the tree of branches; click to go to one", look, draw)
