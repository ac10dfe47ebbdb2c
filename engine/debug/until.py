"""Running until an expression holds, forwards or backwards, without looking at every step.

An expression can only change its value when a cell that it read is written. So it is evaluated once, the
cells that it read are noted, and the next step that wrote any of them is where it is evaluated again.
"""

from __future__ import annotations

from engine.debug.journal_search import steps_writing
from engine.errors import BadInput
from engine.language.expressions import Expression
from engine.run.history import History


def _look(history: History, expression: Expression) -> tuple[bool, list[int], list[tuple[int, int]]]:
    """Whether it holds now (what cannot be computed does not), and which cells that depends on."""
    with history.vm.memory.observed() as log:
        try:
            holds = expression.holds(history.vm)
        except BadInput:
            holds = False
    return holds, sorted({address for address, _, _ in log.cells}), log.stretches


def first_holding(history: History, expression: Expression, first: int, last: int) -> int | None:
    """The first step from first + 1 to `last` after which the expression holds, or None; the cursor stays."""
    cursor, step = history.step, first + 1
    try:
        while step <= last:
            history.seek(step)
            holds, addresses, stretches = _look(history, expression)
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
    """The last step from `first` to last - 1 after which the expression holds, or None; the cursor stays."""
    cursor, step = history.step, last - 1
    try:
        while step >= first:
            history.seek(step)
            holds, addresses, stretches = _look(history, expression)
            if holds:
                return step
            found = steps_writing(history, addresses, first, step, stretches)
            if not found.size:
                return None
            step = int(found[-1]) - 1
        return None
    finally:
        history.seek(cursor)
