"""Undo and redo of the user's commands: cursor, selection, marks and breakpoints.

Recorded steps stay: undoing a branch returns to the step before it. A dropped branch cannot come back.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Final

from explorer.session.session import Session

MOST: Final = 1000


LOOK: Final = (
    "chosen", "cursor", "pinned", "field", "line", "lens", "question", "everything", "chart", "centre",
    "outline", "marks", "stops", "watched", "page_filter",
)  # fmt: skip
"""The attributes of a session that a command can change, besides its branch and step."""


@dataclass(frozen=True)
class Snapshot:
    """A session before a command: its branch and step, and each attribute of LOOK."""

    command: str
    branch: int
    step: int
    look: dict[str, Any]

    def same_place(self, other: Snapshot) -> bool:
        """Whether the two differ only in the command."""
        return replace(self, command=other.command) == other


def snapshot(session: Session, command: str) -> Snapshot:
    """A snapshot of the session."""
    look = {name: copy(getattr(session, name)) for name in LOOK}
    return Snapshot(command, session.history.current, session.history.step, look)


def restore(session: Session, kept: Snapshot) -> None:
    """Restore the session to a snapshot."""
    session.history.switch(kept.branch)
    session.history.seek(min(kept.step, session.history.total))
    for name, value in kept.look.items():
        setattr(session, name, copy(value))


class Undo:
    """The snapshots before each command, newest last; and those that an undo took back."""

    def __init__(self) -> None:
        self.past: list[Snapshot] = []
        self.future: list[Snapshot] = []

    def remember(self, session: Session, command: str) -> None:
        """Record the session before a command changes it."""
        self.past.append(snapshot(session, command))
        self.future.clear()
        del self.past[:-MOST]

    def back(self, session: Session) -> str | None:
        """Undo the last command that changed anything, and return its name; None if there is none."""
        now = snapshot(session, "")
        while self.past:
            kept = self.past.pop()
            if not kept.same_place(now) and not session.history.branches[kept.branch].dropped:
                self.future.append(snapshot(session, kept.command))
                restore(session, kept)
                return kept.command
        return None

    def forward(self, session: Session) -> str | None:
        """Redo the command undone last, and return its name; None if there is none."""
        while self.future:
            kept = self.future.pop()
            if not session.history.branches[kept.branch].dropped:
                self.past.append(snapshot(session, kept.command))
                restore(session, kept)
                return kept.command
        return None
