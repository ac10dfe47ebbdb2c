"""The event log: the thread, function, action and changed cells of each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from engine.debug.call_stack import frames
from engine.memory.block import EVENT
from engine.run.history import LIVE_STEPS, History
from engine.run.suspended import kernel_calls
from explorer.views.changes import changes
from explorer.views.labels import Labels
from explorer.views.remarks import remark_words
from explorer.views.rows import EventRow

MOST: Final = 5_000
"""Number of steps whose calls are kept."""


@dataclass
class Calls:
    """The active kernel functions at each step: from the history, or noted during a live step."""

    seen: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)

    def of(self, history: History, step: int) -> tuple[str, ...]:
        """The active functions at step `step` (1 .. total), outermost first; () for an event."""
        key = (history.current, step)
        if key not in self.seen:
            self.note(*key, self._look_up(history, step))
        return self.seen[key]

    def _look_up(self, history: History, step: int) -> tuple[str, ...]:
        t = history.journal.thread(step)
        if t == EVENT:
            return ()
        begun = history.writer(history.vm.memory.address("thread.op_start", t), step - 1) or 0
        if step - begun > LIVE_STEPS:
            return ()
        return kernel_calls(frames(history, step))

    def innermost(self, history: History, step: int) -> str:
        """The kernel function that took step `step`; "" if the script line called none."""
        return next(reversed(self.of(history, step)), "")

    def forget(self, branch: int) -> None:
        """Forget what is known about a branch."""
        self.seen = {key: calls for key, calls in self.seen.items() if key[0] != branch}

    def note(self, branch: int, step: int, calls: tuple[str, ...]) -> None:
        """Record the active functions of a live step."""
        if len(self.seen) >= MOST:
            self.seen.clear()
        self.seen[branch, step] = calls


def at_start(history: History) -> str:
    """Where a machine is at step 0: `after boot`, or `at power-on` if its boot is stepped."""
    return "after boot" if history.booted == 0 else "at power-on"


def event_row(history: History, labels: Labels, calls: Calls, step: int) -> EventRow:
    """The log row of step `step`, 0 .. total."""
    if step == 0:
        setup = " and setup" if history.booted == 0 else ""
        words = f"the machine {at_start(history)}{setup}"
        return EventRow(0, "boot", -1, "", words, (), history.step == 0)
    t = history.journal.thread(step)
    return EventRow(
        step=step,
        thread="event" if t == EVENT else history.programs[t].name,
        number=-1 if t == EVENT else t,
        function=calls.innermost(history, step),
        action=history.journal.label(step),
        changes=tuple(change for change in changes(history, labels, step) if not change.plumbing),
        now=step == history.step,
        remarks=tuple(remark_words(history.vm, history.branch.remarks.of(step))),
    )


def event_rows(history: History, labels: Labels, calls: Calls, last: int, count: int) -> tuple[EventRow, ...]:
    """The `count` rows up to step `last`, oldest first."""
    steps = range(last, max(last - count, -1), -1)
    # The newest first: the calls of an operation's last step include those of its earlier steps.
    return tuple(event_row(history, labels, calls, step) for step in steps)[::-1]
