"""Figures that are sums of cells: kernel counters as the difference to step 0, and writes of columns."""

from __future__ import annotations

from engine.debug.journal_search import writes_between
from engine.run.history import History


def counted(history: History, column: str, index: int | None = None) -> int:
    """Return by how much the counters of a column grew in the run, from step 0 to the end of the branch.

    A counter only grows, and wraps around as its C type does.

    index: that of one counter; default: the sum of all.
    """
    journal, place = history.journal, history.vm.memory.places[column]
    if index is None:
        writes = writes_between(history, (), 0, history.total, (place.stretch,))
    else:
        writes = writes_between(history, (place.base + index,), 0, history.total)
    return int(((journal.new.at(writes) - journal.old.at(writes)) & place.spec.mask).sum())


def writes_of(history: History, column: str) -> int:
    """Return how many writes of the run changed a cell of a column."""
    stretch = history.vm.memory.places[column].stretch
    return len(writes_between(history, (), 0, history.total, (stretch,)))
