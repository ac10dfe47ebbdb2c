"""Taking back what a person did: where they looked, what they chose, marked and stopped at.

Nothing that was recorded is ever deleted: to undo a branch is to look at the step where one stood before.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Final

from explorer.session.session import Session

MOST: Final = 1000


LOOK: Final = ("chosen", "cursor", "pinned", "field", "line", "lens", "marks", "stops")
"""What of a session a command can change, beside where it is in time."""


@dataclass(frozen=True)
class Snapshot:
    """A session before a command: its branch and step, and each attribute of LOOK."""

    command: str
    branch: int
    step: int
    look: dict[str, Any]

    def same_place(self, other: Snapshot) -> bool:
        """Whether nothing but the command differs."""
        return replace(self, command=other.command) == other


def snapshot(session: Session, command: str) -> Snapshot:
    """The session as it is."""
    look = {name: copy(getattr(session, name)) for name in LOOK}
    return Snapshot(command, session.history.current, session.history.step, look)


def restore(session: Session, kept: Snapshot) -> None:
    """Let the session be as it was."""
    session.history.switch(kept.branch)
    session.history.seek(min(kept.step, session.history.total))
    for name, value in kept.look.items():
        setattr(session, name, copy(value))


class Undo:
    """What was before each command, newest last; and what an undo took back."""

    def __init__(self) -> None:
        self.past: list[Snapshot] = []
        self.future: list[Snapshot] = []

    def remember(self, session: Session, command: str) -> None:
        """A command is about to change the session."""
        self.past.append(snapshot(session, command))
        self.future.clear()
        del self.past[:-MOST]

    def back(self, session: Session) -> str | None:
        """Take back the last command that changed anything; its name, or None when there is none."""
        now = snapshot(session, "")
        while self.past:
            kept = self.past.pop()
            if not kept.same_place(now):
                self.future.append(snapshot(session, kept.command))
                restore(session, kept)
                return kept.command
        return None

    def forward(self, session: Session) -> str | None:
        """Do again what was taken back last; its name, or None when there is none."""
        if not self.future:
            return None
        kept = self.future.pop()
        self.past.append(snapshot(session, kept.command))
        restore(session, kept)
        return kept.command
