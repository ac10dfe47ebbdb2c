"""Counting the pages that come back into use: from INACTIVE, and from CACHE.

The kernel counts only some of them: a fault that finds its page on a queue takes it off without counting
(spec 21, F6). A page leaves its queue in one step and joins the next in a later one, so the queue that it
came from is kept meanwhile.
"""

from __future__ import annotations

from engine.constants import PQ_ACTIVE, PQ_CACHE, PQ_INACTIVE, PQ_NONE, base_and_color
from engine.machine.machine import Machine


class QueueMoves:
    """Counts from its creation on, in a machine without a journal.

    reactivations: moves from an inactive queue to an active one.
    rescues:       moves from a cache queue to an active or inactive one.
    """

    def __init__(self, vm: Machine) -> None:
        self.reactivations = 0
        self.rescues = 0
        self._left: dict[int, int] = {}
        vm.memory.watch("page.queue", self._see)

    def _see(self, m: int, old: int, new: int) -> None:
        if new == PQ_NONE:
            self._left[m] = old
            return
        came_from, joins = base_and_color(self._left.pop(m, old))[0], base_and_color(new)[0]
        self.reactivations += came_from == PQ_INACTIVE and joins == PQ_ACTIVE
        self.rescues += came_from == PQ_CACHE and joins in (PQ_ACTIVE, PQ_INACTIVE)
