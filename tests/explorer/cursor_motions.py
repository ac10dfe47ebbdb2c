"""Functions that move a session's cursor: a motion, a whole run, the step of an action."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.session import running
from explorer.session.session import Session


def drive(motion: Iterator[None] | None) -> int:
    """Drive a motion to its end and return the number of slices."""
    return sum(1 for _ in motion or ())


def run(session: Session) -> None:
    """Run a session to its next stop or its end."""
    drive(running.run(session))


def step_called(session: Session, action: str) -> int:
    """Move the cursor to the first recorded step with that action, and return the step."""
    history = session.history
    found = next(step for step in range(1, history.total + 1) if history.journal.label(step) == action)
    history.seek(found)
    return found
