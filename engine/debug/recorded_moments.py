"""Where moments are in the recorded steps of a run, without extending it; new steps are searched once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.debug.expression_curve import EVALUATIONS
from engine.debug.journal_search import writes_between
from engine.debug.moments import Arrival, AtStep, Point, When, first_holding
from engine.debug.per_history import Growing
from engine.run.history import History
from engine.run.runner import PANIC


@dataclass(frozen=True)
class Wanted:
    """A moment that is looked for; leaving: for a line, when its thread has left it, not when it arrives."""

    point: Point
    leaving: bool = False


@dataclass(frozen=True)
class _AtLine:
    """The search for a line of thread `t`: whether the thread has arrived, and the step found."""

    t: int
    line: int
    leaving: bool
    arrived: int | None = None
    step: int | None = None

    def at(self, line: int, step: int) -> _AtLine:
        """The same after a step that left the thread at a line."""
        if self.step is not None:
            return self
        if line == self.line:
            arrived = step if self.arrived is None else self.arrived
            return replace(self, arrived=arrived, step=None if self.leaving else step)
        return self if self.arrived is None else replace(self, step=step)

    def until(self, step: int) -> _AtLine:
        """The same when only the steps up to `step` are recorded."""
        arrived = self.arrived if self.arrived is not None and self.arrived <= step else None
        return replace(
            self, arrived=arrived, step=self.step if self.step is not None and self.step <= step else None
        )


class RecordedMoments:
    """The steps of several moments, for each branch of each history.

    An expression is evaluated a limited number of times at each use, so a moment `when EXPR` that is far away
    is found after several uses.
    """

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self._wanted = tuple(wanted)
        self._lines = {n: one for n, one in enumerate(self._wanted) if isinstance(one.point, Arrival)}
        self._known: Growing[dict[int, _AtLine]] = Growing(self._begun, self._extend, self._until)

    def of(self, history: History, most: int | None = EVALUATIONS) -> tuple[int | None, ...]:
        """Return the step of each moment in the recorded steps of the branch; None where it has not come.

        most: how often to evaluate an expression; None: over all recorded steps, however long that takes.
        """
        if not self._wanted:
            return ()
        known = self._known.of(history) if self._lines else {}
        return tuple(self._step(history, n, known, most) for n in range(len(self._wanted)))

    def _step(self, history: History, n: int, known: dict[int, _AtLine], most: int | None) -> int | None:
        match self._wanted[n].point:
            case AtStep(number):
                return number if number <= history.total else None
            case Arrival():
                found = known[n]
                return found.step if found.step is not None else _at_panic(found, history)
            case When(expression):
                return first_holding(history, expression, most)
            case _:
                return history.total if history.branch.outcome is not None else None

    def _begun(self, _: History) -> dict[int, _AtLine]:
        return {
            n: _AtLine(one.point.t, one.point.line, one.leaving)
            for n, one in self._lines.items()
            if isinstance(one.point, Arrival)
        }

    def _extend(self, known: dict[int, _AtLine], history: History, first: int, last: int) -> None:
        for t in {found.t for found in known.values() if found.step is None}:
            for line, step in _places(history, t, first, last):
                for n, found in known.items():
                    if found.t == t:
                        known[n] = found.at(line, step)

    def _until(self, known: dict[int, _AtLine], step: int) -> dict[int, _AtLine]:
        return {n: found.until(step) for n, found in known.items()}


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


def _at_panic(found: _AtLine, history: History) -> int | None:
    """The last step, if the kernel panicked there in the line that was to be left."""
    panicked = (
        history.branch.outcome == PANIC and history.total and history.journal.thread(history.total) == found.t
    )
    return history.total if panicked and found.leaving and found.arrived is not None else None
