"""The messages that a session has shown."""

from __future__ import annotations

from explorer.session.session import Session
from explorer.views.status import run_end


def tell_messages(session: Session) -> None:
    """Show the messages so far, the last one first, each with the step at which it came.

    At the end of a run, the text of the banner comes before them.
    """
    lines = [
        f"{step:>6,}  {'error: ' if note.kind == 'error' else ''}{note.text}"
        for step, note in reversed(session.messages)
    ]
    lines = [*_end(session), *lines]
    if lines:
        session.tell("", lines, "messages, the last one first")
    else:
        session.say("no message yet")


def _end(session: Session) -> list[str]:
    """Return the end of the run at the cursor, and the calls that led to it; [] within the run."""
    end = run_end(session.history, session.labels)
    return [] if end is None else [f"{session.history.step:>6,}  {end.title}: {end.text}", *end.calls]
