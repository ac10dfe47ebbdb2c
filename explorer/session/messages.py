"""The messages that a session has shown."""

from __future__ import annotations

from explorer.session.session import Session


def tell_messages(session: Session) -> None:
    """Show the messages so far, the last one first, each with the step at which it came."""
    lines = [
        f"{step:>6,}  {'error: ' if note.kind == 'error' else ''}{note.text}"
        for step, note in reversed(session.messages)
    ]
    if lines:
        session.tell("", lines, "messages, the last one first")
    else:
        session.say("no message yet")
