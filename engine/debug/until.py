"""Search for a step after which an expression holds, forwards or backwards, without visiting every step.

The value of an expression can change only when a cell that it read is written. So it is evaluated once, the
cells that it read are recorded, and it is evaluated again at the next step that wrote any of them.
"""

from __future__ import annotations

from engine.debug.journal_search import steps_writing
from engine.errors import BadInput
from engine.language.expressions import Expression
from engine.run.history import History


def _evaluate(history: History, expression: Expression) -> tuple[bool, list[int], list[tuple[int, int]]]:
    """Return whether it holds now (false if it cannot be evaluated), and the cells and stretches it read."""
    with history.vm.memory.observed() as log:
        try:
            holds = expression.holds(history.vm)
        except BadInput:
            holds = False
    return holds, sorted({address for address, _, _ in log.cells}), log.stretches


def first_holding(history: History, expression: Expression, first: int, last: int) -> int | None:
    """Return the first step from first + 1 to `last` after which it holds, or None; keeps the cursor."""
    cursor, step = history.step, first + 1
    try:
        while step <= last:
            history.seek(step)
            holds, addresses, stretches = _evaluate(history, expression)
            if holds:
                return step
            found = steps_writing(history, addresses, step, last, stretches)
            if not found.size:
                return None
            step = int(found[0])
        return None
    finally:
        history.seek(cursor)


def last_holding(history: History, expression: Expression, first: int, last: int) -> int | None:
    """Return the last step from `first` to last - 1 after which it holds, or None; keeps the cursor."""
    cursor, step = history.step, last - 1
    try:
        while step >= first:
            history.seek(step)
            holds, addresses, stretches = _evaluate(history, expression)
            if holds:
                return step
            found = steps_writing(history, addresses, first, step, stretches)
            if not found.size:
                return None
            step = int(found[-1]) - 1
        return None
    finally:
        history.seek(cursor)
