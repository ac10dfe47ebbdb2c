"""The event log: the thread, function, action and changed cells of each step."""

from __future__ import annotations

from engine.memory.block import EVENT
from engine.run.history import History
from explorer.views.calls import Calls
from explorer.views.changes import changes
from explorer.views.labels import Labels
from explorer.views.remarks import remark_words
from explorer.views.rows import EventRow
from explorer.views.sentence import start_sentence, step_sentence


def event_row(history: History, labels: Labels, calls: Calls, step: int) -> EventRow:
    """The log row of step `step`, 0 .. total."""
    if step == 0:
        words = start_sentence(history)
        return EventRow(0, "boot", -1, "", words, (), history.step == 0)
    t = history.journal.thread(step)
    now, name = step == history.step, "event" if t == EVENT else history.programs[t].name
    said = step_sentence(history, labels, calls, step) if now and t != EVENT else ""
    return EventRow(
        step=step,
        thread=name,
        number=-1 if t == EVENT else t,
        function=calls.innermost(history, step),
        action=history.action(step),
        changes=tuple(change for change in changes(history, labels, step) if not change.plumbing),
        now=now,
        remarks=tuple(remark_words(history.vm, history.branch.remarks.of(step))),
        sentence=said.removeprefix(f"{name} "),
    )


def event_rows(history: History, labels: Labels, calls: Calls, last: int, count: int) -> tuple[EventRow, ...]:
    """The `count` rows up to step `last`, oldest first."""
    steps = range(last, max(last - count, -1), -1)
    # The newest first: the calls of an operation's last step include those of its earlier steps.
    return tuple(event_row(history, labels, calls, step) for step in steps)[::-1]
