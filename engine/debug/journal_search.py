"""Searching the journal of a branch in vectors: which steps wrote a cell, and when next or last.

Step n's writes are those of the n-th mark; a step is found by where its writes end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from engine.run.history import History

Steps = npt.NDArray[np.int64]

Stretch = tuple[int, int]
"""Cells first .. beyond - 1 of the memory."""

_FEW = 8
"""Up to so many addresses are compared one after the other; more are sorted first."""


def writes_between(history: History, addresses: Sequence[int], first: int, last: int) -> Steps:
    """The numbers, in the journal, of the writes to any of `addresses` by steps first + 1 .. last."""
    return _writes(history, addresses, (), first, last)


def steps_of_writes(history: History, writes: Steps) -> Steps:
    """The steps that made the writes with these numbers."""
    # A mark holds where its step's writes end above everything else: no copy of a million marks is needed.
    marks = np.asarray(history.journal.marks)[: history.journal.steps]
    return np.searchsorted(marks, (writes + 1) << 28) + 1


def steps_writing(
    history: History, addresses: Sequence[int], first: int, last: int, stretches: Iterable[Stretch] = ()
) -> Steps:
    """The steps from first + 1 to `last` that wrote any of the cells, ascending, each once."""
    writes = _writes(history, addresses, tuple(stretches), first, last)
    return np.unique(steps_of_writes(history, writes))


def _writes(
    history: History, addresses: Sequence[int], stretches: tuple[Stretch, ...], first: int, last: int
) -> Steps:
    journal = history.journal
    begin, end = journal.end(max(first, 0)), journal.end(last)
    written = np.asarray(journal.address)[begin:end]
    if len(addresses) <= _FEW:
        hit = np.zeros(len(written), bool)
        for address in addresses:
            hit |= written == address
    else:
        hit = np.isin(written, np.array(addresses, written.dtype))
    for low, beyond in stretches:
        hit |= (written >= low) & (written < beyond)
    found: Steps = np.flatnonzero(hit) + begin
    return found


def next_write(history: History, address: int, step: int) -> int | None:
    """The first recorded step behind `step` that wrote the cell, or None."""
    found = steps_writing(history, (address,), step, history.total)
    return int(found[0]) if found.size else None


def steps_of_thread(history: History, t: int, first: int, last: int) -> Steps:
    """The steps from first + 1 to `last` that thread `t` took."""
    threads = np.asarray(history.journal.marks)[first:last] >> 16 & 0xFFF
    return np.flatnonzero(threads == t) + first + 1


def steps_labelled(history: History, texts: Iterable[str], first: int, last: int) -> Steps:
    """The steps from first + 1 to `last` whose action was announced by one of `texts`."""
    journal = history.journal
    labels = [journal.labels[text] for text in texts if text in journal.labels]
    return np.flatnonzero(np.isin(np.asarray(journal.marks)[first:last] & 0xFFFF, labels)) + first + 1
