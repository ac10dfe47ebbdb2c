"""The values of an expression over the steps of a run.

An expression can change only when a cell that it read is written. So it is evaluated after step 0 and after
each step that wrote such a cell. What has been found is kept, and new steps continue it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from engine.debug.journal_search import Steps, Stretch, nearest_writing
from engine.debug.per_history import Growing, Rows
from engine.debug.series import Curve
from engine.errors import BadInput
from engine.language.expressions import Expression
from engine.memory.access_log import AccessLog
from engine.run.history import History

EVALUATIONS: Final = 400
"""The number of evaluations after which `work_out` yields: a few milliseconds."""

Cells = tuple[tuple[int, ...], tuple[Stretch, ...]]


@dataclass
class _Values:
    """What is known of an expression: (step, value, whether it has one) for each evaluation.

    covered: the last step up to which the values are known; -1 before the first evaluation.
    cells:   the cells that the last evaluation read, as addresses and stretches; None if they are not known.
    found:   rows that are not added yet.
    """

    rows: Rows = field(default_factory=lambda: Rows(3))
    covered: int = -1
    cells: Cells | None = None
    found: list[tuple[int, int, int]] = field(default_factory=list)

    def evaluate(self, history: History, expression: Expression, step: int, log: AccessLog) -> bool:
        """Note the value after a step; return whether it read the same cells as before. Moves the cursor.

        log: that of the memory, which is observed.
        """
        history.seek(step)
        log.clear()
        try:
            value = expression.show(history.vm)
        except BadInput:
            value = None
        self.found.append((step, int(value or 0), int(value is not None)))
        before, self.covered = self.cells, step
        self.cells = tuple(sorted({address for address, _, _ in log.cells})), tuple(log.stretches)
        return before == self.cells

    def keep(self) -> None:
        """Add what was found to the rows."""
        if self.found:
            self.rows.extend(*zip(*self.found, strict=True))
            self.found.clear()

    def next_steps(self, history: History) -> Steps:
        """Return the next recorded steps after which it may have another value; none if there are none."""
        if self.cells is None:
            return np.array([self.covered + 1], np.int64)
        addresses, stretches = self.cells
        steps = nearest_writing(history, addresses, self.covered, history.total, stretches)
        if not len(steps):
            self.covered = history.total
        return steps

    def until(self, step: int) -> _Values:
        """Return a copy that knows only the steps up to `step`."""
        rows = self.rows.until(step)
        if step >= self.covered:
            return _Values(rows, self.covered, self.cells)
        # Only the last evaluation's cells are kept, so the last one of the copy has to be made again.
        last = int(rows.columns[0, -1])
        return _Values(rows.until(last - 1) if last else Rows(3), last - 1)


_KNOWN: Final[Growing[dict[str, _Values]]] = Growing(
    lambda _: {},
    lambda *_: None,
    lambda known, step: {text: values.until(step) for text, values in known.items()},
)


def work_out(history: History, expression: Expression, most: int | None = None) -> Iterator[None]:
    """Evaluate the expression over the recorded steps; yields now and then, with the cursor where it was.

    most: stop after this number of evaluations.
    """
    values, left = _values(history, expression), most
    while values.covered < history.total and (left is None or left > 0):
        turn = EVALUATIONS if left is None else min(EVALUATIONS, left)
        left = None if left is None else left - turn
        cursor = history.step
        try:
            _evaluate(values, history, expression, turn)
        finally:
            history.seek(cursor)
        yield


def _values(history: History, expression: Expression) -> _Values:
    return _KNOWN.of(history).setdefault(expression.text, _Values())


def _evaluate(values: _Values, history: History, expression: Expression, turn: int) -> None:
    """Evaluate it up to `turn` times, or to the last recorded step. Moves the cursor."""
    steps = values.next_steps(history)
    if not len(steps):
        return
    # To observe the memory takes far longer than an evaluation, so it is done once for all of them.
    with history.vm.memory.observed() as log:
        try:
            while len(steps) and turn > 0:
                for step in map(int, steps[:turn]):
                    turn -= 1
                    if not values.evaluate(history, expression, step, log):
                        break
                steps = values.next_steps(history) if turn > 0 else steps[:0]
        finally:
            values.keep()


def expression_curve(history: History, expression: Expression) -> tuple[Curve, int]:
    """Return the curve of an expression as far as `work_out` has come, and the last step that it covers.

    That step is -1 before the first evaluation.
    """
    values = _values(history, expression)
    steps, found, known = values.rows.columns
    if not len(steps):
        return Curve(steps, found, 0, known, has_start=False), -1
    start = int(found[0])
    return Curve(steps[1:], found[1:] - start, start, known[1:], bool(known[0])), values.covered
