"""Many writes of one step: recording their net changes, and finding the columns that they changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.memory.cells import Memory, Placed
from engine.memory.distinct import distinct


@contextmanager
def at_once(memory: Memory) -> Iterator[None]:
    """Context manager: record nothing until its end, then the net changes; an exception undoes them."""
    before, journal = memory.array.copy(), memory.journal
    memory.record(None)
    try:
        yield
    except BaseException:
        memory.array[:] = before
        raise
    finally:
        memory.record(journal)
    changed = np.flatnonzero(memory.array != before)
    if journal is not None:
        journal.add(changed, before[changed], memory.array[changed])


def columns_of(memory: Memory, addresses: npt.NDArray[np.integer[Any]]) -> list[Placed]:
    """Return the columns that hold any of these addresses, in order."""
    bases = [place.base for place in memory.columns]
    numbers = distinct(np.searchsorted(bases, addresses, side="right") - 1)
    return [memory.columns[number] for number in numbers.tolist()]
