"""Comparison of two moments of one branch or of two.

Only cells written between the two moments can differ. They are found in the journals, so the cost depends on
the number of writes between the moments, not on the size of the memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import BadInput
from engine.memory.distinct import distinct
from engine.run.branches import check_number
from engine.run.history import History


@dataclass(frozen=True)
class Moment:
    """A step of a branch."""

    branch: int
    step: int


@dataclass(frozen=True)
class Difference:
    """A cell that differs, with its raw value at each moment (without the column's bias)."""

    address: int
    left: int
    right: int


def compare(history: History, left: Moment, right: Moment) -> list[Difference]:
    """List every cell that differs between two moments, by address; does not move the cursor.

    Errors: BadInput for a branch or step that does not exist.
    """
    for moment in (left, right):
        _check(history, moment)
    addresses = _candidates(history, left, right)
    here = Moment(history.current, history.step)
    one, other = (_values(history, moment, addresses) for moment in (left, right))
    history.switch(here.branch)
    history.seek(here.step)
    found = np.flatnonzero(one != other)
    return [Difference(int(addresses[n]), int(one[n]), int(other[n])) for n in found]


def _check(history: History, moment: Moment) -> None:
    check_number(history.branches, moment.branch)
    total = history.branches[moment.branch].total
    if not 0 <= moment.step <= total:
        name = history.branches[moment.branch].name
        raise BadInput(f"there is no step {moment.step} in {name}; it has steps 0 to {total}")


def _candidates(history: History, left: Moment, right: Moment) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    shared = history.shared_steps(left.branch, right.branch)
    meeting = min(left.step, right.step, shared)
    parts = []
    for moment in (left, right):
        journal = history.branches[moment.branch].timeline.journal
        parts.append(journal.cells_written(meeting, moment.step))
    return distinct(np.concatenate(parts))


def _values(
    history: History, moment: Moment, addresses: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    history.switch(moment.branch)
    history.seek(moment.step)
    values: np.ndarray[tuple[int], np.dtype[np.int64]] = history.vm.memory.array[addresses]
    return values
