"""Pages that left the CACHE queue: back into use with their contents, or freed without them.

A fault takes a cached page off its queue itself, so the kernel's v_reactivated does not count it; anything
else that activates or deactivates a cached page is counted there (spec 21, F11).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.constants import PQ_CACHE, PQ_FREE, PQ_HOLD, PQ_L2_SIZE
from engine.debug.journal_search import Steps, last_own_step, steps_labelled, writes_between
from engine.figures.counters import counted
from engine.kernel.free import COUNT_FREED
from engine.kernel.process.fault_layers import TAKE_RESIDENT
from engine.kernel.queues import LEAVE_QUEUE
from engine.memory.cells import Array
from engine.run.history import History


def rescues(history: History) -> int:
    """Return how many cached pages came back into use: taken by a fault, activated or deactivated."""
    return counted(history, "cpu.v_reactivated") + len(rescued_by_faults(history))


def rescued_by_faults(history: History) -> Steps:
    """Return the steps at which a fault had taken a page off the CACHE queue, up to the end of the branch."""
    faults = steps_labelled(history, (TAKE_RESIDENT,), 0, history.total)
    leaving = steps_labelled(history, (LEAVE_QUEUE,), 0, history.total)
    found: Steps = faults[np.isin(last_own_step(history, leaving, faults), _Moves(history).left)]
    return found


def evictions(history: History) -> int:
    """Return how many cached pages were freed for their memory, by an allocation or by a pageout daemon.

    A page that is freed with its object, or by a script, leaves the queue only after it is counted as freed.
    """
    left, joined = _Moves(history).freed
    counted_freed = steps_labelled(history, (COUNT_FREED,), 0, history.total)
    return int((last_own_step(history, counted_freed, joined) > left).sum())


class _Moves:
    """What became of cached pages, by the writes of page.queue.

    left:  the steps at which a page left CACHE.
    freed: if its next queue was FREE or HOLD, the steps at which it left, and at which it joined that queue.
    """

    def __init__(self, history: History) -> None:
        journal, place = history.journal, history.vm.memory.places["page.queue"]
        writes = writes_between(history, (), 0, history.total, (place.stretch,))
        steps, pages = journal.steps_of(writes), journal.address.at(writes)
        left, new = _on(journal.old.at(writes), PQ_CACHE), journal.new.at(writes)
        self.left: Steps = steps[left]
        # From here on one page after the other, and the writes of each page in their order.
        order = np.argsort(pages, kind="stable")
        steps, pages, left, new = steps[order], pages[order], left[order], new[order]
        frees = _on(new, PQ_FREE) | _on(new, PQ_HOLD)
        pairs = np.flatnonzero(left[:-1] & frees[1:] & (pages[:-1] == pages[1:]))
        self.freed: tuple[Steps, Steps] = steps[pairs], steps[pairs + 1]


def _on(queues: Array, base: int) -> npt.NDArray[np.bool_]:
    """Whether each queue is one of a type."""
    return (queues >= base) & (queues < base + PQ_L2_SIZE)
