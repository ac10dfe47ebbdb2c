"""Vectorized search of a branch's journal: the steps that wrote a cell, or that have an announcement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.debug.per_history import Growing, Rows
from engine.memory.distinct import distinct
from engine.run.history import History

Steps = npt.NDArray[np.int64]

Stretch = tuple[int, int]
"""Cells first .. beyond - 1 of the memory."""

REACH: Final = 4096
"""Number of steps before a moment among which a write is looked for first; then eight times as many."""

_FEW = 8
"""Up to this number of addresses are compared one by one; more are looked up in a sorted array."""


def steps_writing(
    history: History, addresses: Sequence[int], first: int, last: int, stretches: Iterable[Stretch] = ()
) -> Steps:
    """Return the steps from first + 1 to `last` that wrote any of the cells, ascending and unique."""
    writes = writes_between(history, addresses, first, last, stretches)
    return distinct(history.journal.steps_of(writes))


def nearest_writing(
    history: History,
    addresses: Sequence[int],
    first: int,
    last: int,
    stretches: Iterable[Stretch] = (),
    *,
    backwards: bool = False,
) -> Steps:
    """Return some of the steps from first + 1 to `last` that wrote any of the cells; ascending and unique.

    They are those nearest to `first`, or, backwards, to `last`, without a gap; none only if there are none.
    """
    stretches, reach = tuple(stretches), REACH
    while first < last:
        low, high = (max(first, last - reach), last) if backwards else (first, min(first + reach, last))
        found = steps_writing(history, addresses, low, high, stretches)
        if len(found):
            return found
        first, last, reach = (first, low, reach * 8) if backwards else (high, last, reach * 8)
    return np.zeros(0, np.int64)


def writes_between(
    history: History, addresses: Sequence[int], first: int, last: int, stretches: Iterable[Stretch] = ()
) -> Steps:
    """Return the journal indices of the writes to any of the cells in steps first + 1 .. last."""
    stretches = tuple(stretches)
    # A block can be left out if it wrote none of a few cells; a stretch has too many.
    only = addresses if len(addresses) <= _FEW and not stretches else ()
    parts = history.journal.parts(max(first, 0), last, only)
    hits = [np.flatnonzero(_hits(written, addresses, stretches)) + begin for begin, written in parts]
    return np.concatenate([np.zeros(0, np.int64), *hits])


def _hits(
    written: npt.NDArray[np.uint32], addresses: Sequence[int], stretches: Iterable[Stretch]
) -> npt.NDArray[np.bool_]:
    """Whether each write was to one of the cells."""
    if len(addresses) <= _FEW:
        hit = np.zeros(len(written), bool)
        for address in addresses:
            hit |= written == address
    else:
        hit = np.isin(written, np.array(addresses, written.dtype))
    for low, beyond in stretches:
        # An unsigned address below `low` wraps around to a large number: one comparison checks both bounds.
        hit |= written - np.uint32(low) < beyond - low
    return hit


def next_write(history: History, address: int, step: int) -> int | None:
    """Return the first recorded step after `step` that wrote the cell, or None."""
    writes = writes_between(history, (address,), step, history.total)
    return history.journal.step_of(int(writes[0])) if writes.size else None


def last_turn(
    history: History, address: int, at: int, turns: Callable[[Steps, Steps], npt.NDArray[np.bool_]]
) -> int | None:
    """Return the last step up to `at` with a write of the cell that made a difference; None if there is none.

    turns: takes the old and the new values of some writes, without the column's bias; says which of these
           writes made a difference.
    """
    last, reach = history.writer(address, at) or 0, REACH
    while last > 0:
        first = max(last - reach, 0)
        writes = writes_between(history, (address,), first, last)
        found = np.flatnonzero(turns(history.journal.old.at(writes), history.journal.new.at(writes)))
        if found.size:
            return history.journal.step_of(int(writes[found[-1]]))
        last, reach = first, reach * 8
    return None


def last_change(history: History, address: int, at: int, bits: int = 0) -> int | None:
    """Return the last step up to `at` that changed one of the bits of a cell; bits: 0 for any write of it."""
    if not bits:
        return history.writer(address, at)
    return last_turn(history, address, at, lambda old, new: ((old ^ new) & bits) != 0)


def steps_of_thread(history: History, t: int, first: int, last: int) -> Steps:
    """Return the steps from first + 1 to `last` of thread `t`."""
    return np.flatnonzero(history.journal.threads(first, last) == t) + first + 1


def last_own_step(history: History, among: Steps, moments: Steps) -> Steps:
    """Return for each of the steps `moments` the last one of `among` that its thread took before it, or 0."""
    taken_by, row = history.journal.threads(0, history.total), history.total + 1
    keys = np.sort(taken_by[among - 1] * row + among)
    threads = taken_by[moments - 1]
    found = np.append(0, keys)[np.searchsorted(keys, threads * row + moments)]
    return np.where(found // row == threads, found % row, 0)


def own_step_before(history: History, moments: Steps) -> Steps:
    """Return for each of the steps `moments` the step that its thread took before it; 0 if there is none."""
    return last_own_step(history, np.arange(1, history.total + 1), moments)


def steps_labelled(history: History, texts: Iterable[str], first: int, last: int) -> Steps:
    """Return the steps from first + 1 to `last` whose announcement is one of `texts`."""
    journal = history.journal
    labels = [journal.labels[text] for text in texts if text in journal.labels]
    return np.flatnonzero(np.isin(journal.label_numbers(first, last), labels)) + first + 1


def announced(wanted: Callable[[str], bool]) -> Growing[Rows]:
    """Return a cached search for the steps whose announcement satisfies `wanted`: rows of one number."""

    def extend(found: Rows, history: History, first: int, last: int) -> None:
        names, numbers = history.journal.names, history.journal.label_numbers(first, last)
        chosen = np.zeros(len(names), np.bool_)
        for number in range(len(names)) if last - first > len(names) else set(numbers.tolist()):
            chosen[number] = wanted(names[number])
        found.extend(np.flatnonzero(chosen[numbers]) + first + 1)

    return Growing(lambda _: Rows(), extend, Rows.until)
