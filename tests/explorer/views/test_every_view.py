"""Views are pure: each depends only on the branch and the step, and drawing a step writes nothing."""

from __future__ import annotations

import random
from typing import Any

from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.calls import Calls
from explorer.views.code import code_row
from explorer.views.log import event_rows
from explorer.views.page import page_row
from explorer.views.queues import axis_row, queue_rows, reserve_row
from explorer.views.status import run_end, status_row
from explorer.views.threads import source_rows, thread_rows
from explorer.views.timeline import timeline_row
from tests.explorer.cursor_motions import run


def everything(session: Session) -> tuple[Any, ...]:
    """Every row of the screen, comparable."""
    history, labels = session.history, session.labels
    rows = queue_rows(history, session.unqueued, *session.place)
    threads = thread_rows(history, labels, None)
    maps = [
        (row.name, row.counts.tolist(), row.total, row.delta, row.changed, row.touched, row.cursor)
        for row in rows
    ]
    marks = [None if part is None else part.tolist() for part in (rows[5].busy, rows[5].wired)]
    return (
        maps,
        marks,
        axis_row(history, rows, session.place[1]),
        page_row(history, labels, session.page, following=True),
        threads,
        source_rows(history, threads),
        event_rows(history, labels, Calls(), history.step, 4),
        code_row(session),
        timeline_row(history, 40, frozenset()),
        status_row(history, None, labels),
        run_end(history, labels),
        reserve_row(history).free.sum(),
    )


def test_the_same_step_looks_the_same_however_the_cursor_got_there(session: Session) -> None:
    run(session)
    total = session.history.total
    once = []
    for step in range(0, total + 1, 7):
        session.history.seek(step)
        once.append(everything(session))
    order = list(range(len(once)))
    random.Random(1).shuffle(order)
    for n in order:
        session.history.seek(n * 7)
        assert everything(session) == once[n], f"step {n * 7}"


def test_drawing_writes_nothing(session: Session) -> None:
    stepping.step(session)
    journal = session.history.journal
    before = (session.vm.memory.digest(), journal.steps, journal.writes)
    everything(session)
    assert (session.vm.memory.digest(), journal.steps, journal.writes) == before
