"""Requests for contiguous memory: `vm_page_alloc_contig`, which takes it from the drivers' reserve."""

from __future__ import annotations

import numpy as np

from engine.debug.journal_search import steps_labelled, steps_writing
from engine.kernel.contig import GIVE_BACK, LOOK_FOR_STRETCH
from engine.run.history import History


def contiguous_requests(history: History) -> tuple[int, int]:
    """Return how many requests of the run got their memory, and how many were refused.

    A range that the device cannot reach is given back: that request is refused too.
    """
    looks = steps_labelled(history, (LOOK_FOR_STRETCH,), 0, history.total)
    reserve = history.vm.memory.places["alist.free"].stretch
    taken = np.isin(looks, steps_writing(history, (), 0, history.total, (reserve,)))
    given_back = steps_labelled(history, (GIVE_BACK,), 0, history.total)
    met = int(taken.sum()) - len(given_back)
    return met, len(looks) - met
