"""Search for a step after which an expression holds, forwards or backwards, without visiting every step.

The value of an expression can change only when a cell that it read is written. So it is evaluated once, the
cells that it read are recorded, and it is evaluated again at the next step that wrote any of them.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.debug.journal_search import Steps, Stretch, nearest_writing
from engine.errors import BadInput
from engine.language.expressions import Expression
from engine.memory.access_log import AccessLog
from engine.run.history import History

Cells = tuple[list[int], list[Stretch]]
"""The cells, and the stretches of cells, that an evaluation read."""


def first_holding(history: History, expression: Expression, first: int, last: int) -> int | None:
    """Return the first step from first + 1 to `last` after which it holds, or None; keeps the cursor."""

    def further(step: int, cells: Cells) -> list[int]:
        found: Steps = nearest_writing(history, cells[0], step, last, cells[1])
        return list(map(int, found))

    return _first(history, expression, [first + 1] if first < last else [], further)


def last_holding(history: History, expression: Expression, first: int, last: int) -> int | None:
    """Return the last step from `first` to last - 1 after which it holds, or None; keeps the cursor."""

    def further(step: int, cells: Cells) -> list[int]:
        found: Steps = nearest_writing(history, cells[0], first, step, cells[1], backwards=True)
        return list(map(int, found[::-1] - 1))

    return _first(history, expression, [last - 1] if first < last else [], further)


def _first(
    history: History, expression: Expression, steps: list[int], further: Callable[[int, Cells], list[int]]
) -> int | None:
    """Return the first step at which it holds, of `steps` and those that follow from what it read there.

    further: takes a step and the cells that were read there; returns the next steps at which its value may be
             another one, as long as it reads the same cells; none if there are none.
    """
    cursor = history.step
    # To observe the memory takes far longer than an evaluation, so it is done once for all of them.
    with history.vm.memory.observed() as log:
        try:
            cells: Cells | None = None
            while steps:
                for step in steps:
                    history.seek(step)
                    if _holds(history, expression, log):
                        return step
                    before, cells = cells, _cells_of(log)
                    if cells != before:
                        break
                steps = further(step, cells) if cells is not None else []
            return None
        finally:
            history.seek(cursor)


def _holds(history: History, expression: Expression, log: AccessLog) -> bool:
    """Whether it holds at the cursor, with what it reads in the log; false if it cannot be evaluated."""
    log.clear()
    try:
        return expression.holds(history.vm)
    except BadInput:
        return False


def _cells_of(log: AccessLog) -> Cells:
    return sorted({address for address, _, _ in log.cells}), list(log.stretches)
