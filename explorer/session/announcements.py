"""Threads and code as a reader may see them: while a question is open, not what comes next."""

from __future__ import annotations

from explorer.session.questions import asked_here
from explorer.session.session import Session
from explorer.views.code import CodeRow, code_row, without_coming
from explorer.views.rows import ThreadRow
from explorer.views.threads import thread_rows, without_next


def are_hidden(session: Session) -> bool:
    """Whether a question is open, or printed beside a picture, which what comes next would answer."""
    return session.learning.veiled or asked_here(session) is not None


def seen_threads(session: Session) -> tuple[ThreadRow, ...]:
    """The rows of the threads."""
    rows = thread_rows(session.history, session.labels, session.chosen)
    return without_next(rows) if are_hidden(session) else rows


def seen_code(session: Session) -> CodeRow:
    """The code at the cursor."""
    row = code_row(session)
    return without_coming(row) if are_hidden(session) else row
