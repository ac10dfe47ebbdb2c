"""Taking back what a person did: where they looked, what they chose, marked and stopped at.

Nothing that was recorded is ever deleted: to undo a branch is to look at the step where one stood before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.debug.stops import Stop
from explorer.session.session import Session

MOST: Final = 1000


@dataclass(frozen=True)
class Snapshot:
    """Everything about a session that a command can change, and the command that was about to change it."""

    command: str
    branch: int
    step: int
    chosen: int | None
    cursor: tuple[str, int] | None
    pinned: int | None
    field: str | None
    line: tuple[int, int] | None
    lens: str
    marks: tuple[tuple[int, str], ...]
    stops: tuple[Stop, ...]

    def same_place(self, other: Snapshot) -> bool:
        """Whether nothing but the command differs."""
        return self.__class__(**{**vars(self), "command": other.command}) == other


def snapshot(session: Session, command: str) -> Snapshot:
    """The session as it is."""
    return Snapshot(
        command,
        session.history.current,
        session.history.step,
        session.chosen,
        session.cursor,
        session.pinned,
        session.field,
        session.line,
        session.lens,
        tuple(sorted(session.marks.items())),
        tuple(session.stops),
    )


def restore(session: Session, kept: Snapshot) -> None:
    """Let the session be as it was."""
    session.history.switch(kept.branch)
    session.history.seek(min(kept.step, session.history.total))
    session.chosen, session.cursor, session.pinned = kept.chosen, kept.cursor, kept.pinned
    session.field, session.line, session.lens = kept.field, kept.line, kept.lens
    session.marks = dict(kept.marks)
    session.stops = list(kept.stops)


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
