"""What a user loses by leaving a session: branches and marks that no saved session has. Said once."""

from __future__ import annotations

from engine.words import plural
from explorer.session.session import Session


def remember(session: Session) -> None:
    """Note that the user has the branches and marks of now in a file, or knows that they will be lost."""
    session.known = session.losses


def warning(session: Session) -> str:
    """What leaving loses; "" if there is nothing, or if the user knows."""
    branches, marks = len(session.history.kept()) - 1, len(session.marks)
    if session.known == session.losses or not (branches or marks):
        return ""
    counts = [(branches, "branch", "branches"), (marks, "mark", "marks")]
    lost = " and ".join(plural(count, one, many) for count, one, many in counts if count)
    kept = "" if session.guest else ":save NAME keeps them; "
    return f"this loses {lost}; {kept}repeat it to leave"
