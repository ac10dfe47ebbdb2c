"""Where the authored questions of a scenario are due in the recorded steps, without extending the run.

A question before a line is due when its thread first arrives there, one after a line when the thread has
first left it. New steps are searched once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.debug.journal_search import writes_between
from engine.debug.moments import step_number
from engine.debug.per_history import Growing
from engine.run.history import History
from engine.run.runner import PANIC
from engine.scenario.checks import Question


@dataclass(frozen=True)
class _Due:
    """A question about a line of thread `t`: whether the thread has arrived, and the step found."""

    t: int
    line: int
    after: bool
    arrived: int | None = None
    step: int | None = None

    def at(self, line: int, step: int) -> _Due:
        """The same after a step that left the thread at a line."""
        if self.step is not None:
            return self
        if line == self.line:
            arrived = step if self.arrived is None else self.arrived
            return replace(self, arrived=arrived, step=None if self.after else step)
        return self if self.arrived is None else replace(self, step=step)

    def until(self, step: int) -> _Due:
        """The same when only the steps up to `step` are recorded."""
        arrived = self.arrived if self.arrived is not None and self.arrived <= step else None
        return replace(
            self, arrived=arrived, step=self.step if self.step is not None and self.step <= step else None
        )


class DueSteps:
    """The steps at which questions are due, for each branch of each history."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._questions = tuple(questions)
        self._known: Growing[list[_Due]] = Growing(
            self._begun, self._extend, lambda known, step: [due.until(step) for due in known]
        )

    def of(self, history: History) -> tuple[int, ...]:
        """Return the recorded steps of the branch at which a question is due, ascending and unique."""
        if not self._questions:
            return ()
        found = [
            due.step if due.step is not None else _at_panic(due, history) for due in self._known.of(history)
        ]
        numbers = [
            max(number - (0 if question.after else 1), 0)
            for question in self._questions
            if (number := step_number(question.moment)) is not None and number <= history.total
        ]
        return tuple(sorted({step for step in (*found, *numbers) if step is not None}))

    def _begun(self, history: History) -> list[_Due]:
        names = [program.name for program in history.programs]
        found = []
        for question in self._questions:
            if step_number(question.moment) is None:
                thread, _, line = str(question.moment).partition(":")
                found.append(_Due(names.index(thread.strip()), int(line), question.after))
        return found

    def _extend(self, known: list[_Due], history: History, first: int, last: int) -> None:
        wanted = {due.t for due in known if due.step is None}
        for t in wanted:
            for line, step in _places(history, t, first, last):
                known[:] = [due.at(line, step) if due.t == t else due for due in known]


def _places(history: History, t: int, first: int, last: int) -> list[tuple[int, int]]:
    """The lines at which thread `t` is after steps first + 1 .. last, with the steps; its start is one."""
    journal, program = history.journal, history.programs[t]
    writes = writes_between(history, (history.vm.memory.address("thread.pc", t),), first, last)
    # Only the last position within a step counts.
    by_step = dict(zip(journal.steps_of(writes).tolist(), journal.new.at(writes).tolist(), strict=True))
    start = history.start_of(t)
    if start is not None and (first < start <= last or start == first == 0):
        by_step = {start: 0} | by_step
    return [(program.line_at(pc), step) for step, pc in sorted(by_step.items())]


def _at_panic(due: _Due, history: History) -> int | None:
    """The last step, if the kernel panicked there in the line that the question comes after."""
    panicked = (
        history.branch.outcome == PANIC and history.total and history.journal.thread(history.total) == due.t
    )
    return history.total if panicked and due.after and due.arrived is not None else None
